"""A shared secret, checked in constant time (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hmac


def password_is(secret: str, authorization: str, *others: bytes) -> bool:
    """Whether the password of an `Authorization: Basic` header, or one of `others`, is the secret. An empty one never is."""
    wanted = secret.encode()
    given = [_password(authorization), *others]
    right = [hmac.compare_digest(one, wanted) for one in given]
    return bool(wanted) and any(right)


def _password(authorization: str) -> bytes:
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(coded.strip().encode("latin-1", "replace"), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
