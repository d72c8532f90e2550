"""Where words for a reporter go: the preferred address, else that of the report, else the person's other ones (sop.md §7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from core.errors import NotFound
from core.office import Office
from core.procedure.vocabulary import Move, Role, State
from core.storage import conversations, history, lanes, people
from core.storage.conversations import ConversationRow
from core.storage.crypto import lookup
from core.storage.people import AddressRow
from core.storage.tables import history as history_rows
from core.storage.tables import reports

_DAYS_A_MONTH = 365.25 / 12

FROM, TO = "from_channel", "to_channel"
"""In the details of a line of history: by which channel words could not go, and by which they went instead."""


def known_addresses(
    connection: Connection, office: Office, *, person_id: int | None, address_id: int | None, now: datetime
) -> tuple[AddressRow, ...]:
    """Every address that words about a report may go to, the best first, those that take none any more last.

    The one that the person prefers, that of the report, then verified ones, the latest used first; not those that were idle for
    six months: they may be somebody else's by now (sop.md §7).
    """
    awake = now - timedelta(days=office.numbers.keeping.idle_address_months * _DAYS_A_MONTH)
    everything = people.addresses_of(connection, person_id) if person_id is not None else ()
    own = next((one for one in everything if one.id == address_id), None)
    if own is None and address_id is not None:
        own = people.address(connection, address_id)
    preferred = people.preferred(everything)
    others = [one for one in everything if one.verified and one.seen_at > awake]
    ordered = dict.fromkeys(one for one in (preferred, own, *others) if one is not None)
    return tuple(sorted(ordered, key=lambda one: one.gone_at is not None))


def next_address(candidates: Sequence[AddressRow], *, but: Collection[int]) -> AddressRow | None:
    """The best one that still takes words and is none of these."""
    return next((one for one in candidates if one.gone_at is None and one.id not in but), None)


def conversation_for(connection: Connection, office: Office, report_id: int, now: datetime) -> ConversationRow | None:
    """The conversation that words about this report go to, locked; a new one where we may start.

    Nobody is written to where the person said STOP, until the next word from there. Where the first choice takes nothing any
    more, that the words go elsewhere is put on the report's record. Where nobody has shown to be this person since a
    long silence they only go if there is no other way, and it is only said that there is news.
    """
    row = connection.execute(_REPORT.where(reports.c.id == report_id)).first()
    if row is None:
        raise NotFound("there is no such report")
    candidates = known_addresses(connection, office, person_id=row.person_id, address_id=row.address_id, now=now)
    alive = [one for one in candidates if one.gone_at is None]
    own = [one for one in candidates if one.id == row.address_id and one.gone_at is not None and one.address]
    silent: ConversationRow | None = None
    for address in (*alive, *own):
        found = _conversation_with(connection, office, address, now)
        if found is not None and found.session.locked:  # whoever speaks there has not shown to be this person
            silent = silent or found
        elif found is not None:
            wished = people.preferred(candidates)
            missed = next((one for one in candidates if one.gone_at is not None and one in (wished, *own)), None)
            if missed is not None and missed.id != address.id and address is not wished:
                record_detour(connection, report_id, State(row.state), was=missed.channel, goes=address.channel, at=now)
            return found
    return silent


_REPORT = select(reports.c.address_id, reports.c.person_id, reports.c.state)


def _conversation_with(connection: Connection, office: Office, address: AddressRow, now: datetime) -> ConversationRow | None:
    conversation = conversations.of_address(connection, address.id)
    if conversation is not None:
        return None if conversation.session.stopped and address.gone_at is not None else conversation
    known = office.channels.get(address.channel)
    if known is None or not known.may_start:
        return None
    lane_id = lanes.ensure(connection, address.channel, lookup(address.channel, address.address))
    made = conversations.add(connection, lane_id=lane_id, address_id=address.id, channel=address.channel, now=now)
    return conversations.locked(connection, made)


def record_detour(connection: Connection, report_id: int, state: State, *, was: str, goes: str, at: datetime) -> None:
    """A line in the report's history, once for each change of way: channels only, no address."""
    details = {FROM: was, TO: goes}
    query = select(history_rows.c.details).where(
        history_rows.c.report_id == report_id, history_rows.c.move == Move.RECORD_DELIVERY.value
    )
    before = [each for each in connection.execute(query.order_by(history_rows.c.id)).scalars() if each and TO in each]
    if before and before[-1] == details:
        return
    history.add(
        connection,
        report_id=report_id,
        at=at,
        move=Move.RECORD_DELIVERY,
        from_state=state,
        to_state=state,
        role=Role.SYSTEM,
        details=details,
    )
