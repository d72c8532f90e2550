"""Who sees what (sop.md §1): typed from there, default-deny."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.procedure.case import Actor, Case, Grant, PastHolder
from core.procedure.permissions import may_see, may_see_identity, sight
from core.procedure.states import moves_for
from core.procedure.vocabulary import Category, Move, Privacy, Role, State
from tests.procedure.world import (
    AGENCY_ADMIN,
    CALENDAR,
    CITY,
    COORDINATOR,
    EXAMINER,
    HEALTH,
    HEALTH_LIAISON,
    INSPECTOR,
    INSPECTORATE,
    LIAISON,
    MINISTRY,
    NATIONAL,
    NATIONAL_ADMIN,
    NEIGHBOUR_ADMIN,
    NOW,
    OTHER_AGENCY_ADMIN,
    OTHER_LIAISON,
    PUSKESMAS,
    REPORTER,
    SCHOOL,
    SCHOOL_LIAISON,
    STRANGER,
    SUPERVISOR,
    moment,
    standing,
)

AT_UNIT = standing(State.AT_UNIT, Category.COMPLAINT)
AT_HEALTH = replace(AT_UNIT, holder=HEALTH, unit=HEALTH)
AT_AGENCY = standing(State.AT_AGENCY, Category.COMPLAINT)
RECEIVED = standing(State.RECEIVED, Category.COMPLAINT)
LEFT_AT = moment("2026-07-10")

ACTORS = {
    "reporter": REPORTER,
    "stranger": STRANGER,
    "national": NATIONAL_ADMIN,
    "admin": AGENCY_ADMIN,
    "liaison": LIAISON,
    "parent": HEALTH_LIAISON,
    "school": SCHOOL_LIAISON,
    "inspector": INSPECTOR,
    "examiner": EXAMINER,
    "coordinator": COORDINATOR,
    "supervisor": SUPERVISOR,
    "other admin": OTHER_AGENCY_ADMIN,
    "other liaison": OTHER_LIAISON,
    "neighbour": NEIGHBOUR_ADMIN,
    "nobody": Actor.account(999),
}
AGENCY = {"admin", "examiner", "coordinator", "supervisor"}


def seeing(case: Case) -> set[str]:
    return {name for name, actor in ACTORS.items() if may_see(case, actor)}


def knowing(case: Case) -> set[str]:
    return {name for name, actor in ACTORS.items() if may_see_identity(case, actor)}


def test_the_national_desk_and_the_reporter_see_what_is_received() -> None:
    assert seeing(RECEIVED) == {"reporter", "national"}


def test_an_agency_sees_what_it_holds_and_its_units_do_not() -> None:
    assert seeing(AT_AGENCY) == {"reporter", "national"} | AGENCY


def test_a_unit_sees_its_own_and_the_unit_above_reads_along() -> None:
    assert seeing(AT_UNIT) == {"reporter", "national", "liaison", "parent"} | AGENCY
    assert seeing(AT_HEALTH) == {"reporter", "national", "parent"} | AGENCY


def test_a_report_without_a_person_belongs_to_no_reporter() -> None:
    assert not may_see(replace(AT_UNIT, reporter_id=None), REPORTER)


@pytest.mark.parametrize(
    "privacy, known_to",
    [
        (Privacy.NAMED, {"reporter", "national", "admin", "liaison", "parent", "examiner"}),
        (Privacy.HIDDEN, {"reporter", "national"}),
        (Privacy.ANONYMOUS, {"reporter"}),
    ],
)
def test_the_name_is_seen_as_the_reporter_chose(privacy: Privacy, known_to: set[str]) -> None:
    assert knowing(replace(AT_UNIT, privacy=privacy)) == known_to


def test_a_supporting_unit_reads_without_the_name_and_adds_notes_only() -> None:
    case = replace(AT_UNIT, supporting=(SCHOOL,), privacy=Privacy.NAMED)
    assert may_see(case, SCHOOL_LIAISON)
    assert not may_see_identity(case, SCHOOL_LIAISON)
    assert [offer.move for offer in moves_for(case, SCHOOL_LIAISON, now=NOW, calendar=CALENDAR)] == [Move.NOTE]


def test_a_past_holder_reads_up_to_the_moment_it_left_and_does_nothing() -> None:
    case = replace(
        RECEIVED,
        privacy=Privacy.NAMED,
        past_holders=(PastHolder(CITY, LEFT_AT), PastHolder(PUSKESMAS, moment("2026-07-08"))),
    )
    assert sight(case, AGENCY_ADMIN).until == LEFT_AT
    assert sight(case, LIAISON).until == moment("2026-07-08")
    assert moves_for(case, AGENCY_ADMIN, now=NOW, calendar=CALENDAR) == ()
    assert not may_see_identity(case, AGENCY_ADMIN)
    assert not may_see(case, OTHER_AGENCY_ADMIN)


def test_who_holds_it_again_sees_it_whole() -> None:
    assert sight(replace(AT_AGENCY, past_holders=(PastHolder(CITY, LEFT_AT),)), AGENCY_ADMIN).until is None


def test_only_named_accounts_see_what_is_sealed() -> None:
    sealed = replace(AT_UNIT, sealed=True, holder=INSPECTORATE, unit=INSPECTORATE, cleared_account_ids=frozenset({109}))
    assert seeing(sealed) == {"reporter", "inspector"}


def test_what_is_sealed_and_named_to_nobody_stays_with_the_national_admins() -> None:
    assert seeing(replace(AT_AGENCY, sealed=True)) == {"reporter", "national"}


def test_a_named_account_of_the_accused_unit_sees_nothing() -> None:
    sealed = replace(AT_UNIT, sealed=True, accused_offices=(HEALTH,), cleared_account_ids=frozenset({103, 109}))
    assert seeing(sealed) == {"reporter", "inspector"}


def test_the_accused_unit_never_sees_an_inspected_complaint() -> None:
    case = replace(AT_UNIT, needs_inspection=True, accused_offices=(PUSKESMAS,))
    assert not may_see(case, LIAISON)
    assert may_see(replace(case, needs_inspection=False), LIAISON)


@pytest.mark.parametrize("name", ["national", "admin", "liaison", "parent", "examiner", "coordinator", "supervisor"])
def test_an_account_that_is_accused_cannot_open_the_report(name: str) -> None:
    actor = ACTORS[name]
    assert actor.account_id is not None
    assert not may_see(replace(AT_UNIT, accused_account_ids=frozenset({actor.account_id})), actor)


def test_several_roles_see_the_most_that_one_of_them_sees() -> None:
    both = Actor.account(120, Grant(Role.LIAISON, SCHOOL), Grant(Role.AGENCY_ADMIN, CITY))
    case = replace(AT_UNIT, past_holders=(PastHolder(SCHOOL, LEFT_AT),))
    assert sight(case, both).until is None
    assert sight(case, both).role is Role.AGENCY_ADMIN


@pytest.mark.parametrize("role", [Role.AGENCY_ADMIN, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR, Role.LIAISON])
def test_a_role_at_an_office_of_the_wrong_kind_opens_nothing(role: Role) -> None:
    wrong = {Role.LIAISON: CITY}.get(role, NATIONAL)
    assert not may_see(AT_UNIT, Actor.account(130, Grant(role, wrong)))


def test_another_agency_is_told_nothing() -> None:
    assert not may_see(replace(AT_UNIT, holder=MINISTRY, agency=MINISTRY), AGENCY_ADMIN)
