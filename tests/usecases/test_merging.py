"""Where each message costs, several events within minutes are one message (issue 4, sop.md §7)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core import conversing, settling
from core.casework.inputs import Part
from core.channels import Capabilities, Delivery, Inbound, Outcome, Sender
from core.dialogue.model import Heard
from core.errors import InvalidInput
from core.procedure.vocabulary import Category, Field, Ground, Move
from core.report import Report
from core.storage import claims, conversations, outbox
from core.storage.crypto import Keys, use_keys
from tests.usecases.world import FRIDAY, OWN_WORDS, PIGEON, PROMISED, World, open_world

PAID = replace(PIGEON, buttons=0, costs=True, segmented=True, text_limit=612, gathers_seconds=180.0)
SOON, LATER = timedelta(seconds=60), timedelta(seconds=181)


def _open(url: str, folder: Path, door: Capabilities = PAID) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(url, folder, door=door)
    yield opened
    opened.office.close()


@pytest.fixture
def town(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _open(sqlite_url, tmp_path)


@pytest.fixture
def town_on_both(database_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _open(database_url, tmp_path)


@pytest.fixture
def free(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _open(sqlite_url, tmp_path, PIGEON)


def after(world: World, wait: timedelta) -> list[str]:
    """Time passes; what then reaches the phone."""
    world.now += wait
    return world.deliver()


def filed(world: World) -> Report:
    """A report of which nothing is on the way."""
    report = world.submit()
    world.deliver()
    return report


def notices_kept(world: World, report: Report) -> list[str]:
    return [row.words for row in world.rows("messages", lambda c: c.report_id == report.id) if row.kind == "notice"]


def test_classified_and_handed_down_twice_is_one_message(town: World) -> None:
    report = filed(town)
    town.do("national", Move.RECLASSIFY, report, category=Category.GRIEVANCE, reason="tentang layanan")
    town.do("national", Move.DISPOSE, report, office_id=town.places["city"])
    assert after(town, SOON) == []
    town.do("admin", Move.DISPOSE, report, office_id=town.places["health"])
    assert after(town, timedelta(seconds=119)) == []
    (text,) = after(town, timedelta(seconds=1))  # three minutes after the first of them, not after the last
    assert "Dinas Kesehatan" in text
    assert "Kota Contoh" not in text
    assert "pelayanan" in text or "layanan" in text
    assert text.count("Paling lambat") == 1
    assert len(notices_kept(town, report)) == 1
    assert after(town, LATER) == []


def test_one_move_alone_leaves_after_three_minutes(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    assert after(town, timedelta(seconds=179)) == []
    (text,) = after(town, timedelta(seconds=1))
    assert "Kota Contoh" in text


def test_an_officials_words_leave_at_once_and_take_the_waiting_notice_along(town: World) -> None:
    report = filed(town)
    town.do("national", Move.RECLASSIFY, report, category=Category.GRIEVANCE, reason="tentang layanan")
    town.do("national", Move.DISPOSE, report, office_id=town.places["city"])
    town.do("admin", Move.RESPOND, report, words="Petugas kami datang besok pagi.", promised_on=PROMISED)
    (text,) = town.deliver()
    assert "Petugas kami datang besok pagi." in text
    assert "Jenis" in text
    assert "diteruskan" not in text  # that the city holds it, its answer says
    assert after(town, LATER) == []


def test_a_question_takes_the_waiting_notice_along_and_starts_its_clock(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    town.do("admin", Move.ASK, report, fields=(Field.WHEN,))
    (text,) = town.deliver()
    assert "kapan kejadiannya" in text
    assert town.get(report).question_at is not None


def test_archiving_says_nothing_of_where_it_was_for_a_moment(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    town.do("national", Move.RECALL, report, reason="salah alamat")
    town.do("national", Move.ARCHIVE, report, ground=Ground.NOT_PUBLIC_SERVICE, reason="bukan urusan layanan publik")
    (text,) = town.deliver()
    assert "diarsipkan" in text
    assert "Kota Contoh" not in text


def test_an_answer_is_never_delayed_and_nothing_overtakes(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    heard(town, "status")
    notice, answer = town.deliver()
    assert "Kota Contoh" in notice
    assert "Diteruskan ke instansi" in answer


def heard(world: World, text: str) -> None:
    inbound = Inbound("pigeon", f"m-{text}", Sender("ani"), text=text)
    with world.office.database.write() as connection:
        conversation = conversations.locked(connection, world.speaker.conversation_id)
        assert conversation is not None
        conversing.converse(connection, world.office, conversation=conversation, event=Heard(inbound), now=world.now)


def test_another_reports_answer_sends_the_waiting_one_ahead(town: World) -> None:
    first, second = filed(town), filed(town)
    town.at_agency(second)
    assert len(after(town, LATER)) == 1
    town.at_agency(first)
    town.do("admin", Move.RESPOND, second, words=OWN_WORDS, promised_on=PROMISED)
    one, two = town.deliver()
    assert first.code in one
    assert second.code in two


def test_two_reports_wait_each_for_its_own(town: World) -> None:
    first, second = filed(town), filed(town)
    town.at_agency(first)
    town.at_agency(second)
    town.do("admin", Move.DISPOSE, first, office_id=town.places["health"])
    texts = after(town, LATER)
    assert sorted(code in text for text in texts for code in (first.code, second.code)) == [False, False, True, True]


def test_what_is_urgent_does_not_wait(town: World) -> None:
    report = filed(town)
    town.do("national", Move.MARK_URGENT, report, reason="ada bahaya")
    town.at_agency(report)
    assert len(town.deliver()) == 1


def test_a_report_that_was_split_tells_each_part_once(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    assert len(after(town, LATER)) == 1
    town.do("national", Move.SPLIT, report, parts=(Part("Lampu", "Lampu jalan mati", Category.GRIEVANCE),))
    (text,) = after(town, LATER)
    assert "Lampu" in text


def test_where_talk_is_free_nothing_waits(free: World) -> None:
    report = filed(free)
    free.at_unit(report)
    assert len(free.deliver()) == 2


def test_after_three_minutes_each_is_its_own_message(town: World) -> None:
    report = filed(town)
    town.at_agency(report)
    assert len(after(town, LATER)) == 1
    town.do("admin", Move.DISPOSE, report, office_id=town.places["health"])
    assert len(after(town, LATER)) == 1


def test_a_move_that_is_rolled_back_leaves_the_waiting_notice(town_on_both: World) -> None:
    town = town_on_both
    report = filed(town)
    town.at_agency(report)
    with pytest.raises(InvalidInput):
        town.do("admin", Move.RESPOND, report, words="")
    assert len(after(town, LATER)) == 1


def test_a_notice_that_leaves_at_the_same_moment_is_told_once(town_on_both: World) -> None:
    """Either it left already and the next one follows, or the next one takes its place: never neither, never twice."""
    town = town_on_both
    report = filed(town)
    town.at_agency(report)
    town.now = FRIDAY + LATER
    texts: list[str] = []
    start = threading.Barrier(2)

    def leave() -> None:  # as the road does it: claimed in one transaction, recorded in another
        start.wait(5)
        with town.office.database.write() as connection:
            entries = [entry for entry, _ in claims.heads(connection, "pigeon", now=town.now, limit=5)]
            claims.sending(connection, [one.id for one in entries], owner="test", until=town.now)
        texts.extend(outbox.part_of(one.payload or "{}").text for one in entries)
        with town.office.database.write() as connection:
            results = [(one, Delivery(Outcome.DELIVERED)) for one in entries]
            settling.record(connection, town.office, results, owner="test", now=town.now, chance=lambda: 0.0)

    thread = threading.Thread(target=leave)
    thread.start()
    start.wait(5)
    town.do("admin", Move.DISPOSE, report, office_id=town.places["health"])
    thread.join(20)
    texts += after(town, LATER)
    assert sum("Dinas Kesehatan" in text for text in texts) == 1
    assert len(texts) == len([row for row in town.rows("outbox") if row.state == "delivered" and "notice" in row.kind])
