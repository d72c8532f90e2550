"""What must be known of a mail before it is stored: whose it is, and what makes it the same one again. Total functions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.message import Message

import structlog

from bots.email import headers, wire
from core.channels import Raw

log = structlog.get_logger()

LONGEST_MESSAGE_ID = 150
"""Longer ones are left out of the source id, which is kept whole only up to 200 characters."""

_TRACES = re.compile(
    rb"(received|return-path|delivered-to|envelope-to|authentication-results|received-spf|dkim-signature|domainkey-signature"
    rb"|arc-[!-9;-~]*|x-(original|envelope|delivered|forwarded)-[!-9;-~]*|x-received|x-gm-message-state|x-google-[!-9;-~]*"
    rb"|x-(spam|virus|scanned|mailscanner|amavis|rspamd|barracuda|clamav|quarantine|greylist|policyd|sieve)[!-9;-~]*"
    rb"|x-(ms-exchange|forefront|microsoft-antispam|ms-has-attach|ms-traffic|proofpoint|mimecast|ironport)[!-9;-~]*)[ \t]*:",
    re.IGNORECASE,
)
"""Headers that a server on the way writes: two deliveries of one mail differ in them."""


@dataclass(frozen=True, slots=True)
class Look:
    """The header block, the author's address (None: nobody could be answered), and the mail's id and lane."""

    message: Message
    author: str | None
    source_id: str
    lane: str


def look(raw: bytes, mail_from: str) -> Look:
    """Reads what accepting needs and nothing more. What has no author gets a lane of its own, so that it holds up nobody."""
    try:
        return _look(raw, mail_from)
    except Exception as error:  # a mail that could not be accepted would come again for days: reading it is for later
        log.warning("email.headers_unreadable", error=type(error).__name__)
        digest = hashlib.sha256(raw).hexdigest()[:32]
        return Look(Message(), None, f"#{digest}", f"#{digest}")


def _look(raw: bytes, mail_from: str) -> Look:
    message, body_at = headers.split(raw)
    digest = fingerprint(raw, body_at)
    author = headers.sender_of(message, mail_from)
    named = headers.message_id(message)
    return Look(
        message=message,
        author=author,
        source_id=f"{named if len(named) <= LONGEST_MESSAGE_ID else ''}#{digest}",
        lane=author or f"#{digest}",
    )


def fingerprint(raw: bytes, body_at: int) -> str:
    """32 hex digits over the mail as its author sent it: what servers on the way wrote above it is left out."""
    digest = hashlib.sha256()
    left_out = False
    for line in raw[:body_at].splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            left_out = _TRACES.match(line) is not None
        if not left_out:
            digest.update(line)
    digest.update(memoryview(raw)[body_at:])
    return digest.hexdigest()[:32]


def seal(channel: str, seen: Look, envelope: wire.Envelope, raw: bytes) -> Raw:
    """The mail as it is stored."""
    return Raw(channel, seen.source_id, seen.lane, wire.pack(envelope, raw))
