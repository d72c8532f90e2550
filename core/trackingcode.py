"""The tracking code: eight random letters and a check character, "K7M4-2QXT-9" (sop.md §7, design.md Decisions).

The alphabet is Crockford's: no I, L, O, U, so nothing is confused when it is read aloud or typed from paper; what people type
instead is understood (O for 0, I and L for 1). 8 × 5 bits = 40 random bits. The check character is a weighted sum in GF(32)
with distinct weights: one wrong character and any two exchanged characters are always noticed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 8
_POLYNOMIAL = 0b101111  # x⁵+x³+x²+x+1
_GENERATOR = 5
_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_WRITTEN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{4}[ .\-–—]{0,2}[0-9A-Za-z]{4}[ .\-–—]{0,2}[0-9A-Za-z](?![0-9A-Za-z])")


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 32:
            one ^= _POLYNOMIAL
        other >>= 1
    return product


def _weights() -> tuple[int, ...]:
    weights, weight = [], 1
    for _ in range(RANDOM_CHARACTERS):
        weight = _times(weight, _GENERATOR)
        weights.append(weight)
    return tuple(weights)


_TABLE = tuple(tuple(_times(weight, value) for value in range(32)) for weight in _weights())


def check_character(body: str) -> str:
    """The ninth character for eight canonical ones."""
    total = 0
    for row, character in zip(_TABLE, body, strict=True):
        total ^= row[_VALUES[character]]
    return ALPHABET[total]


def new(random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """A fresh code in its canonical form, without dashes. `random_below(n)` gives 0 … n-1."""
    number = random_below(1 << (5 * RANDOM_CHARACTERS))
    body = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(RANDOM_CHARACTERS))
    return body + check_character(body)


def formatted(code: str) -> str:
    """As people read it: "K7M4-2QXT-9"."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def parse(text: str) -> str | None:
    """The canonical code that somebody typed, in any case, with or without dashes; None if it is none or its check fails."""
    letters = [letter for letter in text.upper() if letter.isalnum()]
    if len(letters) != RANDOM_CHARACTERS + 1 or any(letter not in _VALUES for letter in letters):
        return None
    code = "".join(ALPHABET[_VALUES[letter]] for letter in letters)
    return code if check_character(code[:-1]) == code[-1] else None


def find(text: str) -> tuple[str, ...]:
    """Every code in a text, canonical, in the order of their first mention."""
    codes = (parse(found.group()) for found in _WRITTEN.finditer(text))
    return tuple(dict.fromkeys(code for code in codes if code is not None))
