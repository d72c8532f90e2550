"""Working days: Monday to Friday, less public holidays and joint leave, with the national admin's corrections (sop.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays

WIB = "Asia/Jakarta"
WITA = "Asia/Makassar"
WIT = "Asia/Jayapura"
ZONES = (WIB, WITA, WIT)

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What a day is, and why."""

    WORKING = "working"
    WEEKEND = "weekend"
    PUBLIC_HOLIDAY = "public_holiday"
    JOINT_LEAVE = "joint_leave"  # cuti bersama
    ADDED = "added"  # a day off that the national admin added
    REMOVED = "removed"  # a working day after all


@dataclass(frozen=True, slots=True)
class Day:
    """A day explained. `name`: the holiday's Indonesian name or the words of whoever changed the calendar."""

    on: date
    kind: DayKind
    name: str | None = None

    @property
    def working(self) -> bool:
        return self.kind in (DayKind.WORKING, DayKind.REMOVED)


@cache
def _public(year: int) -> Mapping[date, str]:
    return MappingProxyType(dict(holidays.country_holidays("ID", years=year, categories=("public",), language="id")))


@cache
def _joint_leave(year: int) -> Mapping[date, str]:
    return MappingProxyType(dict(holidays.country_holidays("ID", years=year, categories=("government",), language="id")))


class WorkingCalendar:
    """The calendar of one zone. Never changes: a correction by the national admin makes a new one.

    `additions`: days off with their names; `removals`: days that are worked after all, with why (a removed Saturday is
    worked too); `confirmed_years`: years whose joint leave the national admin has confirmed by hand.
    """

    def __init__(
        self,
        zone: str = WIB,
        additions: Mapping[date, str] | None = None,
        removals: Mapping[date, str] | Set[date] = frozenset(),
        confirmed_years: Set[int] = frozenset(),
    ) -> None:
        self.zone = zone
        self.additions: Mapping[date, str] = MappingProxyType(dict(additions or {}))
        named = removals if isinstance(removals, Mapping) else dict.fromkeys(removals, "")
        self.removals: Mapping[date, str] = MappingProxyType(dict(named))
        self.confirmed_years = frozenset(confirmed_years)
        self._zone = ZoneInfo(zone)
        self._elsewhere: dict[str, WorkingCalendar] = {}
        self._added: dict[tuple[date, int], date] = {}  # every report of a day asks for the same few dates

    def in_zone(self, zone: str) -> WorkingCalendar:
        """The same days in another zone."""
        if zone == self.zone:
            return self
        if zone not in self._elsewhere:
            self._elsewhere[zone] = WorkingCalendar(zone, self.additions, self.removals, self.confirmed_years)
        return self._elsewhere[zone]

    # --- days ---

    def explain(self, day: date) -> Day:
        """What this day is, and its name. A correction by the national admin goes before everything else."""
        if day in self.removals:
            return Day(day, DayKind.REMOVED, self.removals[day] or None)
        if day in self.additions:
            return Day(day, DayKind.ADDED, self.additions[day])
        if day in (public := _public(day.year)):
            return Day(day, DayKind.PUBLIC_HOLIDAY, public[day])
        if day in (leave := _joint_leave(day.year)):
            return Day(day, DayKind.JOINT_LEAVE, leave[day])
        if day.weekday() >= _SATURDAY:
            return Day(day, DayKind.WEEKEND)
        return Day(day, DayKind.WORKING)

    def is_working(self, day: date) -> bool:
        if day in self.removals:
            return True
        if day.weekday() >= _SATURDAY or day in self.additions:
            return False
        return day not in _public(day.year) and day not in _joint_leave(day.year)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        day += _ONE_DAY
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def add_working_days(self, day: date, days: int) -> date:
        """The `days`-th working day after `day`; day one is the next working day. ValueError below zero; zero gives `day`."""
        if days < 0:
            raise ValueError(f"days must not be negative: {days}")
        found = self._added.get((day, days))
        if found is None:
            found = day
            for _ in range(days):
                found = self.next_working_day(found)
            self._added[(day, days)] = found
        return found

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days after `start`, up to and with `end`. Zero if `end` is not after `start`."""
        return sum(self.is_working(start + timedelta(days=step)) for step in range(1, (end - start).days + 1))

    def confirmed(self, year: int) -> bool:
        """Is this year's joint leave known? Until it is, a deadline in that year is provisional."""
        return year in self.confirmed_years or bool(_joint_leave(year))

    # --- instants ---

    def local_date(self, moment: datetime) -> date:
        """The date of an aware instant in this calendar's zone. ValueError if the instant is naive."""
        if moment.tzinfo is None:
            raise ValueError("instants are aware")
        return moment.astimezone(self._zone).date()

    def end_of(self, day: date) -> datetime:
        """The first instant of the day after, aware UTC: a deadline falls at the end of its day."""
        return datetime.combine(day + _ONE_DAY, time(), self._zone).astimezone(UTC)

    def due_after(self, moment: datetime, days: int) -> datetime:
        """The first instant after the `days`-th working day that follows `moment`, aware UTC."""
        return self.end_of(self.add_working_days(self.local_date(moment), days))
