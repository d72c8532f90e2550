"""Real courses of a report over sop.md §5 and §6, with every day counted by hand.

Working days of 2026 after Friday, 13 March: 16, 17, 25, 26, 27, 30, 31 March, 1, 2, 6, 7, 8, 9, 10, 13 … 17, 20 … 24 April.
Nyepi and Lebaran with their joint leave take 18 to 24 March, Good Friday takes 3 April.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core import notices, reporter, sweep, timekeeping
from core.dialogue.model import Add, AnswerQuestion, Confirm, Dispute, NotSettled
from core.errors import Refused
from core.procedure.numbers import Silence
from core.procedure.vocabulary import Category, ClockKind, Closing, Field, Move, State
from core.report import Report
from core.storage import messages
from tests.usecases.world import OWN_WORDS, PROMISED, World, wib

SETTLED = "Uang sudah dikembalikan, petugas ditegur."


def swept(world: World, at: datetime) -> list[str]:
    world.now = at
    effects = sweep.run(world.office, at=at)
    world.deliver()
    return [effect.what for effect in effects if effect.report is not None]


def due_on(world: World, report: Report) -> date | None:
    with world.office.database.read() as connection:
        facts = reporter.facts_for(connection, world.office, person_id=world.speaker.person_id, now=world.now)
    return next(each.due_on for each in facts if each.code == report.code)


def asked(world: World, who: str, report: Report) -> None:
    world.do(who, Move.ASK, report, fields=(Field.WHEN,), words="Kapan persisnya kejadian ini?")
    world.deliver()


# --- days ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "received, due",
    [
        (wib(3, 12, 23, 59), wib(3, 17, 0)),  # Thursday: Friday and Monday
        (wib(3, 13, 0, 1), wib(3, 18, 0)),  # Friday: Monday and Tuesday
    ],
)
def test_two_minutes_around_midnight_are_a_day_of_verification(world: World, received: datetime, due: datetime) -> None:
    world.now = received
    assert world.submit().due_at == due


def test_a_settlement_over_the_year_end_is_due_on_20_january(world: World) -> None:
    """From Tuesday, 29 December 2026: 30, 31 December, 4, 6, 7, 8, 11 … 15, 18, 19, 20 January; 1 and 5 are holidays."""
    world.now = wib(12, 29)
    report = world.submit()
    assert report.due_at == datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert world.clock(report, ClockKind.SETTLEMENT).due_at == datetime(2027, 1, 21, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
@pytest.mark.parametrize("hour_utc", [15, 16, 17])
def test_the_last_day_is_the_same_in_all_three_zones(zone: str, hour_utc: int) -> None:
    """The end of 10 April is 15:00 UTC in Jayapura, 16:00 in Makassar, 17:00 in Jakarta."""
    assert notices.last_day(datetime(2026, 4, 10, hour_utc, tzinfo=UTC), zone) == date(2026, 4, 10)


def test_an_agency_further_east_shows_the_offices_deadline_on_its_own_day(world: World) -> None:
    report = world.classified(world.submit())
    world.do("national", Move.DISPOSE, report, office_id=world.places["ministry"])
    world.do("minister", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)
    assert world.get(report).due_at == wib(4, 11, 0)  # fourteen days from 13 March: 10 April
    assert due_on(world, report) == date(2026, 4, 10)


# --- questions and pauses ----------------------------------------------------------------------------------------------------


def test_ten_working_days_pause_a_report_in_all_whoever_asks(world: World) -> None:
    report = world.at_unit(world.submit())
    world.deliver()
    world.now = wib(3, 16)
    asked(world, "liaison", report)  # paused: 16, 17, 25, 26, 27, 30, 31 March, 1, 2, 6 April
    assert "clarification.reminder" in swept(world, wib(3, 31, 0))  # after 17, 25, 26, 27, 30
    assert "give_up" not in swept(world, wib(4, 7, 23))
    assert "give_up" in swept(world, wib(4, 8, 0))  # ten days from the 16th: 7 April
    assert world.get(report).state is State.AT_UNIT
    # 7, 8, 9, 10, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24 April
    assert world.clock(report, ClockKind.SETTLEMENT).due_at == wib(4, 25, 0)
    world.do("admin", Move.RECALL, report, reason="kami tanyakan sendiri")
    asked(world, "admin", report)
    world.now = wib(4, 15)
    world.say(AnswerQuestion(code=report.code, text="Kamis jam 8"))
    assert world.clock(report, ClockKind.SETTLEMENT).due_at == wib(4, 25, 0)
    assert world.clock(report, ClockKind.AGENCY_DISPOSITION).due_at == wib(4, 14, 0)  # 9, 10, 13 April: nothing was paused


def test_each_level_pauses_with_its_own_first_question(world: World) -> None:
    report = world.submit()
    asked(world, "national", report)  # on the 13th: takes 13 March out, which is no day of the clock
    world.now = wib(3, 16)
    world.say(AnswerQuestion(code=report.code, text="Kamis"))
    assert world.get(report).due_at == wib(3, 18, 0)
    world.at_agency(report)
    asked(world, "admin", report)  # takes 16, 17 and 25 March out
    world.now = wib(3, 26)
    world.say(AnswerQuestion(code=report.code, text="Kamis jam 8"))
    assert world.get(report).due_at == wib(3, 31, 0)  # 26, 27, 30 March


# --- settlement, Belum, dispute ------------------------------------------------------------------------------------------


def test_settlement_runs_on_from_where_it_stood_after_a_belum(world: World) -> None:
    report = world.in_progress(world.submit())  # 16 and 17 March count
    world.now = wib(3, 25)
    world.do("liaison", Move.SETTLE, report, words=SETTLED)
    world.deliver()
    assert world.clock(report, ClockKind.SETTLEMENT).due_at is None
    world.now = wib(3, 31)
    world.say(NotSettled(code=report.code, text="belum"))
    # 16, 17, then 31 March, 1, 2, 6, 7, 8, 9, 10, 13, 14, 15, 16 April
    assert world.clock(report, ClockKind.SETTLEMENT).due_at == wib(4, 17, 0)
    assert world.clock(report, ClockKind.ANSWER).due_at == wib(4, 9, 0)  # 1, 2, 6, 7, 8 April


def test_the_ombudsman_clock_runs_on_from_where_it_stood_after_a_dispute(world: World) -> None:
    report = world.at_unit(world.submit())
    world.now = wib(3, 16)
    world.do("liaison", Move.SETTLE, report, words=SETTLED)  # the 16th does not count any more: nothing has been used
    world.deliver()
    world.now = wib(4, 20)
    world.say(Confirm(code=report.code))
    world.now = wib(4, 30)
    world.say(Dispute(code=report.code, text="ternyata kurang"))
    # 30 April is the first, 8 in May before Ascension and its leave, 18 days by the end of May; 21 in June, 23 in July
    assert world.clock(report, ClockKind.OMBUDSMAN).due_at == wib(8, 1, 0)
    assert world.get(report).disputes == 1


def test_any_reply_while_it_is_in_progress_is_answered_in_five_working_days_thanks_are_not(world: World) -> None:
    report = world.in_progress(world.submit())
    world.say(Add(code=report.code, text="makasih"))
    assert ClockKind.ANSWER not in world.clocks_running(report)
    world.say(Add(code=report.code, text="kapan petugasnya datang?", trouble=True))
    assert world.clock(report, ClockKind.ANSWER).due_at == wib(3, 28, 0)  # 16, 17, 25, 26, 27
    world.do("liaison", Move.PROGRESS, report, words=OWN_WORDS, promised_on=PROMISED)
    assert ClockKind.ANSWER not in world.clocks_running(report)


def test_a_reply_after_the_answer_to_a_belum_is_answered_again(world: World) -> None:
    report = world.settled(world.submit())
    world.say(NotSettled(code=report.code, text="belum"))
    world.do("liaison", Move.PROGRESS, report, words=OWN_WORDS, promised_on=PROMISED)
    world.now = wib(3, 16)
    world.say(Add(code=report.code, text="masih diminta lagi kemarin", trouble=True))
    assert world.clock(report, ClockKind.ANSWER).clock.started_at == wib(3, 16)
    swept(world, wib(4, 30))
    assert world.get(report).state is State.IN_PROGRESS


def test_what_a_former_holder_called_settled_closes_nothing(world: World) -> None:
    report = world.settled(world.submit())
    world.do("admin", Move.RECALL, report, reason="unit lain")
    world.do("admin", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)
    world.deliver()
    for day in (wib(4, 1, 0), wib(4, 7, 0), wib(4, 30)):
        swept(world, day)
    assert world.get(report).state is State.IN_PROGRESS
    assert not world.get(report).awaits_verdict
    with pytest.raises(Refused, match="no_settlement"):
        world.do("admin", Move.CLOSE_UNREACHABLE, report)


def test_a_settlement_that_arrives_after_it_was_recalled_starts_no_silence(world: World) -> None:
    report = world.in_progress(world.submit())
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words=SETTLED)
    world.do("admin", Move.RECALL, report, reason="belum tuntas")
    world.do("admin", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)
    world.deliver()
    assert ClockKind.SILENCE not in world.clocks_running(report)


def test_a_settlement_delivered_twice_runs_silence_from_the_first_arrival(world: World) -> None:
    report = world.settled(world.submit())
    with world.office.database.read() as connection:
        latest = messages.latest(connection, report.id, "settlement")
    world.now = wib(3, 30)
    with world.office.database.write() as connection:
        timekeeping.delivered(
            connection,
            world.office,
            report_id=report.id,
            clock="silence",
            message_id=latest,
            now=world.now,
            arrived_by=world.now,
        )
    assert world.clock(report, ClockKind.SILENCE).due_at == wib(4, 7, 0)  # ten days from 13 March: 6 April


def test_a_limit_that_is_changed_meanwhile_holds_for_new_clocks_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    report = world.settled(world.submit())
    swept(world, wib(4, 1, 0))
    numbers = replace(world.office.numbers, silence=Silence(reminder_days=12, limit_days=20))
    monkeypatch.setattr(type(world.office), "numbers", numbers, raising=False)
    assert "close_silent" in swept(world, wib(4, 7, 0))
    assert world.get(report).closing is Closing.SILENCE


# --- sweeps ------------------------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_exactly_what_the_run_then_does(world: World) -> None:
    world.settled(world.submit())
    promised = world.at_unit(world.submit())
    world.do("liaison", Move.PROGRESS, promised, words=OWN_WORDS, promised_on=wib(3, 17).date())
    waiting = world.at_unit(world.submit(Category.GRIEVANCE))
    asked(world, "liaison", waiting)
    world.submit()
    world.deliver()
    at = wib(4, 30)
    pretended = [effect for effect in sweep.run(world.office, at=at, dry_run=True) if effect.report]
    done = [effect for effect in sweep.run(world.office, at=at) if effect.report]
    assert pretended == done
    assert len(done) > 5


def test_after_a_weeks_outage_nobody_gets_a_burst(world: World) -> None:
    """Everything missed at once: one message for each thing that the reporter must know, none repeated by the next sweep."""
    report = world.settled(world.submit())
    swept(world, wib(6, 30))
    swept(world, wib(6, 30, 10))
    kinds = [row.kind for row in world.rows("outbox", lambda c: c.created_at > wib(6, 1))]
    assert kinds == ["notice.settlement_reminder"]
    assert world.get(report).state is State.IN_PROGRESS
