"""Who may see what. Default-deny: whatever no rule here allows is not seen, and reads like what does not exist (sop.md §1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.procedure.case import Actor, ActorKind, Case, Grant, Office, PastHolder, of_agency, within
from core.procedure.vocabulary import OfficeKind, Privacy, Role


@dataclass(frozen=True, slots=True)
class Sight:
    """How much somebody sees: nothing, everything (`until` None), or what happened before the report left them.

    `role`: the role that allows it, the widest first; None for the reporter and the system.
    """

    sees: bool
    until: datetime | None = None
    role: Role | None = None
    supporting: bool = False


NOTHING = Sight(sees=False)
_EVERYTHING = Sight(sees=True)
_OF_AGENCY = (Role.AGENCY_ADMIN, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR)
_WIDEST_FIRST = (Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR)
_MAY_READ_A_NAME = frozenset({Role.AGENCY_ADMIN, Role.LIAISON, Role.EXAMINER})


def may_see(case: Case, actor: Actor) -> bool:
    """May this person open the report at all? If not, answer exactly as if it did not exist."""
    return sight(case, actor).sees


def may_see_identity(case: Case, actor: Actor) -> bool:
    """May this person read the reporter's name? Contact is shown to nobody: the service relays it (sop.md §1, §3)."""
    if actor.kind is ActorKind.REPORTER:
        return may_see(case, actor)
    if actor.kind is not ActorKind.ACCOUNT or case.privacy is Privacy.ANONYMOUS:
        return False
    views = _views(case, actor)
    if any(view.role is Role.NATIONAL_ADMIN for view in views):
        return True
    if case.privacy is not Privacy.NAMED:
        return False
    return any(view.role in _MAY_READ_A_NAME and view.until is None and not view.supporting for view in views)


def sight(case: Case, actor: Actor) -> Sight:
    """What this person sees of the report, by the widest of all roles held."""
    if actor.kind is ActorKind.SYSTEM:
        return _EVERYTHING
    if actor.kind is ActorKind.REPORTER:
        own = case.reporter_id is not None and case.reporter_id == actor.person_id
        return _EVERYTHING if own else NOTHING
    views = _views(case, actor)
    whole = [view for view in views if view.until is None]
    if whole:
        return min(whole, key=lambda view: (view.supporting, _WIDEST_FIRST.index(view.role or Role.SUPERVISOR)))
    return max(views, key=lambda view: (view.until is not None, view.until), default=NOTHING)


def _views(case: Case, actor: Actor) -> list[Sight]:
    if actor.account_id is None or actor.account_id in case.accused_account_ids:
        return []
    if case.sealed:
        return _views_of_sealed(case, actor)
    return [view for grant in actor.grants if (view := _view(case, grant)).sees]


def _views_of_sealed(case: Case, actor: Actor) -> list[Sight]:
    """sop.md §1: only named accounts see it; while nobody is named or the national admins hold it, they do."""
    named = actor.account_id in case.cleared_account_ids
    with_national = not case.cleared_account_ids or case.holder_kind is OfficeKind.NATIONAL
    return [
        Sight(sees=True, role=grant.role)
        for grant in actor.grants
        if (named and not case.barred(grant.office)) or (with_national and grant.role is Role.NATIONAL_ADMIN)
    ]


def _view(case: Case, grant: Grant) -> Sight:
    if grant.role is Role.NATIONAL_ADMIN:
        return Sight(sees=True, role=grant.role)
    if case.barred(grant.office):
        return NOTHING
    if grant.role is Role.LIAISON:
        return _view_of_unit(case, grant.office)
    if grant.role in _OF_AGENCY and case.holder is not None and of_agency(case.holder, grant.office):
        return Sight(sees=True, role=grant.role)
    if grant.role is Role.AGENCY_ADMIN:
        return _up_to(grant.role, [past for past in case.past_holders if of_agency(past.office, grant.office)])
    return NOTHING


def _view_of_unit(case: Case, unit: Office) -> Sight:
    """Liaisons read their unit and its descendants; supporting units read along, without identity."""
    if unit.kind is not OfficeKind.UNIT:
        return NOTHING
    if case.holder is not None and within(case.holder, unit):
        return Sight(sees=True, role=Role.LIAISON)
    if any(supporter.id == unit.id for supporter in case.supporting):
        return Sight(sees=True, role=Role.LIAISON, supporting=True)
    return _up_to(Role.LIAISON, [past for past in case.past_holders if within(past.office, unit)])


def _up_to(role: Role, past: list[PastHolder]) -> Sight:
    if not past:
        return NOTHING
    return Sight(sees=True, until=max(each.until for each in past), role=role)
