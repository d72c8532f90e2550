"""Is it a story, in which language, under which title, and what in it shows who wrote it (sop.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.dialogue.understanding.words import Span


class IdentifyingKind(StrEnum):
    NAME = "name"
    NIK = "nik"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    RELATION = "relation"  # "saya anak Pak RT"


@dataclass(frozen=True, slots=True)
class Identifying:
    """Words that may show who the reporter is."""

    kind: IdentifyingKind
    words: str
    span: Span
