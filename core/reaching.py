"""When words do not reach the reporter: other addresses first, then the holder is told (sop.md §5, §6)."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from core import casework, notices, notifying, timekeeping
from core.dialogue.model import NoticeKind
from core.errors import Refused
from core.office import Office
from core.procedure.vocabulary import ClockKind, Move, State
from core.report import Report
from core.storage import clocks, messages, people, reports
from core.storage.people import AddressRow
from core.storage.tables import outbox

_log = structlog.get_logger()


def failed(connection: Connection, office: Office, *, report_id: int, clock: str | None, now: datetime) -> None:
    """A notice failed for good on the address it went to."""
    report = reports.get(connection, report_id, lock=True)
    kind, message_id = _what_failed(connection, report, clock)
    other = _other_address(connection, report, message_id)
    if other is not None and kind is not None and message_id is not None:
        _again(connection, office, report, other, kind, message_id, clock, now)
        return
    if other is not None:
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


def _what_failed(connection: Connection, report: Report, clock: str | None) -> tuple[NoticeKind | None, int | None]:
    """The official's words that can be sent again elsewhere: the open question, the last settlement."""
    if clock == timekeeping.CLARIFICATION and report.state is State.AWAITING_REPORTER:
        return NoticeKind.QUESTION, report.question_id
    if clock == timekeeping.SILENCE and report.settled_at is None:
        return NoticeKind.SETTLEMENT, messages.latest(connection, report.id, "settlement")
    return None, None


def _concerns_a_question(connection: Connection, clock: str | None) -> bool:
    if clock is None or clock == timekeeping.CLARIFICATION:
        return clock is not None
    if not clock.startswith(timekeeping.REMINDER):
        return False
    row = clocks.get(connection, int(clock.removeprefix(timekeeping.REMINDER)))
    return row is not None and row.open and row.kind is ClockKind.CLARIFICATION


def _other_address(connection: Connection, report: Report, message_id: int | None) -> AddressRow | None:
    """A known address of this person that works, is not the report's, and on which these words have not failed yet."""
    if report.person_id is None:
        return None
    tried: set[int] = set()
    if message_id is not None:
        query = select(outbox.c.address_id).where(outbox.c.message_id == message_id, outbox.c.state == "failed")
        tried = set(connection.execute(query).scalars())
    known = people.addresses_of(connection, report.person_id)
    return next((a for a in known if a.gone_at is None and a.id != report.address_id and a.id not in tried), None)


def _again(
    connection: Connection,
    office: Office,
    report: Report,
    other: AddressRow,
    kind: NoticeKind,
    message_id: int,
    clock: str | None,
    now: datetime,
) -> None:
    reports.touch(connection, report.id, address_id=other.id)
    notices.tell(
        connection,
        office,
        reports.get(connection, report.id),
        kind,
        now=now,
        words=messages.words_of(connection, message_id) or None,
        message_id=message_id,
        clock=clock,
    )
