"""The right to be forgotten, as officials meet it: the case goes on, the question finds nobody, nothing closes by silence."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import update

from core import erasing, sweep
from core.dialogue.model import AnswerQuestion, Confirm, EraseIdentity, Rate, RequestErasure
from core.errors import NotFound, Refused
from core.procedure.vocabulary import Category, ClockKind, Field, Ground, Move, Privacy, State
from core.reportpage import open_report
from core.retrying import through_deadlocks
from core.storage import reports
from core.storage.crypto import Keys, use_keys
from core.storage.tables import messages
from tests.usecases.world import World, open_world, wib


def _opened(url: str, folder: Path) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(url, folder)
    yield opened
    opened.office.close()


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _opened(sqlite_url, tmp_path)


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[World]:
    """On SQLite and on PostgreSQL."""
    yield from _opened(database_url, tmp_path)


def forgotten(world: World, *, withdraw: bool = False) -> None:
    world.say(EraseIdentity(withdraw=withdraw))
    world.deliver()
    erasing.finish(world.office, world.now)


def test_the_case_keeps_its_words_history_and_rating(world: World) -> None:
    report = world.settled(world.submit())
    world.say(Confirm(report.code))
    world.say(Rate(report.code, 5))
    before = (world.rows("report_words"), [(row.id, row.move) for row in world.rows("history")])
    forgotten(world)
    after = world.get(report)
    assert (world.rows("report_words"), [(row.id, row.move) for row in world.rows("history")]) == before
    assert (after.state, after.rating, after.address_id) == (State.CLOSED, 5, None)


def test_withdrawing_first_archives_what_is_open_and_leaves_what_is_closed(either: World) -> None:
    world = either
    closed = world.settled(world.submit())
    world.say(Confirm(closed.code))
    waiting, running = world.submit(), world.in_progress(world.submit())
    forgotten(world, withdraw=True)
    assert [world.get(each).state for each in (closed, waiting, running)] == [State.CLOSED, State.ARCHIVED, State.ARCHIVED]
    assert world.get(waiting).ground is Ground.WITHDRAWN


def test_an_inspection_that_has_begun_goes_on_with_the_wish_on_record(world: World) -> None:
    report = world.at_unit(world.submit(), inspection=True)
    with world.office.database.write() as connection:
        reports.touch(connection, report.id, inspecting=True)
    forgotten(world, withdraw=True)
    after = world.get(report)
    assert (after.state, after.withdraw_wish, after.address_id) == (State.AT_UNIT, True, None)


def test_the_holder_and_the_national_admins_are_told_without_a_name(world: World) -> None:
    report = world.at_unit(world.submit())
    forgotten(world)
    assert world.told("liaison")[:1] == ["reporter_erased"]
    assert "identity_erased" in world.told("national")
    news = [row for row in world.rows("notifications") if row.kind in ("identity_erased", "reporter_erased")]
    assert [row.details for row in news if row.kind == "identity_erased"] == [{"person": world.speaker.person_id}]
    assert report.code in str(news)
    assert "Ani" not in str(news)


def test_an_open_question_finds_nobody_and_comes_back_to_who_asked(either: World) -> None:
    world = either
    report = world.at_unit(world.submit())
    world.do("liaison", Move.ASK, report, fields=(Field.WHEN,), words="Kapan kejadiannya?")
    world.deliver()
    assert world.get(report).state is State.AWAITING_REPORTER
    forgotten(world)
    assert world.get(report).state is State.AT_UNIT
    assert "question_undeliverable" in world.told("liaison")


def test_a_settlement_that_arrived_before_does_not_close_the_report_by_silence(world: World) -> None:
    """Its reminder finds nobody; the holder closes it as unreachable, ten working days after the settlement (sop.md §5)."""
    report = world.settled(world.submit())
    forgotten(world)
    world.now = wib(4, 20)
    sweep.run(world.office, at=world.now)
    assert world.get(report).state is State.IN_PROGRESS
    assert world.do("liaison", Move.CLOSE_UNREACHABLE, report).state is State.CLOSED


def test_a_settlement_afterwards_is_on_record_and_its_ten_days_run_from_there(world: World) -> None:
    report = world.in_progress(world.submit())
    forgotten(world)
    world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan, petugas ditegur.")
    assert world.get(report).settled_at is None
    assert ClockKind.SILENCE not in world.clocks_running(report)
    with pytest.raises(Refused):
        world.do("liaison", Move.CLOSE_UNREACHABLE, report)
    world.now = wib(4, 7)
    assert world.do("liaison", Move.CLOSE_UNREACHABLE, report).state is State.CLOSED


def test_an_officials_answer_in_the_same_moment_is_called_off_and_not_lost(world: World) -> None:
    report = world.in_progress(world.submit())
    world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan, petugas ditegur.")
    world.say(EraseIdentity())
    assert world.deliver() == []
    words = "Uang sudah dikembalikan, petugas ditegur."
    assert words in [row.words for row in world.rows("messages") if row.direction == "out"]
    assert "undeliverable" in world.told("liaison")


def test_whoever_was_forgotten_does_nothing_to_the_report_any_more(world: World) -> None:
    report = world.settled(world.submit())
    forgotten(world)
    again = world.someone("ani")
    assert again.person_id != world.speaker.person_id
    for effect in (Confirm(report.code), Rate(report.code, 1), AnswerQuestion(report.code, "x"), EraseIdentity(withdraw=True)):
        if isinstance(effect, EraseIdentity):
            world.say(effect, by=again)
            assert world.get(report).state is State.IN_PROGRESS
        else:
            with pytest.raises(NotFound):
                world.say(effect, by=again)


def test_the_page_says_that_the_reporter_was_forgotten_and_shows_no_old_notice_with_the_name(world: World) -> None:
    report = world.at_unit(world.submit(Category.COMPLAINT, privacy=Privacy.NAMED, name="Ani"))
    with world.office.database.write() as connection:
        connection.execute(update(messages).where(messages.c.kind == "notice").values(words="Terima kasih, Ani."))
    forgotten(world)
    with world.office.database.read() as connection:
        opened = open_report(connection, world.office, code=report.code, by=world.actor("national"), now=world.now)
    assert (opened.forgotten, opened.name) == (True, None)
    assert "Terima kasih, Ani." not in [each.text for each in opened.told]


def test_an_operator_forgets_whoever_asked_without_a_code_and_nothing_more_is_said(world: World) -> None:
    report = world.in_progress(world.submit())
    world.say(RequestErasure())
    (asked,) = [row for row in world.rows("notifications") if row.kind == "erasure_requested"]
    world.deliver()
    assert erasing.forget(world.office, asked.details["person"], now=world.now) == 1
    assert world.deliver() == []
    assert erasing.finish(world.office, world.now) == 1
    assert [(row.address, row.lookup) for row in world.rows("addresses")] == [("", f"erased:{world.speaker.address_id}")]
    assert world.get(report).state is State.IN_PROGRESS
    assert [row.role for row in world.rows("audit") if row.action == "erase_identity"] == ["system"]


@pytest.mark.parametrize("number", [0, 10_000, 2**62])
def test_a_number_that_is_nobodys_is_refused(world: World, number: int) -> None:
    with pytest.raises(NotFound):
        erasing.forget(world.office, number, now=world.now)


def test_who_is_forgotten_already_is_nobody(world: World) -> None:
    forgotten(world)
    with pytest.raises(NotFound):
        erasing.forget(world.office, world.speaker.person_id, now=world.now)


def test_forgetting_twice_changes_nothing_more(world: World) -> None:
    world.submit()
    forgotten(world)
    before = [world.rows(table) for table in ("people", "addresses", "reports")]
    assert erasing.finish(world.office, world.now) == 0
    assert [world.rows(table) for table in ("people", "addresses", "reports")] == before


@pytest.mark.parametrize("turn", range(3))
def test_an_official_who_answers_in_the_very_moment_loses_nothing(postgres_url: str, tmp_path: Path, turn: int) -> None:
    """Whoever is first: the settlement stands on record, nobody is written to for ever, no transaction is left half done."""
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    world = open_world(postgres_url, tmp_path)
    report = world.in_progress(world.submit())
    world.deliver()
    together = Barrier(2)

    def settle() -> None:
        together.wait()
        through_deadlocks(lambda: world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan, petugas ditegur."))

    def forget() -> None:
        together.wait()
        through_deadlocks(lambda: world.say(EraseIdentity()))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(settle), pool.submit(forget)]:
            done.result()
    world.deliver()
    assert erasing.finish(world.office, world.now) == 1
    after = world.get(report)
    assert (after.settlements, after.address_id) == (1, None)
    assert [(row.address, row.gone_at is not None) for row in world.rows("addresses")] == [("", True)]
    assert {row.payload for row in world.rows("outbox")} == {None}
    world.office.close()
