"""National admins keep the calendar: a change shows first which reports move, then recomputes every open clock (sop.md §6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core import timekeeping
from core.errors import InvalidInput, LaporError, NotFound, Refused
from core.office import Office
from core.procedure.case import Actor
from core.procedure.vocabulary import ClockKind, Role
from core.storage import audit, calendar, clocks, reports

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock of a report whose due date changes."""

    code: str
    clock: ClockKind
    was: datetime | None
    becomes: datetime | None


class _OnlyLooking(LaporError):
    """A preview takes everything back."""


def change(
    office: Office, *, day: date, working: bool, name: str, reason: str, by: Actor, now: datetime, preview: bool = False
) -> list[Moved]:
    """A day off more (`working` False) or a working day after all; which reports it moves. `preview`: nothing is kept.

    Raises Refused for anybody but a national admin, InvalidInput without a name or a reason.
    """
    if not name.strip():
        raise InvalidInput("name", "missing")
    if not reason.strip():
        raise InvalidInput("reason", "missing")

    def write(connection: Connection) -> int:
        return calendar.add(
            connection, day=day, working=working, name=name.strip(), reason=reason.strip(), account_id=by.account_id, at=now
        )

    return _change(office, write, "calendar_changed", by=by, now=now, preview=preview)


def undo(office: Office, *, change_id: int, by: Actor, now: datetime, preview: bool = False) -> list[Moved]:
    """Takes a change back. Raises NotFound if there is none that still holds, Refused for anybody but a national admin."""

    def write(connection: Connection) -> int:
        if not calendar.undo(connection, change_id, at=now):
            raise NotFound("there is no such change that still holds")
        return change_id

    return _change(office, write, "calendar_change_undone", by=by, now=now, preview=preview)


def _change(
    office: Office, write: Callable[[Connection], int], action: str, *, by: Actor, now: datetime, preview: bool
) -> list[Moved]:
    if not by.has(Role.NATIONAL_ADMIN):
        raise Refused("not_your_role")
    moved: list[Moved] = []
    try:
        with office.database.write() as connection:
            change_id = write(connection)
            office.refresh()
            moved = _recompute(connection, office)
            if preview:
                raise _OnlyLooking("a preview changes nothing")
            audit.record(
                connection,
                at=now,
                role=Role.NATIONAL_ADMIN,
                account_id=by.account_id,
                action=action,
                subject="calendar",
                subject_id=change_id,
                details={"moved": len(moved)},
            )
    except _OnlyLooking:
        pass
    finally:
        office.refresh()
    return moved


def _recompute(connection: Connection, office: Office) -> list[Moved]:
    """Every open clock anew; in one transaction with the change, so that no due date ever contradicts the calendar."""
    moved: list[Moved] = []
    after_id = 0
    while rows := clocks.every_open(connection, after_id=after_id, limit=_AT_ONCE):
        after_id = rows[-1].id
        for row in rows:
            fresh = timekeeping.refresh(connection, office, row)
            if fresh.due_at != row.due_at:
                report = reports.get(connection, row.report_id)
                moved.append(Moved(report.code, row.kind, row.due_at, fresh.due_at))
                timekeeping.show_due(connection, report.id, clocks.running(connection, report.id))
    return moved
