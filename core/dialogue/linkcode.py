"""The one-time code that links two addresses: eight characters of the tracking code's alphabet, "K7M4-2QXT" (sop.md §7).

It is never taken for a tracking code, which has nine. It has a letter, and a digit that no letter looks like, so that it is
told from a number and from a word however it is typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from core.trackingcode import ALPHABET

LENGTH = 8
_DIGITS = frozenset("23456789")
_MISREAD = str.maketrans("OIL", "011")
_CODE = r"(?P<code>[0-9A-Z]{4}[ .\-–—]{0,3}[0-9A-Z]{4})(?![0-9A-Z])"
_APART = r"(?P<code>[0-9A-Z](?:[ .\-–—]{1,3}[0-9A-Z]){7})(?![0-9A-Z])"
"""Letter by letter, as some people copy what they must not get wrong."""
_KEYWORD = (
    r"(?P<keyword>(?:/?(?:kode(?:nya)?|code|sambung(?:kan|in)?|hubung(?:kan|in)?|link|connect|penyambung|saya|my|nya|ini|is|adalah|the)"
    r"\b\W*){1,5})"
)
_KIND = (
    r"(?:\W*\b(?:halo|hai|hi|hello|selamat|pagi|siang|sore|malam|assalamualaikum|permisi|maaf|mohon|tolong|tlg|bantu|yth|dear|min"
    r"|admin|kak|kakak|pak|bu|bapak|ibu|mas|mbak|bang|sir|ya|yaa|dong|deh|nih|ini|itu|mau|ingin|saya|sy|aku|terima|kasih|makasih"
    r"|trims|thanks|thank|you|please|pls)\b){0,8}"
)
"""Politeness around it."""
_TYPED = re.compile(rf"^{_KIND}\W*{_KEYWORD}?{_CODE}{_KIND}\W*$", re.IGNORECASE)
_SPELLED = re.compile(rf"^{_KIND}\W*{_KEYWORD}{_APART}{_KIND}\W*$", re.IGNORECASE)
_NAMES_IT = re.compile(r"kode|code|sambung|hubung|link|connect", re.IGNORECASE)
_LONGEST_LINE, _LONGEST, _MOST_LINES = 80, 600, 12


@dataclass(frozen=True, slots=True)
class Typed:
    """A code as somebody typed it, canonical. `named`: a word said that it is one; a bare one may be a number plate."""

    code: str
    named: bool


def new(random_below: Callable[[int], int]) -> str:
    """A fresh code in its canonical form. `random_below(n)` gives 0 … n-1."""
    while True:
        code = "".join(ALPHABET[random_below(len(ALPHABET))] for _ in range(LENGTH))
        if _is_one(code):
            return code


def shown(code: str) -> str:
    """As people read it: "K7M4-2QXT"."""
    return f"{code[:4]}-{code[4:]}"


def typed(text: str) -> Typed | None:
    """The code that is all of a message, with or without the word for it, politeness around it, a greeting below; None if it is
    none. In a letter the line that names it is enough, whoever greets or signs beside it."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text[:_LONGEST]) if unicodedata.category(letter) != "Cf")
    lines = [line for line in plain.strip().splitlines() if line.strip()]
    if not lines or len(text) > _LONGEST or len(lines) > _MOST_LINES:
        return None
    first = _in_line(lines[0])
    if first is not None and sum(map(len, lines[1:])) <= _LONGEST_LINE:
        return first
    return next((found for found in map(_in_line, lines) if found is not None and found.named), None)


def _in_line(line: str) -> Typed | None:
    if len(line) > _LONGEST_LINE:
        return None
    found = _TYPED.match(line.strip()) or _SPELLED.match(line.strip())
    if found is None:
        return None
    letters = "".join(letter for letter in found["code"].upper() if letter.isalnum())
    code = letters.translate(_MISREAD)
    if not _is_one(letters) or any(letter not in ALPHABET for letter in code):
        return None
    return Typed(code, named=bool(_NAMES_IT.search(found["keyword"] or "")))


def _is_one(code: str) -> bool:
    return bool(_DIGITS & set(code)) and any(letter.isalpha() for letter in code)
