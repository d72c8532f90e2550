"""When words do not reach the reporter: other addresses first, then the holder is told (sop.md §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from core import casework, notices, notifying, timekeeping
from core.dialogue.model import NoticeKind
from core.errors import Refused
from core.office import Office
from core.procedure.deadlines import REMINDER
from core.procedure.vocabulary import ClockKind, Move, State
from core.report import Report
from core.storage import clocks, leases, messages, people, reports
from core.storage.clocks import ClockRow
from core.storage.people import AddressRow
from core.storage.tables import outbox

CLOCK_JOB = "clock"
"""The job under which the sweep does each thing on a clock once."""

_REMIND_AGAIN = frozenset({ClockKind.SILENCE, ClockKind.CLARIFICATION})
_log = structlog.get_logger()


def failed(connection: Connection, office: Office, *, report_id: int, clock: str | None, now: datetime) -> None:
    """A notice failed for good on the address it went to."""
    report = reports.get(connection, report_id, lock=True)
    kind, message_id = _what_failed(connection, report, clock)
    other = _other_address(connection, report, message_id, clock)
    if other is not None:
        if kind is not None:
            _again(connection, office, report, other, kind, message_id, clock, now)
        return
    reports.touch(connection, report_id, unreachable_since=now)
    if _concerns_a_question(connection, clock) and report.state is State.AWAITING_REPORTER:
        try:
            casework.act_as_system(connection, office, report_id=report_id, move=Move.UNDELIVERABLE, now=now)
        except Refused as refused:
            _log.info("question stays open", report=report.code, reason=refused.reason)
        return
    if report.is_open and clock is not None:
        notifying.holder(connection, office, reports.get(connection, report_id), "undeliverable", now=now)


def back(connection: Connection, office: Office, report: Report) -> None:
    """The reporter can be reached again: a reminder that never arrived goes out anew, and its effect waits for it."""
    reports.touch(connection, report.id, unreachable_since=None)
    for row in clocks.running(connection, report.id):
        if row.kind in _REMIND_AGAIN and REMINDER in row.done and row.reminded_at is None:
            leases.forget(connection, CLOCK_JOB, f"{row.id}:{REMINDER}")
            anew = replace(row, done=row.done - {REMINDER})
            _due, next_at = timekeeping.moments(connection, office, anew)
            clocks.mark(connection, anew, done=anew.done, reminded_at=None, next_at=next_at)


def _what_failed(connection: Connection, report: Report, clock: str | None) -> tuple[NoticeKind | None, int | None]:
    """What can be sent again elsewhere: the open question, the last settlement, a reminder before an effect."""
    if clock == timekeeping.CLARIFICATION and report.state is State.AWAITING_REPORTER:
        return NoticeKind.QUESTION, report.question_id
    if clock == timekeeping.SILENCE and report.settled_at is None:
        return NoticeKind.SETTLEMENT, messages.latest(connection, report.id, "settlement")
    row = _reminded(connection, clock)
    if row is not None and row.kind is ClockKind.SILENCE:
        return NoticeKind.SETTLEMENT_REMINDER, None
    if row is not None and row.kind is ClockKind.CLARIFICATION:
        return NoticeKind.QUESTION_REMINDER, report.question_id
    return None, None


def _reminded(connection: Connection, clock: str | None) -> ClockRow | None:
    """The clock that a reminder was about, if that still runs."""
    if clock is None or not clock.startswith(timekeeping.REMINDER):
        return None
    row = clocks.get(connection, int(clock.removeprefix(timekeeping.REMINDER)))
    return row if row is not None and row.open else None


def _concerns_a_question(connection: Connection, clock: str | None) -> bool:
    if clock is None or clock == timekeeping.CLARIFICATION:
        return clock is not None
    row = _reminded(connection, clock)
    return row is not None and row.kind is ClockKind.CLARIFICATION


def _other_address(connection: Connection, report: Report, message_id: int | None, clock: str | None) -> AddressRow | None:
    """A known address of this person that works, is not the report's, and on which these words have not failed yet."""
    if report.person_id is None:
        return None
    tried: set[int] = set()
    if message_id is not None or clock is not None:
        these = outbox.c.clock == clock if _is_reminder(clock) else outbox.c.message_id == message_id
        query = select(outbox.c.address_id).where(outbox.c.report_id == report.id, these, outbox.c.state == "failed")
        tried = set(connection.execute(query).scalars())
    known = people.addresses_of(connection, report.person_id)
    return next((a for a in known if a.gone_at is None and a.id != report.address_id and a.id not in tried), None)


def _is_reminder(clock: str | None) -> bool:
    return clock is not None and clock.startswith(timekeeping.REMINDER)


def _again(
    connection: Connection,
    office: Office,
    report: Report,
    other: AddressRow,
    kind: NoticeKind,
    message_id: int | None,
    clock: str | None,
    now: datetime,
) -> None:
    reports.touch(connection, report.id, address_id=other.id)
    row = _reminded(connection, clock)
    params = {"due_on": notices.last_day(row.due_at, row.clock.zone)} if row is not None and row.due_at is not None else {}
    notices.tell(
        connection,
        office,
        reports.get(connection, report.id),
        kind,
        now=now,
        params=params,
        words=messages.words_of(connection, message_id) or None,
        message_id=None if _is_reminder(clock) else message_id,
        clock=clock,
    )
