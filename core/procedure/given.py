"""What a person gives with a move, and the situation that guards and checks look at (sop.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from core.procedure.calendar import WorkingCalendar
from core.procedure.case import Actor, Case, Office
from core.procedure.numbers import Numbers
from core.procedure.vocabulary import Category, Field, Finding, Ground, Input, Role


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives with a move. `confirmed`: the warning was read. `solved`: "sudah beres" rather than a withdrawal.

    `other_report_id`: the lead of a link. `parts`: how many separate matters a split names. `by_hand`: who told, called or
    posted and when is given.
    """

    office: Office | None = None
    account_ids: frozenset[int] = frozenset()
    reason: str = ""
    words: str = ""
    promised_on: date | None = None
    ground: Ground | None = None
    fields: tuple[Field, ...] = ()
    category: Category | None = None
    needs_inspection: bool | None = None
    source: str = ""
    arrived_on: date | None = None
    finding: Finding | None = None
    rating: int | None = None
    title: str = ""
    other_report_id: int | None = None
    parts: int = 0
    by_hand: bool = False
    solved: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """A report, who wants to act on it in which role, and now. `calendar`: the office's."""

    case: Case
    actor: Actor
    role: Role
    now: datetime
    calendar: WorkingCalendar
    numbers: Numbers

    @property
    def today(self) -> date:
        return self.calendar.local_date(self.now)

    def passed(self, since: datetime | None, days: int) -> bool:
        """Have `days` working days gone by since? Never, if it has not happened."""
        return since is not None and self.now >= self.calendar.due_after(since, days)

    def inside(self, since: datetime | None, days: int) -> bool:
        return since is not None and not self.passed(since, days)


_PRESENT: dict[Input, Callable[[Given], bool]] = {
    Input.OFFICE: lambda given: given.office is not None,
    Input.ACCOUNTS: lambda given: bool(given.account_ids),
    Input.REASON: lambda given: bool(given.reason.strip()),
    Input.WORDS: lambda given: bool(given.words.strip()),
    Input.PROMISED_DATE: lambda given: given.promised_on is not None,
    Input.GROUND: lambda given: given.ground is not None,
    Input.QUESTION: lambda given: bool(given.fields or given.words.strip()),
    Input.CATEGORY: lambda given: given.category is not None or given.needs_inspection is not None,
    Input.SOURCE: lambda given: bool(given.source.strip()),
    Input.ARRIVED_ON: lambda given: given.arrived_on is not None,
    Input.FINDING: lambda given: given.finding is not None,
    Input.RATING: lambda given: given.rating is not None,
    Input.TITLE: lambda given: bool(given.title.strip()),
    Input.PARTS: lambda given: given.parts > 0,
    Input.REPORT: lambda given: given.other_report_id is not None,
    Input.DELIVERED_BY_HAND: lambda given: given.by_hand,
    Input.SOLVED: lambda _: True,  # no answer means withdrawn
}


def missing_input(needs: frozenset[Input], given: Given) -> str | None:
    """The one place where a move's inputs are held against what was given: `<input>_missing`, in a stable order."""
    return next((f"{each}_missing" for each in Input if each in needs and not _PRESENT[each](given)), None)
