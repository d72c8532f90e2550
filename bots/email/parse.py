"""One stored mail → Inbound. Pure; `ValueError` for a person's mail without an address, which the core quarantines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.email import attachments, bounces, headers, machines, parts, reading, wire
from bots.email.bounces import Bounce, Fate
from bots.email.parts import Part
from bots.email.tokens import Kind, Token, Tokens
from bots.email.wire import Envelope
from core.channels import Fault, Inbound, InboundKind, Outcome, Receipt, Sender

MOST_SUBJECT_CHARACTERS = 300
CLOCK_AHEAD = timedelta(hours=1)
CLOCK_BEHIND = timedelta(days=6)
"""Servers hand a mail on for up to five days (RFC 5321 §4.5.4.1); a date further off is a wrong clock."""

_TAGS = re.compile(
    r"(?:\s*(?:(?:re|fwd?|bls|balas|trs|terusan|aw|wg|sv|tr)\s?(?:\[\d{1,3}\])?\s?:|\[[^\[\]]{1,60}\]))*\s*", re.IGNORECASE
)
_FORWARDED = re.compile(r"\s*(?:fwd?|trs|terusan|wg|tr)\s?:", re.IGNORECASE)
_ANSWERS = re.compile(r"\s*(?:re|bls|balas|aw|sv)\s?(?:\[\d{1,3}\])?\s?:", re.IGNORECASE)
_GONE_STATUS = re.compile(r"5\.1\.\d+|5\.2\.1|5\.4\.310|55[013]")


@dataclass(frozen=True, slots=True)
class Ours:
    """What reading must know of the house: our own addresses, what only we can make, and how much is taken.

    `recipients`: further own addresses, or whole domains as "@domain". `require`: a From address must be proven.
    """

    channel: str
    address: str
    tokens: Tokens
    recipients: tuple[str, ...] = ()
    require: bool = True
    most_files: int = 20
    most_file_bytes: int = 20 * 1024 * 1024

    def is_own(self, address: str) -> bool:
        """Is this one of our addresses, with or without a tag? Others of a domain that we receive for may be people."""
        local, _, domain = address.lower().rpartition("@")
        bare = f"{local.partition('+')[0]}@{domain}"
        return bare == self.address.lower() or bare in self.recipients

    def receives(self, address: str) -> bool:
        """Do we take mail at this address? Either one of our own, or one of a whole domain that is ours."""
        return self.is_own(address) or f"@{address.rpartition('@')[2]}" in self.recipients


@dataclass(frozen=True, slots=True)
class _Proof:
    """What the addresses and ids in a mail prove: the key of our mail that it answers, or that came back."""

    answered: str | None = None
    bounced: str | None = None


def parse(body: bytes, source_id: str, *, ours: Ours) -> Inbound:
    """What a person or a machine sent. Raises ValueError for what nobody can be answered for and no machine wrote."""
    envelope, raw = wire.unpack(body)
    root = parts.tree(raw)
    sender = headers.sender_of(root.head, envelope.mail_from)
    proof = _proof(root, envelope, sender, ours)
    bounce = _bounce(raw, root, envelope, sender, proof, ours)
    if bounce is not None:
        return _returned(source_id, *bounce, sender or "", ours)
    named = _first_of_ours(headers.references(root.head), ours)
    answers_ours = proof.answered is not None or named is not None
    if (
        proof.bounced is not None  # an answer to the address of bounces: no person ever sees that address
        or ours.tokens.key_of(headers.message_id(root.head)) is not None
        or (sender is not None and ours.is_own(sender))
        or machines.wrote(root, envelope, sender, answers_ours=answers_ours)
    ):
        return _recorded(source_id, InboundKind.AUTOMATIC, sender or "", ours)
    if sender is None:
        raise ValueError("no address that could be answered")
    return _message(raw, root, envelope, source_id, sender, proof.answered, named, ours)


def _message(
    raw: bytes,
    root: Part,
    envelope: Envelope,
    source_id: str,
    sender: str,
    answered: str | None,
    named: str | None,
    ours: Ours,
) -> Inbound:
    # Answers go to From and to nowhere else: a Reply-To that counted would let anybody have a report's code sent to others.
    alone = headers.has_one_author(root.head)
    proven = alone and envelope.auth == "pass" and _written_to_us(root, ours)
    verified = answered is not None or not ours.require or proven
    key = answered or (named if verified else None)
    subject = headers.text_of(root.head, "Subject")[:MOST_SUBJECT_CHARACTERS]
    answers = key is not None or _answers(root, subject)
    body = reading.read(raw, root, answers=answers, to_us=key is not None)
    files = attachments.attached(
        raw, body.files, decoration=body.decoration, most_files=ours.most_files, most_bytes=ours.most_file_bytes
    )
    notes = (*body.notes, *files.notes, *(("forwarded",) if _FORWARDED.match(subject) else ()))
    return Inbound(
        ours.channel,
        source_id,
        Sender(sender, headers.name_of(root.head), verified=verified),
        text=body.text,
        files=files.files,
        subject=subject if says_something(subject) else None,
        sent_at=moment(headers.date_of(root.head), envelope.received_at),
        reply_to=ours.tokens.message_id(key) if key is not None else None,
        notes=tuple(dict.fromkeys(notes)),
        whole=body.whole if body.whole != body.text else None,
        files_left_out=min(files.left_out + body.beyond, 999),
    )


def _written_to_us(root: Part, ours: Ours) -> bool:
    """Does it name us as its reader? A signature proves who wrote, not to whom: what she wrote to a stranger is no word to us.

    Whoever is proven by nothing else is asked to answer our answer (RFC 6376 §8.6: anybody may send a signed mail again).
    """
    return any(ours.receives(address) for address in headers.recipients(root.head, "To", "Cc"))


def says_something(subject: str) -> bool:
    """Is there a letter or digit beside "Re:", "Fwd:" and a list's "[tag]"?"""
    found = _TAGS.match(subject)
    return any(letter.isalnum() for letter in subject[found.end() if found else 0 :])


def moment(written: datetime | None, received: datetime | None) -> datetime | None:
    """When it was written: by the sender's clock where that can be true, else when it came."""
    if written is None or received is None:
        return written or received
    return written if received - CLOCK_BEHIND <= written <= received + CLOCK_AHEAD else received


def _answers(root: Part, subject: str) -> bool:
    """A first mail that forwards or quotes keeps its story; one that answers another is what stands above the quote."""
    if _FORWARDED.match(subject):
        return False
    return bool(_ANSWERS.match(subject)) or bool(headers.values(root.head, "In-Reply-To"))


def _proof(root: Part, envelope: Envelope, sender: str | None, ours: Ours) -> _Proof:
    """Tokens in any address that this mail was sent to; the envelope's count first."""
    answered = bounced = None
    for address in _addressed(root, envelope):
        local = address.rpartition("@")[0]
        if "+r" not in local and "+b" not in local:
            continue
        token = ours.tokens.read(address, sender or "")
        if token is not None and token.kind is Kind.BOUNCE:
            bounced = bounced or token.key
        elif token is not None and sender is not None and headers.has_one_author(root.head):
            answered = answered or token.key
    return _Proof(answered, bounced)


def _addressed(root: Part, envelope: Envelope) -> Iterator[str]:
    yield from (address.strip().strip("<>").lower() for address in envelope.rcpt_to)
    yield from headers.recipients(root.head, "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


def _bounce(
    raw: bytes, root: Part, envelope: Envelope, sender: str | None, proof: _Proof, ours: Ours
) -> tuple[Bounce, str] | None:
    """The report and the key of our mail that it is about; None if this is no report, or about somebody else's mail."""
    if bounces.is_report(root):
        key = proof.bounced or _key_of_returned(raw, root, ours)
    elif root.mime == "multipart/report" or (machines.is_about_vacation(root) and not machines.is_daemon(sender)):
        return None
    else:
        key = proof.bounced if machines.wrote(root, envelope, sender, answers_ours=False) else None
    return None if key is None else (bounces.read(raw, root), key)


def _key_of_returned(raw: bytes, root: Part, ours: Ours) -> str | None:
    """Our mail that a report returns to another address than it should. Our Message-ID is not enough.

    Whoever got a copy of the answer knows it, and could have her address called dead: the reply address that stands in our
    mail, made for its recipient, must come back with it.
    """
    for head in bounces.returned(raw, root):
        key = ours.tokens.key_of(headers.message_id(head))
        to, reply_to = headers.recipients(head, "To")[:1], headers.recipients(head, "Reply-To")[:1]
        token = ours.tokens.read(reply_to[0], to[0]) if to and reply_to else None
        if key is not None and token == Token(Kind.REPLY, key):
            return key
    return None


def _first_of_ours(ids: Iterable[str], ours: Ours) -> str | None:
    """The key of the first of our own Message-IDs."""
    return next((key for one in ids if (key := ours.tokens.key_of(one))), None)


def _returned(source_id: str, bounce: Bounce, key: str, sender: str, ours: Ours) -> Inbound:
    outcomes = {Fate.FAILED: Outcome.FAILED, Fate.DELIVERED: Outcome.DELIVERED}
    if bounce.fate not in outcomes:
        return _recorded(source_id, InboundKind.IGNORED, sender, ours)
    outcome = outcomes[bounce.fate]
    gone = outcome is Outcome.FAILED and bool(_GONE_STATUS.fullmatch(bounce.status))
    return Inbound(
        ours.channel,
        source_id,
        Sender(sender, verified=False),
        InboundKind.RECEIPT,
        receipt=Receipt(
            ours.tokens.message_id(key), outcome, bounce.status or None, fault=Fault.RECIPIENT_GONE if gone else None
        ),
    )


def _recorded(source_id: str, kind: InboundKind, sender: str, ours: Ours) -> Inbound:
    return Inbound(ours.channel, source_id, Sender(sender, verified=False), kind)
