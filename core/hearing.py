"""Hear: what one inbound message is for us, by its kind, inside the transaction that handles it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import flooding, settling, takenaway
from core.channels import FileRef, Inbound, InboundKind
from core.conversing import converse
from core.dialogue.model import Heard, Session
from core.facts import capabilities_of
from core.flooding import Replies
from core.office import Office
from core.storage import attachments, conversations, inbox, outbox, people
from core.storage.conversations import ConversationRow
from core.storage.crypto import lookup
from core.storage.lanes import LaneRow
from core.texts import LANGUAGES

MOST_CHARACTERS = 20_000
"""Of one message's words; the raw bytes keep the rest."""
MOST_WHOLE_CHARACTERS = 200_000
"""Of everything that stood in a message beside its newest part."""
MOST_FILES = 20
STRAGGLER = "straggler"
"""Note on a part of a group whose other parts were handled already."""

_SEEN_EVERY = timedelta(hours=1)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps neither
_RECORDED_ONLY = (InboundKind.AUTOMATIC, InboundKind.IGNORED)
_TO_OFFICIALS = ("digest", "urgent_mail", "test")
"""Kinds of outbox entries that go to officials and operators: an answer to one is no citizen's word."""
REPLY_TO_DIGEST = "reply_to_digest"


def cleaned(inbound: Inbound) -> Inbound:
    """The same message as it can be stored: no NUL, no half characters, no endless text, not a thousand files."""
    text = _clean(inbound.text)
    notes = inbound.notes
    if len(text) > MOST_CHARACTERS or len(inbound.files) > MOST_FILES:
        notes = (*notes, "truncated")
    sender = inbound.sender
    if any(value and _UNSTORABLE.search(value) for value in (sender.name, sender.handle, sender.address)):
        sender = replace(sender, name=_cleaned(sender.name), handle=_cleaned(sender.handle), address=_clean(sender.address))
    files = tuple(_file(ref) for ref in inbound.files[:MOST_FILES])
    place = inbound.place
    if place is not None and place.label is not None:
        place = replace(place, label=_clean(place.label))
    return replace(
        inbound,
        text=text[:MOST_CHARACTERS],
        notes=notes,
        sender=sender,
        files=files,
        place=place,
        subject=_cleaned(inbound.subject),
        whole=_whole(inbound, text),
        files_left_out=inbound.files_left_out + len(inbound.files) - len(files),
    )


def _whole(inbound: Inbound, text: str) -> str | None:
    """None where it says no more than the words."""
    whole = _cleaned(inbound.whole)
    return None if whole is None or whole.strip() == text.strip() else whole[:MOST_WHOLE_CHARACTERS]


def hear(
    connection: Connection,
    office: Office,
    *,
    lane: LaneRow,
    inbound: Inbound,
    inbox_id: int,
    group: str | None,
    now: datetime,
) -> str | None:
    """Carries one message into the house; a code for what was only recorded."""
    kind = inbound.kind
    why = _no_word(connection, office, lane, inbound, now)
    if why is not None:
        return why
    if inbound.reply_to is not None:
        answered = outbox.answered(connection, lane.channel, inbound.reply_to)
        if answered is not None and answered.kind in _TO_OFFICIALS:
            return REPLY_TO_DIGEST
    conversation = _conversation(connection, office, lane, inbound, now)
    if inbound.sender.verified:
        _known(connection, conversation, kind)
    if group is not None and inbox.is_straggler(connection, lane.id, group):
        inbound = replace(inbound, notes=(*inbound.notes, STRAGGLER))
    replies = flooding.replies(connection, office, lane=lane.lookup, inbound=inbound, now=now)
    if inbound.files and (kind is InboundKind.MESSAGE or _keeps(office, conversation, inbound, replies)):
        attachments.add(
            connection,
            conversation_id=conversation.id,
            channel=lane.channel,
            inbox_id=inbox_id,
            source_id=inbound.source_id,
            refs=inbound.files,
            now=now,
        )
        office.wakeups.announce(connection, f"files:{lane.channel}")
    converse(
        connection,
        office,
        conversation=conversation,
        event=Heard(inbound),
        now=now,
        inbox_id=inbox_id,
        replies=replies,
        # A stranger cannot make us write to an address that is dead, or wants nothing any more.
        quiet=conversation.gone_at is not None and not inbound.sender.verified,
    )
    return None


def _no_word(connection: Connection, office: Office, lane: LaneRow, inbound: Inbound, now: datetime) -> str | None:
    """What is about our messages, or about the sender, or only recorded; None: somebody said something."""
    kind = inbound.kind
    if kind is InboundKind.RECEIPT:
        if inbound.receipt is not None:
            settling.receipt(connection, office, lane.channel, inbound.receipt, now=now)
        return kind.value
    if kind is InboundKind.DELETED:
        if inbound.edits is not None:
            takenaway.mark(connection, channel=lane.channel, source_id=inbound.edits, now=now)
        return kind.value
    if kind in _RECORDED_ONLY or not inbound.sender.address:
        return kind.value
    if kind in (InboundKind.BLOCKED, InboundKind.UNBLOCKED):
        if not inbound.sender.verified:
            return "unverified"
        address = people.find_address(connection, lane.channel, inbound.sender.address)
        if address is not None:
            people.mark_gone(connection, address.id, at=now if kind is InboundKind.BLOCKED else None)
        return kind.value
    return None


def _keeps(office: Office, conversation: ConversationRow, inbound: Inbound, replies: Replies) -> bool:
    """Are the files of a public post kept for the private conversation?"""
    public = inbound.kind is InboundKind.PUBLIC and capabilities_of(office, conversation.channel).public
    few = len(conversation.session.told.files) < MOST_FILES and replies is not Replies.FLOOD
    return public and few and inbound.sender.verified


def _known(connection: Connection, conversation: ConversationRow, kind: InboundKind) -> None:
    """Whoever writes, and can only be this person, can be reached there."""
    if not conversation.verified:
        people.mark_verified(connection, conversation.address_id)
    if conversation.gone_at is not None and kind is not InboundKind.PUBLIC:
        people.mark_gone(connection, conversation.address_id, at=None)


def _conversation(connection: Connection, office: Office, lane: LaneRow, inbound: Inbound, now: datetime) -> ConversationRow:
    """The conversation of this lane with this sender, made where it is the first word."""
    sender = inbound.sender
    found = conversations.of_lane(connection, lane.id)
    fits = found is not None and found.lookup == lookup(lane.channel, sender.address)
    if found is not None and fits and (now - found.seen_at <= _SEEN_EVERY or not sender.verified):
        return found
    language = (sender.language or "").lower().split("-")[0]
    address, new = people.ensure_address(
        connection,
        channel=lane.channel,
        value=sender.address,
        name=None,  # kept only once the person agrees to a report with it
        language=language if language in LANGUAGES else office.language,
        verified=sender.verified,
        now=now,
    )
    if found is not None and fits:
        return found
    if found is not None:
        conversations.move(connection, found.id, address.id)
        moved = conversations.of_lane(connection, lane.id)
        return replace(moved or found, seen_at=address.seen_at)
    made = conversations.add(connection, lane_id=lane.id, address_id=address.id, channel=lane.channel, now=now)
    return ConversationRow(
        id=made,
        lane_id=lane.id,
        address_id=address.id,
        person_id=address.person_id,
        channel=lane.channel,
        lane=lane.lookup,
        lookup=lookup(lane.channel, sender.address),
        session=Session(),
        tick_at=None,
        version=0,
        seen_at=address.seen_at,
        gone_at=address.gone_at,
        language=address.language,
        name=address.name,
        verified=address.verified,
        first_word=new,
    )


def _clean(words: str) -> str:
    return _UNSTORABLE.sub("", words) if _UNSTORABLE.search(words) else words


def _cleaned(words: str | None) -> str | None:
    return None if words is None else _clean(words)


def _file(ref: FileRef) -> FileRef:
    return replace(ref, name=_cleaned(ref.name), mime=_cleaned(ref.mime), ref=_clean(ref.ref))
