"""Text made to fit: split at sentences, counted as the strictest channels count, folded to the SMS alphabet."""

from __future__ import annotations

import re
import unicodedata

from core.alphabet import is_gsm

_FOLDED = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "·": "-", "•": "-", "\u00a0": " ", "×": "x"}
)
_BREAK = re.compile(r"(?<=[.!?…])[ \t]+|\n+")
_JOINER = "\u200d"


def clean(text: str) -> str:
    """Text that every protocol can carry: no lone surrogates, no control characters but line breaks and tabs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(letter for letter in whole if letter in "\n\t" or unicodedata.category(letter) != "Cc")


def units(text: str) -> int:
    """Length in UTF-16 units: what the strictest vendors count; never less than the number of characters."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def folded(text: str) -> str:
    """The text with typographic marks replaced, where that is enough to write it in the plain SMS alphabet (GSM-7)."""
    plain = text.translate(_FOLDED)
    return plain if is_gsm(plain) else text


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` units: at sentence ends if possible, else between words, at worst between whole characters."""
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest or not parts:
        parts.append(rest)
    return [part for part in parts if part] or [""]


def _cut(text: str, limit: int) -> int:
    """Index at which the first part ends; at least 1."""
    reach = _reach(text, limit)
    window = text[: reach + 1]
    ends = [match.start() for match in _BREAK.finditer(window) if 0 < match.start() <= reach]
    if ends and ends[-1] * 3 >= reach:
        return ends[-1]
    space = max(window.rfind(" "), window.rfind("\n"))
    if space * 2 >= reach:
        return space
    return _between_characters(text, reach)


def _reach(text: str, limit: int) -> int:
    """How many characters fit in `limit` units."""
    if units(text[:limit]) <= limit:
        return min(limit, len(text))
    used = 0
    for index, letter in enumerate(text):
        used += 2 if ord(letter) > 0xFFFF else 1
        if used > limit:
            return max(1, index)
    return len(text)


def _between_characters(text: str, index: int) -> int:
    """Steps back from inside a character that is made of several code points (emoji with skin tone, joined emoji, accents)."""
    lowest = max(1, index - 32)
    for cut in range(index, lowest - 1, -1):
        if cut >= len(text) or not (_continues(text[cut]) or text[cut - 1] == _JOINER or _in_flag(text, cut)):
            return cut
    return max(1, index)


def _continues(letter: str) -> bool:
    return (
        letter == _JOINER
        or unicodedata.combining(letter) != 0
        or 0xFE00 <= ord(letter) <= 0xFE0F
        or 0x1F3FB <= ord(letter) <= 0x1F3FF
    )


def _in_flag(text: str, cut: int) -> bool:
    run = 0
    while cut - run - 1 >= 0 and 0x1F1E6 <= ord(text[cut - run - 1]) <= 0x1F1FF:
        run += 1
    return run % 2 == 1 and 0x1F1E6 <= ord(text[cut]) <= 0x1F1FF
