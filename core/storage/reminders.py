"""Reminders that wait for their hour and day. Which day a person was reminded on stands with the person (sop.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from core.storage.tables import people, reminders, reports
from core.storage.upsert import insert


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """`kind`: the notice's code. `person_id`: whoever is behind all addresses of the reporter; None: nobody is known."""

    id: int
    clock_id: int
    report_id: int
    kind: str
    not_before: datetime
    person_id: int | None


_FURTHER_EAST = timedelta(days=1)
_CANONICAL = func.coalesce(people.c.same_as, people.c.id)
_QUERY = (
    select(reminders.c.id, reminders.c.clock_id, reminders.c.report_id, reminders.c.kind, reminders.c.not_before, _CANONICAL)
    .join_from(reminders, reports, reports.c.id == reminders.c.report_id)
    .outerjoin(people, people.c.id == reports.c.person_id)
)
_DUE = (
    _QUERY.where(reminders.c.told_with.is_(None), reminders.c.not_before <= bindparam("at"))
    .order_by(reminders.c.not_before, reminders.c.made_at, reminders.c.id)
    .limit(bindparam("limit"))
)
_TOLD_WITH = _QUERY.where(reminders.c.told_with == bindparam("first")).order_by(reminders.c.id)


def wish(connection: Connection, *, clock_id: int, report_id: int, kind: str, now: datetime) -> None:
    """The reporter is to be reminded; once more where it was told and came to nothing. Twice the same wish is one."""
    given = {"clock_id": clock_id, "report_id": report_id, "kind": kind, "made_at": now, "not_before": now}
    again = {"made_at": now, "not_before": now, "told_with": None}
    connection.execute(
        insert(connection, reminders)
        .values(given)
        .on_conflict_do_update(index_elements=["clock_id", "kind"], set_=again, where=reminders.c.told_with.is_not(None))
    )


def due(connection: Connection, *, at: datetime, limit: int) -> Sequence[ReminderRow]:
    """What may be told by `at`, the longest waiting first."""
    return [ReminderRow(*row) for row in connection.execute(_DUE, {"at": at, "limit": limit})]


def put_off(connection: Connection, ids: Sequence[int], *, until: datetime) -> None:
    connection.execute(update(reminders).where(reminders.c.id.in_(ids)).values(not_before=until))


def told(connection: Connection, ids: Sequence[int]) -> int:
    """One message tells them together; its number, by which `told_with` finds them again."""
    first = min(ids)
    connection.execute(update(reminders).where(reminders.c.id.in_(ids)).values(told_with=first))
    return first


def told_with(connection: Connection, first: int) -> Sequence[ReminderRow]:
    """Those that one message told together."""
    return [ReminderRow(*row) for row in connection.execute(_TOLD_WITH, {"first": first})]


def drop(connection: Connection, reminder_id: int) -> None:
    """Overtaken: nothing is to be reminded of any more."""
    connection.execute(delete(reminders).where(reminders.c.id == reminder_id))


# --- one reminder a day ----------------------------------------------------------------------------------------------------


def last_day(connection: Connection, person_id: int) -> tuple[int, date | None]:
    """Who is behind this person's addresses, and the day of the latest reminder, in the zone in which it was told."""
    one, same = people.alias("one"), people.alias("same")
    query = select(same.c.id, same.c.reminded_on).join_from(one, same, same.c.id == func.coalesce(one.c.same_as, one.c.id))
    row = connection.execute(query.where(one.c.id == person_id)).one()
    return int(row.id), row.reminded_on


def is_taken(last: date | None, day: date) -> bool:
    """Has a person who was reminded on `last` been reminded on `day`? Further east it may have been tomorrow already; any later
    day was written by a clock that was wrong."""
    return last is not None and day <= last <= day + _FURTHER_EAST


def take_day(connection: Connection, person_id: int, day: date) -> bool:
    """Is this the day's first reminder of this person? Then it is taken; somebody else who asks waits for our commit."""
    free = or_(people.c.reminded_on.is_(None), people.c.reminded_on < day, people.c.reminded_on > day + _FURTHER_EAST)
    taken = connection.execute(update(people).where(people.c.id == person_id, free).values(reminded_on=day))
    return taken.rowcount == 1


def give_day_back(connection: Connection, person_id: int) -> None:
    """The day's reminder did not arrive: nobody was reminded."""
    who, _day = last_day(connection, person_id)
    connection.execute(update(people).where(people.c.id == who).values(reminded_on=None))
