"""Forgetting a person (UU 27/2022): names, addresses and every way back go for good; the cases stay as they are.

In two phases, each in one transaction. `begin` takes the identity out of everything; only the address itself stays, sealed and
not to be found, while the last message to it is under way. `finish` takes that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, cast, delete, literal, or_, select, update

from core.channels import FetchState
from core.storage import lanes, people
from core.storage.engine import after_commit
from core.storage.files import FileStore
from core.storage.inbox import ERASED
from core.storage.outbox import ACCEPTED, SENDING, WAITING
from core.storage.tables import (
    addresses,
    attachments,
    conversations,
    inbox,
    link_codes,
    links,
    messages,
    outbox,
    reports,
)
from core.storage.tables import lanes as lanes_table
from core.storage.tables import people as people_table

_OPEN = (WAITING, SENDING, ACCEPTED)
_PENDING = attachments.c.state == FetchState.PENDING.value


@dataclass(frozen=True, slots=True)
class Begun:
    """Whose identity goes: rows of `people` and `addresses`. `files`: SHA-256 of drafts' files, for `attachments.erase_files`.

    `waiting`: messages wait that came after the one that asked.
    """

    person_ids: tuple[int, ...]
    address_ids: tuple[int, ...]
    files: tuple[str, ...]
    waiting: bool


def begin(
    connection: Connection,
    store: FileStore,
    *,
    person_id: int,
    conversation_id: int | None,
    inbox_id: int | None,
    now: datetime,
) -> Begun:
    """Everybody whom this person proved to be is forgotten. The address rows stay until `finish`.

    `conversation_id`, `inbox_id`: where it was asked; that conversation's own session is the caller's to replace. Whoever
    writes from one of the addresses afterwards is somebody new, also with what was accepted already but not handled.
    """
    everybody: Sequence[Any] = connection.execute(people.everybody(person_id)).scalars().all()
    person_ids = tuple(everybody)
    address_ids = _ids(connection, addresses, addresses.c.person_id.in_(person_ids))
    # Locked in the order in which a message is handled: lanes, reports, conversations.
    spoken = select(conversations.c.lane_id).where(conversations.c.address_id.in_(address_ids))
    lane_ids = _ids(connection, lanes_table, lanes_table.c.id.in_(spoken))
    _ids(connection, reports, reports.c.person_id.in_(person_ids))
    talks = _ids(connection, conversations, conversations.c.lane_id.in_(lane_ids))
    _forget_names(connection, person_ids)
    waiting = _leave_lanes(connection, lane_ids, conversation_id, inbox_id, now)
    others = conversations.c.id.in_([one for one in talks if one != conversation_id])
    version = conversations.c.version + 1  # whoever speaks there in this moment begins again, as somebody new
    connection.execute(update(conversations).where(others).values(session=None, tick_at=None, version=version))
    drafts = attachments.c.conversation_id.in_(talks) & attachments.c.report_id.is_(None)
    gone = connection.execute(attachments.delete().where(drafts).returning(attachments.c.sha256)).scalars().all()
    either = or_(links.c.address_id.in_(address_ids), links.c.other_address_id.in_(address_ids))
    connection.execute(delete(links).where(or_(either, links.c.undone_by.in_(address_ids))))
    connection.execute(delete(link_codes).where(link_codes.c.address_id.in_(address_ids)))
    connection.execute(
        update(people_table)
        .where(people_table.c.id.in_(person_ids))
        .values(name=None, erased_at=now, same_as=None, reminded_on=None)
    )
    connection.execute(
        update(addresses)
        .where(addresses.c.id.in_(address_ids))
        .values(lookup=_nameless(addresses), gone_at=now, preferred_at=None, erasing_at=now)
    )
    connection.execute(update(reports).where(reports.c.person_id.in_(person_ids)).values(address_id=None))
    _clear_trail(connection, store, address_ids)
    return Begun(person_ids, address_ids, tuple(sorted({one for one in gone if one is not None})), waiting)


def clear_sent(connection: Connection, address_ids: Sequence[int]) -> None:
    """What was sent to them and is done. A message that may still be answered by a receipt keeps the vendor's id for it."""
    sent = outbox.c.address_id.in_(address_ids) & outbox.c.state.not_in((WAITING, SENDING))
    connection.execute(update(outbox).where(sent).values(payload=None))
    connection.execute(update(outbox).where(sent, outbox.c.state != ACCEPTED).values(vendor_id=None))


def due(connection: Connection, *, before: datetime, limit: int) -> Sequence[int]:
    """Addresses to which nothing is under way any more, or which wait since before `before`; locked."""
    under_way = select(outbox.c.id).where(outbox.c.address_id == addresses.c.id, outbox.c.state.in_(_OPEN)).exists()
    talks = select(conversations.c.id).where(conversations.c.address_id == addresses.c.id)
    fetching = select(attachments.c.id).where(attachments.c.conversation_id.in_(talks), _PENDING).exists()
    over = or_(addresses.c.erasing_at < before, ~under_way & ~fetching)
    query = select(addresses.c.id).where(addresses.c.erasing_at.is_not(None), over).order_by(addresses.c.id).limit(limit)
    return list(connection.execute(query.with_for_update(skip_locked=True)).scalars())


def finish(connection: Connection, store: FileStore, address_ids: Sequence[int]) -> None:
    """The addresses themselves, and what the last messages carried. What still waits to leave must be called off before."""
    connection.execute(
        update(attachments)
        .where(attachments.c.conversation_id.in_(_talks(address_ids)), _PENDING)
        .values(state=FetchState.GONE.value, next_at=None, lease_until=None)
    )
    _clear_trail(connection, store, address_ids)
    connection.execute(update(outbox).where(outbox.c.address_id.in_(address_ids)).values(payload=None, vendor_id=None))
    connection.execute(update(addresses).where(addresses.c.id.in_(address_ids)).values(address="", erasing_at=None))


def erased_at(connection: Connection, person_id: int) -> datetime | None:
    """Since when nobody knows any more who this was; None: nobody asked for that."""
    found: datetime | None = connection.execute(select(people_table.c.erased_at).where(people_table.c.id == person_id)).scalar()
    return found


def is_somebody(connection: Connection, person_id: int) -> bool:
    """Is there such a person, not forgotten yet?"""
    query = select(people_table.c.id).where(people_table.c.id == person_id, people_table.c.erased_at.is_(None))
    return connection.execute(query).first() is not None


# --- what leads back -------------------------------------------------------------------------------------------------------


def _forget_names(connection: Connection, person_ids: Iterable[int]) -> None:
    """The service's own words in which the name stands, and the whole of messages: quotes and signatures name people."""
    named = people_table.c.name.is_not(None)
    names = connection.execute(select(people_table.c.name).where(people_table.c.id.in_(person_ids), named)).scalars()
    folded = {name.casefold() for name in names if name.strip()}
    theirs = messages.c.report_id.in_(select(reports.c.id).where(reports.c.person_id.in_(person_ids)))
    notices = select(messages.c.id, messages.c.words).where(theirs, messages.c.kind == "notice") if folded else None
    told = connection.execute(notices).all() if notices is not None else ()
    naming = [row.id for row in told if any(name in row.words.casefold() for name in folded)]
    if naming:
        connection.execute(update(messages).where(messages.c.id.in_(naming)).values(words=""))
    connection.execute(
        update(messages).where(theirs, messages.c.direction == "in").values(whole=None, source_id=None, inbox_id=None)
    )


def _leave_lanes(
    connection: Connection, lane_ids: Sequence[int], conversation_id: int | None, inbox_id: int | None, now: datetime
) -> bool:
    """The lanes become nameless with all that was handled in them; what waits goes on in fresh ones. Does anything?"""
    here = connection.execute(select(conversations.c.lane_id).where(conversations.c.id == conversation_id)).scalar()
    rows = connection.execute(
        select(lanes_table.c.id, lanes_table.c.channel, lanes_table.c.lookup)
        .where(lanes_table.c.id.in_(lane_ids))
        .order_by(lanes_table.c.id)
    ).all()
    asking = _unit(connection, inbox_id)
    connection.execute(update(lanes_table).where(lanes_table.c.id.in_(lane_ids)).values(lookup=_nameless(lanes_table)))
    away = lanes_table.c.id.in_(
        [one for one in lane_ids if one != here]
    )  # whoever handles there finds the lane not his any more
    connection.execute(update(lanes_table).where(away).values(lease_owner=None, lease_until=None, ready_at=None))
    anything = False
    for row in rows:
        waiting = (inbox.c.lane_id == row.id) & (inbox.c.state == "waiting") & inbox.c.id.not_in(asking)
        if connection.execute(select(inbox.c.id).where(waiting).limit(1)).first() is not None:
            key = (row.channel, row.lookup)
            fresh = lanes.touch(connection, {key: now})[key]
            connection.execute(update(inbox).where(waiting).values(lane_id=fresh))
            anything = True
    mine = inbox.c.lane_id.in_(lane_ids)
    connection.execute(
        update(inbox).where(mine, inbox.c.state == "quarantined").values(state="handled", handled_at=now, reason="erased")
    )
    if asking:
        connection.execute(update(inbox).where(inbox.c.id.in_(asking)).values(body=b"", group_key=None))
    return anything


def _unit(connection: Connection, inbox_id: int | None) -> list[int]:
    """The message that is being handled now, with the other parts of its group."""
    if inbox_id is None:
        return []
    row = connection.execute(select(inbox.c.lane_id, inbox.c.group_key).where(inbox.c.id == inbox_id)).one()
    if row.group_key is None:
        return [inbox_id]
    return list(_ids(connection, inbox, (inbox.c.lane_id == row.lane_id) & (inbox.c.group_key == row.group_key)))


def _clear_trail(connection: Connection, store: FileStore, address_ids: Sequence[int]) -> None:
    """Raw messages, vendors' handles, names of files, what was sent. A file that is still to be fetched keeps what it needs.

    A raw message keeps its source id, so that a vendor's repetition is known, until it would be purged anyway; an empty body
    says that it still is to be.
    """
    talks = _talks(address_ids)
    theirs = attachments.c.conversation_id.in_(talks)
    needed = select(attachments.c.inbox_id).where(theirs, _PENDING, attachments.c.inbox_id.is_not(None))
    spoken = inbox.c.lane_id.in_(select(conversations.c.lane_id).where(conversations.c.address_id.in_(address_ids)))
    raw = spoken & (inbox.c.state == "handled") & inbox.c.id.not_in(needed)
    files = set(connection.execute(select(inbox.c.body_file).where(raw, inbox.c.body_file.is_not(None))).scalars())
    connection.execute(update(inbox).where(raw).values(body=b"", body_file=None, group_key=None))
    if files:
        after_commit(connection, lambda: _delete(store, files))
    connection.execute(update(attachments).where(theirs, ~_PENDING).values(ref=None, name=None, source_id=None, inbox_id=None))
    incoming = messages.c.conversation_id.in_(talks) & (messages.c.direction == "in")
    connection.execute(update(messages).where(incoming).values(whole=None, source_id=None, inbox_id=None))


def _talks(address_ids: Sequence[int]) -> Any:
    return select(conversations.c.id).where(conversations.c.address_id.in_(address_ids))


def _nameless(table: Any) -> Any:
    return literal(ERASED) + cast(table.c.id, String)


def _ids(connection: Connection, table: Any, which: Any) -> tuple[int, ...]:
    return tuple(connection.execute(select(table.c.id).where(which).order_by(table.c.id).with_for_update()).scalars())


def _delete(store: FileStore, names: Iterable[str]) -> None:
    for name in names:
        store.delete(name, sealed=True)
