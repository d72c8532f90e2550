"""Text as it is shown and read: marks that hide or turn words are gone, the words stay (sop.md §3, bad input)."""

from __future__ import annotations

import re
import unicodedata

_MOST_COMBINING = 2
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINES = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_MANY_SAME = re.compile(r"([^\w\s])\1{5,}")
_MANY_LETTERS = re.compile(r"(\w)\1{9,}")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n[ \n]*\n")


def clean(text: str) -> str:
    """The text in NFC without NUL, control, direction and zero-width characters; floods of one mark shortened to five."""
    text = _LINES.sub("\n", text)
    text = _INVISIBLE.sub("", _CONTROL.sub("", text))
    text = unicodedata.normalize("NFC", _without_piles(text))
    text = _MANY_LETTERS.sub(r"\1\1\1", _MANY_SAME.sub(r"\1\1\1\1\1", text))
    text = _SPACES.sub(" ", text)
    text = "\n".join(line.strip() for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def _without_piles(text: str) -> str:
    """At most two combining marks on one letter."""
    if text.isascii():
        return text
    kept: list[str] = []
    pile = 0
    for character in text:
        pile = pile + 1 if unicodedata.combining(character) else 0
        if pile <= _MOST_COMBINING:
            kept.append(character)
    return "".join(kept)
