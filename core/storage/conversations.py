"""Conversations: the dialogue's memory, one for each lane that a person has spoken in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from core.dialogue import memory
from core.dialogue.model import Session
from core.errors import StaleConversation
from core.storage.tables import addresses, conversations, lanes, people


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation with whom it is held. `lane`, `lookup`: keyed hashes of the lane and of the address.

    `seen_at`: last word from the address before this moment; `language`, `name`: what is known of the person.
    """

    id: int
    lane_id: int
    address_id: int
    person_id: int
    channel: str
    lane: str
    lookup: str
    session: Session
    tick_at: datetime | None
    version: int
    seen_at: datetime
    gone_at: datetime | None
    language: str
    name: str | None
    verified: bool = True  # somebody who can only be this person has written from the address
    linked: bool = False  # the person has proved to have other addresses too
    first_word: bool = False  # nobody has ever spoken from this address: there is nothing else to know of it


_others = people.alias()
_LINKED = people.c.same_as.is_not(None) | select(_others.c.id).where(_others.c.same_as == people.c.id).exists()
_QUERY = (
    select(
        conversations.c.id,
        conversations.c.lane_id,
        conversations.c.address_id,
        addresses.c.person_id,
        conversations.c.channel,
        lanes.c.lookup.label("lane"),
        addresses.c.lookup,
        conversations.c.session,
        conversations.c.tick_at,
        conversations.c.version,
        addresses.c.seen_at,
        addresses.c.gone_at,
        addresses.c.verified,
        people.c.language,
        people.c.name,
        _LINKED.label("linked"),
    )
    .join_from(conversations, addresses, addresses.c.id == conversations.c.address_id)
    .join(people, people.c.id == addresses.c.person_id)
    .join(lanes, lanes.c.id == conversations.c.lane_id)
)
_OF_LANE = _QUERY.where(conversations.c.lane_id == bindparam("lane_id"))
_BY_ID = _QUERY.where(conversations.c.id == bindparam("conversation_id")).with_for_update(of=conversations)
_OF_ADDRESS = (
    _QUERY.where(conversations.c.address_id == bindparam("address_id"))
    .order_by(conversations.c.spoke_at.desc(), conversations.c.id.desc())
    .limit(1)
    .with_for_update(of=conversations)
)
_DUE = (
    _QUERY.where(conversations.c.tick_at <= bindparam("now"))
    .order_by(conversations.c.tick_at)
    .limit(bindparam("limit"))
    .with_for_update(of=conversations, skip_locked=True)
)
_ADD = (
    conversations.insert()
    .values(
        lane_id=bindparam("lane_id"),
        address_id=bindparam("address_id"),
        channel=bindparam("channel"),
        script_version=bindparam("script_version"),
        spoke_at=bindparam("now"),
    )
    .returning(conversations.c.id)
)
_SAVE = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation_id"), conversations.c.version == bindparam("read_version"))
    .values(
        session=bindparam("session"),
        script_version=bindparam("script_version"),
        tick_at=bindparam("tick_at"),
        version=conversations.c.version + 1,
    )
)
_SAVE_SPOKEN = _SAVE.values(spoke_at=bindparam("spoke_at"))


def _row(row: Any) -> ConversationRow:
    values = row._asdict()
    session = values.pop("session")
    return ConversationRow(session=memory.load(session) if session else Session(), **values)


def _first(connection: Connection, query: Any, given: dict[str, Any]) -> ConversationRow | None:
    row = connection.execute(query, given).first()
    return _row(row) if row else None


def of_lane(connection: Connection, lane_id: int) -> ConversationRow | None:
    """The conversation of a lane. Not locked: `save` notices if somebody was faster."""
    return _first(connection, _OF_LANE, {"lane_id": lane_id})


def locked(connection: Connection, conversation_id: int) -> ConversationRow | None:
    return _first(connection, _BY_ID, {"conversation_id": conversation_id})


def of_address(connection: Connection, address_id: int) -> ConversationRow | None:
    """The latest conversation with an address, locked."""
    return _first(connection, _OF_ADDRESS, {"address_id": address_id})


def due(connection: Connection, now: datetime, limit: int) -> Sequence[ConversationRow]:
    """Conversations that want to be woken by now, locked; those locked by others are passed over."""
    return [_row(row) for row in connection.execute(_DUE, {"now": now, "limit": limit})]


def add(connection: Connection, *, lane_id: int, address_id: int, channel: str, now: datetime) -> int:
    """Its id."""
    given = {"lane_id": lane_id, "address_id": address_id, "channel": channel, "script_version": Session().version, "now": now}
    return int(connection.execute(_ADD, given).scalar_one())


def move(connection: Connection, conversation_id: int, address_id: int) -> None:
    """Somebody else speaks in this lane now."""
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(address_id=address_id))


def save(
    connection: Connection, row: ConversationRow, session: Session, *, tick_at: datetime | None, spoke_at: datetime | None
) -> None:
    """Keeps the session. Raises StaleConversation if the conversation went on in between: begin again from what it is now."""
    given: dict[str, Any] = {
        "conversation_id": row.id,
        "read_version": row.version,
        "session": memory.dump(session),
        "script_version": session.version,
        "tick_at": tick_at,
    }
    if spoke_at is None:
        saved = connection.execute(_SAVE, given)
    else:
        saved = connection.execute(_SAVE_SPOKEN, given | {"spoke_at": spoke_at})
    if saved.rowcount == 0:
        raise StaleConversation("this conversation went on in between: begin again from what it is now")


def wake_at(connection: Connection, conversation_id: int, at: datetime) -> None:
    """Wakes it at another moment than it wished."""
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(tick_at=at))


def forget_tick(connection: Connection, conversation_id: int) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(tick_at=None))
