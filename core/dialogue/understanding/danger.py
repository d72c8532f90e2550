"""Danger that is now or about to be, and children who are harmed or can be singled out (sop.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.dialogue.understanding.words import Span


class DangerKind(StrEnum):
    """What kind of help is needed; each has its number in the configuration."""

    FIRE = "fire"  # 113
    VIOLENCE = "violence"  # 110
    MEDICAL = "medical"  # 119
    SELF_HARM = "self_harm"  # 119
    WOMAN_CHILD = "woman_child"  # SAPA 129


@dataclass(frozen=True, slots=True)
class Danger:
    """Danger to life that is now or about to be, with the words that say so."""

    kind: DangerKind
    words: str
    span: Span


@dataclass(frozen=True, slots=True)
class ChildWords:
    """The report is about a child harmed or able to be singled out, or (`is_reporter`) a child wrote it."""

    words: str
    span: Span
    is_reporter: bool = False
