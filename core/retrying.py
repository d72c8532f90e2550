"""Two transactions that want each other's rows: PostgreSQL ends one of them, which then simply begins anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from core.errors import StorageUnavailable

T = TypeVar("T")

_TRIES = 4
_DEADLOCK = "40P01"


def through_deadlocks(attempt: Callable[[], T]) -> T:
    """Runs a whole transaction, again if it was the victim of a deadlock. Raises StorageUnavailable after the fourth time."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except StorageUnavailable as error:
            cause = error.__cause__
            if not isinstance(cause, DBAPIError) or getattr(cause.orig, "sqlstate", None) != _DEADLOCK:
                raise
    return attempt()
