"""Reminders leave: outside quiet hours, one message to a person on a day, those that were overtaken never (sop.md §7).

What is to be reminded of was written down when its clock said so; the effect behind it waits until the message has arrived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from core import notices, quiet, timekeeping
from core.dialogue.model import NoticeKind
from core.errors import LaporError, StorageUnavailable
from core.facts import capabilities_of
from core.office import Office
from core.procedure.deadlines import effect_at
from core.procedure.vocabulary import State
from core.report import Report
from core.storage import clocks, messages, people, reminders, reports
from core.storage.clocks import ClockRow
from core.storage.reminders import ReminderRow
from core.sweep.effects import SweepEffect

AT_ONCE = 200
MOST_TOGETHER, MOST_TOGETHER_PAID = 6, 2
"""Reminders in one message: where talk is free, and in one paid segment."""
_LISTED = (NoticeKind.SETTLEMENT_REMINDER, NoticeKind.QUESTION_REMINDER, NoticeKind.OVERDUE)
"""What can stand in a list; a choice about the Ombudsman is put by itself."""
_log = structlog.get_logger()


class _DayTaken(LaporError):
    """Another process has reminded this person today."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A reminder that may leave now, with what it is about."""

    row: ReminderRow
    kind: NoticeKind
    report: Report
    clock: ClockRow
    zone: str


def batch(connection: Connection, office: Office, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    """Up to 200 reminders in the caller's transaction. What they remind of was an effect of its own, so none is named here."""
    rows = [row for row in reminders.due(connection, at=at, limit=AT_ONCE + len(seen)) if row.id not in seen]
    of_person: dict[int | None, list[ReminderRow]] = defaultdict(list)
    for row in rows:
        of_person[row.person_id].append(row)
    for person_id, mine in of_person.items():
        for some in [mine] if person_id is not None else [[row] for row in mine]:
            try:
                with connection.begin_nested():
                    _remind(connection, office, person_id, some, at)
            except (StorageUnavailable, OperationalError, InterfaceError):
                raise  # the database's trouble, not this person's
            except Exception as error:
                _log.error("reminder_failed", reminder_id=some[0].id, error=type(error).__name__)
    return [], {row.id for row in rows}


def _remind(connection: Connection, office: Office, person_id: int | None, rows: Sequence[ReminderRow], at: datetime) -> None:
    numbers, ready = office.numbers.quiet, []
    for due in _still_wanted(connection, office, rows):
        until = quiet.opens(at, due.zone, numbers)
        if until > at:
            reminders.put_off(connection, [due.row.id], until=until)
        else:
            ready.append(due)
    if not ready:
        return
    ready.sort(key=_first_what_waits)
    tomorrow = quiet.next_day(at, ready[0].zone, numbers)
    today = at.astimezone(ZoneInfo(ready[0].zone)).date()
    last = None if person_id is None else reminders.last_day(connection, person_id)[1]
    if reminders.is_taken(last, today):
        reminders.put_off(connection, [due.row.id for due in ready], until=tomorrow)
        return
    first, rest = _together(connection, office, ready) if person_id is not None else (ready, [])
    _tell(connection, office, first, at)
    # After the telling, which locks the conversation: whoever else reminds this person comes the same way.
    if person_id is not None and not reminders.take_day(connection, person_id, today):
        raise _DayTaken("this person was reminded today: tomorrow again")
    if rest:
        reminders.put_off(connection, [due.row.id for due in rest], until=tomorrow)


def _first_what_waits(due: _Due) -> int:
    """What has a day by which the reporter must speak comes before what only has to be known."""
    return _LISTED.index(due.kind) if due.kind in _LISTED else len(_LISTED)


def _still_wanted(connection: Connection, office: Office, rows: Sequence[ReminderRow]) -> list[_Due]:
    """The reports locked, in order of their ids; what was overtaken is dropped."""
    locked = {row.report_id: reports.get(connection, row.report_id, lock=True) for row in sorted(rows, key=_by_report)}
    wanted: list[_Due] = []
    for row in rows:
        report, kind, clock = locked[row.report_id], NoticeKind(row.kind), clocks.get(connection, row.clock_id)
        if clock is None or _overtaken(report, clock, kind):
            reminders.drop(connection, row.id)
        else:
            wanted.append(_Due(row, kind, report, clock, quiet.zone_of(connection, office, report)))
    return wanted


def _by_report(row: ReminderRow) -> int:
    return row.report_id


def _overtaken(report: Report, clock: ClockRow, kind: NoticeKind) -> bool:
    """Answered, closed, settled, decided: meanwhile there is nothing to remind of."""
    if not clock.open or not report.is_open:
        return True
    match kind:
        case NoticeKind.SETTLEMENT_REMINDER:
            return report.replied or report.state is not State.IN_PROGRESS
        case NoticeKind.QUESTION_REMINDER:
            return report.state is not State.AWAITING_REPORTER
        case NoticeKind.OVERDUE:
            return report.settlement_at is not None and not report.replied
        case _:
            return report.ombudsman_asked_at is not None or report.referred_at is not None


def _together(connection: Connection, office: Office, ready: Sequence[_Due]) -> tuple[list[_Due], list[_Due]]:
    """What one message tells, and what waits for the next day: in their order, of one address, as many as it carries."""
    first = ready[0]
    known = people.addresses_of(connection, first.report.person_id) if first.report.person_id is not None else ()
    costs = any(capabilities_of(office, address.channel).costs for address in known)
    most = MOST_TOGETHER_PAID if costs else MOST_TOGETHER
    with_it = [due for due in ready if due.kind in _LISTED and due.report.address_id == first.report.address_id]
    chosen = with_it[:most] if first.kind in _LISTED and first.report.address_id is not None else [first]
    return chosen, [due for due in ready if due not in chosen]


def _tell(connection: Connection, office: Office, together: Sequence[_Due], at: datetime) -> None:
    number = reminders.told(connection, [due.row.id for due in together])
    for due in together:
        if due.kind is NoticeKind.OMBUDSMAN_CHOICE:  # asked once: with identity, without, or not at all
            reports.touch(connection, due.report.id, ombudsman_asked_at=at)
    if len(together) > 1:
        listed = [(due.report, due.kind, _due_on(connection, office, due, at)) for due in together]
        notices.say_together(connection, office, listed, now=at, clock=f"{timekeeping.REMINDERS}{number}")
        return
    (due,) = together
    due_on = _due_on(connection, office, due, at)
    question = messages.words_of(connection, due.report.question_id) if due.kind is NoticeKind.QUESTION_REMINDER else None
    presupposed = due.kind in (NoticeKind.SETTLEMENT_REMINDER, NoticeKind.QUESTION_REMINDER)
    notices.say(
        connection,
        office,
        due.report,
        due.kind,
        now=at,
        params={} if due_on is None else {"due_on": due_on},
        words=question or None,
        clock=f"{timekeeping.REMINDER}{due.clock.id}" if presupposed else None,
    )


def _due_on(connection: Connection, office: Office, due: _Due, at: datetime) -> date | None:
    """The day at whose end the effect comes if this reminder arrives now; later than the limit after an outage (sop.md §6)."""
    if due.kind is NoticeKind.OVERDUE:
        return None
    calendar = office.calendar(None, connection)
    effect = effect_at(due.clock.clock, calendar, reminder_delivered_at=at, numbers=office.numbers)
    return None if effect is None else notices.last_day(effect, due.clock.clock.zone)
