"""What must be known of a gateway's request before it is stored: whose it is, and what makes it the same one again. Total."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from bots.sms.gateway import Gateway, understood
from bots.sms.model import Message, Report
from bots.sms.numbers import person
from bots.sms.wire import Kind, pack
from core.channels import Raw

REPORT_LANES = 32
"""Reports need an order only for each message, and a lane is kept for ever: they share so many."""

_NO_ID_BUCKET_SECONDS = 60
_GROUP_DAY_BEGINS = timedelta(hours=4)  # 20:00 UTC, when Indonesia sleeps
_MARKED = str.maketrans(dict.fromkeys(map(chr, (*range(32), 127))))


def seal(
    payload: bytes,
    *,
    channel: str,
    gateway: type[Gateway],
    name: str,
    kind: Kind,
    country: str,
    received_at: datetime,
    join_seconds: float,
) -> Raw:
    """The request as it is stored. What cannot be read gets a lane of its own and is judged later."""
    body = pack(name, kind, payload)
    try:
        read = understood(gateway, kind, payload)
    except ValueError:
        digest = hashlib.sha256(body).hexdigest()[:32]
        return Raw(channel, f"other:{digest}", f"other:{digest}", body)
    if isinstance(read, Report):
        return _of_report(read, channel, body)
    return _of_message(read, channel, body, country, received_at, join_seconds)


def _of_message(message: Message, channel: str, body: bytes, country: str, received_at: datetime, join_seconds: float) -> Raw:
    lane = address(message, country)
    source_id = message.id or _without_id(message, received_at)
    if message.piece is None:
        return Raw(channel, source_id, lane, body)
    piece = message.piece
    # phones count to 255 and begin anew: the day keeps last month's long text out of this one
    day = (received_at + _GROUP_DAY_BEGINS).date().isoformat()
    ready_at = received_at + timedelta(seconds=join_seconds)
    return Raw(channel, source_id, lane, body, group=f"{day}.{piece.ref}.{piece.total}", ready_at=ready_at)


def address(message: Message, country: str) -> str:
    """The person's number, "+62812…"; a machine's name as it stands, so that it is never taken for a number."""
    return person(message.sender, country) or f"machine:{message.sender.translate(_MARKED).strip().lower()[:60]}"


def _without_id(message: Message, received_at: datetime) -> str:
    """The same words of the same minute are the same text."""
    moment = message.sent_at or received_at
    bucket = int(moment.timestamp()) // (1 if message.sent_at else _NO_ID_BUCKET_SECONDS)
    known = (message.sender, message.to, message.text, repr(message.piece), str(bucket), *(file.ref for file in message.files))
    return f"hash:{hashlib.sha256(chr(0).join(known).encode('utf-8', 'replace')).hexdigest()[:32]}"


def _of_report(report: Report, channel: str, body: bytes) -> Raw:
    number = int.from_bytes(hashlib.sha256(report.id.encode()).digest()[:4]) % REPORT_LANES
    return Raw(channel, f"dlr:{report.id}:{report.status}", f"reports:{number}", body)
