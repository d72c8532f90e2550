"""What did not arrive and why, for the desk: of one report, of each channel lately, of the officials' own mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, literal_column, or_, select

from core.channels import KEPT, Outcome
from core.officialmail import KINDS
from core.storage import accounts
from core.storage.outbox import DELIVERED, GAVE_UP
from core.storage.tables import addresses, delivery_attempts, outbox

LATELY = timedelta(days=7)
"""How far back the desk counts failures."""

CAME_BACK = "came_back"
"""It counted as delivered already, and came back later: what followed from it stands (core.outcomes)."""

OTHER = "other"

# Spelled out: a bound value hides the partial indexes.
_FAILED: ColumnElement[bool] = outbox.c.state == literal_column("'failed'")
_LEAVING: ColumnElement[bool] = outbox.c.state.in_((literal_column("'waiting'"), literal_column("'sending'")))


def reasons(connection: Connection, report_id: int) -> Mapping[int, str]:
    """Why messages about this report did not arrive, by outbox id, as a code.

    A `Fault`, "gave_up", "kept" (only written to a folder here), "came_back" or "other".

    Of several attempts the last one that ended badly speaks. Those that arrived, and those that still may, are not in it.
    """
    attempt = delivery_attempts.c
    query = (
        select(attempt.outbox_id, attempt.outcome, attempt.fault, attempt.detail, outbox.c.state)
        .join(outbox, outbox.c.id == attempt.outbox_id)
        .where(
            outbox.c.report_id == report_id,
            or_(outbox.c.state.in_(("failed", "unknown", "accepted")), attempt.outcome == Outcome.FAILED.value),
        )
        .order_by(attempt.id)
    )
    found: dict[int, str] = {}
    for outbox_id, outcome, fault, detail, state in connection.execute(query):
        if detail == KEPT and outcome == Outcome.ACCEPTED.value:
            found[outbox_id] = KEPT
        elif state == DELIVERED:
            found[outbox_id] = CAME_BACK
        elif detail == GAVE_UP:
            found[outbox_id] = GAVE_UP
        elif outcome in (Outcome.FAILED.value, Outcome.UNKNOWN.value):
            found[outbox_id] = fault or OTHER
    return found


@dataclass(frozen=True, slots=True)
class Traffic:
    """What leaves by one channel: `waiting` now, `failed` for good lately."""

    waiting: int = 0
    failed: int = 0


def traffic(connection: Connection, *, now: datetime, lately: timedelta = LATELY) -> Mapping[str, Traffic]:
    """By channel. Two statements along partial indexes, whatever the size of the outbox."""
    by_channel = outbox.c.channel.concat("")  # as it stands, SQLite walks through an index of all messages to group by it
    leaving = select(outbox.c.channel, func.count()).where(_LEAVING).group_by(outbox.c.channel)
    gone = select(by_channel, func.count()).where(_FAILED, outbox.c.done_at > now - lately).group_by(by_channel)
    waiting = {channel: int(count) for channel, count in connection.execute(leaving)}
    failed = {channel: int(count) for channel, count in connection.execute(gone)}
    return {name: Traffic(waiting.get(name, 0), failed.get(name, 0)) for name in waiting.keys() | failed.keys()}


@dataclass(frozen=True, slots=True)
class Unreached:
    """An official whose mail failed lately. `why`: a code as in `reasons`, of the last failure."""

    name: str
    email: str
    at: datetime
    why: str


def officials(connection: Connection, *, now: datetime) -> tuple[Unreached, ...]:
    """Officials who get no digest because their address fails, by name: an admin can put it right."""
    attempt = delivery_attempts.c
    query = (
        select(addresses.c.address, outbox.c.done_at, attempt.fault, attempt.detail)
        .join_from(outbox, addresses, addresses.c.id == outbox.c.address_id)
        .outerjoin(delivery_attempts, attempt.outbox_id == outbox.c.id)
        .where(_FAILED, outbox.c.done_at > now - LATELY, outbox.c.kind.in_(sorted(KINDS)))
        .order_by(outbox.c.id, attempt.id)
    )
    last = {row.address: row for row in connection.execute(query)}
    if not last:
        return ()
    known = sorted(accounts.every(connection), key=lambda account: account.name)
    return tuple(
        Unreached(account.name, account.email, row.done_at, GAVE_UP if row.detail == GAVE_UP else row.fault or OTHER)
        for account in known
        if account.active and (row := last.get(account.email)) is not None
    )
