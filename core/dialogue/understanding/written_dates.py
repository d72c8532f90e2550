"""Dates as they are written: "3 Maret 2026", "3/3/26", "tanggal 3", "bulan Maret", "tahun 2024"."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date, timedelta

from rapidfuzz import fuzz, process

from core.dialogue.understanding.calendar_basis import Piece, Told, back, months, weekdays, whole, words_of
from core.dialogue.understanding.moments_model import Precision

_FULL = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_SHORT = re.compile(r"(\d{1,2})([/-])(\d{1,2})")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FRACTIONS = frozenset({"1/2", "1/3", "1/4", "2/3", "3/4", "24/7"})
_SOON_DAYS = 60
"""A day and month without a year that lie at most this far ahead are taken for this year (and asked about)."""


class WrittenDates(Told):
    """Reads dates that name a day, a month or a year."""

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


def _misspelt_month(told: str) -> int | None:
    """ "Marett", "Desmber": asked only where a day stands before and a year behind, or "tanggal" before."""
    if len(told) < 4:
        return None
    long = [name for name in months() if len(name) >= 4]
    best = process.extractOne(told, long, scorer=fuzz.ratio, score_cutoff=80)
    return months()[best[0]] if best else None


def _year(told: str) -> int:
    return int(told) if len(told) == 4 else 2000 + int(told)
