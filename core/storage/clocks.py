"""The clocks of reports as rows; due dates are stored facts, so that due work is found by an index (sop.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from core.procedure.clocks import Clock, Pause
from core.procedure.vocabulary import ClockKind
from core.storage.tables import clocks


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock with what has been done on it. `office_id`: whose leg it is. `next_at`: when the sweep looks at it."""

    id: int
    report_id: int
    office_id: int | None
    clock: Clock
    due_at: datetime | None
    next_at: datetime | None
    reminded_at: datetime | None
    done: frozenset[str]

    @property
    def kind(self) -> ClockKind:
        return self.clock.kind

    @property
    def open(self) -> bool:
        return self.clock.stopped_at is None


def _row(row: Any) -> ClockRow:
    clock = Clock(
        kind=ClockKind(row.kind),
        started_at=row.started_at,
        zone=row.zone,
        limit_days=row.limit_days,
        target_days=row.target_days,
        pauses=tuple(Pause.from_row(each) for each in row.pauses),
        stopped_at=row.stopped_at,
    )
    return ClockRow(row.id, row.report_id, row.office_id, clock, row.due_at, row.next_at, row.reminded_at, frozenset(row.done))


def _values(clock: Clock) -> dict[str, Any]:
    return {
        "zone": clock.zone,
        "started_at": clock.started_at,
        "target_days": clock.target_days,
        "limit_days": clock.limit_days,
        "pauses": [each.as_row() for each in clock.pauses],
        "stopped_at": clock.stopped_at,
    }


_OF_REPORT = select(clocks).where(clocks.c.report_id == bindparam("report_id")).order_by(clocks.c.id)
_ADD = clocks.insert().returning(clocks)


def of_report(connection: Connection, report_id: int) -> Sequence[ClockRow]:
    """All of them, in the order in which they were opened."""
    return [_row(row) for row in connection.execute(_OF_REPORT, {"report_id": report_id})]


def running(connection: Connection, report_id: int) -> Sequence[ClockRow]:
    """Those that are not stopped."""
    query = select(clocks).where(clocks.c.report_id == report_id, clocks.c.stopped_at.is_(None)).order_by(clocks.c.id)
    return [_row(row) for row in connection.execute(query)]


def get(connection: Connection, clock_id: int) -> ClockRow | None:
    row = connection.execute(select(clocks).where(clocks.c.id == clock_id)).first()
    return _row(row) if row else None


def due(connection: Connection, *, at: datetime, limit: int) -> Sequence[ClockRow]:
    """Clocks on which something is to be done by `at`, the longest waiting first."""
    query = select(clocks).where(clocks.c.next_at <= at).order_by(clocks.c.next_at, clocks.c.id).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def every_open(connection: Connection, *, after_id: int, limit: int) -> Sequence[ClockRow]:
    """Open clocks in order of id, for a change of the calendar."""
    query = select(clocks).where(clocks.c.stopped_at.is_(None), clocks.c.id > after_id).order_by(clocks.c.id).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def add(
    connection: Connection,
    clock: Clock,
    *,
    report_id: int,
    office_id: int | None,
    due_at: datetime | None,
    next_at: datetime | None,
) -> ClockRow:
    values = _values(clock) | {
        "report_id": report_id,
        "office_id": office_id,
        "kind": clock.kind.value,
        "due_at": due_at,
        "next_at": next_at,
        "done": [],
    }
    return _row(connection.execute(_ADD, values).one())


def change(connection: Connection, clock_id: int, clock: Clock, *, due_at: datetime | None, next_at: datetime | None) -> None:
    """Stores a clock that was paused, stopped, run on or recomputed."""
    connection.execute(
        update(clocks).where(clocks.c.id == clock_id).values(_values(clock) | {"due_at": due_at, "next_at": next_at})
    )


def mark(
    connection: Connection,
    row: ClockRow,
    *,
    done: frozenset[str],
    reminded_at: datetime | None,
    next_at: datetime | None,
) -> None:
    """What has been done on it, and when to look again."""
    connection.execute(
        update(clocks).where(clocks.c.id == row.id).values(done=sorted(done), reminded_at=reminded_at, next_at=next_at)
    )
