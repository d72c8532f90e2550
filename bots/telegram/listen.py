"""Long polling that loses nothing: first the commit, then the offset (design.md; core.telegram.org/bots/api#getupdates)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from telegram.error import TelegramError

from bots.telegram.client import Answered, Client, code_of
from bots.telegram.envelope import Envelope, split
from core.channels import Accept, Health
from core.errors import StorageUnavailable

log = structlog.get_logger()
T = TypeVar("T")

STOP_CHECK_SECONDS = 0.2
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0
CONFLICT_REMEMBERED = timedelta(seconds=90)  # two pollers take turns: one good answer between does not mean peace


class Stopped(Exception):
    """The listener was asked to stop, or the channel was closed."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the listener needs of the channel: calls on the event loop, envelopes, acknowledgements of pressed buttons."""

    call: Callable[[Callable[[Client], Coroutine[Any, Any, Any]]], Future[Any]]
    seal: Callable[[bytes], Envelope]
    acknowledge: Callable[[str], None]
    prepare: Callable[[Client], Coroutine[Any, Any, None]]
    health: Health
    now: Callable[[], datetime]


class Wait:
    """Waits longer after each failure, at most half a minute, and ends early when asked to stop."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._seconds = FIRST_WAIT_SECONDS

    def reset(self) -> None:
        self._seconds = FIRST_WAIT_SECONDS

    def next_seconds(self) -> float:
        """How long to wait now; the next time it is twice as long."""
        seconds, self._seconds = self._seconds, min(self._seconds * 2, LONGEST_WAIT_SECONDS)
        return seconds

    def __call__(self, at_least: float = 0.0) -> None:
        if self._stop.wait(max(self.next_seconds(), at_least)):
            raise Stopped


def outcome(future: Future[T], stop: threading.Event) -> T:
    """The result; cancels it and raises `Stopped` as soon as `stop` is set or the channel is closed."""
    while True:
        try:
            return future.result(timeout=STOP_CHECK_SECONDS)
        except CancelledError:
            raise Stopped from None
        except NotYet:
            if future.done():
                return future.result()
            if stop.is_set():
                future.cancel()
                raise Stopped from None


class Poller:
    """One bot's getUpdates loop. `poll` runs until stop; nothing that the network or the database does ends it."""

    def __init__(self, line: Line, accept: Accept, stop: threading.Event, *, wait_seconds: int) -> None:
        self._line, self._accept, self._stop = line, accept, stop
        self._wait_seconds = wait_seconds
        self._wait = Wait(stop)
        self._offset: int | None = None  # never stored: after a silent week the ids begin anew (libraries.md)
        self._last_conflict: datetime | None = None

    def poll(self) -> None:
        """Receives until stop."""
        prepared = False
        while not self._stop.is_set():
            try:
                if not prepared:
                    outcome(self._line.call(self._line.prepare), self._stop)
                    prepared = True
                bodies = split(outcome(self._line.call(self._ask), self._stop))
                self._well()
                self._take([self._line.seal(body) for body in bodies])
            except Stopped:
                return
            except (TelegramError, ValueError) as error:
                if isinstance(error, Answered) and error.code == 409:
                    prepared = prepared and "webhook" not in error.description
                if not self._rest(error):
                    return

    async def _ask(self, client: Client) -> bytes:
        return await client.get_updates(offset=self._offset, wait_seconds=self._wait_seconds)

    def _take(self, envelopes: list[Envelope]) -> None:
        """Commits, then moves the offset. An empty answer confirms what was there: the next ask needs no offset."""
        if not envelopes:
            self._offset = None
            return
        raws = [envelope.raw for envelope in envelopes]
        while True:
            try:
                self._accept(raws)
                break
            except StorageUnavailable:
                self._trouble("storage")
                log.warning("telegram.storage_unavailable", waiting=len(raws))
                self._wait()
        self._well()
        known = [envelope.update_id for envelope in envelopes if envelope.update_id is not None]
        if not known:
            raise ValueError("updates without ids")
        self._offset = max(known) + 1
        for envelope in envelopes:
            if envelope.callback_id:
                self._line.acknowledge(envelope.callback_id)

    def _well(self) -> None:
        now = self._line.now()
        self._line.health.last_success_at = now
        if self._last_conflict is None or now - self._last_conflict > CONFLICT_REMEMBERED:
            self._line.health.trouble = None
        self._wait.reset()

    def _trouble(self, code: str) -> None:
        self._line.health.trouble = code

    def _rest(self, error: Exception) -> bool:
        """Notes what is wrong and waits; False when it is time to stop."""
        code = error.code if isinstance(error, Answered) else 0
        at_least = 0.0
        if code == 409:
            self._last_conflict = self._line.now()
            self._trouble("two_pollers")
            log.error("telegram.two_pollers", remedy="another process reads with this bot's token: stop one of them")
        elif code in (401, 404):
            at_least = LONGEST_WAIT_SECONDS / 2
            self._trouble("unauthorised")
            log.error("telegram.unauthorised", remedy="the token is not valid any more: ask @BotFather for a new one")
        else:
            if isinstance(error, Answered) and isinstance(wait := error.parameters.get("retry_after"), int):
                at_least = float(wait)
            self._trouble("unavailable")
            log.warning("telegram.unavailable", code=code_of(error))
        try:
            self._wait(at_least)
        except Stopped:
            return False
        return True
