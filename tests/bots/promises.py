"""What reading a stranger's bytes promises, whatever they are. Used by the tests with hypothesis and by `make fuzz`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bots.email import attachments, parts, wire
from bots.email.envelope import look
from bots.email.envelope import seal as seal_mail
from bots.email.parse import parse as parse_mail
from bots.sms.envelope import seal
from bots.sms.gateway import find
from bots.sms.parse import join
from bots.sms.parse import parse as parse_sms
from bots.sms.wire import unpack as unpack_sms
from bots.twitter.envelope import charged, events, gone, next_token, tweets
from bots.twitter.parse import join as join_x
from bots.twitter.parse import parse as parse_x
from bots.twitter.wire import Kind
from core.channels import FetchState, Inbound, InboundKind, MediaKind, Raw
from tests.bots.email.corpus import OURS

LIMIT_BYTES = 1_000_000
X_ID = "1708000000000000001"
NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def keep_for_mail(body: bytes, into: Path | None = None) -> Inbound | None:
    """Raises AssertionError where a promise is broken, or whatever the code raises. None: it goes to quarantine."""
    envelope, raw = wire.unpack(body)
    seen = look(raw, envelope.mail_from)
    assert len(seen.source_id) <= 200, seen.source_id
    nameable(seal_mail("email", seen, envelope, raw))
    try:
        inbound = parse_mail(body, seen.source_id, ours=OURS)
    except UnicodeError:  # a ValueError, too, but never meant as one
        raise AssertionError("text that was not decoded with care") from None
    except ValueError:
        return None
    storable(inbound)
    if inbound.kind is InboundKind.MESSAGE:
        assert inbound.sender.address == seen.lane, "the lane is the sender"
        assert inbound.reply_to is None or inbound.sender.verified, "only the proven sender continues a report"
    else:
        assert (inbound.text, inbound.files, inbound.reply_to) == ("", (), None), "what is recorded only says nothing"
    assert len(inbound.files) <= OURS.most_files
    listed = {part.locator: part for part in parts.tree(raw).walk()}
    for file in inbound.files:
        assert file.inline
        assert file.ref in listed
        if into is not None:
            fetched = attachments.bring(file, body, into, LIMIT_BYTES)
            assert fetched.state is FetchState.STORED, fetched
            assert fetched.size_bytes == file.size_bytes == into.stat().st_size, "a file is as long as was said"
    return inbound


def keep_for_sms(body: bytes) -> Inbound | None:
    """The same for a stored request of an SMS gateway; what must be known before storing is found for every request."""
    try:
        name, kind, payload = unpack_sms(body)
        gateway = find(name)
    except ValueError:
        return None
    raw = seal(
        payload,
        channel="sms",
        gateway=gateway,
        name=name,
        kind=kind,
        country="ID",
        received_at=NOON,
        join_seconds=5.0,
    )
    assert raw.body == body
    nameable(raw)
    try:
        inbound = parse_sms(body, "x", channel="sms", country="ID", number="1708")
    except ValueError:
        return None
    storable(inbound)
    if inbound.kind is InboundKind.MESSAGE:
        assert inbound.sender.address.startswith("+"), inbound.sender.address
        assert inbound.sender.address == raw.lane, "the lane is the sender"
        storable(join([inbound, inbound]))
    return inbound


def keep_for_x(body: bytes) -> list[Inbound]:
    """The same for an answer of the X API, a page of posts or of direct messages: each of them is stored and read alone."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    kinds = [
        tweets(content, channel="twitter", own_id=X_ID, handle="lapor1708", kind=kind) for kind in (Kind.TWEET, Kind.THREAD)
    ]
    kinds.append(events(content, channel="twitter", own_id=X_ID))
    charged(content)
    next_token(content)
    gone(content, ["1"])
    read: list[Inbound] = []
    for found in (one for page in kinds for one in page):
        for raw in (found.raw, found.edit):
            if raw is None:
                continue
            nameable(raw)
            try:
                inbound = parse_x(raw.body, raw.source_id, channel="twitter", handle="lapor1708", hashtag="lapor")
            except UnicodeError:
                raise AssertionError("text that was not decoded with care") from None
            except ValueError:
                continue
            storable(inbound)
            if inbound.kind in (InboundKind.MESSAGE, InboundKind.PUBLIC, InboundKind.EDIT):
                assert inbound.sender.address == raw.lane, "the lane is the sender"
                assert inbound.sender.address != X_ID, "never ourselves"
                storable(join_x([inbound, inbound]))
            read.append(inbound)
    return read


def nameable(raw: Raw) -> None:
    """Ids and lanes are columns of a database, which takes neither NUL nor half characters."""
    for name in (raw.source_id, raw.lane, raw.group or "x"):
        assert name
        assert "\0" not in name
        name.encode("utf-8")


def storable(inbound: Inbound) -> None:
    """No NUL, no half characters, no names that are paths."""
    said = [inbound.text, inbound.whole, inbound.subject, inbound.sender.name, inbound.sender.address, *inbound.notes]
    for text in said:
        if text:
            assert "\0" not in text
            text.encode("utf-8")
    for file in inbound.files:
        assert isinstance(file.kind, MediaKind)
        name = file.name or ""
        name.encode("utf-8")
        assert not set(name) & set("/\\\0\n\r"), name
        assert len(name) <= 256, name
