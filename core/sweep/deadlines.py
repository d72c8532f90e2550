"""Clocks on which something is due: reminders, overdue flags, and the moves that the system makes (sop.md §6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from core import timekeeping
from core.casework import act_as_system
from core.errors import Refused, StorageUnavailable
from core.office import Office
from core.procedure.deadlines import DUE, Action, ActionKind, due_action
from core.procedure.numbers import Clarification, Numbers, Silence
from core.procedure.vocabulary import Category, ClockKind, Move
from core.reaching import CLOCK_JOB
from core.report import Report
from core.storage import clocks, leases, reports
from core.storage.clocks import ClockRow
from core.sweep import saying
from core.sweep.effects import SweepEffect

JOB = CLOCK_JOB
AT_ONCE = 200
NOT_AT_ALL = "not_at_all"
_LOOK_AGAIN_AFTER = timedelta(hours=1)
_log = structlog.get_logger()

Batch = Callable[[Connection, Office, datetime, set[int]], tuple[list[SweepEffect], set[int]]]


def batch(connection: Connection, office: Office, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    """Up to 200 due clocks in the caller's transaction; what was done, and the clocks that were looked at.

    A clock that fails is put off for an hour and hinders none of the others.
    """
    effects: list[SweepEffect] = []
    rows = [row for row in clocks.due(connection, at=at, limit=AT_ONCE) if row.id not in seen]
    for row in rows:
        try:
            with connection.begin_nested():
                effects += _work(connection, office, row.id, at)
        except (StorageUnavailable, OperationalError, InterfaceError):
            raise  # the database's trouble, not this clock's
        except Exception as error:
            _log.error("clock_failed", clock_id=row.id, report_id=row.report_id, error=type(error).__name__)
            clocks.mark(connection, row, done=row.done, reminded_at=row.reminded_at, next_at=at + _LOOK_AGAIN_AFTER)
    return effects, {row.id for row in rows}


def _work(connection: Connection, office: Office, clock_id: int, at: datetime) -> list[SweepEffect]:
    """Everything that is due on one clock by `at`: missed reminders collapse into the latest (sop.md §6)."""
    found = clocks.get(connection, clock_id)
    if found is None:
        return []
    report = reports.get(connection, found.report_id, lock=True)
    row = clocks.get(connection, clock_id)
    if row is None or not row.open:
        return []
    action = due_action(
        row.clock,
        done=row.done,
        reminder_delivered_at=row.reminded_at,
        now=at,
        calendar=office.calendar(None, connection),
        numbers=office.numbers,
    )
    if action is None:
        timekeeping.refresh(connection, office, row)
        return []
    slot = f"{row.id}:{action.slot}"
    first = leases.once(connection, JOB, slot, at=at)
    effects = _do(connection, office, report, row, action, slot, at) if first else []
    _mark(connection, office, row, action, at)
    return effects


def _mark(connection: Connection, office: Office, row: ClockRow, action: Action, at: datetime) -> None:
    """Keeps the slot among what has been done; what is due next is due then."""
    current = clocks.get(connection, row.id) or row
    warned = row.kind is ClockKind.OMBUDSMAN and action.kind is ActionKind.REMIND
    reminded_at = current.reminded_at or (at if warned else None)  # put before the officials: that is what counts here
    marked = replace(current, done=current.done | {action.slot}, reminded_at=reminded_at)
    _due, next_at = timekeeping.moments(connection, office, marked)
    clocks.mark(connection, marked, done=marked.done, reminded_at=reminded_at, next_at=next_at)
    timekeeping.show_due(connection, row.report_id, clocks.running(connection, row.report_id))


def _do(
    connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, slot: str, at: datetime
) -> list[SweepEffect]:
    match action.kind:
        case ActionKind.REMIND:
            saying.remind(connection, office, report, row, action, now=at)
            return [SweepEffect(JOB, slot, report.code, f"{row.kind.value}.{action.slot}")]
        case ActionKind.OVERDUE:
            saying.overdue(connection, office, report, row, action, now=at)
            return [SweepEffect(JOB, slot, report.code, f"{row.kind.value}.{DUE}")]
        case ActionKind.MOVE:
            return _move(connection, office, report, row, action, slot, at)


def _move(
    connection: Connection, office: Office, report: Report, row: ClockRow, action: Action, slot: str, at: datetime
) -> list[SweepEffect]:
    if action.move is None:
        return []
    if action.move is Move.REFER:
        return _refer(connection, office, report, action, slot, at)
    try:
        numbers = _as_started(office.numbers, row)
        act_as_system(connection, office, report_id=report.id, move=action.move, now=at, numbers=numbers)
    except Refused as refused:  # overtaken: a reply came, the question was taken back
        _log.info("clock_overtaken", report=report.code, clock=row.kind.value, reason=refused.reason)
        return []
    return [SweepEffect(JOB, slot, report.code, action.move.value)]


def _as_started(numbers: Numbers, row: ClockRow) -> Numbers:
    """sop.md §6: a clock keeps the limit of its start; new numbers apply to new clocks."""
    if row.kind is ClockKind.SILENCE:
        most = min(numbers.silence.reminder_days, row.clock.limit_days - 1)
        return replace(numbers, silence=Silence(reminder_days=most, limit_days=row.clock.limit_days))
    if row.kind is ClockKind.CLARIFICATION:
        most = min(numbers.clarification.reminder_days, row.clock.limit_days - 1)
        return replace(numbers, clarification=Clarification(reminder_days=most, limit_days=row.clock.limit_days))
    return numbers


def _refer(
    connection: Connection, office: Office, report: Report, action: Action, slot: str, at: datetime
) -> list[SweepEffect]:
    """Once per report, linked reports together; holders and the supervisor are told with each."""
    lead_id = report.lead_id or report.id
    family = [reports.get(connection, lead_id, lock=True), *reports.followers(connection, lead_id)]
    effects: list[SweepEffect] = []
    for each in family:
        if each.referred_at is not None or not each.is_open or each.category is Category.APPRECIATION:
            continue
        if each.ombudsman_choice == NOT_AT_ALL:  # sop.md §6: the reporter was asked, and this is the answer
            _log.info("not_referred", report=each.code, reason="not_at_all")
            continue
        try:
            act_as_system(connection, office, report_id=each.id, move=Move.REFER, now=at)
        except Refused as refused:
            _log.info("not_referred", report=each.code, reason=refused.reason)
            continue
        saying.referred(connection, office, reports.get(connection, each.id), action, now=at)
        effects.append(SweepEffect(JOB, slot, each.code, Move.REFER.value))
    return effects
