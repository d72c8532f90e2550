"""Reminders, warnings and limits (sop.md §6): once, at once, never in a burst. July 2026 has no holiday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.procedure.calendar import WIB
from core.procedure.clocks import Clock, pause, stop
from core.procedure.deadlines import ActionKind, due_action, effect_at, next_moment, reminders_at
from core.procedure.vocabulary import Audience, ClockKind, Move
from tests.procedure.world import CALENDAR, moment

START = moment("2026-07-01")
SILENCE = Clock(ClockKind.SILENCE, START, WIB, 10)
CLARIFICATION = Clock(ClockKind.CLARIFICATION, START, WIB, 10)
SETTLEMENT = Clock(ClockKind.SETTLEMENT, START, WIB, 14)
OMBUDSMAN = Clock(ClockKind.OMBUDSMAN, moment("2026-01-02"), WIB, 60)
NONE: frozenset[str] = frozenset()


def end_of(month: int, day: int) -> datetime:
    """Midnight in Jakarta after this day of 2026."""
    return datetime(2026, month, day, 17, tzinfo=UTC)


def act(clock: Clock, now: datetime, *done: str, reminded: datetime | None = None) -> tuple[str, Move | None] | None:
    action = due_action(clock, done=frozenset(done), reminder_delivered_at=reminded, now=now, calendar=CALENDAR)
    return (action.slot, action.move) if action else None


@pytest.mark.parametrize(
    "clock, moments",
    [
        (SILENCE, [("reminder", end_of(7, 10))]),  # the seventh working day
        (CLARIFICATION, [("reminder", end_of(7, 8))]),  # the fifth
        (SETTLEMENT, [("reminder", end_of(7, 17))]),  # the twelfth of fourteen
        (OMBUDSMAN, [("warning_45", end_of(3, 11)), ("warning_55", end_of(4, 1))]),
        (Clock(ClockKind.ANSWER, START, WIB, 5), []),
        (Clock(ClockKind.SETTLEMENT, START, WIB, 2), []),
    ],
)
def test_reminders_come_after_their_day(clock: Clock, moments: list[tuple[str, datetime]]) -> None:
    assert list(reminders_at(clock, CALENDAR)) == moments


def test_silence_is_reminded_after_seven_days_and_closed_after_ten() -> None:
    reminded = end_of(7, 10) + timedelta(hours=9)
    assert act(SILENCE, end_of(7, 10) - timedelta(seconds=1)) is None
    assert act(SILENCE, end_of(7, 10)) == ("reminder", None)
    assert act(SILENCE, end_of(7, 13), "reminder", reminded=reminded) is None
    assert act(SILENCE, end_of(7, 15) - timedelta(seconds=1), "reminder", reminded=reminded) is None
    assert act(SILENCE, end_of(7, 15), "reminder", reminded=reminded) == ("due", Move.CLOSE_SILENT)
    assert act(SILENCE, end_of(7, 31), "reminder", "due", reminded=reminded) is None


def test_after_an_outage_the_reminder_goes_first_and_the_closing_waits_the_remaining_days() -> None:
    after_outage = moment("2026-07-20")
    assert act(SILENCE, after_outage) == ("reminder", None)
    assert act(SILENCE, after_outage, "reminder") is None  # on its way
    assert act(SILENCE, end_of(7, 22), "reminder", reminded=after_outage) is None
    assert act(SILENCE, end_of(7, 23), "reminder", reminded=after_outage) == ("due", Move.CLOSE_SILENT)  # 21, 22, 23


def test_a_reminder_that_never_arrives_closes_nothing() -> None:
    assert act(SILENCE, moment("2026-12-01"), "reminder") is None
    assert next_moment(SILENCE, done=frozenset({"reminder"}), calendar=CALENDAR) is None


def test_a_question_is_reminded_after_five_days_and_given_up_after_ten() -> None:
    assert act(CLARIFICATION, end_of(7, 8)) == ("reminder", None)
    assert act(CLARIFICATION, end_of(7, 15), "reminder", reminded=end_of(7, 8)) == ("due", Move.GIVE_UP)


def test_missed_warnings_collapse_into_the_latest_and_the_referral_waits_for_it() -> None:
    late = moment("2026-04-10")  # after the sixtieth day, 9 April
    assert act(OMBUDSMAN, late) == ("warning_55", None)
    assert act(OMBUDSMAN, end_of(4, 16), "warning_55", reminded=late) is None
    assert act(OMBUDSMAN, end_of(4, 17), "warning_55", reminded=late) == ("due", Move.REFER)  # 13-17 April


def test_the_ombudsman_warns_twice_and_refers_at_sixty() -> None:
    first = end_of(3, 11)
    assert act(OMBUDSMAN, first) == ("warning_45", None)
    assert act(OMBUDSMAN, end_of(3, 30), "warning_45", reminded=first) is None
    assert act(OMBUDSMAN, end_of(4, 1), "warning_45", reminded=first) == ("warning_55", None)
    assert act(OMBUDSMAN, end_of(4, 9), "warning_45", "warning_55", reminded=first) == ("due", Move.REFER)


def test_overdue_waits_for_no_reminder() -> None:
    assert act(SETTLEMENT, end_of(7, 21)) == ("due", None)
    action = due_action(SETTLEMENT, done=NONE, reminder_delivered_at=None, now=end_of(7, 21), calendar=CALENDAR)
    assert action is not None
    assert action.kind is ActionKind.OVERDUE


TOLD = {
    ClockKind.VERIFICATION: {Audience.NATIONAL_ADMIN},
    ClockKind.AGENCY_DISPOSITION: {Audience.AGENCY_ADMIN, Audience.NATIONAL_ADMIN},
    ClockKind.INITIAL_RESPONSE: {Audience.LIAISON, Audience.AGENCY_ADMIN, Audience.NATIONAL_ADMIN},
    ClockKind.SETTLEMENT: {Audience.HOLDER, Audience.AGENCY_ADMIN, Audience.REPORTER},
    ClockKind.ANSWER: {Audience.AGENCY_ADMIN},
}


@pytest.mark.parametrize("kind", TOLD)
def test_who_is_told_that_a_clock_ran_out(kind: ClockKind) -> None:
    clock = Clock(kind, START, WIB, 5)
    action = due_action(clock, done=NONE, reminder_delivered_at=None, now=end_of(7, 8), calendar=CALENDAR)
    assert action is not None
    assert action.tell == TOLD[kind]


def test_a_stopped_clock_does_nothing_and_a_paused_one_later() -> None:
    assert act(stop(SETTLEMENT, at=moment("2026-07-03")), moment("2026-12-01")) is None
    assert next_moment(stop(SETTLEMENT, at=moment("2026-07-03")), done=NONE, calendar=CALENDAR) is None
    paused = pause(SETTLEMENT, at=moment("2026-07-07"), allowance_days=10)
    assert effect_at(paused, CALENDAR, reminder_delivered_at=None) == end_of(8, 4)


def test_the_next_moment_is_the_reminder_then_the_limit() -> None:
    assert next_moment(SETTLEMENT, done=NONE, calendar=CALENDAR) == end_of(7, 17)
    assert next_moment(SETTLEMENT, done=frozenset({"reminder"}), calendar=CALENDAR) == end_of(7, 21)
    assert next_moment(SETTLEMENT, done=frozenset({"due"}), calendar=CALENDAR) is None


@given(steps=st.lists(st.integers(1, 24 * 40), min_size=1, max_size=30), kind=st.sampled_from(list(ClockKind)))
def test_a_sweep_at_any_moments_does_each_thing_once_and_never_warns_backwards(steps: list[int], kind: ClockKind) -> None:
    clock = Clock(kind, START, WIB, 60 if kind is ClockKind.OMBUDSMAN else 10)
    done: list[str] = []
    reminded: datetime | None = None
    now = START
    for step in steps:
        now += timedelta(hours=step)
        wanted = next_moment(clock, done=frozenset(done), reminder_delivered_at=reminded, calendar=CALENDAR)
        action = due_action(clock, done=frozenset(done), reminder_delivered_at=reminded, now=now, calendar=CALENDAR)
        assert (action is not None) == (wanted is not None and wanted <= now)
        if action is not None:
            assert action.slot not in done
            done.append(action.slot)
            reminded = reminded or now
    order = ["reminder", "warning_45", "warning_55", "due"]
    assert done == sorted(done, key=order.index)
