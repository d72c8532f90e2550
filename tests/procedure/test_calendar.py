"""Working days (sop.md §6), with dates worked by hand from the published calendars of 2025 to 2027."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.procedure.calendar import WIB, WIT, WITA, DayKind, WorkingCalendar

CALENDAR = WorkingCalendar(WIB)


@pytest.mark.parametrize(
    "start, days, end",
    [
        # the worked examples of sop.md §6
        (date(2026, 3, 13), 3, date(2026, 3, 25)),
        (date(2026, 3, 13), 10, date(2026, 4, 6)),
        (date(2026, 1, 2), 60, date(2026, 4, 9)),
        (date(2025, 8, 15), 1, date(2025, 8, 19)),
        # Lebaran 2025: off from 28 March (Nyepi's joint leave) to 7 April
        (date(2025, 3, 27), 1, date(2025, 4, 8)),
        # year ends
        (date(2025, 12, 24), 1, date(2025, 12, 29)),
        (date(2025, 12, 31), 1, date(2026, 1, 2)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        # from a Saturday day one is Monday
        (date(2026, 7, 11), 1, date(2026, 7, 13)),
        (date(2026, 7, 11), 0, date(2026, 7, 11)),
    ],
)
def test_worked_dates(start: date, days: int, end: date) -> None:
    assert CALENDAR.add_working_days(start, days) == end
    assert CALENDAR.working_days_between(start, end) == days


@pytest.mark.parametrize(
    "day, kind, name",
    [
        (date(2026, 3, 19), DayKind.PUBLIC_HOLIDAY, "Hari Suci Nyepi"),
        (date(2026, 3, 20), DayKind.JOINT_LEAVE, "Cuti Bersama Hari Raya Idul Fitri"),
        (date(2026, 3, 14), DayKind.WEEKEND, None),
        (date(2026, 3, 13), DayKind.WORKING, None),
    ],
)
def test_a_day_is_explained_by_name(day: date, kind: DayKind, name: str | None) -> None:
    explained = CALENDAR.explain(day)
    assert (explained.kind, explained.name) == (kind, name)
    assert CALENDAR.is_working(day) is explained.working


def test_the_national_admin_adds_and_removes_days() -> None:
    election, saturday, leave = date(2026, 7, 15), date(2026, 7, 18), date(2026, 3, 20)
    changed = WorkingCalendar(WIB, additions={election: "Pilkada"}, removals={saturday, leave})
    assert changed.add_working_days(date(2026, 7, 14), 3) == saturday
    assert changed.explain(election).name == "Pilkada"
    assert changed.is_working(leave)
    assert not CALENDAR.is_working(leave)


def test_joint_leave_is_known_until_2027_and_confirmed_by_hand_later() -> None:
    assert CALENDAR.confirmed(2026)
    assert CALENDAR.confirmed(2027)
    assert not CALENDAR.confirmed(2028)
    assert WorkingCalendar(WIB, confirmed_years={2028}).confirmed(2028)


@pytest.mark.parametrize("zone, hours", [(WIB, 7), (WITA, 8), (WIT, 9)])
def test_a_deadline_falls_at_the_end_of_its_day_in_its_zone(zone: str, hours: int) -> None:
    end = WorkingCalendar(zone).end_of(date(2026, 7, 15))
    assert end == datetime(2026, 7, 16, tzinfo=UTC) - timedelta(hours=hours)


@pytest.mark.parametrize("zone, local", [(WIB, date(2026, 7, 15)), (WITA, date(2026, 7, 15)), (WIT, date(2026, 7, 16))])
def test_one_instant_is_another_day_further_east(zone: str, local: date) -> None:
    assert WorkingCalendar(zone).local_date(datetime(2026, 7, 15, 15, 30, tzinfo=UTC)) == local


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.local_date(datetime(2026, 7, 15))  # noqa: DTZ001 - the naive instant is the point


def test_days_do_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(date(2026, 7, 15), -1)


@given(st.dates(date(2025, 1, 1), date(2027, 6, 30)), st.integers(0, 80))
def test_adding_and_counting_agree(start: date, days: int) -> None:
    end = CALENDAR.add_working_days(start, days)
    assert CALENDAR.working_days_between(start, end) == days
    assert days == 0 or CALENDAR.is_working(end)
