"""The one thread that commits: whatever mails wait go into one transaction, and only then is anybody told yes."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from core.channels import Accept, Raw
from core.errors import StorageUnavailable

log = structlog.get_logger()

MOST_AT_ONCE = 100
MOST_BYTES_AT_ONCE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail and who waits for its commit."""

    raw: Raw
    done: asyncio.Future[bool]


class Committer:
    """`commit` is awaited on the event loop; `run` is the thread. `outcome` hears after each try whether storage answered."""

    def __init__(self, accept: Accept, loop: asyncio.AbstractEventLoop, outcome: Callable[[bool], None], name: str) -> None:
        self._accept, self._loop, self._outcome = accept, loop, outcome
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins to commit."""
        self._thread.start()

    async def commit(self, raw: Raw) -> bool:
        """True only if it is committed."""
        waiting = Waiting(raw, self._loop.create_future())
        self._queue.put(waiting)
        return await waiting.done

    def close(self) -> None:
        """Commits what waits, then ends; `alive` says whether it has."""
        self._queue.put(None)

    @property
    def alive(self) -> bool:
        """Whether the thread still has something to do."""
        return self._thread.is_alive()

    def _run(self) -> None:
        going_on = True
        while going_on:
            first = self._queue.get()
            if first is None:
                return
            batch = [first]
            size = len(first.raw.body)
            while len(batch) < MOST_AT_ONCE and size < MOST_BYTES_AT_ONCE:
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
                if waiting is None:
                    going_on = False
                    break
                batch.append(waiting)
                size += len(waiting.raw.body)
            self._answer(batch, self._committed([waiting.raw for waiting in batch]))

    def _committed(self, raws: Sequence[Raw]) -> list[bool]:
        """Which of them are stored. A mail that breaks the commit takes no other with it: then each goes alone."""
        try:
            self._accept(raws)
        except StorageUnavailable:
            self._outcome(False)
            log.warning("email.storage_unavailable", mails=len(raws))
            return [False] * len(raws)
        except Exception as error:
            self._outcome(False)
            log.error("email.accept_broke", mails=len(raws), error=type(error).__name__)  # noqa: TRY400 - it may hold words
            return [False] if len(raws) == 1 else [self._committed([raw])[0] for raw in raws]
        self._outcome(True)
        return [True] * len(raws)

    def _answer(self, batch: list[Waiting], stored: list[bool]) -> None:
        def tell() -> None:
            for waiting, done in zip(batch, stored, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(done)

        with suppress(RuntimeError):  # the loop did not wait for us any longer: nobody is told yes, and the mails come again
            self._loop.call_soon_threadsafe(tell)
