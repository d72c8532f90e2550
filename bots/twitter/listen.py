"""Polling in one thread: mentions, direct messages, threads, deletions, each at its own pace; no sleep outlasts a stop.

First the commit, then the cursor (design.md, the road, 1). Only the process whose turn it is polls; if two ever do, the same
post is the same row.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bots.twitter import Settings, cursors
from bots.twitter.budget import Budget
from bots.twitter.client import Client
from bots.twitter.deletions import Deletions
from bots.twitter.directs import Directs
from bots.twitter.envelope import Found
from bots.twitter.faults import Kind, Trouble
from bots.twitter.mentions import Mentions
from bots.twitter.reading import Reading, Source, Wanting
from bots.twitter.standing import Standing
from bots.twitter.threads import Threads
from bots.twitter.watch import Watch
from core.channels import Accept, Keepsakes
from core.errors import StorageUnavailable

log = structlog.get_logger()

TURN, TURN_SECONDS = "poll", 6.0
"""Short, so that a process that was killed is soon followed. Where one call takes longer two may read at once: it costs
nothing twice and stores nothing twice."""
RENEW_SECONDS, STANDBY_SECONDS = 2.0, 2.0
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 60.0
OPERATOR_WAIT_SECONDS = 300.0
"""Where only a person can help, and asking may cost."""
WANTING_SECONDS = 600.0
GAP_SECONDS = 3600.0
LONG_LIMIT_SECONDS = 1200.0
"""A window is a quarter of an hour and nothing to tell an operator; a day's limit is."""
_SLOW = (Kind.UNAUTHORISED, Kind.PERMISSION, Kind.CREDITS, Kind.CAPPED)


class Pace:
    """When a source's turn comes, and how long it rests after each failure. Moments are monotonic seconds."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.due = 0.0
        self._rest = FIRST_WAIT_SECONDS

    def well(self, seconds: float, clock: float) -> None:
        self.due, self._rest = clock + seconds, FIRST_WAIT_SECONDS

    def ill(self, at_least: float, clock: float) -> None:
        self.due = clock + max(at_least, self._rest)
        self._rest = min(self._rest * 2, LONGEST_WAIT_SECONDS)


class Listener:
    """Receives until stop. Nothing that X, the network or the database does ends it."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        budget: Budget,
        standing: Standing,
        keep: Keepsakes,
        accept: Accept,
        now: Callable[[], datetime],
        channel: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._standing, self._keep, self._now, self._clock = standing, keep, now, clock
        reading = Reading(client, budget, standing, keep, accept, now, channel, settings.handle, settings.own_id)
        watch = Watch(keep, days=settings.deletions_days, now_day=now())
        threads = Threads(reading, watch, thread_seconds=settings.thread_seconds)

        def started(found: Sequence[Found]) -> None:
            watch.add(found)
            threads.started(found)

        sources: list[Source] = [
            Mentions(reading, settings.poll_seconds, thread_seconds=settings.thread_seconds, started=started),
            Directs(reading, settings.poll_seconds),
            threads,
        ]
        if settings.deletions_days:
            sources.append(Deletions(reading, watch, hours=settings.deletions_hours))
        self._paces = [Pace(source) for source in sources]
        self._ours = False
        self._renew_at = self._gaps_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Receives until `stop` is set; then another process may go on at once."""
        while not stop.is_set():
            seconds = self._round()
            if seconds > 0 and stop.wait(seconds):
                break
        self._give_up()

    def _round(self) -> float:
        """One step of whatever is due; how long to wait then."""
        clock = self._clock()
        try:
            if not self._our_turn(clock):
                return STANDBY_SECONDS
            self._tell_gaps(clock)
            self._standing.trouble("storage", None)
        except StorageUnavailable:
            self._standing.trouble("storage", "storage")
            log.warning("twitter.storage_unavailable")
            return FIRST_WAIT_SECONDS
        pace = min(self._paces, key=lambda one: one.due)
        if pace.due <= clock:
            self._step(pace)
        following = min(one.due for one in self._paces)
        return max(0.0, min(following - self._clock(), RENEW_SECONDS))

    def _step(self, pace: Pace) -> None:
        source = pace.source
        try:
            pace.well(source.step(), self._clock())
            self._standing.trouble(source.part, None)
        except StorageUnavailable:
            self._standing.trouble(source.part, "storage")
            log.warning("twitter.storage_unavailable", part=source.part)
            pace.ill(0.0, self._clock())
        except Wanting as wanting:
            pace.well(min(max(wanting.seconds, 1.0), WANTING_SECONDS), self._clock())
        except Trouble as trouble:
            self._trouble(pace, trouble)
        except Exception as error:  # ours to mend; the other lists go on
            self._standing.trouble(source.part, Kind.UNAVAILABLE.value)
            log.error("twitter.reading_failed", part=source.part, error=type(error).__name__)  # noqa: TRY400 - its text may hold people's words
            source.forget()
            pace.ill(LONGEST_WAIT_SECONDS, self._clock())

    def _trouble(self, pace: Pace, trouble: Trouble) -> None:
        part, wait = pace.source.part, trouble.retry_after_seconds or 0.0
        if trouble.kind is Kind.THROTTLED:
            pace.well(max(wait, 1.0), self._clock())
            if wait > LONG_LIMIT_SECONDS:
                self._standing.trouble(part, trouble.kind.value)
            return
        self._standing.trouble(part, trouble.kind.value)
        log.warning("twitter.trouble", part=part, kind=trouble.kind.value, code=trouble.code)
        pace.ill(max(wait, OPERATOR_WAIT_SECONDS / 5) if trouble.kind in _SLOW else wait, self._clock())

    def _our_turn(self, clock: float) -> bool:
        if self._ours and clock < self._renew_at:
            return True
        ours = self._keep.turn(TURN, TURN_SECONDS)
        if not ours and self._ours:
            for pace in self._paces:
                pace.source.forget()
                self._standing.trouble(pace.source.part, None)
        self._ours, self._renew_at = ours, clock + RENEW_SECONDS
        return ours

    def _tell_gaps(self, clock: float) -> None:
        """What may have been missed, on the desk: read anew from time to time, because it grows old."""
        if clock < self._gaps_at:
            return
        self._standing.remark("gap", cursors.shown(cursors.gaps(self._keep, self._now())))
        self._gaps_at = clock + GAP_SECONDS

    def _give_up(self) -> None:
        try:
            if self._ours:
                self._keep.turn(TURN, 0.0)
        except StorageUnavailable:
            log.warning("twitter.storage_unavailable", doing="stop")
