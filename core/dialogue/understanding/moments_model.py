"""What time words give (sop.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from core.dialogue.understanding.words import Span


class MomentKind(StrEnum):
    MOMENT = "moment"  # once, at `start` (… `end` where the words mean a week, a month)
    RANGE = "range"  # from `start` to `end`
    SINCE = "since"  # from `start` on, still going on; `end` is None
    RECURRING = "recurring"  # again and again; dates are None
    UNKNOWN_WORDS = "unknown_words"  # time words that give no date ("dulu", "bulan puasa"); dates are None


class Precision(StrEnum):
    """How exact the words are; the dates are the edges of that piece of the calendar."""

    HOUR = "hour"  # `at` is set
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Moment:
    """When, as the words say it. `start`, `end`: local days of the reporter's zone, inclusive; `at`: local time of day.

    `is_future`: begins after now. `impossible`: no such day ("31 Februari"); then the dates are None.
    """

    kind: MomentKind
    start: date | None
    end: date | None
    precision: Precision
    words: str
    span: Span
    at: time | None = None
    is_future: bool = False
    impossible: bool = False
