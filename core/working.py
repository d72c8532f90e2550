"""The threads of the road in one process: handling, and for each channel it runs listening, delivering and fetching.

One more thread watches them. Each loop says at every turn that it lives. A handler that a message holds for ever (no thread can
be ended from outside) gets a substitute, so that nobody else waits: after its third attempt that message is quarantined.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from time import monotonic

import structlog

from core import delivery, fetching, handling
from core.channels import Accept, Channel, Raw, Stored
from core.delivery import Deliverer
from core.errors import StorageUnavailable
from core.gathering import Gathering
from core.handling import Handler
from core.intake import accept
from core.office import Office, now_utc
from core.storage import channelstates
from core.suspects import Quiet

STOP_SECONDS = 5.0
WATCH_SECONDS = 10.0
HANGS_AFTER_SECONDS: Mapping[str, float] = {"handle": 120.0, "deliver": 120.0, "fetch": 900.0}
"""Longer than any honest turn of each loop: leases, waits for the database, a large file over a slow line."""
MOST_SUBSTITUTES = 6
STOPPED = "stopped"
"""Trouble of a channel of which a thread hangs or has ended."""

log = structlog.get_logger(__name__)


def accepting(office: Office, clock: Callable[[], datetime] = now_utc) -> Accept:
    """What channels are given to commit by; what arrives at the same time is committed together."""

    def commit(raws: Sequence[Raw]) -> Sequence[Stored]:
        return accept(office, raws, now=clock())

    return Gathering(commit)


class Worker:
    """Runs parts of the road until `stop`.

    `channels`: every channel whose messages may be read (parsed). `runs`: names of those that this process itself sends,
    fetches and, with `listens`, listens for; `to`: the one address to which it can send. `handlers`: how many threads handle; 0
    where another process does. On SQLite one is best (there is one writer); on PostgreSQL two or more.
    """

    def __init__(
        self,
        office: Office,
        channels: Mapping[str, Channel],
        *,
        runs: Sequence[str] = (),
        handlers: int | None = None,
        listens: bool = True,
        senders: int = 8,
        to: str | None = None,
        clock: Callable[[], datetime] = now_utc,
        watch_seconds: float = WATCH_SECONDS,
        hangs_after_seconds: Mapping[str, float] = HANGS_AFTER_SECONDS,
    ) -> None:
        self._office = office
        self._channels = channels
        self._runs = tuple(runs)
        self._handlers = handlers if handlers is not None else (1 if office.database.dialect == "sqlite" else 2)
        self._listens = listens
        self._senders = senders
        self._to = to
        self._clock = clock
        self._watch_seconds = watch_seconds
        self._hangs_after = hangs_after_seconds
        self._stop = threading.Event()
        self._quiet = Quiet()
        self._threads: list[threading.Thread] = []
        self._beats: dict[str, float] = {}
        self._hanging: set[str] = set()
        self._substitutes = 0
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Starts every thread; returns at once."""
        for number in range(self._handlers):
            self._handle(number)
        for name in self._runs:
            channel = self._channels[name]
            self._begin(f"deliver-{name}", partial(self._deliver, channel))
            self._begin(f"fetch-{name}", partial(fetching.run, self._office, channel, self._beat(f"fetch-{name}"), self._clock))
            if self._listens:
                self._begin(f"listen-{name}", partial(channel.listen, accepting(self._office, self._clock), self._stop))
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Ends cleanly: what is under way is finished and written. False: something did not end in time; its leases run out."""
        self._stop.set()
        for topic in ("inbox", *(f"{kind}:{name}" for kind in ("outbox", "files") for name in self._runs)):
            self._office.wakeups.wake(topic)
        until = monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(until - monotonic(), 0.0))
        if self._watcher is not None:
            self._watcher.join(max(until - monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def alive(self) -> bool:
        """Every thread that should run does, and gets on."""
        return not self.hanging()

    def hanging(self) -> set[str]:
        """Names of threads that have ended or have not come round for too long: "deliver-<channel>", "handle-0", …"""
        now = monotonic()
        running = [thread for thread in self._threads if not thread.name.startswith("listen-")]
        ended = {thread.name for thread in running if not thread.is_alive()}
        return ended | {name for name, beat in self._beats.items() if now - beat > self._hangs_after[name.partition("-")[0]]}

    def _beat(self, name: str) -> Callable[[], bool]:
        """Asked by a loop at each turn whether to stop; that it asks is the sign of its life."""
        self._beats[name] = monotonic()

        def stopped() -> bool:
            self._beats[name] = monotonic()
            return self._stop.is_set()

        return stopped

    def _handle(self, number: int) -> None:
        handler = Handler(self._office, self._channels, owner=f"{self._office.owner}-h{number}", quiet=self._quiet)
        name = f"handle-{number}"
        self._begin(name, partial(handling.run, self._office, handler, self._beat(name), self._clock))

    def _watch(self) -> None:
        while not self._stop.wait(self._watch_seconds):
            try:
                self._look_round()
                self._report()
            except StorageUnavailable:
                log.warning("storage_unavailable", doing="watch")
            except Exception as error:
                log.warning("thread_broke", thread="watch", error=type(error).__name__)
        with suppress(StorageUnavailable), self._office.database.write() as connection:
            for name in self._runs:
                channelstates.forget(connection, name)

    def _look_round(self) -> None:
        hanging = self.hanging()
        for name in sorted(hanging - self._hanging):
            log.error("part_hangs", part=name)
            if name.startswith("handle-") and self._substitutes < MOST_SUBSTITUTES:
                self._handle(self._handlers + self._substitutes)
                self._substitutes += 1
        self._hanging = hanging

    def _report(self) -> None:
        """The state of each channel that this process runs, for `/readyz`, `lapor check` and the desk."""
        with self._office.database.write() as connection:
            for name in self._runs:
                health = self._channels[name].health
                stopped = any(f"{part}-{name}" in self._hanging for part in ("deliver", "fetch"))
                channelstates.keep(
                    connection,
                    name,
                    last_success_at=health.last_success_at,
                    trouble=STOPPED if stopped else health.trouble,
                    at=self._clock(),
                    remarks=health.remarks,
                )

    def _deliver(self, channel: Channel) -> None:
        deliverer = Deliverer(self._office, channel, owner=f"{self._office.owner}-d", workers=self._senders, to=self._to)
        try:
            delivery.run(self._office, deliverer, channel.name, self._beat(f"deliver-{channel.name}"), self._clock)
        finally:
            deliverer.finish(self._clock, STOP_SECONDS - 1)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """A thread that breaks is begun again: one defect must not silence a door."""
        while True:
            try:
                work()
            except Exception as error:
                log.warning("thread_broke", thread=name, error=type(error).__name__)
                if self._stop.wait(1.0):
                    return
            else:
                return
