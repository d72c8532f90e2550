"""What the reporter hears about the own report (sop.md §7): composed here, told by the conversation on the own channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.dialogue.model import Notice, NoticeKind
from core.office import Office
from core.report import Report
from core.storage import reports


def last_day(due_at: datetime, zone: str) -> date:
    """The day at whose end the deadline falls; `due_at` is the first instant of the day after (sop.md §6)."""
    return (due_at.astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)).date()


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
    due_at = reports.due_at_of(connection, report.id)
    if due_at is not None:
        given["due"] = last_day(due_at, offices.row(connection, office, report.holder_id).zone)
    given |= dict(params or {})
    reports.touch(connection, report.id, last_notice=kind, spoke_at=now)
    notice = Notice(kind=kind, code=report.code, params=given, words=words)
    tell_reporter(connection, office, report_id=report.id, notice=notice, now=now, message_id=message_id, clock=clock)
