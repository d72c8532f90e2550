"""Reminders leave by day, one message to a person on a day, never what was overtaken (issue 4, sop.md §6, §7)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core import conversing, quiet, sweep
from core.channels import Inbound, Sender
from core.dialogue.model import AnswerQuestion, Confirm, Draft, Heard, Mode, Session, StoryPart
from core.procedure.numbers import STANDARD, Numbers, Quiet
from core.procedure.vocabulary import Category, Field, Move, State
from core.report import Report
from core.retrying import through_deadlocks
from core.storage import conversations, reminders, tables
from core.storage.crypto import Keys, use_keys
from core.sweep import reminding
from core.waking import ticks_due
from tests.usecases.world import PROMISED, World, open_world, wib

JAKARTA, JAYAPURA = "Asia/Jakarta", "Asia/Jayapura"
OF_THE_SOP = Quiet()


def _open(url: str, folder: Path, numbers: Numbers = STANDARD) -> Iterator[World]:
    """By default with the quiet hours of sop.md: 20:00 to 07:00."""
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(url, folder, numbers=numbers)
    yield opened
    opened.office.close()


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _open(sqlite_url, tmp_path)


@pytest.fixture
def sleepless(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """Without quiet hours."""
    yield from _open(sqlite_url, tmp_path, replace(STANDARD, quiet=Quiet(from_hour=0, to_hour=0)))


@pytest.fixture
def city_on_both(database_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _open(database_url, tmp_path)


def swept(world: World, at: datetime, *, deliver: bool = True) -> list[str]:
    """One sweep at that moment; what then reached the reporter."""
    world.now = at
    sweep.run(world.office, at=at)
    return world.deliver() if deliver else []


def asked(world: World) -> Report:
    """A report whose question has arrived."""
    report = world.at_unit(world.submit())
    world.do("liaison", Move.ASK, report, fields=(Field.WHEN,), words="Kapan persisnya?")
    world.deliver()
    return report


# --- the hours -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at,then",
    [
        (wib(4, 1, 19, 59), wib(4, 1, 19, 59)),
        (wib(4, 1, 20), wib(4, 2, 7)),
        (wib(4, 1, 23, 30), wib(4, 2, 7)),
        (wib(4, 2, 0), wib(4, 2, 7)),
        (wib(4, 2, 6, 59), wib(4, 2, 7)),
        (wib(4, 2, 7), wib(4, 2, 7)),
    ],
)
def test_from_eight_in_the_evening_until_seven_nothing_leaves(at: datetime, then: datetime) -> None:
    assert quiet.opens(at, JAKARTA, OF_THE_SOP) == then


def test_the_hours_are_those_of_the_zone() -> None:
    assert quiet.opens(wib(4, 1, 5), JAYAPURA, OF_THE_SOP) == wib(4, 1, 5)  # seven o'clock there
    assert quiet.opens(wib(4, 1, 19), JAYAPURA, OF_THE_SOP) == wib(4, 2, 5)


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    noon = Quiet(from_hour=12, to_hour=14)
    assert quiet.opens(wib(4, 1, 13), JAKARTA, noon) == wib(4, 1, 14)
    assert quiet.opens(wib(4, 1, 23), JAKARTA, noon) == wib(4, 1, 23)
    never = Quiet(from_hour=0, to_hour=0)
    assert quiet.opens(wib(4, 1, 3), JAKARTA, never) == wib(4, 1, 3)
    assert quiet.next_day(wib(4, 1, 3), JAKARTA, never) == wib(4, 2, 0)


def test_an_hour_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="to_hour"):
        Quiet(to_hour=24)


# --- reminders of a report -------------------------------------------------------------------------------------------------


def test_a_reminder_that_is_due_at_midnight_leaves_at_seven_once(city: World) -> None:
    report = city.settled(city.submit())
    assert swept(city, wib(4, 1, 0)) == []
    assert swept(city, wib(4, 1, 6, 59)) == []
    (text,) = swept(city, wib(4, 1, 7))
    assert "Senin, 6 April" in text
    assert swept(city, wib(4, 1, 7)) == []
    assert swept(city, wib(4, 7, 0)) != []
    assert city.get(report).state is State.CLOSED


def test_the_zone_is_that_of_the_holding_agency(city: World) -> None:
    report = city.classified(city.submit())
    city.do("national", Move.DISPOSE, report, office_id=city.places["ministry"])
    city.do("minister", Move.RESPOND, report, words="Kami tangani minggu ini juga.", promised_on=PROMISED)
    city.do("minister", Move.SETTLE, report, words="Lubangnya sudah kami tutup.")
    city.deliver()
    assert swept(city, wib(4, 1, 4, 59)) == []
    assert len(swept(city, wib(4, 1, 5))) == 1  # seven o'clock in Jayapura


def test_an_answer_during_the_night_leaves_at_once_and_the_reminder_is_dropped(city: World) -> None:
    report = city.settled(city.submit())
    swept(city, wib(4, 1, 0))
    city.now = wib(4, 1, 1)
    city.say(Confirm(code=report.code))
    assert swept(city, wib(4, 1, 7)) == []
    assert city.rows("reminders") == []


def test_news_is_never_held_back_by_the_night(city: World) -> None:
    report = city.at_agency(city.submit())
    city.now = wib(3, 16, 23)
    city.deliver()
    city.do("admin", Move.RESPOND, report, words="Kami periksa besok pagi di lokasi.", promised_on=PROMISED)
    assert len(city.deliver()) == 1


def test_a_question_that_was_answered_is_not_reminded_of(city: World) -> None:
    report = asked(city)
    assert swept(city, wib(3, 28, 0)) == []
    city.now = wib(3, 28, 6)
    city.say(AnswerQuestion(code=report.code, text="Kamis jam 8"))
    assert swept(city, wib(3, 28, 8)) == []


def test_overdue_is_flagged_at_midnight_and_told_in_the_morning(city: World) -> None:
    report = city.at_unit(city.submit(Category.GRIEVANCE))
    city.deliver()
    swept(city, wib(3, 31, 0))
    assert city.get(report).overdue
    (text,) = swept(city, wib(3, 31, 7))
    assert "tidak perlu melapor ulang" in text


def test_after_a_long_outage_the_reminder_names_the_day_that_will_be_kept(city: World) -> None:
    report = city.settled(city.submit())
    (text,) = swept(city, wib(4, 20, 9))
    assert "Kamis, 23 April" in text  # three working days more, not the limit that went by
    assert swept(city, wib(4, 23, 23)) == []
    swept(city, wib(4, 24, 0))
    assert city.get(report).state is State.CLOSED


# --- one a day -------------------------------------------------------------------------------------------------------------


def test_reminders_of_one_person_on_one_day_are_one_message_and_each_clock_runs_on(city: World) -> None:
    reports = [city.settled(city.submit()) for _ in range(3)]
    (text,) = swept(city, wib(4, 1, 7))
    assert all(f"{r.code[:4]}-{r.code[4:8]}-{r.code[8:]}" in text for r in reports)
    swept(city, wib(4, 7, 0))
    assert {city.get(report).state for report in reports} == {State.CLOSED}


def test_what_does_not_fit_waits_for_the_next_days_in_order(city: World) -> None:
    reports = [city.settled(city.submit()) for _ in range(8)]
    assert [len(swept(city, wib(4, day, 9))) for day in (1, 2, 3)] == [1, 1, 0]
    told = city.rows("reminders")
    assert [row.report_id for row in sorted(told, key=lambda row: (row.told_with, row.id))] == [r.id for r in reports]


def test_a_second_reminder_on_the_same_day_waits_for_the_next_morning(city: World) -> None:
    city.settled(city.submit())
    assert len(swept(city, wib(4, 1, 7))) == 1
    with city.office.database.write() as connection:  # another one comes due at noon
        row = city.rows("reminders")[0]
        connection.execute(update(tables.reminders).values(told_with=None, not_before=wib(4, 1, 12)))
    assert swept(city, wib(4, 1, 12)) == []
    assert swept(city, wib(4, 2, 6)) == []
    assert len(swept(city, wib(4, 2, 7))) == 1
    assert city.rows("reminders")[0].id == row.id


def test_where_it_is_tomorrow_already_further_east_the_day_is_used_up(sleepless: World) -> None:
    """Half past eleven in Jakarta is half past one of the next day in Jayapura."""
    sleepless.settled(sleepless.submit())
    with sleepless.office.database.write() as connection:
        assert reminders.take_day(connection, sleepless.speaker.person_id, date(2026, 4, 2))
    assert swept(sleepless, wib(4, 1, 23, 30)) == []
    (waiting,) = sleepless.rows("reminders")
    assert waiting.not_before == wib(4, 2, 0), "nobody looks each minute"
    assert swept(sleepless, wib(4, 2, 9)) == []
    assert len(swept(sleepless, wib(4, 3, 9))) == 1


def test_a_day_that_a_wrong_clock_wrote_silences_nobody_for_years(city: World) -> None:
    city.settled(city.submit())
    with city.office.database.write() as connection:
        assert reminders.take_day(connection, city.speaker.person_id, date(2031, 1, 1))
    assert len(swept(city, wib(4, 1, 7))) == 1
    assert swept(city, wib(4, 1, 8)) == []


def test_linked_addresses_are_one_person_and_have_one_reminder_a_day(city: World) -> None:
    other = city.someone("ani-2")
    city.settled(city.submit())
    city.settled(city.submit(by=other))
    with city.office.database.write() as connection:
        same = {"same_as": city.speaker.person_id}
        connection.execute(update(tables.people).where(tables.people.c.id == other.person_id).values(same))
    assert len(swept(city, wib(4, 1, 9))) == 1
    assert len(swept(city, wib(4, 2, 9))) == 1


def test_two_people_are_reminded_on_the_same_day(city: World) -> None:
    city.settled(city.submit())
    city.settled(city.submit(by=city.someone("budi")))
    assert len(swept(city, wib(4, 1, 9))) == 2


def test_a_list_that_fails_reminds_of_each_again_elsewhere(city: World) -> None:
    reports = [city.settled(city.submit()) for _ in range(2)]
    swept(city, wib(4, 1, 9), deliver=False)
    city.bounce()
    assert all(city.get(report).unreachable_since is not None for report in reports)
    swept(city, wib(4, 7, 9))
    assert {city.get(report).state for report in reports} == {State.IN_PROGRESS}


def test_what_is_killed_before_its_commit_reminds_once_afterwards(city_on_both: World) -> None:
    city = city_on_both
    city.settled(city.submit())
    city.settled(city.submit())
    swept(city, wib(4, 1, 0))
    with suppress(KeyboardInterrupt), city.office.database.write() as connection:
        reminding.batch(connection, city.office, wib(4, 1, 8), set())
        raise KeyboardInterrupt
    assert city.deliver() == []
    assert len(swept(city, wib(4, 1, 8))) == 1


def test_two_processes_that_remind_at_the_same_time_send_one_message(city_on_both: World) -> None:
    city = city_on_both
    city.settled(city.submit())
    city.settled(city.submit())
    swept(city, wib(4, 1, 0))
    start = threading.Barrier(2)

    def remind() -> None:
        start.wait(5)
        through_deadlocks(once)

    def once() -> None:
        with city.office.database.write() as connection:
            reminding.batch(connection, city.office, wib(4, 1, 8), set())

    threads = [threading.Thread(target=remind) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    city.now = wib(4, 1, 8)
    assert len(city.deliver()) == 1
    assert len(swept(city, wib(4, 2, 8))) == 0


# --- the draft -------------------------------------------------------------------------------------------------------------


def drafted(world: World, at: datetime) -> None:
    """An unfinished draft whose last word came at that moment."""
    story = "lampu jalan mati di depan sekolah"
    with world.office.database.write() as connection:
        conversation = conversations.locked(connection, world.speaker.conversation_id)
        assert conversation is not None
        session = Session(
            mode=Mode.DRAFT,
            draft=Draft(story=story, parts=(StoryPart("m1", story),)),
            draft_started_at=at,
            draft_touched_at=at,
            asking=Field.WHERE,
        )
        conversations.save(connection, conversation, session, tick_at=at + timedelta(hours=24), spoke_at=None)


def woken(world: World, at: datetime) -> list[str]:
    world.now = at
    while ticks_due(world.office, at):
        pass
    return world.deliver()


def test_an_unfinished_draft_is_reminded_in_the_morning(city: World) -> None:
    drafted(city, wib(3, 16, 23))
    assert woken(city, wib(3, 17, 23)) == []
    assert woken(city, wib(3, 18, 6)) == []
    assert len(woken(city, wib(3, 18, 7))) == 1
    assert woken(city, wib(3, 18, 7)) == []


def test_a_draft_is_not_reminded_on_the_day_of_another_reminder(city: World) -> None:
    city.settled(city.submit())
    drafted(city, wib(3, 31, 10))
    assert len(swept(city, wib(4, 1, 9), deliver=True)) == 1
    assert woken(city, wib(4, 1, 10)) == []
    assert len(woken(city, wib(4, 2, 7))) == 1


def test_instants_are_aware(city: World) -> None:
    city.settled(city.submit())
    swept(city, wib(4, 1, 0))
    (row,) = city.rows("reminders")
    assert row.not_before == wib(4, 1, 7)
    assert row.not_before.tzinfo == UTC


# --- another door ----------------------------------------------------------------------------------------------------------


def test_a_reminder_here_is_answered_from_a_linked_address(city: World) -> None:
    other = city.someone("ani-2")
    report = city.settled(city.submit())
    with city.office.database.write() as connection:
        same = {"same_as": city.speaker.person_id}
        connection.execute(update(tables.people).where(tables.people.c.id == other.person_id).values(same))
    assert len(swept(city, wib(4, 1, 9))) == 1
    with city.office.database.write() as connection:
        conversation = conversations.locked(connection, other.conversation_id)
        assert conversation is not None
        inbound = Inbound("pigeon", "m-elsewhere", Sender("ani-2"), text=f"{report.code} sudah beres")
        conversing.converse(connection, city.office, conversation=conversation, event=Heard(inbound), now=city.now)
    assert city.get(report).state is State.CLOSED


def test_whoever_said_stop_is_not_reminded_and_nothing_is_closed_behind_their_back(city: World) -> None:
    report = city.settled(city.submit())
    with city.office.database.write() as connection:
        conversation = conversations.locked(connection, city.speaker.conversation_id)
        assert conversation is not None
        inbound = Inbound("pigeon", "m-stop", Sender("ani"), text="STOP")
        conversing.converse(connection, city.office, conversation=conversation, event=Heard(inbound), now=city.now)
    city.deliver()
    assert swept(city, wib(4, 1, 9)) == []
    assert swept(city, wib(4, 8, 9)) == []
    assert city.get(report).state is State.IN_PROGRESS
