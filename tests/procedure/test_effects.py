"""Which clocks a move touches (sop.md §6), typed from the column "Runs from → to" and the sentences below it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from core.procedure.case import Case
from core.procedure.effects import ClockChange, Moment, effects_of
from core.procedure.vocabulary import Category, Move, Role, State
from tests.procedure.world import CITY, NATIONAL, standing

RECEIVED, AT_AGENCY, AT_UNIT = (standing(each) for each in (State.RECEIVED, State.AT_AGENCY, State.AT_UNIT))
IN_PROGRESS, AWAITING, CLOSED = (standing(each) for each in (State.IN_PROGRESS, State.AWAITING_REPORTER, State.CLOSED))
ARCHIVED = standing(State.ARCHIVED)
FRESH = replace(RECEIVED, followed_up=False)


def words(changes: tuple[ClockChange, ...]) -> set[str]:
    return {f"{change.change.value} {change.kind.value}" for change in changes}


EXPECTED: list[tuple[str, Move | Moment, Case, Case, str]] = [
    ("submit", Move.SUBMIT, standing(State.DRAFT), FRESH, "open settlement, open ombudsman, open verification"),
    ("dispose", Move.DISPOSE, RECEIVED, AT_AGENCY, "stop verification, open agency_disposition"),
    ("dispose below", Move.DISPOSE, AT_AGENCY, AT_UNIT, "stop agency_disposition, open initial_response"),
    ("sealed", Move.DISPOSE_SEALED, RECEIVED, AT_UNIT, "stop verification, open initial_response"),
    ("unit returns", Move.RETURN, AT_UNIT, AT_AGENCY, "stop initial_response, open agency_disposition"),
    ("agency returns", Move.RETURN, AT_AGENCY, RECEIVED, "stop agency_disposition, open verification"),
    ("recall", Move.RECALL, IN_PROGRESS, RECEIVED, "stop silence, open verification, run_on settlement"),
    ("respond", Move.RESPOND, AT_UNIT, IN_PROGRESS, "stop initial_response, stop answer"),
    ("progress", Move.PROGRESS, AT_UNIT, IN_PROGRESS, "stop initial_response, stop answer, stop ombudsman"),
    ("settle", Move.SETTLE, IN_PROGRESS, IN_PROGRESS, "stop answer, stop ombudsman, stop silence"),
    ("settled", Moment.SETTLEMENT_DELIVERED, IN_PROGRESS, IN_PROGRESS, "stop settlement, open silence"),
    ("belum", Move.NOT_SETTLED, IN_PROGRESS, IN_PROGRESS, "stop silence, open answer, run_on settlement, run_on ombudsman"),
    ("dispute", Move.DISPUTE, CLOSED, IN_PROGRESS, "open answer, run_on settlement, run_on ombudsman"),
    (
        "first question",
        Moment.QUESTION_DELIVERED,
        AWAITING,
        AWAITING,
        "open clarification, pause initial_response, pause settlement, pause verification, pause agency_disposition",
    ),
    ("answer", Move.ANSWER, AWAITING, AT_UNIT, "stop clarification, resume initial_response, resume settlement"),
    ("take back", Move.TAKE_BACK, AWAITING, AT_UNIT, "stop clarification, resume initial_response, resume settlement"),
    ("give up below", Move.GIVE_UP, AWAITING, AT_UNIT, "stop clarification, resume initial_response, resume settlement"),
    ("object", Move.OBJECT, ARCHIVED, RECEIVED, "open verification, run_on settlement, run_on ombudsman"),
    ("promise missed", Moment.PROMISE_MISSED, IN_PROGRESS, IN_PROGRESS, "run_on ombudsman"),
    ("refer", Move.REFER, AT_UNIT, replace(AT_UNIT, referred=True), "stop ombudsman"),
    ("reclassify", Move.RECLASSIFY, AT_UNIT, replace(AT_UNIT, category=Category.COMPLAINT), "recompute settlement"),
    (
        "to appreciation",
        Move.RECLASSIFY,
        FRESH,
        replace(FRESH, category=Category.APPRECIATION),
        "recompute settlement, recompute verification, stop ombudsman",
    ),
    (
        "from appreciation",
        Move.RECLASSIFY,
        replace(FRESH, category=Category.APPRECIATION),
        FRESH,
        "recompute settlement, open ombudsman",
    ),
]


@pytest.mark.parametrize("event, before, after, expected", [row[1:] for row in EXPECTED], ids=[row[0] for row in EXPECTED])
def test_a_move_touches_its_clocks(event: Move | Moment, before: Case, after: Case, expected: str) -> None:
    assert set(expected.split(", ")) <= words(effects_of(event, before, after))


ABSENT: list[tuple[str, Move | Moment, Case, Case, str]] = [
    ("an initial response does not stop the Ombudsman clock", Move.RESPOND, AT_UNIT, IN_PROGRESS, "ombudsman"),
    ("handing around resets no settlement", Move.DISPOSE, RECEIVED, AT_AGENCY, "open settlement"),
    ("handing around never touches the Ombudsman clock", Move.RETURN, AT_UNIT, AT_AGENCY, "ombudsman"),
    ("the Ombudsman clock never pauses", Moment.QUESTION_DELIVERED, AWAITING, AWAITING, "ombudsman"),
    (
        "a level's second question pauses nothing",
        Moment.QUESTION_DELIVERED,
        replace(AWAITING, asked_levels=frozenset({Role.LIAISON})),
        AWAITING,
        "pause",
    ),
    ("a question pauses nothing before its delivery", Move.ASK, AT_UNIT, AWAITING, "pause"),
    ("a question taken back meanwhile pauses nothing", Moment.QUESTION_DELIVERED, AT_UNIT, AT_UNIT, "pause"),
    ("a settlement waits for its delivery", Move.SETTLE, IN_PROGRESS, IN_PROGRESS, "stop settlement"),
    (
        "a settlement delivered after a reply starts no silence",
        Moment.SETTLEMENT_DELIVERED,
        IN_PROGRESS,
        replace(IN_PROGRESS, replied_since_settlement=True),
        "silence",
    ),
    ("an appreciation is never referred", Move.SUBMIT, RECEIVED, replace(FRESH, category=Category.APPRECIATION), "ombudsman"),
    ("referred once", Move.DISPUTE, CLOSED, replace(IN_PROGRESS, referred=True), "ombudsman"),
    ("losing the last account changes no clock", Move.FALL_BACK, AT_UNIT, replace(AT_AGENCY, holder=CITY), " "),
    ("an addition changes no clock", Move.ADD, AT_UNIT, AT_UNIT, " "),
]


@pytest.mark.parametrize("event, before, after, absent", [row[1:] for row in ABSENT], ids=[row[0] for row in ABSENT])
def test_a_move_leaves_clocks_alone(event: Move | Moment, before: Case, after: Case, absent: str) -> None:
    assert not [change for change in words(effects_of(event, before, after)) if absent in change]


@pytest.mark.parametrize(
    "move, before, after",
    [
        (move, before, after)
        for move, (before, after) in product(
            [Move.WITHDRAW, Move.CONFIRM, Move.CLOSE_SILENT, Move.ACKNOWLEDGE, Move.ARCHIVE, Move.GIVE_UP, Move.FINAL_DECISION],
            product([RECEIVED, AT_UNIT, IN_PROGRESS, AWAITING], [CLOSED, ARCHIVED]),
        )
    ],
)
def test_what_is_over_stops_every_clock(move: Move, before: Case, after: Case) -> None:
    changes = effects_of(move, before, after)
    assert {change.change.value for change in changes} == {"stop"}
    assert len({change.kind for change in changes}) == 8


def test_only_settlement_and_ombudsman_run_from_the_arrival_of_a_letter() -> None:
    registered = replace(AT_AGENCY, holder=NATIONAL)
    since = {change.kind.value: change.since_arrival for change in effects_of(Move.REGISTER, registered, registered)}
    assert since == {"settlement": True, "ombudsman": True, "agency_disposition": False}


def test_a_question_after_a_settlement_takes_its_word_back() -> None:
    assert words(effects_of(Move.ASK, IN_PROGRESS, AWAITING)) == {"stop silence", "run_on settlement"}
