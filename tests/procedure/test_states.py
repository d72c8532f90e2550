"""The whole of sop.md §5: every state × move × role × category. Expectations are typed from there, not taken from the code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import NotFound, Refused
from core.procedure.case import Office
from core.procedure.given import Given
from core.procedure.permissions import may_see
from core.procedure.states import TABLE as RULES
from core.procedure.states import moves_for, require
from core.procedure.vocabulary import Category, Input, Move, OfficeKind, Role, State
from tests.procedure.world import BY_ROLE, CALENDAR, CITY, EXTERNAL, NATIONAL_ADMIN, NOW, PUSKESMAS, standing

Expected = dict[str, dict[str, str]]
"""state → role → "move>target move>target …", for a grievance at the puskesmas that has all behind it."""

_NATIONAL_ALWAYS = "note>= retitle>= link>= record_delivery>= seal>="

TABLE: Expected = {
    "none": {"national_admin": "register>received", "agency_admin": "register>at_agency", "liaison": "register>at_agency"},
    "draft": {"reporter": "submit>received cancel>gone", "system": "expire>gone"},
    "received": {
        "reporter": "withdraw>archived add>=",
        "system": "refer>=",
        "national_admin": "dispose>at_agency ask>awaiting_reporter archive>archived reclassify>= mark_urgent>= add>= split>= "
        f"support>= {_NATIONAL_ALWAYS}",
    },
    "at_agency": {
        "reporter": "withdraw>archived add>=",
        "system": "refer>=",
        "national_admin": f"recall>received reclassify>= mark_urgent>= split>= support>= {_NATIONAL_ALWAYS}",
        "agency_admin": "dispose>at_unit return>received respond>in_progress progress>in_progress settle>in_progress "
        "ask>awaiting_reporter reclassify>= mark_urgent>= add>= note>= retitle>= record_delivery>= support>=",
        "examiner": "note>=",
    },
    "at_unit": {
        "reporter": "withdraw>archived add>=",
        "system": "refer>=",
        "national_admin": f"recall>received reclassify>= mark_urgent>= split>= support>= {_NATIONAL_ALWAYS}",
        "agency_admin": "recall>at_agency reclassify>= mark_urgent>= note>= retitle>= record_delivery>= support>=",
        "liaison": "return>at_agency respond>in_progress progress>in_progress settle>in_progress ask>awaiting_reporter "
        "add>= note>= retitle>= record_delivery>=",
        "examiner": "note>=",
    },
    "in_progress": {
        "reporter": "confirm>closed not_settled>in_progress withdraw>archived add>=",
        "system": "close_silent>closed refer>=",
        "national_admin": f"recall>received reclassify>= mark_urgent>= split>= support>= {_NATIONAL_ALWAYS}",
        "agency_admin": "recall>at_agency final_decision>closed reclassify>= mark_urgent>= note>= retitle>= "
        "record_delivery>= support>=",
        "liaison": "progress>in_progress settle>in_progress ask>awaiting_reporter close_unreachable>closed "
        "add>= note>= retitle>= record_delivery>=",
        "examiner": "note>=",
    },
    "awaiting_reporter": {
        "reporter": "answer>at_unit withdraw>archived add>=",
        "system": "undeliverable>at_unit give_up>at_unit refer>=",
        "national_admin": f"recall>received mark_urgent>= split>= support>= {_NATIONAL_ALWAYS}",
        "agency_admin": "mark_urgent>= note>= retitle>= record_delivery>= support>=",
        "liaison": "take_back>at_unit add>= note>= retitle>= record_delivery>=",
        "examiner": "note>=",
    },
    "closed": {
        "reporter": "dispute>in_progress add>= rate>=",
        "national_admin": _NATIONAL_ALWAYS,
        "agency_admin": "note>= retitle>= record_delivery>=",
        "liaison": "add>= note>= retitle>= record_delivery>=",
        "examiner": "note>=",
    },
    "archived": {"reporter": "object>received", "national_admin": f"restore>at_agency {_NATIONAL_ALWAYS}"},
}

APPRECIATION_ONLY = {("at_agency", "agency_admin"): "acknowledge>closed", ("at_unit", "liaison"): "acknowledge>closed"}
COMPLAINT_ONLY = {("received", "national_admin"): "dispose_sealed>at_unit"}
INSPECTED_ONLY = {
    (state, "examiner"): "record_finding>=" for state in ("at_agency", "at_unit", "in_progress", "awaiting_reporter")
}
STATES = ["none", *(state.value for state in State)]


def pairs(words: str, state: str) -> set[tuple[str, str]]:
    split = (word.split(">") for word in words.split())
    return {(move, state if to == "=" else to) for move, to in split}


def expected(state: str, role: Role, category: Category, *, inspected: bool = False) -> set[tuple[str, str]]:
    found = pairs(TABLE[state].get(role, ""), state)
    extra: dict[tuple[str, str], str] = {}
    if category is Category.APPRECIATION:
        extra = APPRECIATION_ONLY
        found = {pair for pair in found if pair[0] != "refer"}
    if category is Category.COMPLAINT:
        extra = COMPLAINT_ONLY | (INSPECTED_ONLY if inspected else {})
    return found | pairs(extra.get((state, role), ""), state)


def offered(state: str, role: Role, category: Category, *, inspected: bool = False) -> set[tuple[str, str]]:
    case = None if state == "none" else replace(standing(State(state), category), needs_inspection=inspected)
    offers = moves_for(case, BY_ROLE[role], now=NOW, calendar=CALENDAR)
    return {(offer.move.value, offer.to.value if offer.to else "gone") for offer in offers}


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", STATES)
def test_the_page_offers_exactly_what_the_table_allows(state: str, role: Role, category: Category) -> None:
    assert offered(state, role, category) == expected(state, role, category)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", STATES)
def test_an_inspected_complaint_has_the_same_moves_and_the_finding(state: str, role: Role) -> None:
    assert offered(state, role, Category.COMPLAINT, inspected=True) == expected(state, role, Category.COMPLAINT, inspected=True)


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", STATES)
def test_whatever_is_not_offered_is_refused_with_a_reason(state: str, role: Role, category: Category) -> None:
    case = None if state == "none" else standing(State(state), category)
    allowed = {move for move, _ in expected(state, role, category)}
    for move in Move:
        if move.value in allowed:
            assert require(case, BY_ROLE[role], move, now=NOW, calendar=CALENDAR).move is move
            continue
        seen = case is None or may_see(case, BY_ROLE[role])
        with pytest.raises(Refused if seen else NotFound):
            require(case, BY_ROLE[role], move, now=NOW, calendar=CALENDAR)


@pytest.mark.parametrize("category", Category)
def test_an_unclassified_report_is_disposed_with_its_category_or_not_at_all(category: Category) -> None:
    case = replace(standing(State.RECEIVED, category), classified=False)
    offers = {offer.move: offer.needs for offer in moves_for(case, NATIONAL_ADMIN, now=NOW, calendar=CALENDAR)}
    assert offers[Move.DISPOSE] == {Input.OFFICE, Input.CATEGORY}
    assert Move.RECLASSIFY in offers
    assert Move.DISPOSE_SEALED not in offers
    classified = moves_for(replace(case, classified=True), NATIONAL_ADMIN, now=NOW, calendar=CALENDAR)
    assert [offer.needs for offer in classified if offer.move is Move.DISPOSE] == [{Input.OFFICE}]
    with pytest.raises(Refused, match="unclassified"):
        require(case, NATIONAL_ADMIN, Move.DISPOSE, Given(office=CITY), now=NOW, calendar=CALENDAR)


@pytest.mark.parametrize(
    "holder, role, there, absent",
    [
        (CITY, Role.AGENCY_ADMIN, "dispose>at_unit progress>in_progress settle>in_progress close_unreachable>closed", "recall"),
        (CITY, Role.LIAISON, "", "progress"),
        (PUSKESMAS, Role.AGENCY_ADMIN, "recall>at_agency final_decision>closed", "dispose"),
    ],
)
def test_in_progress_belongs_to_whoever_held_it_before(holder: Office, role: Role, there: str, absent: str) -> None:
    case = standing(State.IN_PROGRESS, held_by=holder)
    moves = {
        (o.move.value, str(o.to.value if o.to else "")) for o in moves_for(case, BY_ROLE[role], now=NOW, calendar=CALENDAR)
    }
    assert pairs(there, "in_progress") <= moves
    assert absent not in {move for move, _ in moves}


@pytest.mark.parametrize("before", [State.RECEIVED, State.AT_AGENCY, State.AT_UNIT, State.IN_PROGRESS])
@pytest.mark.parametrize("move, role", [(Move.ANSWER, Role.REPORTER), (Move.UNDELIVERABLE, Role.SYSTEM)])
def test_an_answered_question_leads_back_to_where_it_was(before: State, move: Move, role: Role) -> None:
    case = replace(standing(State.AWAITING_REPORTER), before=before)
    assert require(case, BY_ROLE[role], move, now=NOW, calendar=CALENDAR).to is before


def test_a_question_of_the_national_admin_that_is_given_up_archives() -> None:
    case = replace(standing(State.AWAITING_REPORTER), before=State.RECEIVED, asked_by=Role.NATIONAL_ADMIN)
    offer = require(case, BY_ROLE[Role.SYSTEM], Move.GIVE_UP, now=NOW, calendar=CALENDAR)
    assert offer.to is State.ARCHIVED


def test_withdrawing_archives_and_solved_closes_but_an_inspection_goes_on() -> None:
    reporter = BY_ROLE[Role.REPORTER]
    case = standing(State.AT_UNIT)
    targets = [
        require(each, reporter, Move.WITHDRAW, Given(solved=solved), now=NOW, calendar=CALENDAR).to
        for each, solved in ((case, False), (case, True), (replace(case, inspection_begun=True), True))
    ]
    assert targets == [State.ARCHIVED, State.CLOSED, State.AT_UNIT]


def test_the_national_admin_acts_as_admin_of_an_external_agency() -> None:
    case = replace(standing(State.AT_AGENCY, held_by=EXTERNAL), agency=EXTERNAL)
    offer = require(case, NATIONAL_ADMIN, Move.RESPOND, now=NOW, calendar=CALENDAR)
    assert (offer.role, offer.to) == (Role.AGENCY_ADMIN, State.IN_PROGRESS)


@pytest.mark.parametrize(
    "state, sealed, to",
    [
        (State.AT_UNIT, False, State.AT_AGENCY),
        (State.AT_UNIT, True, State.RECEIVED),
        (State.AT_AGENCY, False, State.RECEIVED),
        (State.IN_PROGRESS, False, State.IN_PROGRESS),
        (State.AWAITING_REPORTER, False, State.AWAITING_REPORTER),
    ],
)
def test_a_report_goes_one_up_when_its_holder_lost_the_last_account(state: State, sealed: bool, to: State) -> None:
    case = standing(state)
    assert case.holder is not None
    assert case.holder.kind is not OfficeKind.NATIONAL
    empty = replace(case, holder=replace(case.holder, staffed=False), sealed=sealed)
    assert require(empty, BY_ROLE[Role.SYSTEM], Move.FALL_BACK, now=NOW, calendar=CALENDAR).to is to


def test_every_row_names_the_roles_that_may_make_it() -> None:
    assert all(rule.roles for rule in RULES)
    assert {rule.move for rule in RULES} == set(Move)


def test_an_awaiting_report_that_forgot_where_it_was_is_an_error() -> None:
    forgetful = replace(standing(State.AWAITING_REPORTER), before=None)
    with pytest.raises(ValueError, match="remembers"):
        require(forgetful, BY_ROLE[Role.REPORTER], Move.ANSWER, now=NOW, calendar=CALENDAR)
