"""One piece of the calendar as people name it: "kemarin sore jam 3", "Senin lalu", "3 Maret 2026", "minggu lalu".

`Pieces.at(index)` reads the longest piece that starts at a word. `core.dialogue.understanding.moments` joins pieces.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache

from rapidfuzz import fuzz, process

from core.dialogue.understanding.moments_model import Precision
from core.dialogue.understanding.words import Wording, plain, section

_NAMES_OF_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NAMES_OF_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FULL = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_SHORT = re.compile(r"(\d{1,2})([/-])(\d{1,2})")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HOUR = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")
_FRACTIONS = frozenset({"1/2", "1/3", "1/4", "2/3", "3/4", "24/7"})
_SOON_DAYS = 60
"""A day and month without a year that lie at most this far ahead are taken for this year (and asked about)."""


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


class Pieces:
    """Reads pieces of the calendar out of one text, seen from `now` (local time)."""

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

    def at(self, index: int) -> Piece | None:
        """The piece that starts at this word, with its part of the day and hour; None if there is none."""
        piece = self._day(index)
        return self.with_hour(piece) if piece else None

    # --- days ---------------------------------------------------------------------------------------------------------

    def _day(self, index: int) -> Piece | None:
        for read in (
            self._weekday_and_date,
            self._explicit,
            self._of_month,
            self._ago,
            self._of_period,
            self._near,
            self._weekday,
        ):
            try:
                piece = read(index)
            except (OverflowError, ValueError):  # outside of the calendar ("999 tahun lalu")
                piece = None
            if piece is not None:
                return piece
        return None

    def _weekday_and_date(self, index: int) -> Piece | None:
        at = index + (self.norm(index) in {"hari", "on"})
        if self.norm(at) not in weekdays():
            return None
        at += 1
        at += self.norm(at) == ","
        return self._explicit(at) or (self._of_month(at) if self.norm(at) == "tanggal" else None)

    def _explicit(self, index: int) -> Piece | None:
        anchored = self.norm(index) in {"tanggal", "on"}
        at = index + anchored
        told = self.norm(at)
        if not (told[:1].isdigit() or told in months()):
            return None
        if full := _FULL.fullmatch(told):
            return self._date(int(full[1]), int(full[3]), _year(full[4]), at + 1)
        if iso := _ISO.fullmatch(told):
            return self._date(int(iso[3]), int(iso[2]), int(iso[1]), at + 1)
        named = self._named_month(at, anchored=anchored)
        if named is None and (short := _SHORT.fullmatch(told)):
            return self._short(short, at, anchored=anchored)
        return named

    def _named_month(self, at: int, *, anchored: bool) -> Piece | None:
        told = self.norm(at)
        if told in months():  # March 3, 2026
            if not re.fullmatch(r"\d{1,2}", self.norm(at + 1)):
                return None
            after = at + 2 + (self.norm(at + 2) in {"st", "nd", "rd", "th", "tahun"})
            year, after = self._maybe_year(after)
            return self._date(int(self.norm(at + 1)), months()[told], year, after)
        month_at = at + 1
        while self.norm(month_at) in {"st", "nd", "rd", "tahun", "of", "bulan"} and month_at < at + 3:
            month_at += 1
        month = months().get(self.norm(month_at))
        if month is None and (anchored or _YEAR.fullmatch(self.norm(month_at + 1))):
            month = _misspelt_month(self.norm(month_at))
        if month is None and self.norm(month_at - 1) == "bulan" and re.fullmatch(r"\d{1,2}", self.norm(month_at)):
            month = int(self.norm(month_at))  # tanggal 3 bulan 3
        if month is None:
            return None
        days = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", told)
        if days is None:
            return None
        year, after = self._maybe_year(month_at + 1)
        first = self._date(int(days[1]), month, year, after)
        if days[2] is None or first.start is None:
            return first
        last = self._date(int(days[2]), month, first.start.year, after)  # 3-5 Maret
        return replace(first, end=last.end) if last.end and last.end >= first.start else replace(last, start=None, end=None)

    def _short(self, short: re.Match[str], at: int, *, anchored: bool) -> Piece | None:
        sure = anchored or self._told <= 2 or self.norm(at - 1) in (words_of("since") | weekdays().keys() | {"pada"})
        if not sure and (short[2] == "-" or short[0] in _FRACTIONS or self.norm(at - 1) in words_of("not_date_after")):
            return None
        if (
            short[0] == "24/7"
            or self.norm(at - 1) in words_of("not_date_after")
            or (self.unit(at + 1) is not None and not anchored)
        ):
            return None
        piece = self._date(int(short[1]), int(short[3]), None, at + 1)
        return piece if sure or not piece.impossible else None

    def _maybe_year(self, at: int) -> tuple[int | None, int]:
        skip = at + (self.norm(at) in {",", "tahun"})
        if _YEAR.fullmatch(self.norm(skip)):
            return int(self.norm(skip)), skip + 1
        if self.norm(at) == "tahun" and self.norm(at + 1) in words_of("last"):
            return self._today.year - 1, at + 2
        return None, at

    def _date(self, day: int, month: int, year: int | None, after: int) -> Piece:
        if month > 12 >= day and self._english:
            day, month = month, day
        nothing = Piece(None, None, Precision.NONE, after)
        if not 1 <= month <= 12:
            return nothing
        if year is not None:
            ok = 1 <= year <= 9998 and 1 <= day <= calendar.monthrange(year, month)[1]
            return whole(date(year, month, day), "day", after) if ok else nothing
        for candidate in range(self._today.year, max(self._today.year - 9, 0), -1):
            if not 1 <= day <= calendar.monthrange(candidate, month)[1]:
                continue
            told = date(candidate, month, day)
            if told <= self._today + timedelta(days=_SOON_DAYS):
                return whole(told, "day", after)
        return nothing

    def _of_month(self, index: int) -> Piece | None:
        """ "tanggal 3", "bulan Maret", "Maret 2026", "tahun 2024"."""
        told, following = self.norm(index), self.norm(index + 1)
        if told == "tanggal" and re.fullmatch(r"\d{1,2}", following):
            after = index + 2
            if self.norm(after) == "kemarin" or (
                self.norm(after) == "bulan" and self.norm(after + 1) in {"ini", "kemarin", "lalu"}
            ):
                after += 1 + (self.norm(after) == "bulan")
            return self._latest_day(int(following), after, last_month=self.norm(after - 1) == "lalu")
        if told in {"tahun", "in"} and _YEAR.fullmatch(following):
            return whole(date(int(following), 1, 1), "year", index + 2)
        at = index + (told in {"bulan", "in", "awal", "akhir", "pertengahan"})
        at += at > index and self.norm(at) == "bulan"
        month = months().get(self.norm(at))
        if month is None:
            return None
        year, after = self._maybe_year(at + 1)
        if year is None:
            if at == index and self.norm(index - 1) not in {"sejak", "since", "from", "mulai", "dari"} and self._told > 1:
                return None
            ahead = month > self._today.month
            year = self._today.year - ahead
            after += self.norm(after) in words_of("last")
        return whole(date(year, month, 1), "month", after)

    def _latest_day(self, day: int, after: int, *, last_month: bool) -> Piece:
        if not 1 <= day <= 31:
            return Piece(None, None, Precision.NONE, after)
        month = self._today.replace(day=1)
        if last_month:
            month = back(month, 1, "month")
        while calendar.monthrange(month.year, month.month)[1] < day or month.replace(day=day) > self._today:
            month = back(month, 1, "month")
        return whole(month.replace(day=day), "day", after)

    def _ago(self, index: int) -> Piece | None:
        """ "3 hari yang lalu", "2 weeks ago", "sebulan lalu"; also "3 hari lagi"."""
        single = plain("dates", "single").get(self.norm(index))
        count, unit, at = (1.0, single, index + 1) if single else (self.number(index), self.unit(index + 1), index + 2)
        if count is None or unit is None:
            return None
        at += self.norm(at) == "yang"
        if self.norm(at) == "lagi" and unit in {"day", "week", "month", "year"}:
            return whole(back(self._today, -int(count), unit), unit, at + 1)
        if self.norm(at) not in words_of("ago") - {"terakhir"}:
            return None
        if unit in {"hour", "minute"}:
            then = self._now - timedelta(minutes=count * (60 if unit == "hour" else 1))
            return Piece(then.date(), then.date(), Precision.HOUR, at + 1, then.time().replace(second=0, microsecond=0))
        return whole(back(self._today, int(count), unit), unit, at + 1)

    def _of_period(self, index: int) -> Piece | None:
        """ "minggu lalu", "bulan ini", "last year", "awal tahun ini"."""
        at = index + (self.norm(index) in {"awal", "akhir", "pertengahan"})
        first = self.norm(at)
        if first in {"last", "this", "next"}:
            unit, word = self.unit(at + 1), {"last": "lalu", "this": "ini", "next": "depan"}[first]
        else:
            unit = self.unit(at)
            at += self.norm(at + 1) == "yang"
            word = self.norm(at + 1)
        if unit is None or unit not in {"week", "month", "year"} or word not in {"lalu", "kemarin", "silam", "ini", "depan"}:
            return None
        if word == "ini":
            piece = whole(self._today, unit, at + 2)
            return replace(piece, end=self._today)
        return whole(back(self._today, -1 if word == "depan" else 1, unit), unit, at + 2)

    def _near(self, index: int) -> Piece | None:
        """Yesterday, today, tomorrow and their like."""
        first, second = self.norm(index), self.norm(index + 1)
        day = self._today
        if first == "kemarin":
            if second in {"lusa", "dulu"}:
                return whole(back(day, 2, "day"), "day", index + 2)
            later = index + 1 + (second == "hari")
            if self.norm(later) in weekdays() and self.norm(later) != "minggu":
                return self._weekday(later)
            return whole(back(day, 1, "day"), "day", index + 1)
        pair = f"{first} {second}"
        two = {"hari ini": 0, "tadi malam": 1, "last night": 1, "malam tadi": 1, "besok lusa": -2, "hari kemarin": 1}
        if pair in two:
            piece = whole(back(day, two[pair], "day"), "day", index + 2)
            return replace(piece, precision=Precision.PART_OF_DAY) if "malam" in pair or "night" in pair else piece
        if pair in {"baru saja", "baru tadi", "just now", "saat ini", "right now", "detik ini", "baru aja"}:
            return self._this_moment(index + 2)
        if first in {"barusan"}:
            return self._this_moment(index + 1)
        if first == "this" and second in words_of("part"):
            return replace(whole(day, "day", index + 2), precision=Precision.PART_OF_DAY)
        if pair in {"pagi ini", "siang ini", "sore ini", "malam ini", "pagi tadi", "siang tadi", "sore tadi"}:
            return replace(whole(day, "day", index + 2), precision=Precision.PART_OF_DAY)
        one = {
            "tadi": 0,
            "semalam": 1,
            "yesterday": 1,
            "today": 0,
            "besok": -1,
            "tomorrow": -1,
            "lusa": -2,
            "nanti": 0,
            "tonight": 0,
        }
        if first not in one or (first == "nanti" and second not in words_of("part") | words_of("clock")):
            return None
        piece = whole(back(day, one[first], "day"), "day", index + 1)
        return replace(piece, precision=Precision.PART_OF_DAY) if first in {"semalam", "tonight"} else piece

    def _this_moment(self, after: int) -> Piece:
        return Piece(self._today, self._today, Precision.HOUR, after, self._now.time().replace(second=0, microsecond=0))

    def _weekday(self, index: int) -> Piece | None:
        named = self.norm(index) in {"hari", "last", "next", "on", "this"}
        at = index + named
        wanted = weekdays().get(self.norm(at))
        if wanted is None:
            return None
        following = self.norm(at + 1)
        if self.norm(at) == "minggu" and not named:
            sunday = following in words_of("part") or self.norm(index - 1) in {
                "sejak",
                "dari",
                "since",
                "kemarin",
                "pada",
                "dan",
                "antara",
            }
            if not sunday or following in {"lalu", "ini", "depan"}:
                return None
        days = (self._today.weekday() - wanted) % 7
        if following == "depan" or self.norm(index) == "next" or self.norm(index - 1) in {"besok", "nanti"}:
            return whole(self._today + timedelta(days=(7 - days) if days else 7), "day", at + 1 + (following == "depan"))
        if following == "ini" or self.norm(index) == "this":
            this = self._today + timedelta(days=wanted - self._today.weekday())
            return whole(this, "day", at + 1 + (following == "ini"))
        # the same weekday as today means a week ago: of today people say "tadi" or "hari ini"
        after = at + 1
        if following == "minggu" and self.norm(at + 2) in words_of("last"):  # "Senin minggu lalu"
            monday = self._today - timedelta(days=self._today.weekday() + 7)
            return whole(monday + timedelta(days=wanted), "day", at + 3)
        if following == "yang" and self.norm(at + 2) in words_of("last"):
            after += 2
        elif following in words_of("last"):
            after += 1
        return whole(self._today - timedelta(days=days or 7), "day", after)

    # --- hours --------------------------------------------------------------------------------------------------------

    def with_hour(self, piece: Piece) -> Piece:
        """The piece with the part of the day and the hour that follow it."""
        if piece.start is None or piece.start != piece.end or piece.at is not None:
            return piece
        after, part, at = piece.after, "", piece.at
        for _ in range(2):  # "sore jam 3" and "jam 3 sore"
            if self.norm(after) in words_of("part"):
                part = self.norm(after)
                after += 1 + (part == "dini" and self.norm(after + 1) == "hari")
            clock = self._clock(after)
            if clock is not None:
                hour, minute, after = clock
                at = time(hour, minute)
        if self.norm(after) in words_of("part") and at is not None and not part:
            part = self.norm(after)
            after += 1
        if self.norm(after) in {"am", "pm"} and at is not None:
            part, after = (
                ("malam" if self.norm(after) == "pm" and at.hour > 5 else "sore" if self.norm(after) == "pm" else "pagi"),
                after + 1,
            )
        if self.norm(after) in {"wib", "wita", "wit"}:
            after += 1
        if at is not None:
            return replace(piece, at=_in_part(at, part), precision=Precision.HOUR, after=after)
        return replace(piece, precision=Precision.PART_OF_DAY if part else piece.precision, after=after)

    def _clock(self, index: int) -> tuple[int, int, int] | None:
        at = index + (self.norm(index) == ",")
        while self.norm(at) in words_of("about") and at < index + 4:
            at += 1
        if self.norm(at) not in words_of("clock"):
            return None
        told = _HOUR.fullmatch(self.norm(at + 1))
        named = self.number(at + 1)
        if told is None and named is not None and named == int(named):
            return (int(named), 0, at + 2) if named < 24 else None
        if told is None or int(told[1]) > 23 or int(told[2] or 0) > 59:
            return None
        after = at + 2 + (self.norm(at + 2) in {"an", "lewat"})
        return int(told[1]), int(told[2] or 0), after


def _misspelt_month(told: str) -> int | None:
    """ "Marett", "Desmber": asked only where a day stands before and a year behind, or "tanggal" before."""
    if len(told) < 4:
        return None
    long = [name for name in months() if len(name) >= 4]
    best = process.extractOne(told, long, scorer=fuzz.ratio, score_cutoff=80)
    return months()[best[0]] if best else None


def _year(told: str) -> int:
    return int(told) if len(told) == 4 else 2000 + int(told)


def _in_part(at: time, part: str) -> time:
    """The hour on the 24-hour clock. Without a part of the day the hours 1–5 are the afternoon, when offices are open."""
    hour = at.hour
    if not 1 <= hour <= 11:
        return at
    later = {
        "siang": hour <= 4, "noon": hour <= 4, "afternoon": True, "sore": True, "petang": True, "evening": True,
        "malam": hour >= 6, "night": hour >= 6, "magrib": True, "maghrib": True, "isya": True, "": hour <= 5,
    }.get(part, False)  # fmt: skip
    return at.replace(hour=hour + 12) if later else at
