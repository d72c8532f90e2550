"""Every number of the procedure, with its default (sop.md §3-§7). The configuration may replace each of them.

Days are working days unless the name says otherwise. A clock copies what it needs at its start, so a changed number
applies to new clocks only (sop.md §6).
"""

from __future__ import annotations

from dataclasses import dataclass, field


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of the way: the deck's range read as target and limit, in working days (sop.md §6). ValueError if reversed."""

    target_days: int
    limit_days: int

    def __post_init__(self) -> None:
        _at_least("target_days", self.target_days, 1)
        _at_least("limit_days (not below target_days)", self.limit_days, self.target_days)


@dataclass(frozen=True, slots=True)
class Legs:
    """The numbers of one class of report (sop.md §4). ValueError if a number cannot be a limit."""

    verification: Leg
    agency_disposition: Leg
    initial_response: Leg
    settle_days: int

    def __post_init__(self) -> None:
        _at_least("settle_days", self.settle_days, 1)


_ONE_DAY = Leg(1, 1)
_SHORT = Legs(_ONE_DAY, _ONE_DAY, Leg(2, 3), 5)


@dataclass(frozen=True, slots=True)
class Classes:
    """sop.md §4: each category has its own procedure; a complaint that needs inspection has longer legs."""

    complaint_inspected: Legs = Legs(Leg(1, 3), Leg(3, 5), Leg(5, 10), 60)
    complaint: Legs = Legs(Leg(1, 2), Leg(2, 3), Leg(3, 5), 14)
    grievance: Legs = _SHORT
    information_request: Legs = _SHORT
    aspiration: Legs = _SHORT
    appreciation: Legs = _SHORT


@dataclass(frozen=True, slots=True)
class Settlement:
    """Settlement clock (sop.md §6): the holder is reminded this many working days before the limit."""

    reminder_days_before: int = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What the holder owes after a "Belum" or another reply (sop.md §5, §6)."""

    target_days: int = 3
    limit_days: int = 5

    def __post_init__(self) -> None:
        _at_least("limit_days (not below target_days)", self.limit_days, self.target_days)


@dataclass(frozen=True, slots=True)
class Silence:
    """After a delivered settlement (sop.md §6): reminded, then closed."""

    reminder_days: int = 7
    limit_days: int = 10

    def __post_init__(self) -> None:
        _at_least("limit_days (after reminder_days)", self.limit_days, self.reminder_days + 1)


@dataclass(frozen=True, slots=True)
class Clarification:
    """After a delivered question (sop.md §5, §6): reminded, then given up."""

    reminder_days: int = 5
    limit_days: int = 10

    def __post_init__(self) -> None:
        _at_least("limit_days (after reminder_days)", self.limit_days, self.reminder_days + 1)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Legs and settlement stand still while the reporter is asked: at most this long in all per report (sop.md §6)."""

    limit_days: int = 10


@dataclass(frozen=True, slots=True)
class Ombudsman:
    """Warnings and referral (sop.md §6)."""

    first_warning_days: int = 45
    second_warning_days: int = 55
    limit_days: int = 60

    def __post_init__(self) -> None:
        _at_least("second_warning_days (after the first)", self.second_warning_days, self.first_warning_days + 1)
        _at_least("limit_days (after the second warning)", self.limit_days, self.second_warning_days + 1)


@dataclass(frozen=True, slots=True)
class Windows:
    """How long something may still be done (sop.md §5)."""

    dispute_days: int = 10
    object_days: int = 30
    unreachable_days: int = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """How often before the procedure changes its course (sop.md §5)."""

    disputes_before_final: int = 2
    returns_before_binding: int = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished draft on a channel where talk is free (sop.md §3). Hours and days of the calendar, not working days."""

    reminder_hours: int = 24
    expiry_calendar_days: int = 3
    resumable_calendar_days: int = 30


_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Quiet:
    """When no reminder leaves, in the zone of the holding agency, else the office's (sop.md §7, issue 4). Equal hours: never.

    From `from_hour` in the evening until `to_hour` in the morning, or within one day where the first is the smaller.
    """

    from_hour: int = 20
    to_hour: int = 7

    def __post_init__(self) -> None:
        for name, value in (("from_hour", self.from_hour), ("to_hour", self.to_hour)):
            if not 0 <= value < _HOURS_A_DAY:
                raise ValueError(f"{name} must be an hour from 0 to 23, not {value}")


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood from one sender gets one reply per window; everything is kept (sop.md §3).

    `messages` within a window make a flood: sop.md gives no number for that, so this is ours.
    """

    messages: int = 20
    window_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long personal things are kept or trusted (sop.md §7, design.md)."""

    idle_address_months: int = 6
    raw_purge_calendar_days: int = 30
    suppress_cells_under: int = 5


@dataclass(frozen=True, slots=True)
class Numbers:
    """All numbers of sop.md."""

    classes: Classes = field(default_factory=Classes)
    settlement: Settlement = field(default_factory=Settlement)
    answer: Answer = field(default_factory=Answer)
    silence: Silence = field(default_factory=Silence)
    clarification: Clarification = field(default_factory=Clarification)
    pauses: Pauses = field(default_factory=Pauses)
    ombudsman: Ombudsman = field(default_factory=Ombudsman)
    windows: Windows = field(default_factory=Windows)
    counts: Counts = field(default_factory=Counts)
    draft: Draft = field(default_factory=Draft)
    flood: Flood = field(default_factory=Flood)
    quiet: Quiet = field(default_factory=Quiet)
    keeping: Keeping = field(default_factory=Keeping)
    digest_hour: int = 8  # sop.md §7: officials' digest, in the agency's zone
    highest_rating: int = 5  # sop.md §7: rated 1 to this


STANDARD = Numbers()
