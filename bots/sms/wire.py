"""How a gateway's request is stored: one line that says whose it is, then the request's fields as the gateway encoded them."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import quote_plus, unquote_to_bytes

_HEAD = re.compile(rb"sms1 ([a-z0-9_]{1,40}) (message|status)\n")
_MOST_FIELDS = 200


class Kind(StrEnum):
    MESSAGE = "message"
    STATUS = "status"


def pack(gateway: str, kind: Kind, payload: bytes) -> bytes:
    """The bytes to store."""
    return f"sms1 {gateway} {kind.value}\n".encode() + payload


def unpack(body: bytes) -> tuple[str, Kind, bytes]:
    """Gateway, kind, payload. Raises ValueError for bytes that `pack` did not make."""
    head = _HEAD.match(body)
    if head is None:
        raise ValueError("not an SMS gateway's request")
    return head[1].decode(), Kind(head[2].decode()), body[head.end() :]


def fields(payload: bytes) -> dict[str, bytes]:
    """A form's or query's fields as bytes: a gateway's text may be in any charset. The first of a name counts."""
    found: dict[str, bytes] = {}
    for pair in payload.split(b"&", _MOST_FIELDS)[:_MOST_FIELDS]:
        name, _, value = pair.partition(b"=")
        found.setdefault(_plain(name).decode("latin-1"), _plain(value))
    return found


def without(payload: bytes, name: str) -> bytes:
    """The same fields less one: a secret is not stored."""
    wanted = name.encode()
    return b"&".join(pair for pair in payload.split(b"&") if _plain(pair.partition(b"=")[0]) != wanted)


def form(values: dict[str, bytes]) -> bytes:
    """Fields as a form encodes them."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in values.items()).encode()


def _plain(coded: bytes) -> bytes:
    return unquote_to_bytes(coded.replace(b"+", b" "))
