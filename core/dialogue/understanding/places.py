"""Where it happened, in the reporter's words (sop.md §3)."""

from __future__ import annotations

from dataclasses import dataclass

from core.dialogue.understanding.words import Span


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The words that say where. `is_home`: it is the reporter's own home, which may identify them."""

    words: str
    span: Span
    is_home: bool = False
