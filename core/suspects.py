"""A message that was attempted before may be one that kills its process: it is handled while nothing else is in this process.

Else what another thread handles at that moment dies with it each time, and after the third is quarantined as if it were to
blame.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_WAIT_SECONDS = 30.0
"""A thread that a message holds for ever holds the others no longer than this, once: then it counts no more."""


class Quiet:
    """Shared by the handlers of one process. Many are busy together, or one is alone."""

    def __init__(self, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._changed = threading.Condition()
        self._busy: set[object] = set()
        self._alone: object | None = None
        self._longest_wait = longest_wait_seconds

    @contextmanager
    def together(self) -> Iterator[None]:
        """Beside others, but beside nobody who wants to be alone."""
        me = object()
        with self._changed:
            self._wait_while_one_is_alone()
            self._busy.add(me)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(me)
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until the others have finished what they are at; nobody begins anything meanwhile."""
        me = object()
        with self._changed:
            self._wait_while_one_is_alone()
            self._alone = me
            if not self._changed.wait_for(lambda: not self._busy, self._longest_wait):
                self._busy.clear()
        try:
            yield
        finally:
            with self._changed:
                if self._alone is me:
                    self._alone = None
                self._changed.notify_all()

    def _wait_while_one_is_alone(self) -> None:
        if not self._changed.wait_for(lambda: self._alone is None, self._longest_wait):
            self._alone = None
