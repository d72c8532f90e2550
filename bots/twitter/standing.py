"""How the channel is, told by several parts of it at once (sending, mentions, direct messages) and read by the desk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from core.channels import Health

GRAVEST = ("unauthorised", "permission", "credits", "capped", "budget", "storage", "unavailable", "throttled")
"""Where several parts are in trouble the desk reads the first of these: what an operator must do stands before what passes."""

_WAITING = "send"
"""The part that does not try again by itself: where nothing is to be sent, another's success ends these troubles of it."""
_ENDED_BY_OTHERS = ("unavailable", "credits")


class Standing:
    """Keeps `Health` for the parts. Safe to use from several threads."""

    def __init__(self, health: Health, now: Callable[[], datetime]) -> None:
        self._health = health
        self._now = now
        self._lock = threading.Lock()
        self._troubles: dict[str, str] = {}
        self._remarks: dict[str, Mapping[str, str]] = {}

    def well(self, part: str) -> None:
        """`part` has just done what it is for, so X is there and paid, whatever sending met before."""
        with self._lock:
            self._troubles.pop(part, None)
            if self._troubles.get(_WAITING) in _ENDED_BY_OTHERS:
                del self._troubles[_WAITING]
            self._health.last_success_at = self._now()
            self._tell()

    def trouble(self, part: str, code: str | None) -> None:
        """`part` is in trouble; None: no more, though nothing has succeeded yet."""
        with self._lock:
            if code is None:
                self._troubles.pop(part, None)
            else:
                self._troubles[part] = code
            self._tell()

    def remark(self, code: str, params: Mapping[str, str] | None) -> None:
        """What officials should know besides; None takes it back."""
        with self._lock:
            if params is None:
                self._remarks.pop(code, None)
            else:
                self._remarks[code] = dict(params)
            self._health.remarks = dict(self._remarks)

    def _tell(self) -> None:
        codes = sorted(self._troubles.values(), key=lambda code: GRAVEST.index(code) if code in GRAVEST else len(GRAVEST))
        self._health.trouble = codes[0] if codes else None
