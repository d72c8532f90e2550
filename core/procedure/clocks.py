"""The clocks of sop.md §6, as values: counting working days, pausing, stopping, running on, and explaining a due date.

A day counts if the clock was running at its end. What happens at which moment stands in `deadlines`, which move touches which
clock in `effects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.procedure.calendar import Day, WorkingCalendar
from core.procedure.categories import STANDARD_LIMITS, OwnLimits, legs
from core.procedure.numbers import STANDARD, Leg, Numbers
from core.procedure.vocabulary import Category, ClockKind

_ONE_DAY = timedelta(days=1)

LEGS = (ClockKind.VERIFICATION, ClockKind.AGENCY_DISPOSITION, ClockKind.INITIAL_RESPONSE)
PAUSING = (*LEGS, ClockKind.SETTLEMENT)
"""What may pause while the reporter is asked; the Ombudsman clock never does."""

IN_AGENCY_ZONE = frozenset({ClockKind.AGENCY_DISPOSITION, ClockKind.INITIAL_RESPONSE})
"""Agency and unit legs use the agency's zone, all others the office's."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clock stood. `ended_at` None: still standing.

    `allowance_days`: after so many paused working days the clock runs again, whatever happens; None: it had been stopped, and
    the whole gap does not count.
    """

    began_at: datetime
    ended_at: datetime | None = None
    allowance_days: int | None = None

    def as_row(self) -> list[str | int | None]:
        """For storage: [from, to or null, allowance or null]."""
        return [self.began_at.isoformat(), self.ended_at.isoformat() if self.ended_at else None, self.allowance_days]

    @classmethod
    def from_row(cls, row: Sequence[str | int | None]) -> Pause:
        """The inverse of `as_row`. ValueError if the row cannot be read."""
        began, ended, allowance = row
        if not isinstance(began, str) or isinstance(allowance, str) or not isinstance(ended, str | None):
            raise ValueError("not a pause")
        return cls(datetime.fromisoformat(began), datetime.fromisoformat(ended) if ended else None, allowance)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one report, with the numbers and the zone that it got at its start."""

    kind: ClockKind
    started_at: datetime
    zone: str
    limit_days: int
    target_days: int | None = None
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Not stopped and not in a pause that is still open (whose allowance may be used up all the same)."""
        return self.stopped_at is None and not self.paused

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].ended_at is None


# --- starting and stopping -------------------------------------------------------------------------------------------------


def limits_for(
    kind: ClockKind,
    category: Category,
    *,
    needs_inspection: bool = False,
    numbers: Numbers = STANDARD,
    own: OwnLimits = STANDARD_LIMITS,
) -> tuple[int | None, int]:
    """Target (None where sop.md §6 has none) and limit in working days."""
    mine = legs(category, needs_inspection=needs_inspection, numbers=numbers, own=own)
    of_leg: dict[ClockKind, Leg] = {
        ClockKind.VERIFICATION: mine.verification,
        ClockKind.AGENCY_DISPOSITION: mine.agency_disposition,
        ClockKind.INITIAL_RESPONSE: mine.initial_response,
        ClockKind.ANSWER: Leg(numbers.answer.target_days, numbers.answer.limit_days),
    }
    if kind in of_leg:
        return of_leg[kind].target_days, of_leg[kind].limit_days
    limit = {
        ClockKind.SETTLEMENT: mine.settle_days,
        ClockKind.SILENCE: numbers.silence.limit_days,
        ClockKind.CLARIFICATION: numbers.clarification.limit_days,
        ClockKind.OMBUDSMAN: numbers.ombudsman.limit_days,
    }[kind]
    return None, limit


def start(
    kind: ClockKind,
    *,
    at: datetime,
    zone: str,
    category: Category,
    needs_inspection: bool = False,
    numbers: Numbers = STANDARD,
    own: OwnLimits = STANDARD_LIMITS,
) -> Clock:
    """A new clock. `zone`: the agency's for `IN_AGENCY_ZONE`, else the office's."""
    target, limit = limits_for(kind, category, needs_inspection=needs_inspection, numbers=numbers, own=own)
    return Clock(kind, at, zone, limit, target)


def pause(clock: Clock, *, at: datetime, allowance_days: int) -> Clock:
    """Stands from now on, for at most `allowance_days` working days. Unchanged if it does not run or never pauses."""
    if not clock.running or clock.kind not in PAUSING or allowance_days <= 0:
        return clock
    return replace(clock, pauses=(*clock.pauses, Pause(at, None, allowance_days)))


def resume(clock: Clock, *, at: datetime) -> Clock:
    """Ends the open pause. Unchanged if there is none."""
    if not clock.paused:
        return clock
    return replace(clock, pauses=(*clock.pauses[:-1], replace(clock.pauses[-1], ended_at=at)))


def stop(clock: Clock, *, at: datetime) -> Clock:
    """Unchanged if it is stopped already."""
    return clock if clock.stopped_at is not None else replace(resume(clock, at=at), stopped_at=at)


def run_on(clock: Clock, *, at: datetime) -> Clock:
    """Runs on from where it stood. Unchanged if it is not stopped."""
    if clock.stopped_at is None:
        return clock
    return replace(clock, pauses=(*clock.pauses, Pause(clock.stopped_at, at)), stopped_at=None)


def recompute(
    clock: Clock,
    *,
    category: Category,
    needs_inspection: bool,
    numbers: Numbers = STANDARD,
    own: OwnLimits = STANDARD_LIMITS,
) -> Clock:
    """Reclassified: an open clock takes the new numbers, from its own start (sop.md §6). A stopped one stays as it was."""
    if clock.kind not in PAUSING or clock.stopped_at is not None:
        return clock
    target, limit = limits_for(clock.kind, category, needs_inspection=needs_inspection, numbers=numbers, own=own)
    return replace(clock, target_days=target, limit_days=limit)


# --- counting --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """One day of a clock, explained. `number`: which working day of the clock it is; None: it does not count.

    `why`: started, counted, paused, stopped, or the day's own kind (weekend, public_holiday, joint_leave, added).
    """

    day: Day
    why: str
    number: int | None = None


def due_on(clock: Clock, calendar: WorkingCalendar) -> date | None:
    """The last day of the limit; None if the clock was stopped before."""
    return date_of(clock, calendar, clock.limit_days)


def due_at(clock: Clock, calendar: WorkingCalendar) -> datetime | None:
    """The first instant after the limit, aware UTC. In an open pause: as if its whole allowance were used."""
    return moment_of(clock, calendar, clock.limit_days)


def target_at(clock: Clock, calendar: WorkingCalendar) -> datetime | None:
    """The first instant after the target; None without one."""
    return moment_of(clock, calendar, clock.target_days) if clock.target_days else None


def moment_of(clock: Clock, calendar: WorkingCalendar, days: int) -> datetime | None:
    """The first instant after the clock's `days`-th day."""
    on = date_of(clock, calendar, days)
    return calendar.in_zone(clock.zone).end_of(on) if on else None


def date_of(clock: Clock, calendar: WorkingCalendar, days: int) -> date | None:
    """The clock's `days`-th day; None if it was stopped before that day ended."""
    if days > 0 and not clock.pauses and clock.stopped_at is None:
        local = calendar.in_zone(clock.zone)
        return local.add_working_days(local.local_date(clock.started_at), days)
    return next((count.day.on for count in _counts(clock, calendar) if count.number == days), None)


def days_run(clock: Clock, calendar: WorkingCalendar, now: datetime) -> int:
    """How many working days have been consumed by now."""
    today = calendar.in_zone(clock.zone).local_date(now)
    run = 0
    for count in _counts(clock, calendar):
        if count.day.on >= today:
            break
        run = count.number or run
    return run


def is_overdue(clock: Clock, calendar: WorkingCalendar, now: datetime) -> bool:
    """Has the limit passed while it ran?"""
    due = due_at(clock, calendar)
    return due is not None and now >= due


def explain(clock: Clock, calendar: WorkingCalendar) -> tuple[Count, ...]:
    """Day by day from the start to the due date, or to the stop."""
    lines: list[Count] = []
    for count in _counts(clock, calendar):
        lines.append(count)
        if count.number == clock.limit_days:
            break
    return tuple(lines)


def provisional(clock: Clock, calendar: WorkingCalendar) -> bool:
    """Does the due date rest on a year whose joint leave is not confirmed?"""
    due = due_on(clock, calendar)
    start_year = calendar.in_zone(clock.zone).local_date(clock.started_at).year
    return due is not None and not all(calendar.confirmed(year) for year in range(start_year, due.year + 1))


def paused_days(clock: Clock, calendar: WorkingCalendar, now: datetime) -> int:
    """Working days that questions have taken out of this clock by now; stops are no pauses."""
    local = calendar.in_zone(clock.zone)
    today = local.local_date(now)
    return sum(day < today for each in clock.pauses if each.allowance_days is not None for day in _taken_out(each, local))


def allowance_left(settlement: Clock, calendar: WorkingCalendar, now: datetime, numbers: Numbers = STANDARD) -> int:
    """How many days a report may still pause: 10 in all. Ask its settlement clock, which takes part in every pause."""
    return max(0, numbers.pauses.limit_days - paused_days(settlement, calendar, now))


def _counts(clock: Clock, calendar: WorkingCalendar) -> Iterator[Count]:
    """From the day of the start; endless unless the clock is stopped."""
    local = calendar.in_zone(clock.zone)
    day = local.local_date(clock.started_at)
    yield Count(local.explain(day), "started")
    paused = frozenset(
        each for pause_ in clock.pauses if pause_.allowance_days is not None for each in _taken_out(pause_, local)
    )
    stops = [pause_ for pause_ in clock.pauses if pause_.allowance_days is None]
    number = 0
    while True:
        day += _ONE_DAY
        end = local.end_of(day)
        if clock.stopped_at is not None and clock.stopped_at < end:
            yield Count(local.explain(day), "stopped")
            return
        explained = local.explain(day)
        if not explained.working:
            yield Count(explained, explained.kind.value)
        elif day in paused:
            yield Count(explained, "paused")
        elif _stood_at(end, stops):
            yield Count(explained, "stopped")
        else:
            number += 1
            yield Count(explained, "counted", number)


def _stood_at(end: datetime, pauses: Iterable[Pause]) -> bool:
    return any(each.began_at < end and (each.ended_at is None or each.ended_at >= end) for each in pauses)


def _taken_out(pause_: Pause, local: WorkingCalendar) -> list[date]:
    """The working days that a pause takes out: those at whose end it lasted, up to its allowance."""
    days: list[date] = []
    day = local.local_date(pause_.began_at)
    while len(days) < (pause_.allowance_days or 0) and (pause_.ended_at is None or pause_.ended_at >= local.end_of(day)):
        if local.is_working(day):
            days.append(day)
        day += _ONE_DAY
    return days
