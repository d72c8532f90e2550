"""How a mail is stored: one line with what the SMTP session knew of it, then the mail's own bytes, untouched."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_MARK = b"LAPOR-ENVELOPE/1 "
_LONGEST_LINE = 4 * 1024 * 1024  # a thousand recipients of the longest addresses in other letters
_UNSTORABLE = re.compile("[\ud800-\udfff]")

AUTH_RESULTS = ("pass", "fail", "none")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was said beside the mail. Addresses are as the client wrote them, without angle brackets; "" is the null sender.

    `peer`: IP address of whoever brought it. `auth`: is the author's address proven ("pass"), disproven ("fail") or neither
    ("none"); `auth_domain`: by whose word. `received_at`: aware UTC.
    """

    mail_from: str = ""
    rcpt_to: tuple[str, ...] = ()
    peer: str = ""
    helo: str = ""
    tls: bool = False
    auth: str = "none"
    auth_domain: str = ""
    received_at: datetime | None = None


UNKNOWN = Envelope()
"""Of a mail that came without an envelope: nothing is known and nothing proven."""


def pack(envelope: Envelope, raw: bytes) -> bytes:
    """What is stored. Bytes that are no text are replaced: a database keeps no halves of surrogate pairs."""
    content = {
        "mail_from": whole(envelope.mail_from),
        "rcpt_to": [whole(address) for address in envelope.rcpt_to],
        "peer": envelope.peer,
        "helo": whole(envelope.helo),
        "tls": envelope.tls,
        "auth": envelope.auth,
        "auth_domain": whole(envelope.auth_domain),
        "received_at": None if envelope.received_at is None else envelope.received_at.isoformat(),
    }
    return _MARK + json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n" + raw


def unpack(body: bytes) -> tuple[Envelope, bytes]:
    """The envelope and the mail's bytes. Total: without our line it is a mail of which nothing else is known."""
    if not body.startswith(_MARK):
        return UNKNOWN, body
    end = body.find(b"\n", len(_MARK), _LONGEST_LINE)
    if end < 0:
        return UNKNOWN, body
    try:
        content = json.loads(body[len(_MARK) : end])
    except (ValueError, RecursionError):
        return UNKNOWN, body
    if not isinstance(content, dict):
        return UNKNOWN, body
    return _envelope(content), body[end + 1 :]


def whole(text: str) -> str:
    """The text without lone surrogates (bytes that were no UTF-8) and without NUL."""
    return _UNSTORABLE.sub("\ufffd", text).replace("\0", "")


def _envelope(content: Mapping[str, Any]) -> Envelope:
    recipients = content.get("rcpt_to")
    auth = content.get("auth")
    return Envelope(
        mail_from=_text(content.get("mail_from")),
        rcpt_to=tuple(one for one in recipients if isinstance(one, str)) if isinstance(recipients, list) else (),
        peer=_text(content.get("peer")),
        helo=_text(content.get("helo")),
        tls=content.get("tls") is True,
        auth=auth if isinstance(auth, str) and auth in AUTH_RESULTS else "none",
        auth_domain=_text(content.get("auth_domain")),
        received_at=_moment(content.get("received_at")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
