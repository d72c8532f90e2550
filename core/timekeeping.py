"""The clocks of a report (sop.md §6): opened, paused and stopped by what happens, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core import offices
from core.office import Office
from core.procedure import clocks as counting
from core.procedure.case import Case
from core.procedure.categories import OwnLimits
from core.procedure.clocks import IN_AGENCY_ZONE, LEGS, Clock
from core.procedure.deadlines import DUE, next_moment
from core.procedure.effects import Change, ClockChange, Moment, effects_of
from core.procedure.vocabulary import ClockKind, Move, State
from core.report import Report, Surroundings, case_of
from core.storage import clocks, reminders, reports
from core.storage.clocks import ClockRow

SHOWN = frozenset((*LEGS, ClockKind.SETTLEMENT, ClockKind.ANSWER))
"""Clocks that officials answer for: the nearest of them is the report's due date in the queue."""


def outline(report: Report) -> Case:
    """The case as far as clocks look at it: without offices and exceptions, at no cost."""
    return case_of(report, Surroundings(offices={}))


def opened(connection: Connection, office: Office, report: Report, *, now: datetime) -> None:
    """A new report, submitted, registered or split off."""
    outline_ = outline(report)
    keeper = _Keeper(connection, office, report, now, [])
    for each in effects_of(Move.SUBMIT, outline_, outline_):
        keeper.do(each)
    show_due(connection, report.id, keeper.rows)


def moved(connection: Connection, office: Office, move: Move, before: Report, after: Report, *, now: datetime) -> None:
    """What the move does to the clocks, and the report's due date after it."""
    apply(connection, office, after, effects_of(move, outline(before), outline(after)), now=now)


def happened(connection: Connection, office: Office, moment: Moment, before: Report, after: Report, *, now: datetime) -> None:
    """The same for what touches a clock without being a move: a delivery, a missed promise."""
    apply(connection, office, after, effects_of(moment, outline(before), outline(after)), now=now)


def apply(connection: Connection, office: Office, report: Report, changes: Iterable[ClockChange], *, now: datetime) -> None:
    """Applies the changes in their order; a change of a clock that is not in that condition does nothing."""
    wanted = tuple(changes)
    if not wanted:
        return
    keeper = _Keeper(connection, office, report, now, list(clocks.of_report(connection, report.id)))
    for each in wanted:
        keeper.do(each)
    show_due(connection, report.id, keeper.rows)


def show_due(connection: Connection, report_id: int, rows: Iterable[ClockRow]) -> None:
    """The nearest due date that officials answer for, and whether one has passed: for the queue."""
    shown = [row for row in rows if row.open and row.kind in SHOWN]
    due_at = min((row.due_at for row in shown if row.due_at is not None), default=None)
    reports.touch(connection, report_id, due_at=due_at, overdue=any(DUE in row.done for row in shown))


def refresh(connection: Connection, office: Office, row: ClockRow) -> ClockRow:
    """Recomputes what is stored of an open clock: the calendar changed, a reminder arrived, something was done."""
    due_at, next_at = moments(connection, office, row)
    if (due_at, next_at) != (row.due_at, row.next_at):
        clocks.change(connection, row.id, row.clock, due_at=due_at, next_at=next_at)
    return replace(row, due_at=due_at, next_at=next_at)


def moments(connection: Connection, office: Office, row: ClockRow) -> tuple[datetime | None, datetime | None]:
    """When it is due (None once stopped), and when the sweep has something to do with it."""
    if not row.open:
        return None, None
    calendar = office.calendar(None, connection)
    due_at = counting.due_at(row.clock, calendar)
    next_at = next_moment(
        row.clock, done=row.done, calendar=calendar, reminder_delivered_at=row.reminded_at, numbers=office.numbers
    )
    return due_at, next_at


@dataclass
class _Keeper:
    """Applies changes to one report's clocks."""

    connection: Connection
    office: Office
    report: Report
    now: datetime
    rows: list[ClockRow]

    def do(self, change: ClockChange) -> None:
        mine = [row for row in self.rows if row.kind is change.kind]
        if change.change is Change.OPEN:
            if not any(row.open for row in mine):
                self._open(change)
            return
        if mine:
            self._keep(mine[-1], self._changed(mine[-1].clock, change.change))

    def _changed(self, clock: Clock, change: Change) -> Clock:
        report, numbers = self.report, self.office.numbers
        match change:
            case Change.STOP:
                return counting.stop(clock, at=self.now)
            case Change.PAUSE:
                return counting.pause(clock, at=self.now, allowance_days=self._allowance())
            case Change.RESUME:
                return counting.resume(clock, at=self.now)
            case Change.RUN_ON:
                return counting.run_on(clock, at=self.now)
            case _:
                return counting.recompute(
                    clock,
                    category=report.category,
                    needs_inspection=report.needs_inspection,
                    numbers=numbers,
                    own=self._own(),
                )

    def _allowance(self) -> int:
        """What is left of the ten days; a settlement clock that was itself just paused counts nothing of today yet."""
        settlement = next((row.clock for row in self.rows if row.kind is ClockKind.SETTLEMENT), None)
        calendar = self.office.calendar(None, self.connection)
        if settlement is None:
            return self.office.numbers.pauses.limit_days
        return counting.allowance_left(settlement, calendar, self.now, self.office.numbers)

    def _open(self, change: ClockChange) -> None:
        kind, report = change.kind, self.report
        clock = counting.start(
            kind,
            at=report.received_at if change.since_arrival else self.now,
            zone=self._zone(kind),
            category=report.category,
            needs_inspection=report.needs_inspection,
            numbers=self.office.numbers,
            own=self._own(),
        )
        blank = ClockRow(0, report.id, report.holder_id, clock, None, None, None, frozenset())
        due_at, next_at = moments(self.connection, self.office, blank)
        added = clocks.add(
            self.connection, clock, report_id=report.id, office_id=report.holder_id, due_at=due_at, next_at=next_at
        )
        self.rows.append(added)

    def _keep(self, row: ClockRow, clock: Clock) -> None:
        if clock == row.clock:
            return
        changed = replace(row, clock=clock)
        due_at, next_at = moments(self.connection, self.office, changed)
        clocks.change(self.connection, row.id, clock, due_at=due_at, next_at=next_at)
        self.rows[self.rows.index(row)] = replace(changed, due_at=due_at, next_at=next_at)

    def _zone(self, kind: ClockKind) -> str:
        if kind in IN_AGENCY_ZONE and self.report.agency_id is not None:
            return offices.row(self.connection, self.office, self.report.agency_id).zone
        return self.office.zone

    def _own(self) -> OwnLimits:
        if self.report.agency_id is None:
            return OwnLimits()
        return OwnLimits.read(offices.row(self.connection, self.office, self.report.agency_id).limits)


# --- what a delivery starts ------------------------------------------------------------------------------------------------

SILENCE, CLARIFICATION, REMINDER = "silence", "clarification", "reminder:"
REMINDERS = "reminders:"
"""Several at once: the number under which they were told together (core/storage/reminders.py)."""


def delivered(
    connection: Connection,
    office: Office,
    *,
    report_id: int,
    clock: str,
    message_id: int | None,
    now: datetime,
    arrived_by: datetime,
) -> None:
    """The last part of a notice reached the reporter. `clock`: what the outbox entry said starts with it.

    `silence` (a settlement), `clarification` (a question), or `reminder:<clock id>` (a reminder before an effect). What has
    been overtaken (a question taken back, a newer settlement) starts nothing. `reminders:<number>`: several at
    once. `arrived_by`: when it was there already, where
    that is certain only now: a clock starts when it is certain, but such a reminder was no later for it.
    """
    if clock.startswith(REMINDERS):
        for each in sorted(reminders.told_with(connection, int(clock.removeprefix(REMINDERS))), key=lambda one: one.report_id):
            one = f"{REMINDER}{each.clock_id}"
            delivered(connection, office, report_id=each.report_id, clock=one, message_id=None, now=now, arrived_by=arrived_by)
        return
    report = reports.get(connection, report_id, lock=True)
    if report.unreachable_since is not None:
        from core import reaching  # asks casework for the system's move: late, so that both can be imported

        reaching.back(connection, office, report)
    if clock == SILENCE:
        _settlement_arrived(connection, office, report, message_id, now)
    elif clock == CLARIFICATION:
        _question_arrived(connection, office, report, message_id, now)
    elif clock.startswith(REMINDER):
        row = clocks.get(connection, int(clock.removeprefix(REMINDER)))
        if row is not None and row.open and row.reminded_at is None:
            reminded = replace(row, reminded_at=arrived_by)
            _due, next_at = moments(connection, office, reminded)
            clocks.mark(connection, reminded, done=row.done, reminded_at=arrived_by, next_at=next_at)


def _settlement_arrived(connection: Connection, office: Office, report: Report, message_id: int | None, now: datetime) -> None:
    from core.storage import messages

    latest = messages.latest(connection, report.id, "settlement")
    if report.settlement_at is None or report.settled_at is not None or (message_id is not None and message_id != latest):
        return
    reports.touch(connection, report.id, settled_at=now)
    if report.state is State.IN_PROGRESS:
        happened(connection, office, Moment.SETTLEMENT_DELIVERED, report, replace(report, settled_at=now), now=now)


def _question_arrived(connection: Connection, office: Office, report: Report, message_id: int | None, now: datetime) -> None:
    overtaken = message_id is not None and message_id != report.question_id
    if report.state is not State.AWAITING_REPORTER or report.question_at is not None or overtaken or report.asked_role is None:
        return
    levels = report.asked_levels | {report.asked_role}
    reports.touch(connection, report.id, question_at=now, asked_levels=levels)
    after = replace(report, question_at=now, asked_levels=levels)
    happened(connection, office, Moment.QUESTION_DELIVERED, report, after, now=now)


def undelivered(connection: Connection, office: Office, *, report_id: int, clock: str | None, now: datetime) -> None:
    """A notice failed for good on this address. Failed on every known address: a question is taken as undeliverable.

    Another address of the person that still works is tried with the same words first.
    """
    from core import reaching  # asks casework for the system's move: late, so that both can be imported

    reaching.failed(connection, office, report_id=report_id, clock=clock, now=now)
