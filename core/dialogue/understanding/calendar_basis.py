"""What pieces of the calendar are made of: the named words, a piece of days, and the words of one text seen from now."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from core.dialogue.understanding.moments_model import Precision
from core.dialogue.understanding.words import Wording, plain, section

_NAMES_OF_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NAMES_OF_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def words_of(name: str) -> frozenset[str]:
    return frozenset(section("dates", "lists")[name])


@cache
def months() -> dict[str, int]:
    return {word: number for number, name in enumerate(_NAMES_OF_MONTHS, 1) for word in section("dates", "lists")[name]}


@cache
def weekdays() -> dict[str, int]:
    return {word: number for number, name in enumerate(_NAMES_OF_DAYS) for word in section("dates", "lists")[name]}


@dataclass(frozen=True, slots=True)
class Piece:
    """Days [start, end] (local, inclusive; None when impossible), and the index of the first word after it."""

    start: date | None
    end: date | None
    precision: Precision
    after: int
    at: time | None = None

    @property
    def impossible(self) -> bool:
        return self.start is None


def back(day: date, count: int, unit: str) -> date:
    """The day `count` units before; raises OverflowError or ValueError outside of the calendar."""
    if unit in {"day", "week"}:
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    month = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, index = divmod(month, 12)
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


def whole(day: date, unit: str, after: int) -> Piece:
    """The week, month or year that a day lies in."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Piece(monday, monday + timedelta(days=6), Precision.WEEK, after)
    if unit == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        return Piece(day.replace(day=1), day.replace(day=last), Precision.MONTH, after)
    if unit == "year":
        return Piece(date(day.year, 1, 1), date(day.year, 12, 31), Precision.YEAR, after)
    return Piece(day, day, Precision.DAY, after)


class Told:
    """The words of one text, seen from `now` (local time)."""

    def __init__(self, text: Wording, now: datetime, language: str | None) -> None:
        self._norms = [word.norm for word in text.words]
        self._now = now
        self._today = now.date()
        self._english = language == "en"
        self._told = sum(not word.is_mark for word in text.words)

    def norm(self, index: int) -> str:
        return self._norms[index] if 0 <= index < len(self._norms) else ""

    def number(self, index: int) -> float | None:
        """A small number in digits or words, "2" or "1,5" or "dua"; None if there is none."""
        told = self.norm(index)
        if re.fullmatch(r"\d{1,3}(?:[.,]\d)?", told):
            return float(told.replace(",", "."))
        named = plain("dates", "numbers").get(told)
        return float(named) if named else None

    def unit(self, index: int) -> str | None:
        return plain("dates", "units").get(self.norm(index))
