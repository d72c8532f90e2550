"""The clocks of sop.md §6 on stored reports, with days counted by hand.

Working days after Friday, 13 March 2026: 16, 17, 25, 26, 27, 30, 31 March, 1, 2, 6, 7, 8, 9, 10 April; Nyepi, Lebaran with
joint leave, and Good Friday lie between.
"""

from datetime import timedelta
from typing import Any

import pytest

from core import sweep
from core.accounts import By
from core.casework.accounts import disable_account
from core.dialogue.model import AnswerQuestion, ChooseOmbudsman, Confirm, NotSettled
from core.errors import Refused
from core.procedure.vocabulary import Category, ClockKind, Closing, Field, Ground, Move, State
from core.report import Report
from core.storage import leases, tables
from core.storage.crypto import lookup
from core.sweep import SweepEffect
from tests.usecases.world import OWN_WORDS, PROMISED, World, wib


def swept(world: World, at: Any, *, deliver: bool = True) -> list[str]:
    """One sweep at that moment, what it said delivered; "code-free" names of what it did to reports."""
    world.now = at
    effects = sweep.run(world.office, at=at)
    if deliver:
        world.deliver()
    return [effect.what for effect in effects if effect.report is not None]


def asked(world: World, report: Report, who: str = "liaison") -> None:
    world.do(who, Move.ASK, report, fields=(Field.WHEN,), words="Kapan persisnya kejadian ini?")


def test_a_complaint_of_friday_13_march_is_verified_by_tuesday_17_march(world: World) -> None:
    assert world.submit().due_at == wib(3, 18, 0)


def test_each_leg_starts_where_the_report_arrives_and_stops_where_it_leaves(world: World) -> None:
    report = world.submit()
    assert world.clocks_running(report) == {ClockKind.VERIFICATION, ClockKind.SETTLEMENT, ClockKind.OMBUDSMAN}
    world.now = wib(3, 16)
    world.at_agency(report)
    assert world.clocks_running(report) == {ClockKind.AGENCY_DISPOSITION, ClockKind.SETTLEMENT, ClockKind.OMBUDSMAN}
    assert world.get(report).due_at == wib(3, 27, 0)  # three days from the 16th: 17, 25, 26
    world.now = wib(3, 17)
    world.do("admin", Move.DISPOSE, report, office_id=world.places["health"])
    assert world.get(report).due_at == wib(4, 1, 0)  # five days: 25, 26, 27, 30, 31
    world.do("liaison", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)
    assert world.clocks_running(report) == {ClockKind.SETTLEMENT, ClockKind.OMBUDSMAN}  # a first response is no follow-up
    world.do("liaison", Move.PROGRESS, report, words=OWN_WORDS, promised_on=PROMISED)
    assert world.clocks_running(report) == {ClockKind.SETTLEMENT}


def test_handing_around_never_resets_age_settlement_and_ombudsman(world: World) -> None:
    report = world.submit()
    world.now = wib(3, 25)
    world.at_agency(report)
    world.do("admin", Move.RETURN, report, reason="bukan kami")
    for kind in (ClockKind.SETTLEMENT, ClockKind.OMBUDSMAN):
        assert world.clock(report, kind).clock.started_at == report.received_at
    assert world.clock(report, ClockKind.VERIFICATION).clock.started_at == wib(3, 25)


def test_an_agencys_leg_runs_in_the_agencys_zone(world: World) -> None:
    report = world.classified(world.submit())
    world.now = wib(3, 16, 23)  # already Tuesday in Jayapura
    world.do("national", Move.DISPOSE, report, office_id=world.places["ministry"])
    assert world.get(report).due_at == wib(3, 27, 22)  # 25, 26, 27 March; Jayapura is two hours ahead


def test_reclassifying_gives_open_clocks_the_new_numbers_from_their_own_start(world: World) -> None:
    report = world.submit()
    world.now = wib(3, 16)
    world.do("national", Move.RECLASSIFY, report, category=Category.GRIEVANCE, reason="tentang layanan")
    assert world.get(report).due_at == wib(3, 17, 0)
    assert world.clock(report, ClockKind.SETTLEMENT).due_at == wib(3, 28, 0)


def test_silence_runs_from_the_delivery_reminds_after_seven_and_closes_after_ten_working_days(world: World) -> None:
    report = world.settled(world.submit())
    assert swept(world, wib(3, 31, 23)) == []
    assert swept(world, wib(4, 1, 0)) == ["silence.reminder"]
    assert swept(world, wib(4, 6, 23)) == []
    assert swept(world, wib(4, 7, 0)) == ["close_silent"]
    after = world.get(report)
    assert (after.state, after.closing) == (State.CLOSED, Closing.SILENCE)
    assert world.rows("outbox")[-1].kind == "notice.closed_silent"


def test_a_settlement_that_did_not_arrive_closes_nothing_and_the_holder_is_told(world: World) -> None:
    report = world.in_progress(world.submit())
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words=OWN_WORDS)
    world.bounce()
    assert ClockKind.SILENCE not in world.clocks_running(report)
    assert "undeliverable" in world.told("liaison")
    swept(world, wib(4, 7, 0))
    assert world.get(report).state is State.IN_PROGRESS


def test_an_unreachable_reporters_report_is_closed_by_the_holder_after_ten_working_days(world: World) -> None:
    report = world.in_progress(world.submit())
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words=OWN_WORDS)
    world.bounce()
    world.now = wib(4, 6, 23)
    with pytest.raises(Refused, match="unreachable_too_short"):
        world.do("liaison", Move.CLOSE_UNREACHABLE, report)
    world.now = wib(4, 7, 0)
    assert world.do("liaison", Move.CLOSE_UNREACHABLE, report).closing is Closing.UNREACHABLE


def test_after_an_outage_the_reminder_goes_now_and_the_close_waits_the_remaining_days(world: World) -> None:
    report = world.settled(world.submit())
    assert swept(world, wib(4, 20)) == ["silence.reminder"]
    assert world.get(report).state is State.IN_PROGRESS
    assert swept(world, wib(4, 23, 23)) == []
    assert swept(world, wib(4, 24, 0)) == ["close_silent"]  # three working days after Monday the 20th


def test_without_a_delivered_reminder_nothing_is_closed(world: World) -> None:
    report = world.settled(world.submit())
    swept(world, wib(4, 1), deliver=False)
    swept(world, wib(4, 30), deliver=False)
    assert world.get(report).state is State.IN_PROGRESS


def test_beres_stops_every_clock(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    assert world.clocks_running(report) == set()
    assert swept(world, wib(12, 1)) == []


def test_a_question_of_a_unit_is_given_up_after_ten_days_and_goes_back(world: World) -> None:
    report = world.at_unit(world.submit())
    world.deliver()
    asked(world, report)
    assert ClockKind.CLARIFICATION not in world.clocks_running(report)  # not before it has arrived
    world.deliver()
    assert "clarification.reminder" in swept(world, wib(3, 28, 0))
    assert "give_up" in swept(world, wib(4, 7, 0))
    assert world.get(report).state is State.AT_UNIT
    assert "gave_up" in world.told("liaison")


def test_a_question_of_the_national_admin_is_given_up_into_the_archive(world: World) -> None:
    report = world.submit()
    asked(world, report, "national")
    world.deliver()
    swept(world, wib(3, 28, 0))
    swept(world, wib(4, 7, 0))
    after = world.get(report)
    assert (after.state, after.ground) == (State.ARCHIVED, Ground.INCOMPLETE)
    world.say(AnswerQuestion(code=report.code, text="Kamis jam 8"))  # a late answer is an objection
    assert world.get(report).state is State.RECEIVED


def test_a_question_that_fails_on_every_address_goes_back_and_the_holder_is_told(world: World) -> None:
    report = world.at_unit(world.submit())
    world.deliver()
    asked(world, report)
    world.bounce()
    assert world.get(report).state is State.AT_UNIT
    assert "question_undeliverable" in world.told("liaison")


def test_another_address_of_the_person_is_tried_before_a_question_counts_as_undeliverable(world: World) -> None:
    report = world.at_unit(world.submit())
    world.deliver()
    with world.office.database.write() as connection:
        connection.execute(
            tables.addresses.insert().values(
                person_id=world.speaker.person_id,
                channel="pigeon",
                address="ani-2",
                lookup=lookup("pigeon", "ani-2"),
                seen_at=world.now,
                created_at=world.now,
            )
        )
    asked(world, report)
    first = world.speaker.address_id
    with world.office.database.write() as connection:
        entry = connection.execute(tables.outbox.select().where(tables.outbox.c.state == "waiting")).one()
    assert entry.address_id == first
    texts = world.bounce()
    assert len(texts) == 2
    assert world.get(report).state is State.AT_UNIT
    assert {row.address_id for row in world.rows("outbox", lambda c: c.state == "failed")} != {first}


def test_legs_and_settlement_pause_from_the_delivery_of_a_levels_first_question(world: World) -> None:
    report = world.at_unit(world.submit())  # on the 13th; five days: 16, 17, 25, 26, 27
    world.now = wib(3, 16)
    asked(world, report)
    world.deliver()
    world.now = wib(3, 25)
    world.say(AnswerQuestion(code=report.code, text="Kamis jam 8"))  # 16 and 17 are taken out, the 25th is given back
    assert world.clock(report, ClockKind.INITIAL_RESPONSE).due_at == wib(4, 1, 0)
    world.now = wib(3, 26)
    asked(world, report)  # the same level again pauses nothing
    world.deliver()
    world.now = wib(3, 30)
    world.say(AnswerQuestion(code=report.code, text="sudah saya jawab"))
    assert world.clock(report, ClockKind.INITIAL_RESPONSE).due_at == wib(4, 1, 0)
    assert world.clock(report, ClockKind.OMBUDSMAN).clock.pauses == ()


def test_overdue_legs_are_flagged_and_those_named_are_told_once(world: World) -> None:
    report = world.submit()
    assert swept(world, wib(3, 17, 23)) == []
    assert swept(world, wib(3, 18, 0)) == ["verification.due"]
    assert swept(world, wib(3, 18, 1)) == []
    assert world.get(report).overdue
    assert world.told("national").count("overdue_verification") == 1
    assert world.rows("outbox") == []  # the reporter is not among those named for this leg


def test_an_overdue_settlement_is_told_to_the_reporter_in_plain_words(world: World) -> None:
    report = world.in_progress(world.submit())  # 14 working days from 13 March: 10 April
    world.deliver()
    assert "settlement.reminder" in swept(world, wib(4, 9, 0))  # after the twelfth day, 8 April
    assert "settlement_reminder" in world.told("liaison")
    assert "settlement.due" in swept(world, wib(4, 11, 0))
    assert world.get(report).overdue
    assert {"overdue_settlement"} <= set(world.told("admin"))
    assert world.rows("outbox")[-1].kind == "notice.overdue"


def test_the_ombudsman_is_warned_of_at_45_and_55_and_the_report_referred_at_60_once(world: World) -> None:
    world.now = wib(1, 2)
    report = world.at_unit(world.submit())
    world.deliver()
    seen: list[SweepEffect] = []
    day = wib(1, 3, 1)
    while day < wib(4, 20):
        world.now = day
        seen += [effect for effect in sweep.run(world.office, at=day) if effect.report == report.code]
        world.deliver()
        day += timedelta(days=1)
    mine = [effect.what for effect in seen if effect.what.startswith(("ombudsman", "refer"))]
    assert mine == ["ombudsman.warning_45", "ombudsman.warning_55", "refer"]
    after = world.get(report)
    assert after.referred_at == wib(4, 10, 1)  # 60 working days from 2 January: 9 April
    assert (after.state, after.ombudsman_asked_at is not None) == (State.AT_UNIT, True)
    assert world.told("supervisor").count("referred") == 1
    kinds = [row.kind for row in world.rows("outbox")]
    assert (kinds.count("notice.ombudsman_choice"), kinds.count("notice.referred")) == (1, 1)


def test_missed_warnings_collapse_into_the_latest(world: World) -> None:
    world.now = wib(1, 2)
    world.at_unit(world.submit())
    world.deliver()
    effects = swept(world, wib(4, 30))
    assert [each for each in effects if each.startswith("ombudsman")] == ["ombudsman.warning_55"]
    assert "refer" not in effects


def test_an_appreciation_is_never_referred(world: World) -> None:
    report = world.submit(Category.APPRECIATION)
    assert ClockKind.OMBUDSMAN not in world.clocks_running(report)


def test_linked_reports_are_referred_together(world: World) -> None:
    world.now = wib(1, 2)
    lead = world.at_unit(world.submit())
    double = world.submit(by=world.someone("budi"))
    world.do("national", Move.LINK, double, code=lead.code)
    world.deliver()
    swept(world, wib(3, 20))
    swept(world, wib(4, 8))
    assert swept(world, wib(4, 10, 0)).count("refer") == 2
    assert world.get(double).referred_at == world.get(lead).referred_at


def test_a_reporter_who_wants_no_referral_gets_none(world: World) -> None:
    world.now = wib(1, 2)
    report = world.at_unit(world.submit())
    world.say(ChooseOmbudsman(code=report.code, choice="not_at_all"))
    world.deliver()
    swept(world, wib(3, 20))
    swept(world, wib(4, 8))
    assert "refer" not in swept(world, wib(4, 10, 0))
    assert world.get(report).referred_at is None


def test_a_missed_promise_lets_the_ombudsman_clock_run_on(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.PROGRESS, report, words=OWN_WORDS, promised_on=wib(3, 17).date())
    world.deliver()
    assert ClockKind.OMBUDSMAN not in world.clocks_running(report)
    assert "promise.missed" not in swept(world, wib(3, 17, 23))
    assert "promise.missed" in swept(world, wib(3, 18, 0))
    assert ClockKind.OMBUDSMAN in world.clocks_running(report)
    assert "promise.missed" not in swept(world, wib(3, 18, 1))


def test_a_second_belum_does_not_restart_the_holders_answer(world: World) -> None:
    report = world.settled(world.submit())
    world.say(NotSettled(code=report.code, text="belum"))
    world.now = wib(3, 16)
    world.say(NotSettled(code=report.code, text="masih belum"))
    assert world.clock(report, ClockKind.ANSWER).clock.started_at == wib(3, 13)
    assert world.get(report).not_settled == 1  # the same Belum, said again before anybody has answered it
    world.do("liaison", Move.PROGRESS, report, words=OWN_WORDS, promised_on=PROMISED)
    world.say(NotSettled(code=report.code, text="belum juga"))
    assert world.get(report).not_settled == 2


def test_a_dry_run_tells_what_would_happen_and_changes_nothing(world: World) -> None:
    report = world.settled(world.submit())
    before = {name: len(world.rows(name)) for name in ("history", "outbox", "job_runs", "notifications", "audit")}
    effects = sweep.run(world.office, at=wib(4, 1, 0), dry_run=True)
    assert [(effect.report, effect.what) for effect in effects] == [(report.code, "silence.reminder")]
    assert {name: len(world.rows(name)) for name in before} == before
    assert swept(world, wib(4, 1, 0)) == ["silence.reminder"]


def test_while_another_process_sweeps_this_one_does_nothing(world: World) -> None:
    from core.office import now_utc

    world.submit()
    now = now_utc()
    with world.office.database.write() as connection:
        assert leases.take(connection, "sweep", "another", now=now, until=now + timedelta(minutes=5))
    assert swept(world, wib(3, 18, 0)) == []


def test_one_report_that_fails_hinders_no_other(world: World) -> None:
    bad, good = world.submit(), world.submit()
    with world.office.database.write() as connection:
        connection.execute(tables.clocks.update().where(tables.clocks.c.report_id == bad.id).values(zone="Nowhere/Land"))
    assert swept(world, wib(3, 18, 0)) == ["verification.due"]
    assert world.get(good).overdue


def test_the_sweep_seals_the_audit_and_ends_expired_sessions(world: World) -> None:
    world.submit()
    with world.office.database.write() as connection:
        connection.execute(
            tables.desk_sessions.insert().values(
                token_hash="x",
                account_id=world.people["admin"],
                csrf="c",
                created_at=world.now,
                seen_at=world.now,
                expires_at=world.now,
            )
        )
    sweep.run(world.office, at=wib(3, 13, 12))
    assert world.rows("desk_sessions") == []
    assert len(world.rows("audit_chain")) == len(world.rows("audit")) > 0


def test_when_a_units_last_account_is_disabled_its_reports_go_up_with_their_clocks(world: World) -> None:
    report = world.at_unit(world.submit())
    before = world.clock(report, ClockKind.INITIAL_RESPONSE).due_at
    disable_account(world.office, email="liaison@contoh.go.id", by=By(), now=world.now)
    after = world.get(report)
    assert (after.state, after.holder_id, after.unit_id) == (State.AT_AGENCY, world.places["city"], None)
    assert world.clock(report, ClockKind.INITIAL_RESPONSE).due_at == before
    assert "fell_back" in world.told("admin")
    disable_account(world.office, email="admin@contoh.go.id", by=By(), now=world.now)
    assert world.get(report).holder_id == world.places["root"]
