"""What is due on a clock, and when: reminders, warnings, and what happens at the limit (sop.md §6).

Pure decisions: whoever sweeps stores `next_moment`, asks `due_action` when it has come, does the action once by its slot and
keeps the slot among `done`. So a sweep that is late, repeated or doubled does each thing once and nothing in a burst.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.procedure.calendar import WorkingCalendar
from core.procedure.clocks import Clock, date_of, due_at, moment_of
from core.procedure.numbers import STANDARD, Numbers
from core.procedure.vocabulary import Audience, ClockKind, Move

DUE = "due"
REMINDER = "reminder"


class ActionKind(StrEnum):
    REMIND = "remind"  # before the limit
    OVERDUE = "overdue"  # flag the report and tell
    MOVE = "move"  # the system makes `Action.move`


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do now. `slot`: unique within the clock, goes into `done`. `tell`: who hears of it."""

    kind: ActionKind
    slot: str
    tell: frozenset[Audience]
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """After how many working days of the clock, under which slot."""

    after_days: int
    slot: str


MOVE_AT_LIMIT = {
    ClockKind.SILENCE: Move.CLOSE_SILENT,
    ClockKind.CLARIFICATION: Move.GIVE_UP,
    ClockKind.OMBUDSMAN: Move.REFER,
}
"""Effects that presuppose a reminder; every other clock goes overdue."""

_IN_CHARGE = frozenset({Audience.REPORTER, Audience.HOLDER, Audience.AGENCY_ADMIN, Audience.SUPERVISOR})

TOLD_AT_LIMIT = {
    ClockKind.VERIFICATION: frozenset({Audience.NATIONAL_ADMIN}),
    ClockKind.AGENCY_DISPOSITION: frozenset({Audience.AGENCY_ADMIN, Audience.NATIONAL_ADMIN}),
    ClockKind.INITIAL_RESPONSE: frozenset({Audience.LIAISON, Audience.AGENCY_ADMIN, Audience.NATIONAL_ADMIN}),
    ClockKind.SETTLEMENT: frozenset({Audience.HOLDER, Audience.AGENCY_ADMIN, Audience.REPORTER}),
    ClockKind.ANSWER: frozenset({Audience.AGENCY_ADMIN}),
    ClockKind.SILENCE: frozenset({Audience.REPORTER}),
    ClockKind.CLARIFICATION: frozenset({Audience.REPORTER, Audience.HOLDER}),
    ClockKind.OMBUDSMAN: _IN_CHARGE,
}

_REMINDED = {
    ClockKind.SETTLEMENT: frozenset({Audience.HOLDER}),
    ClockKind.SILENCE: frozenset({Audience.REPORTER}),
    ClockKind.CLARIFICATION: frozenset({Audience.REPORTER}),
    ClockKind.OMBUDSMAN: _IN_CHARGE,
}


def reminders(clock: Clock, numbers: Numbers = STANDARD) -> tuple[Reminder, ...]:
    """The reminders of this clock in their order; those that a short limit leaves no room for fall away."""
    if clock.kind is ClockKind.SETTLEMENT:
        wanted = [Reminder(clock.limit_days - numbers.settlement.reminder_days_before, REMINDER)]
    elif clock.kind is ClockKind.SILENCE:
        wanted = [Reminder(numbers.silence.reminder_days, REMINDER)]
    elif clock.kind is ClockKind.CLARIFICATION:
        wanted = [Reminder(numbers.clarification.reminder_days, REMINDER)]
    elif clock.kind is ClockKind.OMBUDSMAN:
        days = (numbers.ombudsman.first_warning_days, numbers.ombudsman.second_warning_days)
        wanted = [Reminder(each, f"warning_{each}") for each in days]
    else:
        wanted = []
    return tuple(each for each in wanted if 0 < each.after_days < clock.limit_days)


def reminders_at(clock: Clock, calendar: WorkingCalendar, numbers: Numbers = STANDARD) -> tuple[tuple[str, datetime], ...]:
    """Slot and moment of each reminder: the first instant after its day. Empty where the clock was stopped before."""
    moments = ((each.slot, moment_of(clock, calendar, each.after_days)) for each in reminders(clock, numbers))
    return tuple((slot, at) for slot, at in moments if at is not None)


def effect_at(
    clock: Clock, calendar: WorkingCalendar, *, reminder_delivered_at: datetime | None, numbers: Numbers = STANDARD
) -> datetime | None:
    """When the limit takes effect; None while stopped, or while a reminder that it presupposes has not been delivered.

    A reminder that came late (an outage) puts the effect off to the remaining working days after it. Late is later than the
    first working day after the reminder's day.
    """
    due = due_at(clock, calendar)
    presupposed = reminders(clock, numbers) if clock.kind in MOVE_AT_LIMIT else ()
    if due is None or not presupposed:
        return due
    if reminder_delivered_at is None:
        return None
    local = calendar.in_zone(clock.zone)
    last = presupposed[-1].after_days
    in_time = date_of(clock, calendar, last + 1)
    delivered_on = local.local_date(reminder_delivered_at)
    if in_time is None or delivered_on <= in_time:
        return due
    return max(due, local.end_of(local.add_working_days(delivered_on, clock.limit_days - last)))


def due_action(
    clock: Clock,
    *,
    done: Set[str],
    reminder_delivered_at: datetime | None,
    now: datetime,
    calendar: WorkingCalendar,
    numbers: Numbers = STANDARD,
) -> Action | None:
    """The one thing to do on this clock now, or None. Missed reminders collapse into the latest, or into the effect itself.

    `reminder_delivered_at`: when the first reminder of this clock arrived; for the Ombudsman, when the first warning was put
    before the officials, so that a reporter whom nothing reaches is referred all the same.
    """
    if clock.stopped_at is not None or DUE in done:
        return None
    effect = effect_at(clock, calendar, reminder_delivered_at=reminder_delivered_at, numbers=numbers)
    if effect is not None and now >= effect:
        move = MOVE_AT_LIMIT.get(clock.kind)
        kind = ActionKind.MOVE if move else ActionKind.OVERDUE
        return Action(kind, DUE, TOLD_AT_LIMIT[clock.kind], move)
    passed = [slot for slot, at in reminders_at(clock, calendar, numbers) if at <= now]
    if not passed or passed[-1] in done:
        return None
    return Action(ActionKind.REMIND, passed[-1], _REMINDED[clock.kind])


def next_moment(
    clock: Clock,
    *,
    done: Set[str],
    calendar: WorkingCalendar,
    reminder_delivered_at: datetime | None = None,
    numbers: Numbers = STANDARD,
) -> datetime | None:
    """When to ask `due_action` next; may lie in the past after an outage. None: nothing until something happens.

    Ask again when a reminder has been delivered, the clock was paused, stopped or reclassified, or the calendar has changed.
    """
    if clock.stopped_at is not None or DUE in done:
        return None
    slots = reminders_at(clock, calendar, numbers)
    latest_done = max((index for index, (slot, _) in enumerate(slots) if slot in done), default=-1)
    moments = [at for _, at in slots[latest_done + 1 :]]
    effect = effect_at(clock, calendar, reminder_delivered_at=reminder_delivered_at, numbers=numbers)
    if effect is not None:
        moments.append(effect)
    return min(moments, default=None)
