"""Officials' changes to the calendar of working days: additions and removals, undone but never deleted (sop.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from core.storage.tables import calendar_changes


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """`working`: a working day after all; else a day off. `undone_at`: it does not hold any more."""

    id: int
    day: date
    working: bool
    name: str
    reason: str
    account_id: int | None
    at: datetime
    undone_at: datetime | None


def every(connection: Connection) -> Sequence[CalendarChange]:
    """All of them, the latest first, undone ones included."""
    rows = connection.execute(select(calendar_changes).order_by(calendar_changes.c.id.desc()))
    return [CalendarChange(**row._mapping) for row in rows]


def add(
    connection: Connection, *, day: date, working: bool, name: str, reason: str, account_id: int | None, at: datetime
) -> int:
    """Its id. The latest change of a day holds."""
    values = {"day": day, "working": working, "name": name, "reason": reason, "account_id": account_id, "at": at}
    return int(connection.execute(calendar_changes.insert().values(values).returning(calendar_changes.c.id)).scalar_one())


def undo(connection: Connection, change_id: int, *, at: datetime) -> bool:
    """False if it does not exist or is undone already."""
    query = update(calendar_changes).where(calendar_changes.c.id == change_id, calendar_changes.c.undone_at.is_(None))
    return connection.execute(query.values(undone_at=at)).rowcount == 1
