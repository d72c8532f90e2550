"""Dates as people say them (sop.md §3): "tadi pagi", "sejak Jumat", "sudah 3 bulan", "3 Maret".

The grammar is our own: dateparser took 18 ms and more per phrase and read no calendar date that the grammar does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from core.dialogue.understanding.calendar_words import Piece, Pieces, back, words_of
from core.dialogue.understanding.moments_model import Moment, MomentKind, Precision
from core.dialogue.understanding.words import Hit, Phrases, Wording, plain, section, wording

__all__ = ["Moment", "MomentKind", "Precision", "find_moment"]


@dataclass(frozen=True, slots=True)
class _Found:
    """A candidate: the words [first, after) say this. `weak`: used only where nothing stronger is said."""

    first: int
    after: int
    kind: MomentKind
    start: date | None = None
    end: date | None = None
    precision: Precision = Precision.NONE
    at: time | None = None
    impossible: bool = False
    weak: bool = False


@cache
def _phrases() -> Phrases:
    return Phrases(section("dates", "phrases"))


def find_moment(text: str | Wording, *, now: datetime, zone: str, language: str | None = "id") -> Moment | None:
    """When it happened, in the words of the text; None where it says nothing of time.

    `now`: aware; `zone`: IANA name of the reporter's or the office's zone, in which days are counted. The first dated words
    win; future days, recurring and vague words only count where there is nothing better.
    """
    told = wording(text)
    local = now.astimezone(ZoneInfo(zone))
    if not _may_speak_of_time(told):
        return None
    candidates = _Scan(told, local, language).all()
    if not candidates:
        return None
    best = min(candidates, key=lambda found: (_rank(found, local), found.first))
    span = told.word_span(best.first, best.after)
    return Moment(
        kind=best.kind,
        start=best.start,
        end=best.end,
        precision=best.precision,
        words=told.said(span),
        span=span,
        at=best.at,
        is_future=_is_future(best, local),
        impossible=best.impossible,
    )


def _rank(found: _Found, local: datetime) -> int:
    if found.kind is MomentKind.UNKNOWN_WORDS:
        return 4
    if found.kind is MomentKind.RECURRING:
        return 3
    return 2 if found.weak else 1 if _is_future(found, local) else 0


def _is_future(found: _Found, local: datetime) -> bool:
    if found.start is None:
        return False
    if found.start == local.date() and found.at is not None:
        return found.at > local.time().replace(tzinfo=None)
    return found.start > local.date()


@cache
def _vocabulary() -> frozenset[str]:
    lists = section("dates", "lists")
    told = {word for key, words in lists.items() for word in words if not key.startswith("not_") and key not in _JOINING}
    return frozenset(told | plain("dates", "units").keys() | plain("dates", "single").keys() | _NEAR)


_JOINING = frozenset({"until", "about", "lasting", "since"})
_NEAR = frozenset(
    {
        "tadi",
        "semalam",
        "barusan",
        "baru",
        "besok",
        "lusa",
        "nanti",
        "tonight",
        "kemarin",
        "setiap",
        "every",
        "sering",
        "selalu",
        "dulu",
        "lama",
        "yesterday",
        "tomorrow",
    }
)


def _may_speak_of_time(told: Wording) -> bool:
    if any(word.norm in _vocabulary() or word.norm[0].isdigit() for word in told.words):
        return True
    return bool(_phrases().names_in(told))


class _Scan:
    """One walk over the words from left to right; what one candidate has read, no other reads again."""

    def __init__(self, told: Wording, local: datetime, language: str | None) -> None:
        self._told = told
        self._today = local.date()
        self._local = local
        self._pieces = Pieces(told, local, language)
        self._hits: dict[int, Hit] = {}
        for hit in _phrases().find(told):
            known = self._hits.get(hit.first)
            if known is None or hit.after > known.after:
                self._hits[hit.first] = hit

    def all(self) -> list[_Found]:
        found: list[_Found] = []
        index = 0
        while index < len(self._told.words):
            candidate = self._at(index)
            if candidate is None:
                index += 1
            else:
                found.append(candidate)
                index = max(candidate.after, index + 1)
        return found

    def _at(self, index: int) -> _Found | None:
        for read in (self._feast, self._between, self._since, self._lasting, self._said, self._phrase, self._bare_hour):
            candidate = read(index)
            if candidate is not None:
                return candidate
        return None

    def _norm(self, index: int) -> str:
        return self._pieces.norm(index)

    def _feast(self, index: int) -> _Found | None:
        at = index + (self._norm(index) in {"bulan", "waktu", "pas", "habis", "sebelum", "setelah", "hari"} | words_of("since"))
        if self._norm(at) not in words_of("feast"):
            return None
        after = at + 1
        while self._norm(after) in words_of("feast_tail") and after < at + 4:
            after += 1
        return _Found(index, after, MomentKind.UNKNOWN_WORDS)

    def _between(self, index: int) -> _Found | None:
        if self._norm(index) not in {"antara", "between"}:
            return None
        one = self._pieces.at(index + 1)
        if one is None or self._norm(one.after) not in words_of("until"):
            return None
        two = self._pieces.at(one.after + 1)
        return self._range(index, one, two) if two else None

    def _since(self, index: int) -> _Found | None:
        at = index
        while self._norm(at) in words_of("since") and at < index + 3:
            at += 1
        if at == index:
            return None
        one = self._pieces.at(at) or self._year(at) or self._today_from(at)
        if one is None:
            return None
        ended = self._ended(index, one)
        if ended is not None:
            return ended
        end = None if not one.impossible else one.end
        return _Found(index, one.after, MomentKind.SINCE, one.start, end, one.precision, one.at, one.impossible)

    def _year(self, at: int) -> Piece | None:
        if not re.fullmatch(r"(?:19|20)\d\d", self._norm(at)):
            return None
        year = int(self._norm(at))
        return Piece(date(year, 1, 1), date(year, 12, 31), Precision.YEAR, at + 1)

    def _today_from(self, at: int) -> Piece | None:
        """ "dari subuh", "dari jam 5 pagi"; not the opening hours "dari jam 8 sampai jam 3"."""
        if self._norm(at) not in words_of("part") | words_of("clock") - {"at"}:
            return None
        piece = self._pieces.with_hour(Piece(self._today, self._today, Precision.DAY, at))
        return None if piece.after == at or self._norm(piece.after) in words_of("until") else piece

    def _ended(self, index: int, one: Piece) -> _Found | None:
        """ "… sampai Rabu": a range; "… sampai sekarang": since."""
        if self._norm(one.after) not in words_of("until") - {"dan", "and"}:
            return None
        after = one.after + 1
        if self._norm(after) in {"sekarang", "kini", "now"} or f"{self._norm(after)} {self._norm(after + 1)}" in words_of(
            "now"
        ):
            after += 1 if self._norm(after) in {"sekarang", "kini", "now"} else 2
            return _Found(index, after, MomentKind.SINCE, one.start, None, one.precision, one.at, one.impossible)
        two = self._pieces.at(after)
        return self._range(index, one, two) if two else None

    def _range(self, index: int, one: Piece, two: Piece) -> _Found:
        if one.start is None or two.end is None:
            return _Found(index, two.after, MomentKind.RANGE, impossible=True)
        start, end = one.start, two.end
        if end < start and two.start is not None:  # "Senin sampai Rabu" said on Tuesday: Wednesday of the same week
            later = end + timedelta(days=7)
            start, end = (start, later) if later >= start else (end, start)
        return _Found(index, two.after, MomentKind.RANGE, start, end, one.precision)

    def _lasting(self, index: int) -> _Found | None:
        at = index
        while self._norm(at) in words_of("lasting") | {"dari"} and at < index + 4:
            at += 1
        sure = any(self._norm(place) in {"sudah", "selama", "for", "past"} for place in range(index, at))
        single = plain("dates", "single").get(self._norm(at))
        count, unit, after = (1.0, single, at + 1) if single else (self._pieces.number(at), self._pieces.unit(at + 1), at + 2)
        if count is None or unit is None:
            return None
        before = self._norm(index - 1)
        if not sure and (
            before in words_of("not_lasting_after") or unit in {"hour", "minute"} or self._norm(at) in {"a", "an"}
        ):
            return None
        if self._norm(after) in words_of("not_lasting_before") or before in {"umur", "usia", "berumur", "berusia"}:
            return None
        while self._norm(after) in {"lebih", "an", "ini", "terakhir", "lamanya", "now"} and after < at + 5:
            after += 1
        if self._norm(after) in words_of("ago") or (self._norm(after) == "yang" and self._norm(after + 1) in words_of("ago")):
            return None
        return self._since_count(index, after, count, unit)

    def _since_count(self, index: int, after: int, count: float, unit: str) -> _Found | None:
        try:
            if unit in {"hour", "minute"}:
                then = self._local - timedelta(minutes=count * (60 if unit == "hour" else 1))
                clock = then.time().replace(second=0, microsecond=0)
                return _Found(index, after, MomentKind.SINCE, then.date(), None, Precision.HOUR, clock)
            if count != int(count) and unit in {"month", "year"}:
                count, unit = count * (30 if unit == "month" else 365), "day"
                return _Found(index, after, MomentKind.SINCE, back(self._today, int(count), "day"), None, Precision.MONTH)
            return _Found(index, after, MomentKind.SINCE, back(self._today, int(count), unit), None, Precision(unit))
        except (OverflowError, ValueError):
            return _Found(index, after, MomentKind.UNKNOWN_WORDS)

    def _said(self, index: int) -> _Found | None:
        recurring = self._hits.get(index)
        if recurring is not None and recurring.name == "recurring":
            return None
        piece = self._pieces.at(index)
        if piece is None:
            return None
        if self._norm(index - 1) in {"belum", "sampai", "hingga", "sebelum"} and self._norm(index) in {"tadi", "besok"}:
            return None
        if not piece.impossible:
            ended = self._ended(index, piece)
            if ended is not None:
                return ended
        weak = self._norm(index) in {"saat", "nanti", "right"}
        return _Found(
            index, piece.after, MomentKind.MOMENT, piece.start, piece.end, piece.precision, piece.at, piece.impossible, weak
        )

    def _phrase(self, index: int) -> _Found | None:
        hit = self._hits.get(index)
        if hit is not None:
            kind = MomentKind.RECURRING if hit.name == "recurring" else MomentKind.UNKNOWN_WORDS
            return _Found(index, hit.after, kind)
        if self._norm(index) in {"sekarang", "now"} and self._norm(index - 1) not in {"sampai", "hingga", "until", "till"}:
            return _Found(index, index + 1, MomentKind.MOMENT, self._today, self._today, Precision.DAY, weak=True)
        return None

    def _bare_hour(self, index: int) -> _Found | None:
        """ "jam 3 sore" is an answer by itself; inside a story it may be opening hours."""
        if index or len(self._told.tokens()) > 4 or self._norm(0) not in words_of("clock") - {"at"}:
            return None
        piece = self._pieces.with_hour(Piece(self._today, self._today, Precision.DAY, 0))
        if piece.at is None:
            return None
        return _Found(0, piece.after, MomentKind.MOMENT, self._today, self._today, Precision.HOUR, piece.at)
