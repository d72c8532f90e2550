"""Text made to fit: split at sentences, counted as the strictest channels count, folded to the SMS alphabet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from core.alphabet import GSM_JOINED, UCS2_JOINED, is_gsm, septets

_MARKS = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'", "′": "'", "″": '"',
    "–": "-", "—": "-", "‑": "-", "−": "-", "·": "-", "•": "-", "…": "...", "×": "x", "→": "->", "⁄": "/", "\t": " ",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i",
}  # fmt: skip
_FOLDED = str.maketrans(_MARKS)
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
    """The text in the plain SMS alphabet (GSM-7): marks and accents replaced, emoji and symbols dropped.

    A text with letters of another script stays as it is: it cannot be written without the dearer alphabet.
    """
    plain = text.translate(_FOLDED)
    if is_gsm(plain):
        return plain
    letters = [_plain_letter(letter) for letter in plain]
    if any(letter is None for letter in letters):
        return text
    written = "".join(letter or "" for letter in letters)
    return "\n".join(" ".join(line.split()) for line in written.split("\n"))


def _plain_letter(letter: str) -> str | None:
    """A character in GSM-7; empty if it may be left out; None if it is a letter of another script."""
    if is_gsm(letter):
        return letter
    base = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one)).translate(_FOLDED)
    if base and is_gsm(base):
        return base
    kind = unicodedata.category(letter)
    if kind[0] == "Z":
        return " "
    return "" if kind[0] in "SCM" else "-" if kind == "Pd" else " " if kind[0] == "P" else None


def shortened(text: str, longest: int, mark: str = "..") -> str:
    """At most `longest` characters, cut between words where that costs little; `mark` shows the cut."""
    if len(text) <= longest:
        return text
    room = max(longest - len(mark), 1)
    cut = text.rfind(" ", 0, room + 1)
    kept = text[: cut if cut * 3 >= room * 2 else _between_characters(text, room)]
    return kept.rstrip(" ,.;:-/(\n") + mark


def split(text: str, limit: int, measure: Callable[[str], int] = units) -> list[str]:
    """Parts of at most `limit` by `measure`: at sentence ends if possible, else between words, at worst between characters."""
    parts: list[str] = []
    rest = text.strip()
    while measure(rest) > limit:
        cut = _cut(rest, _reach(rest, limit, measure))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest or not parts:
        parts.append(rest)
    return [part for part in parts if part] or [""]


def split_in_segments(text: str, limit: int) -> list[str]:
    """Parts that are sent as one joined SMS each: of at most `limit` places in GSM-7, or as many segments of UCS-2."""
    if is_gsm(text):
        return split(text, limit, septets)
    return split(text, max(limit * UCS2_JOINED // GSM_JOINED, 20))


def _cut(text: str, reach: int) -> int:
    """Index at which the first part ends, at most `reach`; at least 1."""
    window = text[: reach + 1]
    ends = [match.start() for match in _BREAK.finditer(window) if 0 < match.start() <= reach]
    if ends and ends[-1] * 3 >= reach:
        return ends[-1]
    space = max(window.rfind(" "), window.rfind("\n"))
    if space * 2 >= reach:
        return space
    return _between_characters(text, reach)


def _reach(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit in `limit`."""
    used = 0
    for index, letter in enumerate(text):
        used += measure(letter)
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
