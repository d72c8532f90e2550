"""Money as people write it, in whole rupiah ("20rb" → 20000, shown as "Rp20.000")."""

from __future__ import annotations

from dataclasses import dataclass

from core.dialogue.understanding.words import Span


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money in rupiah, the words that said it, and the way a summary writes it ("Rp20.000")."""

    rupiah: int
    words: str
    span: Span
    text: str
