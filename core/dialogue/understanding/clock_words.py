"""Parts of the day and hours: "sore jam 3", "jam 10 malam", "at 3 pm"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from core.dialogue.understanding.calendar_basis import Piece, Told, words_of
from core.dialogue.understanding.moments_model import Precision

_HOUR = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")


class ClockWords(Told):
    """Reads the hour that follows a day."""

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
