"""Tracking codes as people see and type them: "K7M4-2QXT-9", stored as "K7M42QXT9"."""

from __future__ import annotations

from core import trackingcode

_GROUP = 4
_MISREAD = str.maketrans("OIL", "011")
"""The alphabet of codes has none of these letters: typed, they are the digit that they look like (core.trackingcode)."""


def shown(code: str) -> str:
    """The code in groups, easy to read aloud."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def squashed(words: str) -> str:
    """The words as one row of capitals and digits, in which a canonical code can be looked for."""
    return "".join(letter for letter in words.upper() if letter.isascii() and letter.isalnum()).translate(_MISREAD)


def codes_in(words: str) -> tuple[str, ...]:
    """What may be tracking codes in a message, canonical: as they are meant, and as they were typed."""
    read = trackingcode.read(words)
    return tuple(dict.fromkeys([*(each.code or each.typed for each in read), *(each.typed for each in read)]))


def without_codes(words: str) -> str:
    """The words beside what may be a tracking code."""
    return trackingcode.without(words)


def says_code(words: str, code: str) -> bool:
    """Does the message name this report? Dashes, spaces and small letters do not matter."""
    return bool(code) and (code in codes_in(words) or code in squashed(words))
