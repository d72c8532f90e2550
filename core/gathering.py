"""Gather: deliveries that arrive at the same time are committed together, so that eight senders wait for one commit."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.channels import Accept, Raw, Stored
from core.errors import StorageUnavailable

MOST_BYTES = 8 * 1024 * 1024
"""Of one commit; a single delivery may be larger."""


@dataclass(slots=True)
class _Delivery:
    raws: Sequence[Raw]
    answer: Sequence[Stored] = ()
    error: Exception | None = None
    settled: bool = False
    woken: threading.Event = field(default_factory=threading.Event)  # it is settled, or its turn to commit


class Gathering:
    """An `Accept` over another one. Whoever finds nobody committing commits for all who wait by then, and hands on.

    Each gets its own answer or error: where a common commit fails on something else than the database, each is tried alone.
    """

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._waiting: list[_Delivery] = []
        self._committing = False
        self._lock = threading.Lock()

    def __call__(self, raws: Sequence[Raw]) -> Sequence[Stored]:
        mine = _Delivery(raws)
        with self._lock:
            self._waiting.append(mine)
            turn = not self._committing
            self._committing = True
        if not turn:
            mine.woken.wait()
        if not mine.settled:
            try:
                while not mine.settled:
                    self._commit(self._taken())
            finally:
                self._hand_on()
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def _taken(self) -> list[_Delivery]:
        """Those at the head of the line that fit in one commit; never none."""
        with self._lock:
            count, size = 0, 0
            for one in self._waiting:
                size += sum(len(raw.body) for raw in one.raws)
                if count and size > MOST_BYTES:
                    break
                count += 1
            taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].woken.set()
            else:
                self._committing = False

    def _commit(self, deliveries: list[_Delivery]) -> None:
        try:
            answers = iter(self._accept([raw for one in deliveries for raw in one.raws]))
            for one in deliveries:
                one.answer = [next(answers) for _ in one.raws]
        except StorageUnavailable as error:
            for one in deliveries:
                one.error = StorageUnavailable(*error.args)
        except Exception as error:
            if len(deliveries) == 1:
                deliveries[0].error = error
            else:
                for one in deliveries:
                    self._commit([one])
        except BaseException:  # this thread is told to end: the others try again
            for one in deliveries:
                one.error = StorageUnavailable("whoever committed was stopped: send it again")
            raise
        finally:
            for one in deliveries:
                one.settled = True
                one.woken.set()
