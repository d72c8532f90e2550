"""Days as seen from today: "kemarin", "3 hari lalu", "minggu lalu", "Senin"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.dialogue.understanding.calendar_basis import Piece, Told, back, weekdays, whole, words_of
from core.dialogue.understanding.moments_model import Precision
from core.dialogue.understanding.words import plain


class NearDays(Told):
    """Reads days and periods that are told from today."""

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
