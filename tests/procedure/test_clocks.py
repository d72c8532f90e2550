"""Counting, pausing, stopping (sop.md §6), each date worked by hand. July 2026 has no holiday: 1 July is a Wednesday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.procedure.calendar import WIB, WIT, WITA, WorkingCalendar
from core.procedure.categories import OwnLimits, asks_evidence, legs, must_collect
from core.procedure.clocks import (
    Clock,
    Pause,
    allowance_left,
    days_run,
    due_at,
    due_on,
    explain,
    is_overdue,
    limits_for,
    pause,
    paused_days,
    provisional,
    recompute,
    resume,
    run_on,
    start,
    stop,
    target_at,
)
from core.procedure.numbers import Leg, Silence
from core.procedure.vocabulary import Category, ClockKind, Field
from tests.procedure.world import CALENDAR, moment

WEDNESDAY_1, THURSDAY_2, FRIDAY_3 = moment("2026-07-01"), moment("2026-07-02"), moment("2026-07-03")
MONDAY_6, TUESDAY_7, WEDNESDAY_8, THURSDAY_9 = (moment(f"2026-07-0{day}") for day in (6, 7, 8, 9))


def settlement(days: int = 14, at: datetime = WEDNESDAY_1) -> Clock:
    return Clock(ClockKind.SETTLEMENT, at, WIB, days)


# --- numbers of the table in §4, typed from there -----------------------------------------------------------------------

CLASSES = [
    (Category.COMPLAINT, True, (1, 3), (3, 5), (5, 10), 60),
    (Category.COMPLAINT, False, (1, 2), (2, 3), (3, 5), 14),
    (Category.GRIEVANCE, False, (1, 1), (1, 1), (2, 3), 5),
    (Category.INFORMATION_REQUEST, False, (1, 1), (1, 1), (2, 3), 5),
    (Category.ASPIRATION, False, (1, 1), (1, 1), (2, 3), 5),
    (Category.APPRECIATION, False, (1, 1), (1, 1), (2, 3), 5),
]


@pytest.mark.parametrize("category, inspected, verification, agency, response, settle", CLASSES)
def test_each_class_has_its_numbers(
    category: Category,
    inspected: bool,
    verification: tuple[int, int],
    agency: tuple[int, int],
    response: tuple[int, int],
    settle: int,
) -> None:
    def limits(kind: ClockKind) -> tuple[int | None, int]:
        return limits_for(kind, category, needs_inspection=inspected)

    assert limits(ClockKind.VERIFICATION) == verification
    assert limits(ClockKind.AGENCY_DISPOSITION) == agency
    assert limits(ClockKind.INITIAL_RESPONSE) == response
    assert limits(ClockKind.SETTLEMENT) == (None, settle)
    assert limits(ClockKind.ANSWER) == (3, 5)
    assert [limits(kind)[1] for kind in (ClockKind.SILENCE, ClockKind.CLARIFICATION, ClockKind.OMBUDSMAN)] == [10, 10, 60]


def test_what_each_category_must_collect() -> None:
    assert must_collect(Category.COMPLAINT) == {Field.STORY, Field.WHEN, Field.WHERE, Field.WHO}
    assert must_collect(Category.GRIEVANCE) == {Field.STORY, Field.WHEN, Field.WHERE}
    assert {must_collect(each) for each in (Category.ASPIRATION, Category.APPRECIATION, Category.INFORMATION_REQUEST)} == {
        frozenset({Field.STORY})
    }
    assert {each for each in Category if asks_evidence(each)} == {Category.COMPLAINT, Category.GRIEVANCE}


def test_an_agency_may_be_stricter_and_never_laxer() -> None:
    own = OwnLimits.read({"agency_disposition": 1, "initial_response": 9, "settlement": 10})
    mine = legs(Category.COMPLAINT, own=own)
    assert (mine.agency_disposition, mine.initial_response, mine.settle_days) == (Leg(1, 1), Leg(3, 5), 10)
    assert legs(Category.GRIEVANCE, own=own).settle_days == 5


@pytest.mark.parametrize("raw", [{"settle": 3}, {"settlement": 0}, {"settlement": True}, {"settlement": "3"}])
def test_limits_that_make_no_sense_are_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        OwnLimits.read(raw)


def test_a_limit_below_its_target_is_refused() -> None:
    with pytest.raises(ValueError, match="limit_days"):
        Leg(3, 2)
    with pytest.raises(ValueError, match="limit_days"):
        Silence(10, 10)


# --- counting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "started, days, last_day",
    [
        ("2026-03-13", 3, date(2026, 3, 25)),
        ("2026-03-13", 10, date(2026, 4, 6)),
        ("2026-01-02", 60, date(2026, 4, 9)),
        ("2025-08-15", 1, date(2025, 8, 19)),
    ],
)
def test_the_worked_examples_come_out(started: str, days: int, last_day: date) -> None:
    clock = settlement(days, moment(started))
    assert due_on(clock, CALENDAR) == last_day
    assert due_at(clock, CALENDAR) == datetime(last_day.year, last_day.month, last_day.day, 17, tzinfo=UTC)


def test_the_conversation_of_the_procedure_is_checked_by_tuesday() -> None:
    verification = start(ClockKind.VERIFICATION, at=moment("2026-03-13"), zone=WIB, category=Category.COMPLAINT)
    assert due_on(verification, CALENDAR) == date(2026, 3, 17)
    assert target_at(verification, CALENDAR) == datetime(2026, 3, 16, 17, tzinfo=UTC)


@pytest.mark.parametrize("zone, hour", [(WIB, 17), (WITA, 16), (WIT, 15)])
def test_a_leg_ends_at_midnight_where_its_agency_is(zone: str, hour: int) -> None:
    clock = Clock(ClockKind.INITIAL_RESPONSE, WEDNESDAY_1, zone, 3)
    assert due_at(clock, CALENDAR) == datetime(2026, 7, 6, hour, tzinfo=UTC)


def test_an_evening_in_jakarta_is_already_the_next_day_in_jayapura() -> None:
    evening = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)  # 22:30 WIB on the first, 00:30 WIT on the second
    assert due_on(Clock(ClockKind.INITIAL_RESPONSE, evening, WIB, 1), CALENDAR) == date(2026, 7, 2)
    assert due_on(Clock(ClockKind.INITIAL_RESPONSE, evening, WIT, 1), CALENDAR) == date(2026, 7, 3)


def test_overdue_begins_with_the_day_after() -> None:
    clock = settlement(3)  # 2, 3, 6 July
    assert not is_overdue(clock, CALENDAR, datetime(2026, 7, 6, 16, 59, 59, tzinfo=UTC))
    assert is_overdue(clock, CALENDAR, datetime(2026, 7, 6, 17, tzinfo=UTC))


# --- pauses -------------------------------------------------------------------------------------------------------------


def test_a_pause_from_tuesday_to_thursday_takes_tuesday_and_wednesday_out() -> None:
    clock = pause(settlement(5), at=TUESDAY_7, allowance_days=10)
    clock = resume(clock, at=THURSDAY_9)
    assert [(line.day.on.day, line.why) for line in explain(clock, CALENDAR)] == [
        (1, "started"),
        (2, "counted"),
        (3, "counted"),
        (4, "weekend"),
        (5, "weekend"),
        (6, "counted"),
        (7, "paused"),
        (8, "paused"),
        (9, "counted"),
        (10, "counted"),
    ]


def test_a_pause_within_one_day_takes_nothing_out() -> None:
    clock = resume(pause(settlement(5), at=TUESDAY_7, allowance_days=10), at=TUESDAY_7 + timedelta(hours=5))
    assert due_on(clock, CALENDAR) == date(2026, 7, 8)
    assert paused_days(clock, CALENDAR, moment("2026-07-30")) == 0


def test_after_the_tenth_paused_day_the_clock_runs_again_unanswered() -> None:
    clock = pause(settlement(5), at=FRIDAY_3, allowance_days=10)  # out: 3, 6-10, 13-16 July
    assert due_on(clock, CALENDAR) == date(2026, 7, 22)  # counted: 2, 17, 20, 21, 22
    assert paused_days(clock, CALENDAR, moment("2026-07-30")) == 10
    assert allowance_left(clock, CALENDAR, moment("2026-07-30")) == 0


def test_a_second_question_gets_only_what_the_first_left() -> None:
    clock = resume(pause(settlement(), at=THURSDAY_2, allowance_days=10), at=THURSDAY_9)  # out: 2, 3, 6, 7, 8
    left = allowance_left(clock, CALENDAR, THURSDAY_9)
    assert left == 5
    clock = pause(clock, at=moment("2026-07-13"), allowance_days=left)  # out: 13-17
    assert paused_days(clock, CALENDAR, moment("2026-08-31")) == 10
    assert days_run(clock, CALENDAR, moment("2026-07-22")) == 4  # 9, 10, 20, 21


def test_with_no_allowance_left_nothing_pauses() -> None:
    assert pause(settlement(), at=TUESDAY_7, allowance_days=0) == settlement()


@pytest.mark.parametrize("kind", [ClockKind.OMBUDSMAN, ClockKind.SILENCE, ClockKind.CLARIFICATION, ClockKind.ANSWER])
def test_only_legs_and_settlement_pause(kind: ClockKind) -> None:
    clock = Clock(kind, WEDNESDAY_1, WIB, 60)
    assert pause(clock, at=TUESDAY_7, allowance_days=10) == clock


def test_holidays_inside_a_pause_do_not_use_up_the_allowance() -> None:
    clock = pause(settlement(5, moment("2026-03-12")), at=moment("2026-03-16"), allowance_days=3)
    # out: 16, 17 and, after Nyepi and Lebaran, 25 March; counted: 13, 26, 27, 30, 31
    assert due_on(clock, CALENDAR) == date(2026, 3, 31)


# --- stopping and running on --------------------------------------------------------------------------------------------


def test_a_stopped_clock_has_no_due_date_left_and_runs_on_from_where_it_stood() -> None:
    stopped = stop(settlement(5), at=MONDAY_6)  # consumed: 2 and 3 July
    assert due_at(stopped, CALENDAR) is None
    assert days_run(stopped, CALENDAR, moment("2026-07-30")) == 2
    running = run_on(stopped, at=moment("2026-07-14"))
    assert due_on(running, CALENDAR) == date(2026, 7, 16)  # 14, 15, 16 July
    assert running.started_at == WEDNESDAY_1


def test_a_clock_stopped_after_its_limit_stays_overdue() -> None:
    assert is_overdue(stop(settlement(3), at=moment("2026-07-10")), CALENDAR, moment("2026-07-10"))


def test_stopping_a_paused_clock_ends_its_pause() -> None:
    clock = stop(pause(settlement(5), at=TUESDAY_7, allowance_days=10), at=THURSDAY_9)
    assert clock.pauses == (Pause(TUESDAY_7, THURSDAY_9, 10),)
    assert not clock.paused


def test_changes_that_do_not_apply_change_nothing() -> None:
    clock = settlement()
    stopped = stop(clock, at=TUESDAY_7)
    assert run_on(clock, at=TUESDAY_7) == resume(clock, at=TUESDAY_7) == clock
    assert stop(stopped, at=THURSDAY_9) == pause(stopped, at=THURSDAY_9, allowance_days=3) == stopped


def test_reclassifying_counts_from_the_clocks_own_start() -> None:
    clock = recompute(settlement(14), category=Category.GRIEVANCE, needs_inspection=False)
    assert due_on(clock, CALENDAR) == date(2026, 7, 8)
    stopped = stop(settlement(14), at=TUESDAY_7)
    assert recompute(stopped, category=Category.GRIEVANCE, needs_inspection=False) == stopped


def test_a_due_date_beyond_the_confirmed_calendars_says_so() -> None:
    assert provisional(settlement(60, moment("2027-12-01")), CALENDAR)
    assert not provisional(settlement(60), CALENDAR)
    assert not provisional(settlement(60, moment("2027-12-01")), WorkingCalendar(WIB, confirmed_years={2028}))


def test_a_due_date_is_explained_with_the_names_of_its_holidays() -> None:
    lines = explain(settlement(3, moment("2026-03-13")), CALENDAR)
    assert [line.day.on for line in lines if line.number] == [date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 25)]
    assert {line.day.name for line in lines if line.why == "joint_leave"} == {
        "Cuti Bersama Hari Suci Nyepi",
        "Cuti Bersama Hari Raya Idul Fitri",
    }


def test_pauses_survive_storage() -> None:
    for each in (Pause(TUESDAY_7), Pause(TUESDAY_7, THURSDAY_9), Pause(TUESDAY_7, None, 4)):
        assert Pause.from_row(each.as_row()) == each
    with pytest.raises(ValueError, match="not a pause"):
        Pause.from_row([None, None, None])


hours = st.integers(1, 24 * 90)


@given(began=hours, lasted=hours, allowance=st.integers(1, 10), limit=st.integers(1, 60))
def test_a_pause_moves_the_due_date_by_the_days_it_took_and_never_by_more_than_its_allowance(
    began: int, lasted: int, allowance: int, limit: int
) -> None:
    clock = settlement(limit)
    at = WEDNESDAY_1 + timedelta(hours=began)
    after = resume(pause(clock, at=at, allowance_days=allowance), at=at + timedelta(hours=lasted))
    plain, moved = due_on(clock, CALENDAR), due_on(after, CALENDAR)
    assert plain is not None
    assert moved is not None
    assert 0 <= CALENDAR.working_days_between(plain, moved) <= allowance


@given(stopped=hours, gap=hours, limit=st.integers(1, 60))
def test_running_on_gives_back_exactly_what_was_left(stopped: int, gap: int, limit: int) -> None:
    clock = settlement(limit)
    at = WEDNESDAY_1 + timedelta(hours=stopped)
    halted = stop(clock, at=at)
    consumed = days_run(halted, CALENDAR, at + timedelta(days=400))
    if consumed >= limit:
        return
    again = at + timedelta(hours=gap)
    due = due_on(run_on(halted, at=again), CALENDAR)
    assert due is not None
    day_before = CALENDAR.local_date(again) - timedelta(days=1)
    assert due == CALENDAR.add_working_days(max(day_before, CALENDAR.local_date(WEDNESDAY_1)), limit - consumed)
