"""Returns, the binding disposition, offices without people, sealed reports, duplicates and splits (sop.md §1, §3, §5)."""

from typing import Any

import pytest
from sqlalchemy import update

from core import sweep, timekeeping
from core.accounts import By
from core.casework import Part, accounts, case_for
from core.casework.accounts import disable_account, fall_back
from core.dialogue.model import AnswerQuestion, Confirm, Dispute, Remember
from core.errors import InvalidInput, NotFound, Refused
from core.procedure.vocabulary import Category, ClockKind, Field, Ground, Move, State
from core.report import Report
from core.storage import reports, tables
from core.storage.crypto import lookup
from tests.usecases.world import OWN_WORDS, PROMISED, World, wib

WHY = "bukan wewenang kami"


def swept(world: World, at: Any) -> list[str]:
    world.now = at
    return [effect.what for effect in sweep.run(world.office, at=at) if effect.report is not None]


def disabled(world: World, *names: str) -> None:
    for name in names:
        disable_account(world.office, email=f"{name}@contoh.go.id", by=By(), now=world.now)


def sees(world: World, who: str, report: Report) -> bool:
    try:
        with world.office.database.read() as connection:
            case_for(connection, world.office, report_id=report.id, by=world.actor(who), now=world.now)
    except NotFound:
        return False
    return True


def another_address(world: World, address: str) -> None:
    with world.office.database.write() as connection:
        connection.execute(
            tables.addresses.insert().values(
                person_id=world.speaker.person_id,
                channel="pigeon",
                address=address,
                lookup=lookup("pigeon", address),
                verified=True,
                seen_at=world.now,
                created_at=world.now,
            )
        )


# --- returns -----------------------------------------------------------------------------------------------------------------


def test_two_units_of_one_agency_that_return_it_count_together_over_a_recall(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.RETURN, report, reason=WHY)
    world.do("national", Move.RECALL, report, reason="dilihat lagi")
    world.do("national", Move.DISPOSE, report, office_id=world.places["city"])
    world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"])
    assert not world.get(report).flagged
    world.do("midwife", Move.RETURN, report, reason=WHY)
    assert world.get(report).flagged
    assert "flagged" in world.told("national")


def test_returns_by_units_of_different_agencies_are_not_counted_together(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.RETURN, report, reason=WHY)
    world.do("national", Move.RECALL, report, reason="salah instansi")
    world.do("national", Move.DISPOSE, report, office_id=world.places["ministry"])
    world.do("minister", Move.DISPOSE, report, office_id=world.places["roads"])
    world.do("engineer", Move.RETURN, report, reason=WHY)
    assert not world.get(report).flagged


def test_the_disposition_after_the_second_return_binds_also_when_it_is_sealed(world: World) -> None:
    report = world.at_agency(world.submit())
    world.do("admin", Move.RETURN, report, reason=WHY)
    world.do("national", Move.DISPOSE, report, office_id=world.places["ministry"])
    world.do("minister", Move.RETURN, report, reason=WHY)
    inspector = world.people["inspector"]
    world.do("national", Move.DISPOSE_SEALED, report, office_id=world.places["inspectorate"], account_ids=(inspector,))
    assert world.get(report).binding
    with pytest.raises(Refused, match="binding"):
        world.do("inspector", Move.RETURN, report, reason=WHY)


def test_disposing_again_to_one_who_returned_it_asks_first(world: World) -> None:
    report = world.at_agency(world.submit())
    world.do("admin", Move.RETURN, report, reason=WHY)
    with pytest.raises(Refused, match="returned_it_before"):
        world.do("national", Move.DISPOSE, report, office_id=world.places["city"])
    assert world.do("national", Move.DISPOSE, report, office_id=world.places["city"], confirmed=True).state is State.AT_AGENCY


# --- offices without people ----------------------------------------------------------------------------------------------


def test_everything_goes_up_in_batches_and_one_that_stays_stops_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_BATCH", 2)
    held = [world.at_unit(world.submit()) for _ in range(5)]
    real = accounts.act_as_system

    def stubborn(connection: Any, office: Any, *, report_id: int, **rest: Any) -> Any:
        if report_id == held[0].id:
            raise Refused("nowhere_to_fall")
        return real(connection, office, report_id=report_id, **rest)

    monkeypatch.setattr(accounts, "act_as_system", stubborn)
    disabled(world, "liaison")
    assert [world.get(each).state for each in held] == [State.AT_UNIT] + [State.AT_AGENCY] * 4
    monkeypatch.setattr(accounts, "act_as_system", real)
    assert fall_back(world.office, office_id=world.places["health"], now=world.now) == 1


def test_duplicates_go_up_with_their_lead_once_each(world: World) -> None:
    lead = world.at_unit(world.submit())
    double = world.submit(by=world.someone("budi"))
    world.do("national", Move.LINK, double, code=lead.code)
    disabled(world, "liaison")
    for report in (lead, double):
        assert world.get(report).state is State.AT_AGENCY
        moves = [row.move for row in world.rows("history", lambda c, report=report: c.report_id == report.id)]
        assert moves.count("fall_back") == 1


def test_a_disputed_report_whose_unit_has_nobody_any_more_goes_up_with_the_next_sweep(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    disabled(world, "liaison")
    world.say(Dispute(code=report.code, text="ternyata kurang"))
    assert swept(world, wib(3, 13, 10)) == ["fall_back"]
    after = world.get(report)
    assert (after.state, after.holder_id) == (State.IN_PROGRESS, world.places["city"])
    assert swept(world, wib(3, 13, 11)) == []


def test_a_question_waits_on_when_unit_and_agency_lose_their_people(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.ASK, report, words="Kapan kejadiannya, Bu?")
    world.deliver()
    disabled(world, "liaison", "admin")
    assert world.get(report).state is State.AWAITING_REPORTER
    world.say(AnswerQuestion(code=report.code, text="Kamis"))
    after = world.get(report)
    assert (after.state, after.holder_id, after.agency_id) == (State.RECEIVED, world.places["root"], None)


def test_for_an_agency_without_people_the_national_admin_is_told_and_acts(world: World) -> None:
    report = world.at_unit(world.submit())
    disabled(world, "admin")
    world.deliver()
    assert "initial_response.due" in swept(world, wib(3, 28, 0))
    assert "overdue_initial_response" in world.told("liaison")
    assert world.told("national").count("overdue_initial_response") == 1
    world.do("national", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)
    assert world.rows("history")[-1].role == "agency_admin"


def test_the_promise_of_an_agency_does_not_make_its_unit_silent(world: World) -> None:
    report = world.at_agency(world.submit())
    world.do("admin", Move.RESPOND, report, words=OWN_WORDS, promised_on=wib(3, 16).date())
    world.now = wib(3, 16)
    world.do("admin", Move.DISPOSE, report, office_id=world.places["health"])
    world.now = wib(3, 17)
    with pytest.raises(Refused, match="unit_not_silent"):
        world.do("admin", Move.PROGRESS, report, words=OWN_WORDS, promised_on=PROMISED)


# --- sealed, and about a child ---------------------------------------------------------------------------------------------


def test_somebody_who_acts_is_among_those_who_see_a_sealed_report(world: World) -> None:
    report = world.at_unit(world.submit())
    with pytest.raises(InvalidInput, match="account_ids"):
        world.do("national", Move.SEAL, report, reason="saksi takut", account_ids=(world.people["examiner"],))
    fresh = world.classified(world.submit())
    inspectorate = world.places["inspectorate"]
    with pytest.raises(InvalidInput, match="account_ids"):
        world.do("national", Move.DISPOSE_SEALED, fresh, office_id=inspectorate, account_ids=(world.people["midwife"],))


def test_a_report_is_not_sealed_while_the_accused_unit_holds_it(world: World) -> None:
    report = world.at_unit(world.submit())
    with pytest.raises(Refused, match="accused_holds"):
        world.do(
            "national",
            Move.SEAL,
            report,
            reason="menuduh dinas",
            account_ids=(world.people["liaison"],),
            accused_office_ids=(world.places["health"],),
        )


def test_when_nobody_named_is_left_the_national_admins_see_a_sealed_report_again(world: World) -> None:
    report = world.classified(world.submit())
    inspector = world.people["inspector"]
    world.do("national", Move.DISPOSE_SEALED, report, office_id=world.places["inspectorate"], account_ids=(inspector,))
    assert (sees(world, "inspector", report), sees(world, "national", report), sees(world, "admin", report)) == (
        True,
        False,
        False,
    )
    disabled(world, "inspector")
    assert sees(world, "national", report)
    assert not sees(world, "admin", report)


def test_only_the_national_admin_lifts_what_is_shut_to_the_school_concerned(world: World) -> None:
    report = world.submit(child=True, who_office_id=world.places["puskesmas"])
    world.at_agency(report)
    with pytest.raises(Refused, match="office_accused"):
        world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"])
    with pytest.raises(Refused, match="not_your_role"):
        world.do("admin", Move.UNSEAL, report, reason="boleh saja")
    world.do("national", Move.UNSEAL, report, reason="orang tua setuju")
    assert world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"]).state is State.AT_UNIT


# --- duplicates and splits -----------------------------------------------------------------------------------------------


def linked(world: World, lead: Report, **draft: Any) -> Report:
    double = world.submit(by=world.someone("budi"), **draft)
    world.do("national", Move.LINK, double, code=lead.code)
    return double


def test_the_reporter_of_a_duplicate_hears_where_it_went(world: World) -> None:
    lead = world.at_unit(world.submit())
    world.deliver()
    double = linked(world, lead)
    assert [row.kind for row in world.rows("outbox", lambda c: c.report_id == double.id)] == ["notice.disposed"]
    assert "arrived" in world.told("liaison")


def test_a_finding_on_a_lead_that_waits_leaves_its_duplicates_where_they_are(world: World) -> None:
    lead = world.at_unit(world.submit(), inspection=True)
    double = linked(world, lead)
    world.do("liaison", Move.ASK, lead, words="Siapa nama petugasnya?")
    world.do("examiner", Move.RECORD_FINDING, lead, finding="proven")
    assert (world.get(lead).state, world.get(double).state) == (State.AWAITING_REPORTER, State.AT_UNIT)
    assert world.get(double).finding == "proven"


def test_a_duplicate_that_its_reporter_disputed_is_not_archived_with_its_lead(world: World) -> None:
    budi = world.someone("budi")
    lead = world.at_unit(world.submit())
    double = world.submit(by=budi)
    world.do("national", Move.LINK, double, code=lead.code)
    world.do("liaison", Move.SETTLE, lead, words=OWN_WORDS)
    world.deliver()
    world.say(Confirm(code=double.code), by=budi)
    world.do("national", Move.RECALL, lead, reason="diperiksa lagi")
    world.say(Dispute(code=double.code, text="ternyata masih"), by=budi)
    world.do("national", Move.ARCHIVE, lead, ground=Ground.NOT_PUBLIC_SERVICE, reason="bukan pelayanan")
    assert (world.get(lead).state, world.get(double).state) == (State.ARCHIVED, State.IN_PROGRESS)


def test_a_sealed_duplicate_does_not_follow_to_where_everybody_reads(world: World) -> None:
    lead = world.at_unit(world.submit())
    double = world.submit(by=world.someone("budi"))
    world.do("national", Move.SEAL, double, reason="menyebut saksi")
    world.do("national", Move.LINK, double, code=lead.code)
    assert world.get(double).holder_id == world.places["root"]
    world.do("liaison", Move.PROGRESS, lead, words=OWN_WORDS, promised_on=PROMISED)
    assert (world.get(double).state, sees(world, "liaison", double)) == (State.RECEIVED, False)


def test_a_part_of_a_report_that_waits_for_an_answer_waits_for_none(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.ASK, report, words="Kapan kejadiannya, Bu?")
    world.do("national", Move.SPLIT, report, parts=(Part("Lampu", "Lampu jalan mati", Category.GRIEVANCE),))
    with world.office.database.read() as connection:
        part = reports.get(connection, report.id + 1)
    assert (part.state, part.before, part.received_at) == (State.AT_UNIT, None, report.received_at)
    assert world.rows("audit", lambda c: c.subject_id == part.id)[0].action == "split"
    assert world.do("liaison", Move.RESPOND, part, words=OWN_WORDS, promised_on=PROMISED).state is State.IN_PROGRESS


# --- reaching the reporter -------------------------------------------------------------------------------------------------


def test_a_reminder_that_fails_goes_to_another_address_and_counts_from_there(world: World) -> None:
    report = world.settled(world.submit())
    another_address(world, "ani-2")
    assert swept(world, wib(4, 1, 0)) == ["silence.reminder"]
    with world.office.database.write() as connection:
        first = connection.execute(
            tables.outbox.select().where(tables.outbox.c.state == "waiting").order_by(tables.outbox.c.id)
        ).one()
        connection.execute(update(tables.outbox).where(tables.outbox.c.id == first.id).values(state="failed"))
        timekeeping.undelivered(connection, world.office, report_id=report.id, clock=first.clock, now=world.now)
    assert swept(world, wib(4, 1, 1)) == []  # what did not arrive has not used up the day
    assert world.deliver()
    assert world.get(report).address_id != world.speaker.address_id
    assert swept(world, wib(4, 7, 0)) == ["close_silent"]


def test_a_blocked_reporter_is_not_closed_and_is_reminded_when_back(world: World) -> None:
    report = world.settled(world.submit())
    assert swept(world, wib(4, 1, 0)) == ["silence.reminder"]
    world.bounce()
    assert "undeliverable" in world.told("liaison")
    assert swept(world, wib(4, 7, 0)) == []
    world.now = wib(4, 8)
    world.say(Remember(gone=False))
    assert swept(world, wib(4, 8, 10)) == ["silence.reminder"]
    world.deliver()
    assert swept(world, wib(4, 13, 23)) == []
    assert swept(world, wib(4, 14, 0)) == ["close_silent"]  # three working days after 8 April: 9, 10, 13
    assert world.get(report).state is State.CLOSED


def test_whoever_writes_can_be_reached_again(world: World) -> None:
    report = world.in_progress(world.submit())
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words=OWN_WORDS)
    world.bounce()
    assert world.get(report).unreachable_since is not None
    world.now = wib(4, 6)
    world.say(Confirm(code=report.code))
    assert world.get(report).unreachable_since is None


# --- who hears what --------------------------------------------------------------------------------------------------------


def test_a_referral_is_told_to_all_holders_and_the_supervisor_once_each(world: World) -> None:
    world.now = wib(1, 2)
    report = world.at_unit(world.submit())
    world.do("liaison", Move.RETURN, report, reason=WHY)
    world.do("admin", Move.DISPOSE, report, office_id=world.places["puskesmas"])
    world.deliver()
    assert "ombudsman.warning_45" in swept(world, wib(3, 27, 0)) + swept(world, wib(4, 1))
    world.deliver()
    swept(world, wib(4, 8))
    world.deliver()
    assert "refer" in swept(world, wib(4, 20))
    for who in ("national", "admin", "liaison", "midwife", "supervisor"):
        assert world.told(who).count("referred") == 1, who
    for who in ("admin", "midwife", "supervisor"):
        assert "ombudsman_warning_55" in world.told(who), who
    assert "referred" not in world.told("minister")


def test_a_change_of_inspection_is_told_to_the_reporter_with_the_new_day(world: World) -> None:
    report = world.at_agency(world.submit())
    world.deliver()
    world.do("national", Move.RECLASSIFY, report, needs_inspection=True, reason="perlu diperiksa")
    assert world.deliver()
    assert world.rows("outbox")[-1].kind == "notice.reclassified"
    assert world.clock(report, ClockKind.AGENCY_DISPOSITION).due_at == wib(3, 28, 0)  # five days now: 16, 17, 25, 26, 27


def test_an_agency_does_not_end_an_inspection_by_another_category(world: World) -> None:
    report = world.at_agency(world.submit(), inspection=True)
    with pytest.raises(Refused, match="inspection_is_national"):
        world.do("admin", Move.RECLASSIFY, report, category=Category.GRIEVANCE, reason="tentang layanan")


def test_a_question_to_somebody_without_an_address_comes_straight_back(world: World) -> None:
    report = world.at_unit(world.submit())
    with world.office.database.write() as connection:
        connection.execute(
            update(tables.reports).where(tables.reports.c.id == report.id).values(address_id=None, person_id=None)
        )
    after = world.do("liaison", Move.ASK, report, fields=(Field.WHEN,), words="Kapan persisnya?")
    assert after.state is State.AT_UNIT
    assert "question_undeliverable" in world.told("liaison")
