"""The threads of the road in one process: handling, and for each channel it runs listening, delivering and fetching."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from time import monotonic

import structlog

from core import delivery, fetching, handling
from core.channels import Accept, Channel, Raw, Stored
from core.delivery import Deliverer
from core.handling import Handler
from core.intake import accept
from core.office import Office, now_utc

STOP_SECONDS = 5.0

log = structlog.get_logger(__name__)


def accepting(office: Office, clock: Callable[[], datetime] = now_utc) -> Accept:
    """What channels are given to commit by."""

    def commit(raws: Sequence[Raw]) -> Sequence[Stored]:
        return accept(office, raws, now=clock())

    return commit


class Worker:
    """Runs parts of the road until `stop`.

    `channels`: every channel whose messages may be read (parsed). `runs`: names of those that this process itself sends,
    fetches and, with `listens`, listens for. `handlers`: how many threads handle; 0 where another process does. On SQLite
    one is best (there is one writer); on PostgreSQL two or more.
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
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._office = office
        self._channels = channels
        self._runs = tuple(runs)
        self._handlers = handlers if handlers is not None else (1 if office.database.dialect == "sqlite" else 2)
        self._listens = listens
        self._senders = senders
        self._clock = clock
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts every thread; returns at once."""
        for number in range(self._handlers):
            owner = f"{self._office.owner}-h{number}"
            handler = Handler(self._office, self._channels, owner=owner)
            self._begin(f"handle-{number}", partial(handling.run, self._office, handler, self._stop.is_set, self._clock))
        for name in self._runs:
            channel = self._channels[name]
            self._begin(f"deliver-{name}", partial(self._deliver, channel))
            self._begin(f"fetch-{name}", partial(fetching.run, self._office, channel, self._stop.is_set, self._clock))
            if self._listens:
                self._begin(f"listen-{name}", partial(channel.listen, accepting(self._office, self._clock), self._stop))

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Ends cleanly: what is under way is finished and written. False: something did not end in time; its leases run out."""
        self._stop.set()
        for topic in ("inbox", *(f"{kind}:{name}" for kind in ("outbox", "files") for name in self._runs)):
            self._office.wakeups.wake(topic)
        until = monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(until - monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def alive(self) -> bool:
        """Every thread that should run does."""
        return all(thread.is_alive() for thread in self._threads if not thread.name.startswith("listen-"))

    def _deliver(self, channel: Channel) -> None:
        deliverer = Deliverer(self._office, channel, owner=f"{self._office.owner}-d", workers=self._senders)
        try:
            delivery.run(self._office, deliverer, channel.name, self._stop.is_set, self._clock)
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
