"""Whom the clock tells what: officials on the desk, the reporter in plain words (sop.md §6, §7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core import notices, notifying
from core.dialogue.model import NoticeKind
from core.office import Office
from core.procedure.deadlines import Action
from core.procedure.vocabulary import Audience, ClockKind
from core.report import Report
from core.storage import reports
from core.storage.clocks import ClockRow

_TO_REPORTER = {
    ClockKind.SILENCE: NoticeKind.SETTLEMENT_REMINDER,
    ClockKind.CLARIFICATION: NoticeKind.QUESTION_REMINDER,
    ClockKind.OMBUDSMAN: NoticeKind.OMBUDSMAN_CHOICE,
}


def remind(connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, *, now: datetime) -> None:
    """Before a limit: officials on the desk now, the reporter at the next good hour (core/sweep/reminding.py)."""
    officials = action.tell - {Audience.REPORTER}
    if officials:
        notifying.audience(connection, office, report, officials, f"{row.kind.value}_{action.slot}", now=now)
    if Audience.REPORTER not in action.tell:
        return
    if row.kind is ClockKind.OMBUDSMAN and report.ombudsman_asked_at is not None:
        return
    notices.remind(connection, row, _TO_REPORTER[row.kind], now=now)


def overdue(connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, *, now: datetime) -> None:
    """Flagged, and those named for this clock are told."""
    reports.touch(connection, report.id, overdue=True)
    officials = action.tell - {Audience.REPORTER}
    if officials:
        notifying.audience(connection, office, report, officials, f"overdue_{row.kind.value}", now=now)
    if Audience.REPORTER in action.tell:
        notices.remind(connection, row, NoticeKind.OVERDUE, now=now)


def referred(connection: Connection, office: Office, report: Report, action: Action, *, now: datetime) -> None:
    """sop.md §6: all holders, also those who had it before, and the supervisor; the move itself tells the reporter."""
    notifying.audience(connection, office, report, action.tell - {Audience.REPORTER}, "referred", now=now, past=True)
