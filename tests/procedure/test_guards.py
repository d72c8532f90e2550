"""Guards and checks of sop.md §5, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from core.errors import Refused
from core.procedure.case import Actor, Case, Grant
from core.procedure.given import Given
from core.procedure.states import moves_for, next_disposition_binds, require
from core.procedure.vocabulary import Category, Field, Ground, Input, Move, Role, State
from tests.procedure.world import (
    AGENCY_ADMIN,
    CALENDAR,
    CITY,
    EXAMINER,
    EXTERNAL,
    HEALTH,
    HEALTH_LIAISON,
    INSPECTORATE,
    LIAISON,
    LONG_AGO,
    MINISTRY,
    MINISTRY_UNIT,
    NATIONAL,
    NATIONAL_ADMIN,
    NEIGHBOUR_ADMIN,
    NOW,
    PUSKESMAS,
    REPORTER,
    SCHOOL,
    SYSTEM,
    moment,
    standing,
)

RECEIVED = standing(State.RECEIVED, Category.COMPLAINT)
AT_AGENCY = standing(State.AT_AGENCY, Category.COMPLAINT)
AT_UNIT = standing(State.AT_UNIT, Category.COMPLAINT)
IN_PROGRESS = standing(State.IN_PROGRESS, Category.COMPLAINT)
CLOSED = standing(State.CLOSED)
ARCHIVED = standing(State.ARCHIVED)
AWAITING = standing(State.AWAITING_REPORTER)
DRAFT = standing(State.DRAFT)
NAMED = frozenset({109})
UNDER_HEALTH = Given(office=PUSKESMAS)


def reason_of(case: Case | None, actor: Actor, move: Move, given: Given | None = None) -> str:
    try:
        require(case, actor, move, given, now=NOW, calendar=CALENDAR)
    except Refused as refused:
        return refused.reason
    return "allowed"


GUARDED: list[tuple[str, Case, dict[str, Any], Actor, Move, str]] = [
    ("incomplete drafts stay drafts", DRAFT, {"missing": frozenset({Field.WHERE})}, REPORTER, Move.SUBMIT, "incomplete"),
    ("the notice comes first", DRAFT, {"notice_shown": False}, REPORTER, Move.SUBMIT, "notice_not_shown"),
    (
        "danger goes as it stands",
        DRAFT,
        {"notice_shown": False, "missing": frozenset({Field.WHERE}), "urgent": True},
        REPORTER,
        Move.SUBMIT,
        "allowed",
    ),
    ("unclassified is not sealed away", RECEIVED, {"classified": False}, NATIONAL_ADMIN, Move.DISPOSE_SEALED, "unclassified"),
    (
        "an agency does not pass on what is sealed",
        AT_AGENCY,
        {"sealed": True, "cleared_account_ids": frozenset({102})},
        AGENCY_ADMIN,
        Move.DISPOSE,
        "sealed",
    ),
    (
        "a Belum is answered first",
        IN_PROGRESS,
        {"replied_since_settlement": True},
        LIAISON,
        Move.CLOSE_UNREACHABLE,
        "answer_owed",
    ),
    ("a decision follows a settlement", IN_PROGRESS, {"settlements": 0}, AGENCY_ADMIN, Move.FINAL_DECISION, "no_settlement"),
    ("sealed goes sealed", RECEIVED, {"sealed": True}, NATIONAL_ADMIN, Move.DISPOSE, "sealed"),
    ("urgent is not marked twice", AT_UNIT, {"urgent": True}, AGENCY_ADMIN, Move.MARK_URGENT, "urgent_already"),
    ("only what is urgent is unmarked", AT_UNIT, {}, AGENCY_ADMIN, Move.UNMARK_URGENT, "not_urgent"),
    ("an urgent mark is taken back", AT_UNIT, {"urgent": True}, AGENCY_ADMIN, Move.UNMARK_URGENT, "allowed"),
    (
        "a grievance is not sealed away",
        RECEIVED,
        {"category": Category.GRIEVANCE},
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        "not_for_sealing",
    ),
    (
        "but one about a child is",
        RECEIVED,
        {"category": Category.GRIEVANCE, "child": True},
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        "allowed",
    ),
    ("binding holds the agency", AT_AGENCY, {"binding": True}, AGENCY_ADMIN, Move.RETURN, "binding"),
    ("binding holds the unit", AT_UNIT, {"binding": True}, LIAISON, Move.RETURN, "binding"),
    ("an agency disposes what it holds", IN_PROGRESS, {}, AGENCY_ADMIN, Move.DISPOSE, "agency_does_not_hold"),
    ("it recalls from a unit only", IN_PROGRESS, {"holder": CITY}, AGENCY_ADMIN, Move.RECALL, "unit_does_not_hold"),
    ("a unit that answers is left alone", AT_UNIT, {}, AGENCY_ADMIN, Move.RESPOND, "unit_not_silent"),
    ("for a silent unit the agency answers", AT_UNIT, {"unit_silent": True}, AGENCY_ADMIN, Move.RESPOND, "allowed"),
    ("and follows up", IN_PROGRESS, {"unit_silent": True}, AGENCY_ADMIN, Move.PROGRESS, "allowed"),
    ("but it does not ask for it", AT_UNIT, {"unit_silent": True}, AGENCY_ADMIN, Move.ASK, "not_the_holder"),
    ("a parent unit reads and does not act", AT_UNIT, {}, HEALTH_LIAISON, Move.RESPOND, "not_the_holder"),
    (
        "inspected needs a finding",
        IN_PROGRESS,
        {"needs_inspection": True, "finding_on_record": False},
        LIAISON,
        Move.SETTLE,
        "no_finding",
    ),
    ("uninspected needs none", IN_PROGRESS, {"finding_on_record": False}, LIAISON, Move.SETTLE, "allowed"),
    ("no finding where none is needed", IN_PROGRESS, {}, EXAMINER, Move.RECORD_FINDING, "not_inspected"),
    ("a complaint is not acknowledged", AT_UNIT, {}, LIAISON, Move.ACKNOWLEDGE, "not_an_appreciation"),
    ("a live address is deliverable", AWAITING, {"unreachable_since": None}, SYSTEM, Move.UNDELIVERABLE, "still_reachable"),
    (
        "no address is none",
        AWAITING,
        {"unreachable_since": None, "has_address": False},
        SYSTEM,
        Move.UNDELIVERABLE,
        "allowed",
    ),
    (
        "an undelivered question is not given up",
        AWAITING,
        {"question_delivered_at": None},
        SYSTEM,
        Move.GIVE_UP,
        "clarification_still_runs",
    ),
    (
        "nor is one of nine working days",
        AWAITING,
        {"question_delivered_at": moment("2026-07-02")},
        SYSTEM,
        Move.GIVE_UP,
        "clarification_still_runs",
    ),
    (
        "only a delivered settlement closes by silence",
        IN_PROGRESS,
        {"settlement_delivered_at": None},
        SYSTEM,
        Move.CLOSE_SILENT,
        "settlement_not_delivered",
    ),
    ("a reply is no silence", IN_PROGRESS, {"replied_since_settlement": True}, SYSTEM, Move.CLOSE_SILENT, "reporter_replied"),
    (
        "silence takes ten working days",
        IN_PROGRESS,
        {"settlement_delivered_at": moment("2026-07-02")},
        SYSTEM,
        Move.CLOSE_SILENT,
        "silence_still_runs",
    ),
    ("unreachable needs a settlement", IN_PROGRESS, {"settlements": 0}, LIAISON, Move.CLOSE_UNREACHABLE, "no_settlement"),
    (
        "and failed addresses",
        IN_PROGRESS,
        {"unreachable_since": None},
        LIAISON,
        Move.CLOSE_UNREACHABLE,
        "still_reachable",
    ),
    (
        "for ten working days",
        IN_PROGRESS,
        {"unreachable_since": moment("2026-07-02")},
        LIAISON,
        Move.CLOSE_UNREACHABLE,
        "unreachable_too_short",
    ),
    (
        "without an address since the settlement",
        IN_PROGRESS,
        {"unreachable_since": None, "has_address": False},
        LIAISON,
        Move.CLOSE_UNREACHABLE,
        "allowed",
    ),
    (
        "one Belum does not end it",
        IN_PROGRESS,
        {"dispute_count": 0},
        AGENCY_ADMIN,
        Move.FINAL_DECISION,
        "too_few_disputes",
    ),
    ("the liaison never ends it", IN_PROGRESS, {}, LIAISON, Move.FINAL_DECISION, "not_your_role"),
    ("final is final", CLOSED, {"final": True}, REPORTER, Move.DISPUTE, "final"),
    ("the window closes", CLOSED, {"closed_at": LONG_AGO}, REPORTER, Move.DISPUTE, "dispute_window_over"),
    ("spam has no objection", ARCHIVED, {"ground": Ground.SPAM}, REPORTER, Move.OBJECT, "archived_as_spam"),
    ("one objection", ARCHIVED, {"objected": True}, REPORTER, Move.OBJECT, "already_objected"),
    ("within thirty days", ARCHIVED, {"archived_at": moment("2026-05-20")}, REPORTER, Move.OBJECT, "object_window_over"),
    ("referred once", AT_UNIT, {"referred": True}, SYSTEM, Move.REFER, "already_referred"),
    (
        "sealed once",
        AT_UNIT,
        {"sealed": True},
        NATIONAL_ADMIN,
        Move.SEAL,
        "sealed",
    ),
    ("unsealing needs a seal", AT_UNIT, {}, NATIONAL_ADMIN, Move.UNSEAL, "not_sealed"),
    ("restored to somewhere", ARCHIVED, {"before": None}, NATIONAL_ADMIN, Move.RESTORE, "nowhere_to_restore"),
    ("unlinking needs a link", AT_UNIT, {}, NATIONAL_ADMIN, Move.UNLINK, "not_linked"),
    ("linked once", AT_UNIT, {"duplicate": True}, NATIONAL_ADMIN, Move.LINK, "already_linked"),
    ("linking is reversible", AT_UNIT, {"duplicate": True}, NATIONAL_ADMIN, Move.UNLINK, "allowed"),
    ("a staffed holder keeps it", AT_UNIT, {}, SYSTEM, Move.FALL_BACK, "holder_staffed"),
    (
        "an external agency never had accounts",
        AT_AGENCY,
        {"holder": EXTERNAL, "agency": EXTERNAL},
        SYSTEM,
        Move.FALL_BACK,
        "nowhere_to_fall",
    ),
]


@pytest.mark.parametrize("case, changes, actor, move, reason", [row[1:] for row in GUARDED], ids=[row[0] for row in GUARDED])
def test_guard(case: Case, changes: dict[str, Any], actor: Actor, move: Move, reason: str) -> None:
    assert reason_of(replace(case, **changes), actor, move) == reason


ACCUSING = {"accused_offices": (HEALTH,), "accused_account_ids": NAMED}
UNCLASSIFIED = {"classified": False}
CHECKED: list[tuple[str, Case, dict[str, Any], Actor, Move, Given, str]] = [
    ("unclassified is not disposed", RECEIVED, UNCLASSIFIED, NATIONAL_ADMIN, Move.DISPOSE, Given(office=CITY), "unclassified"),
    (
        "a category given along classifies it",
        RECEIVED,
        UNCLASSIFIED,
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=CITY, category=Category.COMPLAINT, needs_inspection=True),
        "allowed",
    ),
    (
        "only a complaint is inspected",
        RECEIVED,
        UNCLASSIFIED,
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=CITY, category=Category.GRIEVANCE, needs_inspection=True),
        "inspection_needs_complaint",
    ),
    (
        "what is sealed is not disposed openly, classified along or not",
        RECEIVED,
        {"classified": False, "sealed": True},
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=CITY, category=Category.COMPLAINT),
        "sealed",
    ),
    ("an office is chosen", RECEIVED, {}, NATIONAL_ADMIN, Move.DISPOSE, Given(), "office_missing"),
    ("one level down, not two", RECEIVED, {}, NATIONAL_ADMIN, Move.DISPOSE, Given(office=HEALTH), "not_an_agency"),
    (
        "an agency without accounts is none",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=replace(CITY, staffed=False)),
        "office_unstaffed",
    ),
    (
        "sealed goes to a unit",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        Given(office=CITY, account_ids=NAMED),
        "not_a_unit",
    ),
    ("an agency supports nobody", AT_UNIT, {}, NATIONAL_ADMIN, Move.SUPPORT, Given(office=MINISTRY), "not_a_unit"),
    (
        "support is given once",
        AT_UNIT,
        {"supporting": (SCHOOL,)},
        AGENCY_ADMIN,
        Move.SUPPORT,
        Given(office=SCHOOL),
        "supports_already",
    ),
    (
        "the category is corrected",
        AT_UNIT,
        {},
        AGENCY_ADMIN,
        Move.RECLASSIFY,
        Given(category=Category.GRIEVANCE, reason="x"),
        "allowed",
    ),
    ("an external agency takes it", RECEIVED, {}, NATIONAL_ADMIN, Move.DISPOSE, Given(office=EXTERNAL), "allowed"),
    (
        "an agency that returned it is confirmed",
        RECEIVED,
        {"returned_by": frozenset({2})},
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=CITY),
        "returned_it_before",
    ),
    (
        "and then gets it",
        RECEIVED,
        {"returned_by": frozenset({2})},
        NATIONAL_ADMIN,
        Move.DISPOSE,
        Given(office=CITY, confirmed=True),
        "allowed",
    ),
    ("never sideways", AT_AGENCY, {}, AGENCY_ADMIN, Move.DISPOSE, Given(office=MINISTRY), "not_a_unit"),
    ("nor to another's unit", AT_AGENCY, {}, AGENCY_ADMIN, Move.DISPOSE, Given(office=MINISTRY_UNIT), "not_of_your_agency"),
    ("any depth", AT_AGENCY, {}, AGENCY_ADMIN, Move.DISPOSE, Given(office=PUSKESMAS), "allowed"),
    (
        "never to nobody",
        AT_AGENCY,
        {},
        AGENCY_ADMIN,
        Move.DISPOSE,
        Given(office=replace(PUSKESMAS, staffed=False)),
        "office_unstaffed",
    ),
    (
        "an inspected complaint avoids the accused",
        AT_AGENCY,
        ACCUSING | {"needs_inspection": True},
        AGENCY_ADMIN,
        Move.DISPOSE,
        Given(office=HEALTH),
        "office_accused",
    ),
    (
        "and what is under them",
        AT_AGENCY,
        ACCUSING | {"needs_inspection": True},
        AGENCY_ADMIN,
        Move.DISPOSE,
        UNDER_HEALTH,
        "office_accused",
    ),
    (
        "an ordinary one goes to the unit meant",
        AT_AGENCY,
        ACCUSING,
        AGENCY_ADMIN,
        Move.DISPOSE,
        Given(office=HEALTH),
        "allowed",
    ),
    (
        "sealed never goes to the accused",
        RECEIVED,
        ACCUSING,
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        Given(office=HEALTH, account_ids=frozenset({5})),
        "office_accused",
    ),
    (
        "nor to an accused account",
        RECEIVED,
        ACCUSING,
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        Given(office=INSPECTORATE, account_ids=NAMED),
        "account_accused",
    ),
    (
        "it names accounts",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        Given(office=INSPECTORATE),
        "accounts_missing",
    ),
    (
        "and goes to the inspectorate",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.DISPOSE_SEALED,
        Given(office=INSPECTORATE, account_ids=NAMED),
        "allowed",
    ),
    ("a return says why", AT_UNIT, {}, LIAISON, Move.RETURN, Given(reason="  "), "reason_missing"),
    ("a response has words", AT_UNIT, {}, LIAISON, Move.RESPOND, Given(promised_on=date(2026, 7, 20)), "words_missing"),
    ("and says by when", AT_UNIT, {}, LIAISON, Move.RESPOND, Given(words="Kami cek"), "promised_date_missing"),
    (
        "a promise lies ahead",
        AT_UNIT,
        {},
        LIAISON,
        Move.RESPOND,
        Given(words="Kami cek", promised_on=date(2026, 7, 14)),
        "promised_date_past",
    ),
    (
        "today will do",
        AT_UNIT,
        {},
        LIAISON,
        Move.RESPOND,
        Given(words="Kami cek", promised_on=date(2026, 7, 15)),
        "allowed",
    ),
    ("a question asks something", AT_UNIT, {}, LIAISON, Move.ASK, Given(), "question_missing"),
    ("fields are a question", AT_UNIT, {}, LIAISON, Move.ASK, Given(fields=(Field.WHEN,)), "allowed"),
    ("archiving has a ground", RECEIVED, {}, NATIONAL_ADMIN, Move.ARCHIVE, Given(reason="Alasan"), "ground_missing"),
    (
        "incomplete only after asking",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.ARCHIVE,
        Given(ground=Ground.INCOMPLETE, reason="Alasan"),
        "not_asked_yet",
    ),
    (
        "asked, it is archived",
        RECEIVED,
        {"asked_levels": frozenset({Role.NATIONAL_ADMIN})},
        NATIONAL_ADMIN,
        Move.ARCHIVE,
        Given(ground=Ground.INCOMPLETE, reason="Alasan"),
        "allowed",
    ),
    (
        "only the reporter withdraws",
        RECEIVED,
        {},
        NATIONAL_ADMIN,
        Move.ARCHIVE,
        Given(ground=Ground.WITHDRAWN, reason="Alasan"),
        "not_withdrawn",
    ),
    (
        "inspection is set by the national admin",
        AT_AGENCY,
        {},
        AGENCY_ADMIN,
        Move.RECLASSIFY,
        Given(needs_inspection=True, reason="Alasan"),
        "inspection_is_national",
    ),
    (
        "only of complaints",
        AT_AGENCY,
        {},
        NATIONAL_ADMIN,
        Move.RECLASSIFY,
        Given(category=Category.GRIEVANCE, needs_inspection=True, reason="Alasan"),
        "inspection_needs_complaint",
    ),
    (
        "the accused gives it up first",
        AT_UNIT,
        ACCUSING,
        NATIONAL_ADMIN,
        Move.RECLASSIFY,
        Given(needs_inspection=True, reason="Alasan"),
        "accused_holds",
    ),
    ("the holder does not support itself", AT_UNIT, {}, AGENCY_ADMIN, Move.SUPPORT, UNDER_HEALTH, "holds_it_already"),
    ("others do", AT_UNIT, {}, AGENCY_ADMIN, Move.SUPPORT, Given(office=SCHOOL), "allowed"),
    ("an agency adds its own", AT_UNIT, {}, AGENCY_ADMIN, Move.SUPPORT, Given(office=MINISTRY_UNIT), "not_of_your_agency"),
    ("rated from one", CLOSED, {}, REPORTER, Move.RATE, Given(rating=0), "rating_out_of_range"),
    ("to five", CLOSED, {}, REPORTER, Move.RATE, Given(rating=6), "rating_out_of_range"),
    ("five is fine", CLOSED, {}, REPORTER, Move.RATE, Given(rating=5), "allowed"),
    (
        "sealing away from national names accounts",
        AT_UNIT,
        {},
        NATIONAL_ADMIN,
        Move.SEAL,
        Given(reason="Anak"),
        "accounts_missing",
    ),
    ("sealing at the national desk does not", RECEIVED, {}, NATIONAL_ADMIN, Move.SEAL, Given(reason="Anak"), "allowed"),
]


@pytest.mark.parametrize(
    "case, changes, actor, move, given, reason", [row[1:] for row in CHECKED], ids=[row[0] for row in CHECKED]
)
def test_what_is_given_is_checked(
    case: Case, changes: dict[str, Any], actor: Actor, move: Move, given: Given, reason: str
) -> None:
    assert reason_of(replace(case, **changes), actor, move, given) == reason


def test_an_official_registers_for_the_own_agency_what_has_arrived() -> None:
    letter = Given(source="letter", arrived_on=date(2026, 7, 15))
    assert reason_of(None, LIAISON, Move.REGISTER, letter) == "allowed"
    assert reason_of(None, LIAISON, Move.REGISTER, replace(letter, office=CITY)) == "allowed"
    assert reason_of(None, LIAISON, Move.REGISTER, replace(letter, office=MINISTRY)) == "not_of_your_agency"
    assert reason_of(None, LIAISON, Move.REGISTER, replace(letter, arrived_on=date(2026, 7, 16))) == "arrived_in_future"
    assert reason_of(None, NATIONAL_ADMIN, Move.REGISTER, Given(source="letter")) == "arrived_on_missing"
    assert reason_of(None, REPORTER, Move.REGISTER, letter) == "not_your_role"


def test_an_unknown_report_is_not_distinguished_from_a_hidden_one() -> None:
    assert moves_for(AT_UNIT, NEIGHBOUR_ADMIN, now=NOW, calendar=CALENDAR) == ()


def test_the_form_shows_what_a_move_needs() -> None:
    offers = {offer.move: offer.needs for offer in moves_for(AT_UNIT, LIAISON, now=NOW, calendar=CALENDAR)}
    assert offers[Move.RESPOND] == {Input.WORDS, Input.PROMISED_DATE}
    assert offers[Move.RETURN] == {Input.REASON}
    assert offers[Move.ASK] == {Input.QUESTION}


def test_one_person_with_two_roles_gets_the_moves_of_both() -> None:
    both = Actor.account(120, Grant(Role.AGENCY_ADMIN, CITY), Grant(Role.NATIONAL_ADMIN, NATIONAL))
    recalls = {offer.to for offer in moves_for(AT_UNIT, both, now=NOW, calendar=CALENDAR) if offer.move is Move.RECALL}
    assert recalls == {State.AT_AGENCY, State.RECEIVED}


@pytest.mark.parametrize("units, agencies, binds", [(0, 0, False), (1, 1, False), (2, 0, True), (0, 2, True)])
def test_the_second_return_makes_the_next_disposition_binding(units: int, agencies: int, binds: bool) -> None:
    assert next_disposition_binds(replace(RECEIVED, unit_returns=units, agency_returns=agencies)) is binds


@pytest.mark.parametrize(
    "hour_utc, day, reason",
    [(16, "2026-07-27", "allowed"), (17, "2026-07-27", "dispute_window_over")],
)
def test_the_dispute_window_ends_at_midnight_of_the_tenth_working_day(hour_utc: int, day: str, reason: str) -> None:
    case = replace(CLOSED, closed_at=moment("2026-07-13"))  # ten working days later is Monday, 27 July
    later = partial(require, case, REPORTER, Move.DISPUTE, now=moment(day, hour_utc), calendar=CALENDAR)
    if reason == "allowed":
        assert later().to is State.IN_PROGRESS
    else:
        with pytest.raises(Refused, match=reason):
            later()
