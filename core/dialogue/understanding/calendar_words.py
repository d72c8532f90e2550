"""One piece of the calendar as people name it: "kemarin sore jam 3", "Senin lalu", "3 Maret 2026", "minggu lalu".

`Pieces.at(index)` reads the longest piece that starts at a word. `core.dialogue.understanding.moments` joins pieces.
"""

from __future__ import annotations

from core.dialogue.understanding.calendar_basis import Piece, back, words_of
from core.dialogue.understanding.clock_words import ClockWords
from core.dialogue.understanding.near_days import NearDays
from core.dialogue.understanding.written_dates import WrittenDates

__all__ = ["Piece", "Pieces", "back", "words_of"]


class Pieces(WrittenDates, NearDays, ClockWords):
    """Reads pieces of the calendar out of one text."""

    def at(self, index: int) -> Piece | None:
        """The piece that starts at this word, with its part of the day and hour; None if there is none."""
        piece = self._day(index)
        return self.with_hour(piece) if piece else None

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
