"""In which role somebody may make a move on this report: the "Who" column of sop.md §5, read with the holders of §1."""

from __future__ import annotations

from enum import StrEnum

from core.procedure.case import Actor, ActorKind, Case, of_agency
from core.procedure.vocabulary import OfficeKind, Role


class Who(StrEnum):
    """The "Who" column of the state table."""

    REPORTER = "reporter"
    SYSTEM = "system"
    NATIONAL = "national"  # a national admin
    AGENCY = "agency"  # an admin of the report's agency; for an external agency a national admin
    HOLDER = "holder"  # of the office that holds it
    HOLDER_OR_AGENCY = "holder_or_agency"  # and the agency admin for a silent unit
    OFFICIAL = "official"  # a national admin, an admin of its agency, the holder
    CONTRIBUTOR = "contributor"  # and examiners of the agency, liaisons of supporting units
    EXAMINER = "examiner"
    ADMIN = "admin"  # a national admin, an admin of its agency
    REGISTRAR = "registrar"  # anybody of an agency who may register a report


_HOLDERS = frozenset({Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON})

ROLES: dict[Who, frozenset[Role]] = {
    Who.REPORTER: frozenset({Role.REPORTER}),
    Who.SYSTEM: frozenset({Role.SYSTEM}),
    Who.NATIONAL: frozenset({Role.NATIONAL_ADMIN}),
    Who.AGENCY: frozenset({Role.AGENCY_ADMIN}),
    Who.HOLDER: _HOLDERS,
    Who.HOLDER_OR_AGENCY: _HOLDERS,
    Who.OFFICIAL: _HOLDERS,
    Who.CONTRIBUTOR: _HOLDERS | {Role.EXAMINER},
    Who.EXAMINER: frozenset({Role.EXAMINER}),
    Who.ADMIN: frozenset({Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN}),
    Who.REGISTRAR: frozenset({Role.AGENCY_ADMIN, Role.LIAISON}),
}


def role_for(who: Who, case: Case | None, actor: Actor) -> Role | None:
    """The role in which `actor` may do what `who` may do, or None.

    A national admin who acts for an external agency acts in the role of its admin (sop.md §2).
    """
    if actor.kind is not ActorKind.ACCOUNT:
        return Role(actor.kind) if Role(actor.kind) in ROLES[who] else None
    return next((role for role in _candidates(who, case, actor) if role is not None), None)


def why_not(who: Who, case: Case | None, actor: Actor) -> str:
    """The reason code for a role that does not suffice."""
    if actor.kind is not ActorKind.ACCOUNT or not any(actor.has(role) for role in ROLES[who]):
        return "not_your_role"
    if who is Who.HOLDER_OR_AGENCY and case is not None and _agency(case, actor):
        return "unit_not_silent"
    return "not_the_holder" if who in (Who.HOLDER, Who.HOLDER_OR_AGENCY) else "not_your_agency"


def _candidates(who: Who, case: Case | None, actor: Actor) -> tuple[Role | None, ...]:
    if who is Who.NATIONAL:
        return (_national(actor),)
    if who is Who.REGISTRAR:
        return tuple(role for role in (Role.AGENCY_ADMIN, Role.LIAISON) if actor.has(role))
    if case is None:
        return ()
    table: dict[Who, tuple[Role | None, ...]] = {
        Who.AGENCY: (_agency(case, actor),),
        Who.HOLDER: (_holder(case, actor),),
        Who.HOLDER_OR_AGENCY: (_holder(case, actor), _for_silent_unit(case, actor)),
        Who.OFFICIAL: (_holder(case, actor), _national(actor), _agency(case, actor)),
        Who.CONTRIBUTOR: (
            _holder(case, actor),
            _national(actor),
            _agency(case, actor),
            _examiner(case, actor),
            _supporter(case, actor),
        ),
        Who.EXAMINER: (_examiner(case, actor),),
        Who.ADMIN: (_national(actor), _agency(case, actor)),
    }
    return table.get(who, ())


def _national(actor: Actor) -> Role | None:
    return Role.NATIONAL_ADMIN if actor.has(Role.NATIONAL_ADMIN) else None


def _agency(case: Case, actor: Actor) -> Role | None:
    if case.agency is None:
        return None
    own = any(office.id == case.agency.id for office in actor.offices(Role.AGENCY_ADMIN))
    return Role.AGENCY_ADMIN if own or (case.external and actor.has(Role.NATIONAL_ADMIN)) else None


def _holder(case: Case, actor: Actor) -> Role | None:
    """sop.md §1: the holder is an office, never one person. Liaisons act on their own unit, not on its descendants."""
    if case.holder_kind is OfficeKind.NATIONAL:
        return _national(actor)
    if case.holder_kind is OfficeKind.AGENCY:
        return _agency(case, actor)
    own = any(office.id == case.holder_id for office in actor.offices(Role.LIAISON))
    return Role.LIAISON if own and case.holder is not None else None


def _for_silent_unit(case: Case, actor: Actor) -> Role | None:
    return _agency(case, actor) if case.holder_kind is OfficeKind.UNIT and case.unit_silent else None


def _examiner(case: Case, actor: Actor) -> Role | None:
    own = case.holder is not None and any(of_agency(case.holder, office) for office in actor.offices(Role.EXAMINER))
    return Role.EXAMINER if own else None


def _supporter(case: Case, actor: Actor) -> Role | None:
    supporting = {office.id for office in case.supporting}
    return Role.LIAISON if any(office.id in supporting for office in actor.offices(Role.LIAISON)) else None
