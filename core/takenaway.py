"""A message whose sender took it away at the vendor's: our copy stays and bears the mark (issue 4). Nobody is told of it.

Safe to run twice, before and after it became a report: where its words still wait in a conversation the mark waits with them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from core.dialogue.inpublic import marked
from core.storage import conversations, inbox, messages, people
from core.storage.conversations import ConversationRow
from core.storage.tables import addresses
from core.storage.tables import conversations as conversations_table


def mark(connection: Connection, *, channel: str, source_id: str, now: datetime) -> bool:
    """By the name that the message had at its channel; who says so need not be named. False: it was never here.

    Raises StaleConversation if a conversation went on in between: begin again.
    """
    place = inbox.place_of(connection, channel, source_id)
    said_in = conversations.of_lane(connection, place.lane_id) if place is not None else None
    if place is None or said_in is None:
        return False
    found = _mark(connection, said_in, frozenset({source_id}), now)
    if not found and place.group_key is not None:  # it is a piece of what was put together under another piece's name
        pieces = inbox.sources_of_group(connection, place.lane_id, place.group_key)
        found = _mark(connection, said_in, frozenset(pieces), now)
    return found


def _mark(connection: Connection, said_in: ConversationRow, source_ids: frozenset[str], now: datetime) -> bool:
    found = messages.mark_taken_away(connection, said_in.id, source_ids, at=now)
    for conversation_id in _of_the_person(connection, said_in.person_id):  # what was begun here may go on elsewhere
        conversation = conversations.locked(connection, conversation_id)
        if conversation is None or not _waits(conversation, source_ids):
            continue
        found = True
        session = marked(conversation.session, source_ids, now)
        if session != conversation.session:
            conversations.save(connection, conversation, session, tick_at=conversation.tick_at, spoke_at=None)
    return found


def _of_the_person(connection: Connection, person_id: int) -> list[int]:
    query = (
        select(conversations_table.c.id)
        .join(addresses, addresses.c.id == conversations_table.c.address_id)
        .where(addresses.c.person_id.in_(people.everybody(person_id)))
        .order_by(conversations_table.c.id)
    )
    return list(connection.execute(query).scalars())


def _waits(conversation: ConversationRow, source_ids: frozenset[str]) -> bool:
    session = conversation.session
    return any(part.source_id in source_ids for part in (*session.told.parts, *session.draft.parts))
