"""One stored request of a gateway → Inbound. Pure; `ValueError` for bytes that are none, which the core quarantines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bots.sms.model import Message, Report
from bots.sms.wire import unpack
from core.channels import Inbound, InboundKind, Receipt, Sender

INCOMPLETE = "incomplete"
"""Note on a long text of which pieces are missing."""

_PIECE = re.compile(r"piece:([0-9]{1,3})/([0-9]{1,3})")


def parse(body: bytes, source_id: str, *, channel: str, country: str, number: str) -> Inbound:
    """What a person wrote, or what became of our message. `number`: our own, which no person writes from."""
    from bots.sms.gateway import find, understood

    name, kind, payload = unpack(body)
    read = understood(find(name), kind, payload)  # the gateway it came by, which need not be today's
    if isinstance(read, Report):
        return _report(read, source_id, channel)
    return _message(read, source_id, channel, country, number)


def join(parts: Sequence[Inbound]) -> Inbound:
    """A long text of its pieces, in the order of their numbers; each counts once; what is missing is noted."""
    numbered: dict[int, Inbound] = {}
    total = 0
    for part in parts:
        place, of = _place(part)
        total = max(total, of)
        numbered.setdefault(place, part)
    ordered = [numbered[place] for place in sorted(numbered)]
    missing = [place for place in range(1, total + 1) if place not in numbered]
    notes = [note for part in ordered for note in part.notes if note != INCOMPLETE and not _PIECE.fullmatch(note)]
    if missing:
        notes += [INCOMPLETE, *(f"missing:{place}/{total}" for place in missing)]
    moments = [part.sent_at for part in ordered if part.sent_at is not None]
    return replace(
        ordered[0],
        text="".join(part.text for part in ordered),
        files=tuple(file for part in ordered for file in part.files),
        sent_at=min(moments, default=None),
        notes=tuple(dict.fromkeys(notes)),
    )


def _place(part: Inbound) -> tuple[int, int]:
    found = next((match for note in part.notes if (match := _PIECE.fullmatch(note))), None)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def _message(message: Message, source_id: str, channel: str, country: str, number: str) -> Inbound:
    from bots.sms.envelope import address
    from bots.sms.numbers import person

    sender = address(message, country)
    known = person(message.sender, country) is not None
    if not known or message.machine or sender == person(number, country):
        kind = InboundKind.AUTOMATIC  # a short code, a name, ourselves: an answer would go round in circles
    elif not (message.text.strip() or message.files or message.piece):
        kind = InboundKind.IGNORED
    else:
        kind = InboundKind.MESSAGE
    notes = message.notes
    if message.piece:
        notes = (*notes, INCOMPLETE, f"piece:{message.piece.number}/{message.piece.total}")
    return Inbound(
        channel,
        source_id,
        Sender(sender),
        kind,
        text=message.text,
        files=message.files,
        sent_at=message.sent_at,
        notes=notes,
    )


def _report(report: Report, source_id: str, channel: str) -> Inbound:
    if report.outcome is None:
        return Inbound(channel, source_id, Sender("", verified=False), InboundKind.IGNORED)
    receipt = Receipt(report.id, report.outcome, report.detail, report.fault)
    return Inbound(channel, source_id, Sender("", verified=False), InboundKind.RECEIPT, receipt=receipt)
