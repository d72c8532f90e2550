"""What the reporter hears about the own report (sop.md §7): composed here, told by the conversation on the own channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.dialogue.model import Notice, NoticeKind
from core.office import Office
from core.procedure.numbers import Numbers
from core.procedure.vocabulary import Ground
from core.report import Report
from core.storage import reminders, reports
from core.storage.clocks import ClockRow

REMINDER = "reminder:"
REMINDERS = frozenset(
    {NoticeKind.SETTLEMENT_REMINDER, NoticeKind.QUESTION_REMINDER, NoticeKind.OMBUDSMAN_CHOICE, NoticeKind.OVERDUE}
)
"""What leaves outside quiet hours only."""
_HALF_DAY = timedelta(hours=12)


def last_day(due_at: datetime, zone: str) -> date:
    """The day at whose end the deadline falls; `due_at` is the first instant of the day after (sop.md §6).

    That is a midnight in one of the country's zones, not always in `zone`: half a day earlier is inside the day in all of them.
    """
    return (due_at - _HALF_DAY).astimezone(ZoneInfo(zone)).date()


def tell(
    connection: Connection,
    office: Office,
    report: Report,
    kind: NoticeKind,
    *,
    now: datetime,
    params: Mapping[str, str | int | date] | None = None,
    words: str | None = None,
    message_id: int | None = None,
    clock: str | None = None,
) -> None:
    """Tells it in this transaction. `words`: an official's, unchanged. `clock`: starts when this message is delivered.

    A report without a person (registered for somebody without an address) has nobody to tell; conversing records that.
    A reminder that failed elsewhere is written down anew: it leaves at its hour, and the day is not used up.
    """
    if kind in REMINDERS and clock is not None:
        if report.person_id is not None:
            reminders.give_day_back(connection, report.person_id)
        clock_id = int(clock.removeprefix(REMINDER))
        reminders.wish(connection, clock_id=clock_id, report_id=report.id, kind=kind.value, now=now)
        return
    say(connection, office, report, kind, now=now, params=params, words=words, message_id=message_id, clock=clock)


def remind(connection: Connection, row: ClockRow, kind: NoticeKind, *, now: datetime) -> None:
    """To be told outside quiet hours, one reminder to a person on a day: see core/sweep/reminding.py."""
    reminders.wish(connection, clock_id=row.id, report_id=row.report_id, kind=kind.value, now=now)


def say_together(
    connection: Connection,
    office: Office,
    listed: Sequence[tuple[Report, NoticeKind, date | None]],
    *,
    now: datetime,
    clock: str,
) -> None:
    """Several reminders of one person in one message. With each: until when the word is the reporter's."""
    from core.conversing import tell as tell_reporter

    params: dict[str, str | int | date] = {"codes": " ".join(report.code for report, _kind, _due in listed)}
    for report, kind, due_on in listed:
        reports.touch(connection, report.id, last_notice=kind, spoke_at=now)
        params[f"kind_{report.code}"] = kind.value
        params[f"holder_{report.code}"] = offices.row(connection, office, report.holder_id).name
        if due_on is not None:
            params[f"due_{report.code}"] = due_on
    first = listed[0][0]
    notice = Notice(kind=NoticeKind.REMINDERS, code=first.code, params=params)
    tell_reporter(connection, office, report_id=first.id, notice=notice, now=now, clock=clock)


def say(
    connection: Connection,
    office: Office,
    report: Report,
    kind: NoticeKind,
    *,
    now: datetime,
    params: Mapping[str, str | int | date] | None = None,
    words: str | None = None,
    message_id: int | None = None,
    clock: str | None = None,
) -> None:
    """As `tell`, whatever the hour."""
    from core.conversing import tell as tell_reporter  # the conversation calls what tells: late, so that both can be imported

    given: dict[str, str | int | date] = {"holder": offices.row(connection, office, report.holder_id).name}
    due_on = _due_on(connection, office, report, kind, now)
    if due_on is not None:
        given["due_on"] = due_on
    given |= dict(params or {})
    reports.touch(connection, report.id, last_notice=kind, spoke_at=now)
    notice = Notice(kind=kind, code=report.code, params=given, words=words)
    tell_reporter(connection, office, report_id=report.id, notice=notice, now=now, message_id=message_id, clock=clock)


_WINDOWS: Mapping[NoticeKind, Callable[[Numbers], int]] = {
    NoticeKind.QUESTION: lambda numbers: numbers.clarification.limit_days,
    NoticeKind.SETTLEMENT: lambda numbers: numbers.silence.limit_days,
    NoticeKind.CLOSED: lambda numbers: numbers.windows.dispute_days,
    NoticeKind.CLOSED_SILENT: lambda numbers: numbers.windows.dispute_days,
    NoticeKind.ARCHIVED: lambda numbers: numbers.windows.object_days,
}
"""Where the next word is the reporter's: for how many working days from today (sop.md §5, §6)."""


def _due_on(connection: Connection, office: Office, report: Report, kind: NoticeKind, now: datetime) -> date | None:
    """Until when the holder has, or the reporter where the next word is the reporter's; an overdue notice names no new day."""
    if kind in _WINDOWS:
        if kind is NoticeKind.ARCHIVED and (report.objected or report.ground is Ground.SPAM):
            return None
        calendar = office.calendar(None, connection)
        return calendar.add_working_days(calendar.local_date(now), _WINDOWS[kind](office.numbers))
    due_at = reports.due_at_of(connection, report.id)
    if due_at is None or due_at <= now or not report.is_open:
        return None
    return last_day(due_at, offices.row(connection, office, report.holder_id).zone)
