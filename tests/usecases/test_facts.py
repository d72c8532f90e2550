"""What the conversation may know of the reporter's own reports, and the calendar that its dates rest on."""

from datetime import date
from typing import Any

import pytest

from core import holidays, reporter
from core.dialogue.model import AnswerQuestion, Complete, Confirm, NotSettled, Remember, ReportFacts, RequestErasure
from core.errors import InvalidInput, Refused
from core.procedure.vocabulary import ClockKind, Field, Ground, Move, Privacy, State
from core.report import Report
from tests.usecases.world import World, wib


def facts(world: World, report: Report) -> ReportFacts:
    with world.office.database.read() as connection:
        found = reporter.facts_for(connection, world.office, person_id=world.speaker.person_id, now=world.now)
    return next(each for each in found if each.code == report.code)


def test_a_fresh_report_says_who_holds_it_and_until_when(world: World) -> None:
    known = facts(world, world.submit())
    assert (known.holder_name, known.due_on, known.state) == ("LAPOR!", date(2026, 3, 17), State.RECEIVED)
    assert (known.open, known.settled, known.disputable, known.question) == (True, False, False, None)


def test_an_open_question_is_there_in_the_officials_words_until_it_is_answered(world: World) -> None:
    report = world.at_unit(world.submit())
    world.do("liaison", Move.ASK, report, fields=(Field.WHEN,), words="Kapan kejadiannya, Bu Ani?")
    known = facts(world, report)
    assert (known.question, known.question_fields) == ("Kapan kejadiannya, Bu Ani?", (Field.WHEN,))
    world.say(AnswerQuestion(code=report.code, text="Kamis"))
    assert facts(world, report).question is None


def test_a_settlement_waits_for_the_verdict_until_there_is_one(world: World) -> None:
    report = world.settled(world.submit())
    assert facts(world, report).settled
    world.say(NotSettled(code=report.code, text="belum"))
    assert not facts(world, report).settled


def test_a_closed_report_can_be_disputed_for_ten_working_days(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(code=report.code))
    world.now = wib(4, 6, 23)
    assert (facts(world, report).disputable, facts(world, report).rateable) == (True, True)
    world.now = wib(4, 7, 0)
    assert not facts(world, report).disputable


@pytest.mark.parametrize("ground, objectionable", [(Ground.BEFORE_COURT, True), (Ground.SPAM, False)])
def test_an_archived_report_can_be_objected_to_unless_it_was_spam(world: World, ground: Ground, objectionable: bool) -> None:
    report = world.submit()
    world.do("national", Move.ARCHIVE, report, ground=ground, reason="sudah disidangkan")
    assert facts(world, report).objectionable is objectionable


def test_gaps_are_filled_into_the_report_and_the_words_are_kept(world: World) -> None:
    report = world.submit(where_words=None)
    effect = Complete(
        code=report.code,
        text="1 kemarin 2 kota contoh 3 x",
        filled=frozenset({Field.WHEN, Field.WHERE, Field.EVIDENCE}),
        when_words="kemarin",
        when_from=date(2026, 3, 12),
        where_words="kota contoh",
        privacy=Privacy.NAMED,
    )
    world.say(effect)
    words = world.rows("report_words")[0]
    assert (words.when_from, words.where_words, words.evidence_none) == (date(2026, 3, 12), "kota contoh", True)
    assert world.get(report).privacy is Privacy.NAMED
    assert world.rows("messages")[-1].words == effect.text


def test_a_person_who_comes_back_is_reachable_again(world: World) -> None:
    report = world.in_progress(world.submit())
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan hari ini.")
    world.bounce()
    assert world.get(report).unreachable_since == world.now
    world.say(Remember(gone=False, language="en"))
    assert world.get(report).unreachable_since is None
    assert (world.rows("addresses")[0].gone_at, world.rows("people")[0].language) == (None, "en")


def test_a_request_for_erasure_is_put_before_the_national_admins(world: World) -> None:
    world.say(RequestErasure())
    assert world.told("national") == ["erasure_requested"]
    assert world.rows("audit")[-1].action == "request_erasure"


CHANGE: dict[str, Any] = {"day": date(2026, 3, 17), "working": False, "name": "Pilkada", "reason": "Keppres"}


def test_a_change_of_the_calendar_shows_first_which_reports_move_and_then_moves_them(world: World) -> None:
    report = world.submit()
    admin = world.actor("national")
    seen = holidays.change(world.office, **CHANGE, by=admin, now=world.now, preview=True)
    assert {(each.code, each.clock) for each in seen} == {
        (report.code, ClockKind.VERIFICATION),
        (report.code, ClockKind.SETTLEMENT),
        (report.code, ClockKind.OMBUDSMAN),
    }
    assert world.get(report).due_at == wib(3, 18, 0)
    assert world.rows("calendar_changes") == []
    holidays.change(world.office, **CHANGE, by=admin, now=world.now)
    assert world.get(report).due_at == wib(3, 26, 0)  # the second day is the 25th now
    holidays.undo(world.office, change_id=world.rows("calendar_changes")[0].id, by=admin, now=world.now)
    assert world.get(report).due_at == wib(3, 18, 0)


def test_only_the_national_admin_keeps_the_calendar_and_says_why(world: World) -> None:
    with pytest.raises(Refused):
        holidays.change(world.office, **CHANGE, by=world.actor("admin"), now=world.now)
    with pytest.raises(InvalidInput):
        holidays.change(world.office, **CHANGE | {"reason": " "}, by=world.actor("national"), now=world.now)
