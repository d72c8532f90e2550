"""Passwords: Argon2id, and the same time spent whether the account exists or not."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_CHARACTERS = 1024  # longer ones are no passwords but work for the hasher

_HASHER = PasswordHasher()  # Argon2id with the library's parameters (RFC 9106, low memory)


def hash_password(password: str) -> str:
    """The hash to keep."""
    return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return hash_password("nobody has this password")


def password_fits(known_hash: str | None, password: str) -> bool:
    """Is it the password of this hash? `None` (no such account) takes as long and says no."""
    if len(password) > MOST_CHARACTERS:
        return False
    try:
        _HASHER.verify(known_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known_hash is not None


def outdated(known_hash: str) -> bool:
    """Was it made with weaker parameters than today's?"""
    return _HASHER.check_needs_rehash(known_hash)
