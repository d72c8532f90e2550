"""Delivery reports: whose mail came back, and why (RFC 3464, and the forms of those who never read it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from itertools import islice

from bots.email import headers, parts
from bots.email.charsets import decoded
from bots.email.parts import Part

MOST_RETURNED = 20
_MOST_BYTES = 64 * 1024
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])(5[0-5]\d)(?:[ -]|$)")
_DELAYED = re.compile(
    r"delay|warning: (?:message|could not)|still (?:being|trying|retry)|will (?:be retried|retry|keep trying)|"
    r"will continue to (?:try|retry)|tertunda|incomplete|no action is required|temporar",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent|giv(?:e|en|ing) up|failed|failure|undeliver|could(?: not|n't) be delivered|not going to try again|gagal|"
    r"returned to sender|tidak (?:dapat|bisa|terkirim)|rejected|unknown user|does(?: not|n't) exist",
    re.IGNORECASE,
)


class Fate(StrEnum):
    """What became of a mail of ours."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Bounce:
    """`status`: an enhanced code like "5.1.1", or a reply code like "550", or "" if none was said."""

    fate: Fate
    status: str = ""


def is_report(root: Part) -> bool:
    """Does this mail say of itself that it is a delivery report?"""
    if root.mime == "multipart/report":
        return root.parameters.get("report-type", "delivery-status").lower() == "delivery-status"
    return any(part.mime == "message/delivery-status" for part in root.children)


def read(raw: bytes, root: Part) -> Bounce:
    """Of a mail that is known to be a delivery report about ours."""
    fields = [block for part in root.walk() if part.mime == "message/delivery-status" for block in _blocks(raw, part)]
    actions = [(block["action"].lower(), block) for block in fields if block.get("action")]
    for wanted, fate in (
        ("failed", Fate.FAILED),
        ("delivered", Fate.DELIVERED),
        ("delayed", Fate.DELAYED),
    ):
        for action, block in actions:
            if action.startswith(wanted):
                return Bounce(fate, _status(block.get("status", ""), block.get("diagnostic-code", "")))
    if actions:
        return Bounce(Fate.OTHER)
    subject, text = headers.text_of(root.head, "Subject"), _text(raw, root)
    said = f"{subject}\n{text}"
    if _DELAYED.search(subject) or (_DELAYED.search(text) and not _FINAL.search(said)):
        return Bounce(Fate.DELAYED, _status(text, ""))
    return Bounce(Fate.FAILED, _status(text, ""))


def returned(raw: bytes, root: Part) -> Iterator[Message]:
    """Header blocks of the mails that this report returns, twenty at most."""
    kinds = ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers")
    for part in islice((one for one in root.walk() if one.mime in kinds), MOST_RETURNED):
        yield headers.read(parts.content(raw, part, headers.MOST_HEADER_BYTES))


def _blocks(raw: bytes, part: Part) -> Iterator[dict[str, str]]:
    """The groups of fields: one about the message, then one for each recipient (RFC 3464 §2.1)."""
    text = decoded(parts.content(raw, part, _MOST_BYTES), part.charset)
    for block in re.split(r"\n[ \t]*\n", text):
        fields: dict[str, str] = {}
        for line in re.sub(r"\n[ \t]+", " ", block).split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
        yield fields


def _status(said: str, diagnostic: str) -> str:
    """The remote server's own code says more than the relay's summary ("5.0.0", "5.1.10")."""
    own = _STATUS.search(said)
    remote = _STATUS.search(diagnostic) if diagnostic else None
    if remote is not None and (own is None or own[0].endswith(".0.0")):
        return remote[0]
    if own is not None:
        return own[0]
    reply = _REPLY.search(diagnostic) or _REPLY.search(said)
    return reply[1] if reply else ""


def _text(raw: bytes, root: Part) -> str:
    """The words of the report, without the mail that it returns."""
    said = [part for part in root.walk() if part.mime == "text/plain" and not part.children]
    return "\n".join(decoded(parts.content(raw, part, _MOST_BYTES), part.charset) for part in said[:3])
