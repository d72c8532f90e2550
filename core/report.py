"""The report: one row as a frozen value, and what the rest of the house asks of it. A change saves a new version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.procedure.case import Case, Office, PastHolder
from core.procedure.vocabulary import Category, Closing, Field, Ground, Privacy, Role, State


@dataclass(frozen=True, slots=True)
class ReportWords:
    """The reporter's own words and what was composed from them (erasable). `official_title` stands beside `title`."""

    title: str
    story: str
    official_title: str | None = None
    when_words: str | None = None
    when_from: date | None = None
    when_to: date | None = None
    where_words: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    who_words: str | None = None
    who_office_id: int | None = None
    hoped: str | None = None
    evidence_none: bool = False

    @property
    def shown_title(self) -> str:
        return self.official_title or self.title


@dataclass(frozen=True, slots=True)
class Report:
    """One row of `reports`. Instants are aware UTC, ids the database's; meanings as in core/storage/tables.py."""

    id: int
    code: str
    person_id: int | None
    address_id: int | None
    channel: str
    language: str
    state: State
    before: State | None
    category: Category
    classified: bool
    needs_inspection: bool
    privacy: Privacy
    urgent: bool
    sealed: bool
    child: bool
    overdue: bool
    flagged: bool
    binding: bool
    final: bool
    objected: bool
    withdraw_wish: bool
    holder_id: int
    agency_id: int | None
    unit_id: int | None
    asker_id: int | None
    lead_id: int | None
    origin_id: int | None
    agency_returns: int
    unit_returns: int
    settlements: int
    settled_at: datetime | None  # the last settlement reached the reporter
    not_settled: int
    disputes: int
    finding: str | None
    rating: int | None
    promised_on: date | None
    promise_missed_at: datetime | None
    received_at: datetime
    arrived_on: date | None
    holder_since: datetime
    followed_up_at: datetime | None
    closed_at: datetime | None
    closing: Closing | None
    archived_at: datetime | None
    ground: Ground | None
    referred_at: datetime | None
    due_at: datetime | None
    asked_role: Role | None
    asked_levels: frozenset[Role]
    question_id: int | None
    question_fields: tuple[Field, ...]
    question_at: datetime | None
    settlement_at: datetime | None  # the last settlement was put on record
    replied: bool
    inspecting: bool
    unreachable_since: datetime | None
    ombudsman_choice: str | None
    ombudsman_asked_at: datetime | None
    last_notice: str | None
    spoke_at: datetime
    version: int

    @property
    def is_open(self) -> bool:
        return self.state not in (State.CLOSED, State.ARCHIVED)

    @property
    def awaits_verdict(self) -> bool:
        """A settlement reached the reporter and waits for Beres or Belum (sop.md §5)."""
        return self.state is State.IN_PROGRESS and self.settled_at is not None and not self.replied

    @property
    def handling_state(self) -> State:
        """Where it stands in the handling: an awaiting or archived report still belongs where it was."""
        return self.before if self.before is not None else self.state


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a report's case needs from other tables: offices by id, who returned it, who may not see it."""

    offices: Mapping[int, Office]
    past_holders: tuple[PastHolder, ...] = ()
    returned_by: frozenset[int] = frozenset()
    supporting_ids: tuple[int, ...] = ()
    accused_office_ids: tuple[int, ...] = ()
    accused_account_ids: frozenset[int] = frozenset()
    cleared_account_ids: frozenset[int] = frozenset()
    unit_silent: bool = False

    def several(self, ids: Iterable[int]) -> tuple[Office, ...]:
        return tuple(self.offices[each] for each in ids if each in self.offices)


def case_of(report: Report, around: Surroundings) -> Case:
    """The report as the procedure sees it."""

    def office(office_id: int | None) -> Office | None:
        return around.offices.get(office_id) if office_id is not None else None

    return Case(
        state=report.state,
        category=report.category,
        classified=report.classified,
        needs_inspection=report.needs_inspection,
        urgent=report.urgent,
        sealed=report.sealed,
        child=report.child,
        privacy=report.privacy,
        reporter_id=report.person_id,
        holder=office(report.holder_id),
        agency=office(report.agency_id),
        unit=office(report.unit_id),
        past_holders=around.past_holders,
        supporting=around.several(around.supporting_ids),
        accused_offices=around.several(around.accused_office_ids),
        accused_account_ids=around.accused_account_ids,
        cleared_account_ids=around.cleared_account_ids,
        before=report.before,
        asked_by=report.asked_role,
        asked_levels=report.asked_levels,
        question_delivered_at=report.question_at,
        binding=report.binding,
        final=report.final,
        returned_by=around.returned_by,
        agency_returns=report.agency_returns,
        unit_returns=report.unit_returns,
        unit_silent=around.unit_silent,
        settlements=report.settlements,
        settled_at=report.settlement_at,
        settlement_delivered_at=report.settled_at,
        replied_since_settlement=report.replied,
        not_settled_count=report.not_settled,
        dispute_count=report.disputes,
        followed_up=report.followed_up_at is not None,
        finding_on_record=report.finding is not None,
        inspection_begun=report.inspecting,
        withdraw_wish=report.withdraw_wish,
        has_address=report.address_id is not None,
        unreachable_since=report.unreachable_since,
        closed_at=report.closed_at,
        closing=report.closing,
        archived_at=report.archived_at,
        ground=report.ground,
        objected=report.objected,
        referred=report.referred_at is not None,
        rating=report.rating,
        duplicate=report.lead_id is not None,
    )


Changes = Mapping[str, Any]
"""Columns of `reports` with their new values."""
