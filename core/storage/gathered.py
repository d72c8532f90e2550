"""Notices of a mere move that wait a little for the next one about the same report, where each message costs (sop.md §7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, literal_column, select, update

from core.storage.tables import messages, outbox
from core.storage.types import Instant

# Spelled out: a bound value hides the partial index.
_WAITING: ColumnElement[bool] = literal_column("state = 'waiting'")
_UNTRIED = (outbox.c.attempts == 0) & outbox.c.repeat_of.is_(None)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One physical message that has not begun to leave. `payload` as `outbox.part_of` reads it; None once purged."""

    id: int
    bundle: str
    parts: int
    kind: str
    payload: str | None
    next_at: datetime


_OF_REPORT = (
    select(outbox.c.id, outbox.c.bundle, outbox.c.parts, outbox.c.kind, outbox.c.payload, outbox.c.next_at)
    .where(
        outbox.c.address_id == bindparam("address_id"),
        outbox.c.report_id == bindparam("report_id"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        _WAITING,
        _UNTRIED,
    )
    .order_by(outbox.c.id)
    .with_for_update()
)
_RELEASE = (
    update(outbox)
    .where(
        outbox.c.address_id == bindparam("of_address"),
        outbox.c.kind.in_(bindparam("kinds", expanding=True)),
        _WAITING,
        _UNTRIED,
        outbox.c.next_at > bindparam("now", type_=Instant),
        outbox.c.next_at <= bindparam("until", type_=Instant),
    )
    .values(next_at=bindparam("now", type_=Instant))
)


def waiting(connection: Connection, *, address_id: int, report_id: int, kinds: Collection[str]) -> Sequence[WaitingRow]:
    """What of these kinds waits for this report at this address, never tried, locked: whoever claims it meanwhile is first."""
    given = {"address_id": address_id, "report_id": report_id, "kinds": sorted(kinds)}
    return [WaitingRow(*row) for row in connection.execute(_OF_REPORT, given)]


def release(connection: Connection, *, address_id: int, kinds: Collection[str], now: datetime, until: datetime) -> None:
    """What waits to be gathered leaves now: something comes that must not stand behind it. `until`: what waits longer is
    held back for another reason."""
    connection.execute(_RELEASE, {"of_address": address_id, "kinds": sorted(kinds), "now": now, "until": until})


def replace(connection: Connection, ids: Collection[int], message_ids: Collection[int]) -> None:
    """They were never sent and are not told any more: neither the rows nor the service's words on the report stay."""
    connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
    if message_ids:
        connection.execute(delete(messages).where(messages.c.id.in_(message_ids), messages.c.kind == "notice"))
