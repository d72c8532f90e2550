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
from core.storage import messages, reports
from core.storage.clocks import ClockRow
from core.timekeeping import REMINDER

_TO_REPORTER = {
    ClockKind.SILENCE: NoticeKind.SETTLEMENT_REMINDER,
    ClockKind.CLARIFICATION: NoticeKind.QUESTION_REMINDER,
    ClockKind.OMBUDSMAN: NoticeKind.OMBUDSMAN_CHOICE,
}


def remind(connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, *, now: datetime) -> None:
    """Before a limit. A reminder that an effect presupposes carries its clock, so that its arrival is known."""
    officials = action.tell - {Audience.REPORTER}
    if officials:
        notifying.audience(connection, office, report, officials, f"{row.kind.value}_{action.slot}", now=now)
    if Audience.REPORTER not in action.tell:
        return
    params = {"due_on": notices.last_day(row.due_at, row.clock.zone)} if row.due_at is not None else {}
    if row.kind is ClockKind.OMBUDSMAN:
        if report.ombudsman_asked_at is None:  # asked once: with identity, without, or not at all
            reports.touch(connection, report.id, ombudsman_asked_at=now)
            notices.tell(connection, office, report, NoticeKind.OMBUDSMAN_CHOICE, now=now, params=params)
        return
    question = messages.words_of(connection, report.question_id) if row.kind is ClockKind.CLARIFICATION else None
    kind = _TO_REPORTER[row.kind]
    notices.tell(connection, office, report, kind, now=now, params=params, words=question or None, clock=f"{REMINDER}{row.id}")


def overdue(connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, *, now: datetime) -> None:
    """Flagged, and those named for this clock are told."""
    reports.touch(connection, report.id, overdue=True)
    officials = action.tell - {Audience.REPORTER}
    if officials:
        notifying.audience(connection, office, report, officials, f"overdue_{row.kind.value}", now=now)
    if Audience.REPORTER in action.tell:
        notices.tell(connection, office, report, NoticeKind.OVERDUE, now=now)


def referred(connection: Connection, office: Office, report: Report, action: Action, *, now: datetime) -> None:
    """sop.md §6: all holders, also those who had it before, and the supervisor; the move itself tells the reporter."""
    notifying.audience(connection, office, report, action.tell - {Audience.REPORTER}, "referred", now=now, past=True)
