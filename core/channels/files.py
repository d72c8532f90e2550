"""Files that senders attached: what became of fetching one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FetchState(StrEnum):
    """What became of a file that a sender attached."""

    PENDING = "pending"
    STORED = "stored"
    GONE = "gone"
    TOO_LARGE = "too_large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Outcome of one fetch. STORED: the bytes are in the file that was given. PENDING: try again later."""

    state: FetchState
    size_bytes: int = 0
    retry_after_seconds: float | None = None
    detail: str | None = None
