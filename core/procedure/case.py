"""What the procedure needs to know: of a report (`Case`), of who acts (`Actor`), of the tree of offices (`Office`).

Whoever stores reports builds these; nothing here knows how. Ids are the database's, instants aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.procedure.vocabulary import Category, Closing, Field, Ground, OfficeKind, Privacy, Role, State

# --- the tree of offices -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Office:
    """A node of the tree. `path`: ids from the root to itself, "/1/4/9/". `agency_id`: its agency, for an agency itself.

    `external`: no accounts here, the national admin acts as its admin (sop.md §2). `staffed`: somebody there has an enabled
    account. `oversight`: an inspektorat and the like (sop.md §1).
    """

    id: int
    kind: OfficeKind
    path: str
    agency_id: int | None = None
    external: bool = False
    staffed: bool = True
    oversight: bool = False


def within(office: Office, tree: Office) -> bool:
    """Is `office` the root of `tree` or below it?"""
    return office.path.startswith(tree.path)


def of_agency(office: Office, agency: Office) -> bool:
    """Does `office` belong to `agency`, at any depth?"""
    return agency.kind is OfficeKind.AGENCY and office.agency_id == agency.id


# --- who acts --------------------------------------------------------------------------------------------------------------


class ActorKind(StrEnum):
    REPORTER = "reporter"
    SYSTEM = "system"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at an office. A person may hold several (sop.md §1)."""

    role: Role
    office: Office

    @property
    def office_id(self) -> int:
        return self.office.id


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. An account with its grants, the reporter of the report by person, or the system."""

    kind: ActorKind
    account_id: int | None = None
    person_id: int | None = None
    grants: tuple[Grant, ...] = ()

    @classmethod
    def reporter(cls, person_id: int) -> Actor:
        """A citizen, known by the channel's identity or a one-time code."""
        return cls(ActorKind.REPORTER, person_id=person_id)

    @classmethod
    def system(cls) -> Actor:
        """The sweep and whatever else acts by the clock."""
        return cls(ActorKind.SYSTEM)

    @classmethod
    def account(cls, account_id: int, *grants: Grant) -> Actor:
        """An official."""
        return cls(ActorKind.ACCOUNT, account_id=account_id, grants=grants)

    def has(self, role: Role) -> bool:
        return any(grant.role is role for grant in self.grants)

    def offices(self, role: Role) -> tuple[Office, ...]:
        """Where this person holds `role`."""
        return tuple(grant.office for grant in self.grants if grant.role is role)


# --- a report --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PastHolder:
    """An office that held the report, and the moment it left them: they read up to then (sop.md §1)."""

    office: Office
    until: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A report as the procedure sees it. Sources: sop.md §1, §3, §5.

    `holder`: the office that has to act; received → the national office, at_agency → the agency, at_unit → the unit,
    in_progress, awaiting_reporter and closed → who held it before. `before`: where an awaiting or archived report came from,
    never itself awaiting. Facts that only time can tell (`unit_silent`) are filled in by whoever keeps the clocks.
    """

    state: State
    category: Category = Category.COMPLAINT
    classified: bool = False  # an official has confirmed the category
    needs_inspection: bool = False
    urgent: bool = False
    sealed: bool = False
    child: bool = False  # by or about a child
    privacy: Privacy = Privacy.HIDDEN
    reporter_id: int | None = None  # a person; None: nobody can be recognised

    holder: Office | None = None
    agency: Office | None = None
    unit: Office | None = None
    past_holders: tuple[PastHolder, ...] = ()
    supporting: tuple[Office, ...] = ()
    accused_offices: tuple[Office, ...] = ()
    accused_account_ids: frozenset[int] = frozenset()
    cleared_account_ids: frozenset[int] = frozenset()  # sealed: only these see it

    before: State | None = None
    asked_by: Role | None = None  # the role in which the open question was asked; stays after an archiving by give up
    asked_levels: frozenset[Role] = frozenset()  # levels whose question has been delivered: the first of each pauses
    question_delivered_at: datetime | None = None  # of the open question
    missing: frozenset[Field] = frozenset()  # of a draft: what the channel still asks for
    notice_shown: bool = False  # of a draft: the notice of personal data

    binding: bool = False
    final: bool = False
    returned_by: frozenset[int] = frozenset()  # ids of offices that handed it back
    agency_returns: int = 0
    unit_returns: int = 0  # by units of the present agency
    unit_silent: bool = False  # the unit that holds it is past a limit of its own: the agency admin may answer for it

    followed_up: bool = False  # a progress or settlement stands on record: it stopped the Ombudsman clock
    settlements: int = 0  # on record
    settled_at: datetime | None = None  # the last one was put on record
    settlement_delivered_at: datetime | None = None  # the last one reached the reporter
    replied_since_settlement: bool = False  # a Belum or another reply that no newer settlement answers
    not_settled_count: int = 0  # "Belum" after a settlement
    dispute_count: int = 0
    finding_on_record: bool = False
    inspection_begun: bool = False
    withdraw_wish: bool = False
    has_address: bool = True
    unreachable_since: datetime | None = None  # the last failed attempt, once every known address has failed

    closed_at: datetime | None = None
    closing: Closing | None = None
    archived_at: datetime | None = None
    ground: Ground | None = None
    objected: bool = False
    referred: bool = False
    rating: int | None = None
    duplicate: bool = False  # linked to a lead

    @property
    def agency_id(self) -> int | None:
        return self.agency.id if self.agency else None

    @property
    def unit_id(self) -> int | None:
        return self.unit.id if self.unit else None

    @property
    def holder_id(self) -> int | None:
        return self.holder.id if self.holder else None

    @property
    def holder_kind(self) -> OfficeKind | None:
        return self.holder.kind if self.holder else None

    @property
    def external(self) -> bool:
        """Its agency has no accounts here, or none left: the national admin acts as its admin (sop.md §1, §2)."""
        return self.agency is not None and (self.agency.external or not self.agency.staffed)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def accuses(self, office: Office) -> bool:
        """Does the report accuse this unit or one that it is part of? An accused agency still receives what concerns it."""
        return any(accused.kind is OfficeKind.UNIT and within(office, accused) for accused in self.accused_offices)

    def barred(self, office: Office) -> bool:
        """sop.md §1, §3: an inspected complaint, a sealed report, one about a child: never to the unit that it accuses."""
        return (self.needs_inspection or self.sealed or self.child) and self.accuses(office)


OPEN = frozenset({State.RECEIVED, State.AT_AGENCY, State.AT_UNIT, State.IN_PROGRESS, State.AWAITING_REPORTER})
"""Submitted and not over."""
