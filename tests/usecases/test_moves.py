"""Every move of sop.md §5 end to end in storage: state, history, audit, and what the reporter hears, in one transaction."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from core import casework
from core.casework import Inputs, Part
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Confirm,
    Dispute,
    KeepEdit,
    NotSettled,
    Object,
    Rate,
    Withdraw,
)
from core.errors import InvalidInput, NotFound, Refused, StaleReport
from core.procedure.vocabulary import Category, ClockKind, Closing, Field, Ground, Move, State
from core.report import Report
from core.storage import outbox
from tests.usecases.world import FRIDAY, OWN_WORDS, PROMISED, World, wib

WORDS = {"words": OWN_WORDS, "promised_on": PROMISED}

Start = Callable[[World, Report], Any]


def received(world: World, report: Report) -> None:
    world.classified(report)


def at_agency(world: World, report: Report) -> None:
    world.at_agency(report)


def at_unit(world: World, report: Report) -> None:
    world.at_unit(report)


def in_progress(world: World, report: Report) -> None:
    world.in_progress(report)


def settled(world: World, report: Report) -> None:
    world.settled(report)


def disputed_twice(world: World, report: Report) -> None:
    world.settled(report)
    for _ in range(2):
        world.say(NotSettled(code=report.code, text="belum beres, masih diminta"))
        world.do("liaison", Move.PROGRESS, report, **WORDS)


def asked(world: World, report: Report) -> None:
    world.at_unit(report)
    world.do("liaison", Move.ASK, report, fields=(Field.WHEN,), words="Kapan persisnya kejadian ini?")
    world.deliver()


def archived(world: World, report: Report) -> None:
    world.do("national", Move.ARCHIVE, report, ground=Ground.BEFORE_COURT, reason="Sudah disidangkan.")


TABLE: tuple[tuple[Start, str, Move, dict[str, Any], State, str, str | None], ...] = (
    # before, who, move, inputs, state after, holder after, what the reporter hears
    (received, "national", Move.DISPOSE, {"office_id": "city"}, State.AT_AGENCY, "city", "notice.disposed"),
    (
        received,
        "national",
        Move.DISPOSE_SEALED,
        {"office_id": "inspectorate", "account_ids": ("inspector",)},
        State.AT_UNIT,
        "inspectorate",
        "notice.disposed",
    ),
    (at_agency, "admin", Move.DISPOSE, {"office_id": "puskesmas"}, State.AT_UNIT, "puskesmas", "notice.disposed"),
    (at_agency, "admin", Move.RETURN, {"reason": "bukan wewenang kami"}, State.RECEIVED, "root", "notice.returned"),
    (at_unit, "liaison", Move.RETURN, {"reason": "bukan wewenang kami"}, State.AT_AGENCY, "city", "notice.returned"),
    (at_unit, "admin", Move.RECALL, {"reason": "salah unit"}, State.AT_AGENCY, "city", "notice.returned"),
    (in_progress, "national", Move.RECALL, {"reason": "salah instansi"}, State.RECEIVED, "root", "notice.returned"),
    (at_agency, "admin", Move.RESPOND, WORDS, State.IN_PROGRESS, "city", "notice.response"),
    (at_unit, "liaison", Move.RESPOND, WORDS, State.IN_PROGRESS, "health", "notice.response"),
    (at_unit, "liaison", Move.PROGRESS, WORDS, State.IN_PROGRESS, "health", "notice.progress"),
    (in_progress, "liaison", Move.SETTLE, {"words": OWN_WORDS}, State.IN_PROGRESS, "health", "notice.settlement"),
    (at_unit, "liaison", Move.ASK, {"words": "Kapan kejadiannya, Bu?"}, State.AWAITING_REPORTER, "health", "notice.question"),
    (asked, "liaison", Move.TAKE_BACK, {}, State.AT_UNIT, "health", "notice.question_taken_back"),
    (disputed_twice, "admin", Move.FINAL_DECISION, {"reason": OWN_WORDS}, State.CLOSED, "health", "notice.closed_final"),
    (
        received,
        "national",
        Move.ARCHIVE,
        {"ground": Ground.BEFORE_COURT, "reason": "Sudah disidangkan.", "next_door": "Pengadilan Negeri"},
        State.ARCHIVED,
        "root",
        "notice.archived",
    ),
    (archived, "national", Move.RESTORE, {"reason": "putusan dicabut"}, State.RECEIVED, "root", "notice.restored"),
    (
        at_agency,
        "admin",
        Move.RECLASSIFY,
        {"category": Category.GRIEVANCE, "reason": "tentang layanan"},
        State.AT_AGENCY,
        "city",
        "notice.reclassified",
    ),
    (at_unit, "liaison", Move.NOTE, {"words": "hubungi loket"}, State.AT_UNIT, "health", None),
    (at_unit, "liaison", Move.RETITLE, {"title": "Pungutan kartu berobat"}, State.AT_UNIT, "health", None),
    (at_unit, "admin", Move.MARK_URGENT, {"reason": "ada yang diancam"}, State.AT_UNIT, "health", None),
    (at_unit, "liaison", Move.RECORD_DELIVERY, {"how": "called", "at": FRIDAY}, State.AT_UNIT, "health", None),
    (at_unit, "liaison", Move.ADD, {"words": "Pelapor membawa kuitansi ke loket"}, State.AT_UNIT, "health", None),
    (at_unit, "admin", Move.SUPPORT, {"office_id": "puskesmas"}, State.AT_UNIT, "health", None),
    (at_unit, "national", Move.SEAL, {"reason": "saksi takut", "account_ids": ("liaison",)}, State.AT_UNIT, "health", None),
)


def _named(world: World, inputs: dict[str, Any]) -> dict[str, Any]:
    named = dict(inputs)
    if "office_id" in named:
        named["office_id"] = world.places[named["office_id"]]
    if "account_ids" in named:
        named["account_ids"] = tuple(world.people[each] for each in named["account_ids"])
    return named


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0].__name__}-{row[1]}-{row[2]}")
def test_a_move_of_the_table_is_kept_with_history_audit_and_outbox(world: World, row: Any) -> None:
    start, who, move, inputs, state, holder, heard = row
    report = world.submit()
    start(world, report)
    world.deliver()
    before = world.get(report)
    after = world.do(who, move, report, **_named(world, inputs))
    assert (after.state, after.holder_id) == (state, world.places[holder])
    assert after.version > before.version
    last = world.rows("history")[-1]
    assert (last.move, last.from_state, last.to_state, last.account_id) == (move, before.state, state, world.people[who])
    assert world.rows("audit")[-1].action == move
    waiting = [entry.kind for entry in world.rows("outbox", lambda c: c.state == "waiting")]
    assert waiting == ([] if heard is None else [heard])


def test_an_officials_words_reach_the_reporter_unchanged(world: World) -> None:
    report = world.submit()
    world.at_unit(report)
    world.deliver()
    words = "Yth. Ibu,\n\n  kami *periksa* <hari ini> — 100% “serius”."
    world.do("liaison", Move.RESPOND, report, words=words, promised_on=PROMISED)
    assert words in world.deliver()[0]
    assert [row.words for row in world.rows("messages", lambda c: c.kind == "response")] == [words]


def test_nothing_is_kept_if_something_fails_in_the_middle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = world.submit()
    world.at_unit(report)
    counts = {name: len(world.rows(name)) for name in ("history", "audit", "messages", "outbox", "clocks", "notifications")}

    def power_cut(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(outbox, "enqueue", power_cut)
    with pytest.raises(RuntimeError):
        world.do("liaison", Move.RESPOND, report, **WORDS)
    assert world.get(report).state is State.AT_UNIT
    assert {name: len(world.rows(name)) for name in counts} == counts
    assert ClockKind.INITIAL_RESPONSE in world.clocks_running(report)


def test_whoever_comes_second_is_told_that_the_report_changed(world: World) -> None:
    report = world.classified(world.submit())
    move: dict[str, Any] = {"report_id": report.id, "version": report.version, "now": world.now, "by": world.actor("national")}
    casework.perform(world.office, move=Move.DISPOSE, inputs=Inputs(office_id=world.places["city"]), **move)
    with pytest.raises(StaleReport):
        casework.perform(world.office, move=Move.DISPOSE, inputs=Inputs(office_id=world.places["ministry"]), **move)
    assert world.get(report).agency_id == world.places["city"]


@pytest.mark.parametrize("who", ["minister", "engineer"])
def test_a_report_outside_the_own_tree_does_not_exist(world: World, who: str) -> None:
    report = world.at_unit(world.submit())
    with pytest.raises(NotFound):
        world.do(who, Move.NOTE, report, words="halo")
    with pytest.raises(NotFound):
        casework.perform(
            world.office, report_id=999, version=1, move=Move.NOTE, inputs=Inputs(), by=world.actor(who), now=world.now
        )


def test_a_liaison_reads_below_the_own_unit_and_acts_only_on_it(world: World) -> None:
    report = world.at_unit(world.submit(), "puskesmas")
    with pytest.raises(Refused) as refused:
        world.do("liaison", Move.RESPOND, report, **WORDS)
    assert refused.value.reason == "not_the_holder"


@pytest.mark.parametrize(
    "move, inputs, field, reason",
    [
        (Move.RESPOND, {"promised_on": PROMISED}, "words", "missing"),
        (Move.RESPOND, {"words": "ok", "promised_on": PROMISED}, "words", "too_short"),
        (Move.RESPOND, {"words": "Laporan sudah diterima.", "promised_on": PROMISED}, "words", "too_short"),
        (Move.RESPOND, {"words": OWN_WORDS}, "promised_on", "missing"),
        (Move.RESPOND, {"words": OWN_WORDS, "promised_on": date(2031, 1, 1)}, "promised_on", "too_far"),
        (Move.RETURN, {}, "reason", "missing"),
        (Move.RETURN, {"reason": "x"}, "reason", "too_short"),
        (Move.ASK, {}, "words", "missing"),
        (Move.ASK, {"fields": (Field.PRIVACY,)}, "fields", "unknown"),
        (Move.RETITLE, {"title": "a" * 201}, "title", "too_long"),
        (Move.RECORD_DELIVERY, {"how": "smoke", "at": FRIDAY}, "how", "unknown"),
        (Move.RECORD_DELIVERY, {"how": "called", "at": wib(12, 1)}, "at", "future"),
    ],
)
def test_what_is_missing_or_unreadable_is_said_of_its_field(
    world: World, move: Move, inputs: dict[str, Any], field: str, reason: str
) -> None:
    report = world.at_unit(world.submit())
    with pytest.raises(InvalidInput) as invalid:
        world.do("liaison", move, report, **inputs)
    assert (invalid.value.field, invalid.value.reason) == (field, reason)


def test_the_second_return_flags_and_the_next_disposition_binds(world: World) -> None:
    report = world.at_agency(world.submit())
    world.do("admin", Move.RETURN, report, reason="bukan wewenang")
    assert not world.get(report).flagged
    world.do("national", Move.DISPOSE, report, office_id=world.places["ministry"])
    world.do("minister", Move.RETURN, report, reason="bukan jalan nasional")
    assert world.get(report).flagged
    with pytest.raises(Refused, match="returned_it_before"):
        world.do("national", Move.DISPOSE, report, office_id=world.places["city"])
    after = world.do("national", Move.DISPOSE, report, office_id=world.places["city"], confirmed=True)
    assert after.binding
    assert not after.flagged
    with pytest.raises(Refused, match="binding"):
        world.do("admin", Move.RETURN, report, reason="tetap bukan kami")


def test_the_second_return_by_units_of_one_agency_is_told_to_the_national_admin(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.RETURN, report, reason="bukan kami")
    world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"])
    world.do("midwife", Move.RETURN, report, reason="bukan kami juga")
    assert world.get(report).flagged
    assert "flagged" in world.told("national")


def test_only_named_accounts_see_a_sealed_report(world: World) -> None:
    report = world.classified(world.submit())
    cleared = (world.people["inspector"],)
    world.do("national", Move.DISPOSE_SEALED, report, office_id=world.places["inspectorate"], account_ids=cleared)
    with pytest.raises(NotFound):
        world.do("admin", Move.NOTE, report, words="apa ini?")
    assert world.do("inspector", Move.RESPOND, report, **WORDS).state is State.IN_PROGRESS
    assert "arrived" in world.told("inspector")


def test_an_inspected_complaint_is_settled_only_with_a_finding(world: World) -> None:
    report = world.submit()
    world.at_unit(report, inspection=True)
    with pytest.raises(Refused, match="no_finding"):
        world.do("liaison", Move.SETTLE, report, words=OWN_WORDS)
    world.do("examiner", Move.RECORD_FINDING, report, finding="proven", words="Kuitansi tidak ada.")
    assert world.do("liaison", Move.SETTLE, report, words=OWN_WORDS).settlements == 1


def test_an_appreciation_is_acknowledged_and_closed(world: World) -> None:
    report = world.at_unit(world.submit(Category.APPRECIATION))
    after = world.do("liaison", Move.ACKNOWLEDGE, report)
    assert (after.state, after.closing) == (State.CLOSED, Closing.ACKNOWLEDGED)
    assert world.clocks_running(report) == set()


def test_an_answer_brings_the_report_back_and_fills_the_field_that_was_asked(world: World) -> None:
    report = world.submit()
    asked(world, report)
    world.say(AnswerQuestion(code=report.code, text="Kamis kemarin jam 8"))
    after = world.get(report)
    assert (after.state, after.question_id) == (State.AT_UNIT, None)
    assert world.rows("report_words")[0].when_words == "Kamis kemarin jam 8"
    assert "answered" in world.told("liaison")


def test_beres_closes_and_the_report_can_be_rated_and_disputed_inside_the_window(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    assert (world.get(report).state, world.get(report).closing) == (State.CLOSED, Closing.CONFIRMED)
    world.say(Rate(code=report.code, rating=4))
    world.say(Dispute(code=report.code, text="ternyata diminta lagi"))
    after = world.get(report)
    assert (after.state, after.disputes, after.rating, after.closing) == (State.IN_PROGRESS, 1, 4, None)
    assert after.holder_id == world.places["health"]
    assert {ClockKind.ANSWER, ClockKind.SETTLEMENT, ClockKind.OMBUDSMAN} <= world.clocks_running(report)


def test_a_dispute_after_ten_working_days_is_refused(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    world.now = wib(4, 6, 23, 59)  # 2026-03-13 and ten working days: 6 April
    world.say(Dispute(code=report.code, text="masih sempat"))
    world.say(Confirm(code=report.code))
    world.now = wib(4, 21)
    with pytest.raises(Refused, match="dispute_window_over"):
        world.say(Dispute(code=report.code, text="terlambat"))


def test_belum_stops_silence_and_the_holder_has_five_working_days(world: World) -> None:
    report = world.settled(world.submit())
    assert world.clocks_running(report) == {ClockKind.SILENCE}
    world.say(NotSettled(code=report.code, text="belum, masih diminta"))
    assert {ClockKind.ANSWER, ClockKind.SETTLEMENT} <= world.clocks_running(report)
    assert ClockKind.SILENCE not in world.clocks_running(report)
    assert world.clock(report, ClockKind.ANSWER).due_at == wib(3, 28, 0)  # 16, 17, 25, 26, 27 March are its days


def test_a_reply_of_trouble_counts_as_not_settled_and_bare_thanks_do_not(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Add(code=report.code, text="makasih"))
    assert ClockKind.SILENCE in world.clocks_running(report)
    world.say(Add(code=report.code, text="tapi petugasnya masih minta uang", trouble=True))
    after = world.get(report)
    assert ClockKind.SILENCE not in world.clocks_running(report)
    assert (after.state, after.replied, after.not_settled) == (State.IN_PROGRESS, True, 0)


def test_withdrawing_archives_solved_closes_and_an_inspection_goes_on(world: World) -> None:
    withdrawn, solved, inspected = world.submit(), world.submit(), world.submit()
    world.say(Withdraw(code=withdrawn.code, solved=False))
    assert (world.get(withdrawn).state, world.get(withdrawn).ground) == (State.ARCHIVED, Ground.WITHDRAWN)
    world.say(Withdraw(code=solved.code, solved=True))
    assert (world.get(solved).state, world.get(solved).closing) == (State.CLOSED, Closing.WITHDRAWN)
    world.at_unit(inspected, inspection=True)
    world.do("liaison", Move.RESPOND, inspected, **WORDS)
    carried = world.say(Withdraw(code=inspected.code, solved=False))
    assert (world.get(inspected).state, world.get(inspected).withdraw_wish) == (State.IN_PROGRESS, True)
    assert [notice.kind for notice in carried.notices] == ["withdraw_noted"]


def test_an_objection_brings_an_archived_report_back_once(world: World) -> None:
    report = world.submit()
    archived(world, report)
    world.say(Object(code=report.code, text="belum pernah disidangkan"))
    assert (world.get(report).state, world.get(report).objected) == (State.RECEIVED, True)
    archived(world, report)
    with pytest.raises(Refused, match="already_objected"):
        world.say(Object(code=report.code, text="sekali lagi"))


def test_nobody_acts_on_somebody_elses_report(world: World) -> None:
    report = world.settled(world.submit())
    with pytest.raises(NotFound):
        world.say(Confirm(code=report.code), by=world.someone("budi"))


def test_duplicates_mirror_their_lead_and_each_reporter_keeps_an_own_verdict(world: World) -> None:
    budi = world.someone("budi")
    lead, double = world.submit(), world.submit(by=budi)
    world.at_agency(lead)
    world.do("national", Move.LINK, double, code=lead.code)
    assert (world.get(double).state, world.get(double).holder_id) == (State.AT_AGENCY, world.places["city"])
    world.do("admin", Move.DISPOSE, lead, office_id=world.places["health"])
    world.do("liaison", Move.SETTLE, lead, words=OWN_WORDS)
    texts = world.deliver()
    assert [sum(OWN_WORDS in text for text in texts), world.get(double).settlements] == [2, 1]
    world.say(Confirm(code=lead.code))
    assert (world.get(lead).state, world.get(double).state) == (State.CLOSED, State.IN_PROGRESS)
    world.say(NotSettled(code=double.code, text="di tempat saya belum"), by=budi)
    world.do("national", Move.UNLINK, double)
    assert world.get(double).lead_id is None


def test_separate_matters_become_linked_reports_with_codes_of_their_own_and_the_same_age(world: World) -> None:
    report = world.submit()
    world.now = wib(3, 16)
    part = Part(title="Lampu mati", story="lampu depan puskesmas mati", category=Category.GRIEVANCE)
    world.do("national", Move.SPLIT, report, parts=(part,))
    made = [row for row in world.rows("reports") if row.origin_id == report.id]
    assert [(row.category, row.received_at == report.received_at, row.code != report.code) for row in made] == [
        ("grievance", True, True)
    ]
    assert len(world.deliver()) == 1


def test_an_edited_message_is_kept_beside_the_first_version(world: World) -> None:
    report = world.submit()
    world.say(KeepEdit(source_id="m1", text="bukan 20rb, 25rb"))
    kinds = [(row.kind, row.words) for row in world.rows("messages")]
    assert kinds == [("story", world.rows("report_words")[0].story), ("edit", "bukan 20rb, 25rb")]
    assert world.rows("messages")[1].edits_id == world.rows("messages")[0].id
    assert "edited" in world.told("national")
    assert world.get(report).state is State.RECEIVED


def test_the_choice_for_the_ombudsman_is_remembered(world: World) -> None:
    report = world.submit()
    world.say(ChooseOmbudsman(code=report.code, choice="not_at_all"))
    assert world.get(report).ombudsman_choice == "not_at_all"


def test_an_official_registers_what_came_by_hand(world: World) -> None:
    inputs = Inputs(
        source="letter", arrived_on=date(2026, 3, 11), story="Surat tentang pungutan", category=Category.COMPLAINT, name="Ani"
    )
    report = casework.register(world.office, inputs=inputs, by=world.actor("liaison"), now=world.now)
    assert (report.state, report.holder_id, report.arrived_on) == (State.AT_AGENCY, world.places["city"], date(2026, 3, 11))
    assert world.clock(report, ClockKind.SETTLEMENT).clock.started_at == wib(3, 11, 12)
    assert world.clock(report, ClockKind.AGENCY_DISPOSITION).clock.started_at == world.now
    with pytest.raises(InvalidInput):
        casework.register(world.office, inputs=Inputs(source="letter"), by=world.actor("national"), now=world.now)


def test_an_urgent_report_is_told_at_any_hour(world: World) -> None:
    world.submit(urgent=True)
    assert world.told("national") == ["urgent"]


def test_a_report_about_a_child_never_reaches_the_school_concerned(world: World) -> None:
    report = world.submit(child=True, who_office_id=world.places["puskesmas"])
    world.at_agency(report)
    with pytest.raises(Refused, match="office_accused"):
        world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"])


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_outside_one_to_five_is_refused(world: World, rating: int) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    with pytest.raises(Refused, match="rating_out_of_range"):
        world.say(Rate(code=report.code, rating=rating))
    assert world.get(report).rating is None


def test_a_recalled_unit_is_told_and_reads_up_to_that_moment(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("admin", Move.RECALL, report, reason="salah unit")
    assert "recalled" in world.told("liaison")
    with pytest.raises(Refused, match="not_with_you_any_more"):
        world.do("liaison", Move.NOTE, report, words="masih ada yang perlu dicatat")


def test_a_supporting_unit_is_told_and_reads_along(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("admin", Move.SUPPORT, report, office_id=world.places["puskesmas"])
    assert "support" in world.told("midwife")
    world.do("midwife", Move.NOTE, report, words="loket kami bisa membantu")
    with pytest.raises(Refused, match="not_the_holder"):
        world.do("midwife", Move.RESPOND, report, **WORDS)


def test_an_agency_admin_answers_for_a_silent_unit_and_only_then(world: World) -> None:
    report = world.at_unit(world.submit())
    with pytest.raises(Refused, match="unit_not_silent"):
        world.do("admin", Move.RESPOND, report, **WORDS)
    world.now = wib(3, 28, 0)  # five days after 13 March: 27 March
    after = world.do("admin", Move.RESPOND, report, **WORDS)
    assert (after.state, after.holder_id) == (State.IN_PROGRESS, world.places["health"])
    assert world.rows("history")[-1].details["acted_for"] == world.places["health"]


def test_history_and_audit_hold_no_words_names_or_addresses(world: World) -> None:
    report = world.submit(story="Bidan Siti minta 20rb", name="Ani Wijaya", when_words="kemarin sore")
    world.at_unit(report)
    world.do("liaison", Move.ASK, report, words="Apakah ada kuitansi, Bu Ani?")
    world.say(AnswerQuestion(code=report.code, text="tidak ada kuitansi"))
    world.do("liaison", Move.SETTLE, report, words="Uang dikembalikan oleh Siti.")
    world.say(NotSettled(code=report.code, text="belum kembali"))
    kept = str([row.details for table in ("history", "audit", "notifications") for row in world.rows(table)]).casefold()
    for word in ("siti", "ani", "kuitansi", "kembali", "kemarin", "sukamaju"):
        assert word not in kept


def test_one_press_classifies_and_disposes_with_a_line_for_each(world: World) -> None:
    report = world.submit()
    before = len(world.rows("audit"))
    after = world.do(
        "national",
        Move.DISPOSE,
        report,
        office_id=world.places["city"],
        category=Category.COMPLAINT,
        needs_inspection=False,
        reason="mohon segera",
    )
    assert (after.state, after.classified, after.holder_id) == (State.AT_AGENCY, True, world.places["city"])
    lines = world.rows("history", lambda row: row.report_id == report.id)
    assert [line.move for line in lines][-2:] == ["reclassify", "dispose"]
    assert [row.action for row in world.rows("audit")[before:]] == ["reclassify", "dispose"]
    notes = world.rows("messages", lambda row: row.direction == "note")
    assert [(note.words, note.id) for note in notes] == [("mohon segera", lines[-1].message_id)]
    assert world.rows("outbox")[-1].kind == "notice.disposed"


def test_another_category_than_the_proposed_one_is_told_with_its_reason_before_the_disposition(world: World) -> None:
    report = world.submit()
    given = {"office_id": world.places["city"], "category": Category.GRIEVANCE, "needs_inspection": False}
    with pytest.raises(InvalidInput) as missing:
        world.do("national", Move.DISPOSE, report, **given)
    assert (missing.value.field, missing.value.reason) == ("reason", "missing")
    assert (world.get(report).state, world.get(report).classified) == (State.RECEIVED, False)
    after = world.do("national", Move.DISPOSE, report, reason="tentang layanan", **given)
    assert (after.state, after.category) == (State.AT_AGENCY, Category.GRIEVANCE)
    assert [row.kind for row in world.rows("outbox")][-2:] == ["notice.reclassified", "notice.disposed"]
    assert [row.words for row in world.rows("messages", lambda row: row.direction == "note")] == ["tentang layanan"]


def test_a_disposition_that_fails_leaves_no_classification_behind(world: World) -> None:
    report = world.submit()
    with pytest.raises(Refused, match="not_an_agency"):
        world.do("national", Move.DISPOSE, report, office_id=world.places["health"], category=Category.COMPLAINT)
    assert not world.get(report).classified
    assert [row.move for row in world.rows("history")] == ["submit"]
