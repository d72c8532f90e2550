"""Reads a message's words with what the office knows: its zone, its language, its directory."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from core.dialogue.model import Facts
from core.dialogue.understanding.cleaning import clean
from core.dialogue.understanding.offices import Directory
from core.dialogue.understanding.reading import Reading, read
from core.dialogue.understanding.story import tells_story


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


def tells_a_story(words: str) -> bool:
    """`Reading.is_story` alone, for a fraction of the cost."""
    return tells_story(clean(words))


@cache
def _no_offices() -> Directory:
    return Directory(())
