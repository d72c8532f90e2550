"""What the reporter hears about the own report (sop.md §7): composed here, told by the conversation on the own channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.dialogue.model import Notice, NoticeKind
from core.office import Office
from core.procedure.numbers import Numbers
from core.procedure.vocabulary import Ground
from core.report import Report
from core.storage import reports

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
    """
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
