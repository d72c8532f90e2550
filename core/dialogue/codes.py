"""Tracking codes as people see and type them: "K7M4-2QXT-9", stored as "K7M42QXT9"."""

from __future__ import annotations

import re

_GROUP = 4
_TYPED = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{4})[\s-]?([0-9A-Za-z]{4})[\s-]?([0-9A-Za-z])(?![0-9A-Za-z])")
_MOST = 5
_MISREAD = str.maketrans("OIL", "011")
"""The alphabet of codes has none of these letters: typed, they are the digit that they look like (core.trackingcode)."""


def shown(code: str) -> str:
    """The code in groups, easy to read aloud."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def squashed(words: str) -> str:
    """The words as one row of capitals and digits, in which a canonical code can be looked for."""
    return "".join(letter for letter in words.upper() if letter.isascii() and letter.isalnum()).translate(_MISREAD)


def codes_in(words: str) -> tuple[str, ...]:
    """What may be tracking codes in a message, canonical, at most five: letters and digits mixed, with or without dashes."""
    found: list[str] = []
    for match in _TYPED.finditer(words):
        typed = "".join(match.groups()).upper()
        code = typed.translate(_MISREAD)
        if any(letter.isdigit() for letter in typed) and any(letter.isalpha() for letter in typed) and code not in found:
            found.append(code)
    return tuple(found[:_MOST])


def without_codes(words: str) -> str:
    """The words beside what may be a tracking code."""
    return _TYPED.sub(lambda found: " " if codes_in(found[0]) else found[0], words)


def says_code(words: str, code: str) -> bool:
    """Does the message name this report? Dashes, spaces and small letters do not matter."""
    return bool(code) and (code in codes_in(words) or code in squashed(words))
