"""Reads a message's words with what the office knows: its zone, its language, its directory."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from core.dialogue.model import Facts
from core.dialogue.understanding.offices import Directory
from core.dialogue.understanding.reading import Reading, read


def read_words(words: str, *, facts: Facts, now: datetime, language: str | None = None) -> Reading:
    """Total: whatever the words are, a Reading comes out."""
    directory = facts.directory if facts.directory is not None else _no_offices()
    return read(
        words,
        now=now,
        zone=facts.office.zone,
        language=language or facts.office.language,
        directory=directory,
    )


@cache
def _no_offices() -> Directory:
    return Directory(())
