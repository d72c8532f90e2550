"""Which reports lie in which pile of the desk, and which of them a person may open at all (sop.md §1).

`pile` and its kin give conditions for a query on `reports`: what they cost follows the index on holder and state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, not_, or_, select

from core.procedure.case import Actor
from core.procedure.vocabulary import OfficeKind, Role, State
from core.storage.access import ACCUSED, CLEARED, SUPPORTING
from core.storage.tables import accounts, grants, offices, report_access, reports
from core.storage.types import Instant

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The due date of what has none, for sorting."""

TO_ACT = (State.RECEIVED, State.AT_AGENCY, State.AT_UNIT, State.IN_PROGRESS)
_READING = (Role.AGENCY_ADMIN, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR)


class Tab(StrEnum):
    """The four piles of the desk."""

    WAITING = "waiting"  # I have to act
    RUNNING = "running"  # somebody else has to; with what this person supports or is named for, wherever it stands
    REPORTER = "reporter"  # the reporter has to
    OVER = "over"  # closed or archived


def pile(actor: Actor, tab: Tab) -> tuple[ColumnElement[bool], ...]:
    mine = reports.c.holder_id.in_(_acting(actor))
    verdict = and_(
        reports.c.state == State.IN_PROGRESS.value,
        reports.c.settlement_at.is_not(None),
        reports.c.replied.is_(False),
        reports.c.unreachable_since.is_(None),
    )
    if tab is Tab.WAITING:
        return (mine, reports.c.state.in_(codes(TO_ACT)), not_(verdict), open_to(actor))
    if tab is Tab.RUNNING:
        return (scope(actor), reports.c.state.in_(codes(TO_ACT)), not_(mine), not_(verdict), open_to(actor))
    asked = reports.c.state == State.AWAITING_REPORTER.value
    open_states = (State.IN_PROGRESS.value, State.AWAITING_REPORTER.value)
    return (scope(actor), reports.c.state.in_(open_states), or_(asked, verdict), open_to(actor))


def entrusted(actor: Actor) -> ColumnElement[bool]:
    """Open reports outside this person's tree all the same: the own unit supports, or a sealed one names this account."""
    units = [unit.id for unit in actor.offices(Role.LIAISON) if unit.kind is OfficeKind.UNIT]
    supports = and_(report_access.c.office_id.in_(units), report_access.c.kind == SUPPORTING)
    named = and_(report_access.c.account_id == actor.account_id, report_access.c.kind == CLEARED)
    entrusted = select(report_access.c.report_id).where(or_(supports, named))
    return and_(reports.c.id.in_(entrusted), reports.c.state.in_(codes((*TO_ACT, State.AWAITING_REPORTER))), not_(scope(actor)))


def _unstaffed() -> ColumnElement[bool]:
    """Nobody there can act: the office above does (sop.md §1, Holder)."""
    acting = (Role.NATIONAL_ADMIN.value, Role.AGENCY_ADMIN.value, Role.LIAISON.value)
    somebody = (
        select(grants.c.id)
        .join(accounts, accounts.c.id == grants.c.account_id)
        .where(grants.c.office_id == offices.c.id, grants.c.role.in_(acting), accounts.c.disabled_at.is_(None))
    )
    return or_(offices.c.external.is_(True), not_(exists(somebody.correlate(offices))))


def _acting(actor: Actor) -> Select[Any]:
    """The offices for which this person acts (sop.md §1)."""
    own = [grant.office_id for grant in actor.grants if grant.role in (Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON)]
    conditions: list[ColumnElement[bool]] = [offices.c.id.in_(own)]
    if actor.has(Role.NATIONAL_ADMIN):
        conditions.append(and_(offices.c.kind == OfficeKind.AGENCY.value, _unstaffed()))
    if agencies := [agency.id for agency in actor.offices(Role.AGENCY_ADMIN)]:
        conditions.append(and_(offices.c.kind == OfficeKind.UNIT.value, offices.c.agency_id.in_(agencies), _unstaffed()))
    return select(offices.c.id).where(or_(*conditions))


def scope(actor: Actor) -> ColumnElement[bool]:
    """The reports held in this person's tree; the national admins' tree is everything, said so that the index still serves."""
    if actor.has(Role.NATIONAL_ADMIN):
        return reports.c.holder_id.in_(select(offices.c.id))
    trees = [agency.path for role in _READING for agency in actor.offices(role) if agency.kind is OfficeKind.AGENCY]
    trees += [unit.path for unit in actor.offices(Role.LIAISON) if unit.kind is OfficeKind.UNIT]
    if not trees:
        return false()
    return reports.c.holder_id.in_(select(offices.c.id).where(or_(*(offices.c.path.startswith(path) for path in trees))))


def open_to(actor: Actor) -> ColumnElement[bool]:
    """`core.procedure.permissions` as a condition: sealed ones for named accounts, none for whom the report accuses."""
    exceptions = select(report_access.c.id).where(report_access.c.report_id == reports.c.id).correlate(reports)
    me = report_access.c.account_id == actor.account_id
    cleared: ColumnElement[bool] = exists(exceptions.where(me, report_access.c.kind == CLEARED))
    accused = exists(exceptions.where(me, report_access.c.kind == ACCUSED))
    national = select(offices.c.id).where(offices.c.kind == OfficeKind.NATIONAL.value)
    if actor.has(Role.NATIONAL_ADMIN):
        somebody = exists(exceptions.where(report_access.c.kind == CLEARED))
        cleared = or_(cleared, not_(somebody), reports.c.holder_id.in_(national))
        return and_(not_(accused), or_(reports.c.sealed.is_(False), cleared))
    above = {int(part) for unit in actor.offices(Role.LIAISON) for part in unit.path.strip("/").split("/")}
    against_us = exists(
        exceptions.where(report_access.c.kind == ACCUSED, report_access.c.office_id.in_(sorted(above)), _is_unit())
    )
    grave = or_(reports.c.needs_inspection.is_(True), reports.c.sealed.is_(True), reports.c.child.is_(True))
    return and_(not_(accused), or_(reports.c.sealed.is_(False), cleared), not_(and_(grave, against_us)))


def _is_unit() -> ColumnElement[bool]:
    return report_access.c.office_id.in_(select(offices.c.id).where(offices.c.kind == OfficeKind.UNIT.value))


def codes(states: Sequence[State]) -> list[str]:
    return [state.value for state in states]


def _flag_first(flag: ColumnElement[bool]) -> ColumnElement[int]:
    """0 for what is flagged, so that it comes first on both databases."""
    return case((flag.is_(True), 0), else_=1)


def order() -> tuple[ColumnElement[Any], ...]:
    """Urgent ones first, then the nearest due date, then the oldest."""
    due = func.coalesce(reports.c.due_at, literal(NEVER, Instant), type_=Instant)
    return (_flag_first(reports.c.urgent), due, reports.c.received_at, reports.c.id)
