"""The one-time code that links two addresses: eight characters of the tracking code's alphabet, "K7M4-2QXT" (sop.md §7).

It is never taken for a tracking code, which has nine. It has a letter, and a digit that no letter looks like, so that it is
told from a number and from a word however it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.trackingcode import ALPHABET

LENGTH = 8
_DIGITS = frozenset("23456789")
_MISREAD = str.maketrans("OIL", "011")
_CODE = r"(?P<code>[0-9A-Z]{4}[ .\-–—]{0,3}[0-9A-Z]{4})"
_KEYWORD = (
    r"(?P<keyword>(?:/?(?:kode(?:nya)?|code|sambung(?:kan|in)?|hubung(?:kan|in)?|link|connect|penyambung|saya|my|nya|ini|is|adalah|the)"
    r"\b\W*){1,5})?"
)
_TYPED = re.compile(rf"^\W*{_KEYWORD}{_CODE}\W*$", re.IGNORECASE)
_NAMES_IT = re.compile(r"kode|code|sambung|hubung|link|connect", re.IGNORECASE)
_LONGEST = 80


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
    """The code that is all of a message, with or without the word for it; None if it is none. A greeting may stand below."""
    first, _, below = text.strip().partition("\n")
    if len(first) > _LONGEST or len(below) > _LONGEST:
        return None
    found = _TYPED.match(first.strip())
    if found is None:
        return None
    letters = "".join(letter for letter in found["code"].upper() if letter.isalnum())
    code = letters.translate(_MISREAD)
    if not _is_one(letters) or any(letter not in ALPHABET for letter in code):
        return None
    return Typed(code, named=bool(_NAMES_IT.search(found["keyword"] or "")))


def _is_one(code: str) -> bool:
    return bool(_DIGITS & set(code)) and any(letter.isalpha() for letter in code)
