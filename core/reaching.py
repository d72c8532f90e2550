"""When words do not reach the reporter: other addresses first, then the holder is told (sop.md §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from core import addressing, casework, notices, notifying, timekeeping
from core.dialogue.model import NoticeKind
from core.errors import Refused
from core.office import Office
from core.procedure.deadlines import REMINDER
from core.procedure.vocabulary import ClockKind, Move, State
from core.report import Report
from core.storage import clocks, leases, messages, people, reminders, reports
from core.storage.clocks import ClockRow
from core.storage.people import AddressRow
from core.storage.tables import outbox

CLOCK_JOB = "clock"
"""The job under which the sweep does each thing on a clock once."""

_REMIND_AGAIN = frozenset({ClockKind.SILENCE, ClockKind.CLARIFICATION})
_log = structlog.get_logger()


def failed(connection: Connection, office: Office, *, report_id: int, clock: str | None, now: datetime) -> None:
    """A notice failed for good on the address it went to."""
    if clock is not None and clock.startswith(timekeeping.REMINDERS):
        for each in reminders.told_with(connection, int(clock.removeprefix(timekeeping.REMINDERS))):
            one = f"{timekeeping.REMINDER}{each.clock_id}"
            failed(connection, office, report_id=each.report_id, clock=one, now=now)
        return
    report = reports.get(connection, report_id, lock=True)
    kind, message_id = _what_failed(connection, report, clock)
    other = _other_address(connection, office, report, message_id, clock, now)
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


def _failed_at(connection: Connection, report: Report, message_id: int | None, clock: str | None) -> set[int]:
    """The addresses on which these words have failed."""
    if message_id is None and clock is None:
        return set()
    these = outbox.c.clock == clock if _is_reminder(clock) else outbox.c.message_id == message_id
    query = select(outbox.c.address_id).where(outbox.c.report_id == report.id, these, outbox.c.state == "failed")
    return set(connection.execute(query.order_by(outbox.c.id)).scalars())


def _other_address(
    connection: Connection, office: Office, report: Report, message_id: int | None, clock: str | None, now: datetime
) -> AddressRow | None:
    """The next known address of this person that works and on which these words have not failed yet."""
    if report.person_id is None:
        return None
    tried = _failed_at(connection, report, message_id, clock)
    known = addressing.known_addresses(connection, office, person_id=report.person_id, address_id=report.address_id, now=now)
    return addressing.next_address(known, but=tried or {report.address_id or 0})


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
    _change_way(connection, office, report, other, _failed_at(connection, report, message_id, clock), now)
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


def _change_way(
    connection: Connection, office: Office, report: Report, other: AddressRow, failed_at: set[int], now: datetime
) -> None:
    """From now on words about it go to `other`, and the record says so (sop.md §7). A preferred address that failed is none."""
    known = addressing.known_addresses(connection, office, person_id=report.person_id, address_id=report.address_id, now=now)
    tried = failed_at or {report.address_id or 0}
    missed = next((one for one in known if one.id in tried), None)
    if report.person_id is not None and missed is not None and missed.preferred_at is not None:
        people.prefer(connection, report.person_id, None, at=now)
    if report.address_id in tried or report.address_id is None:
        reports.touch(connection, report.id, address_id=other.id)
    if missed is not None and missed.id != other.id:
        addressing.record_detour(connection, report.id, report.state, was=missed.channel, goes=other.channel, at=now)
