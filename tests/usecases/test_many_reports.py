"""Whoever has many reports is told of each by its name and can answer each, the oldest too (sop.md §7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core import conversing, sweep
from core.channels import Inbound, Sender
from core.dialogue.codes import shown
from core.dialogue.model import Heard
from core.procedure.numbers import STANDARD
from core.procedure.vocabulary import State
from core.storage import conversations
from core.storage.crypto import Keys, use_keys
from tests.usecases.world import World, open_world, wib

NEWER = 12


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(sqlite_url, tmp_path, numbers=STANDARD)
    yield opened
    opened.office.close()


def says(city: World, words: str) -> list[str]:
    with city.office.database.write() as connection:
        conversation = conversations.locked(connection, city.speaker.conversation_id)
        assert conversation is not None
        inbound = Inbound("pigeon", f"said:{words}", Sender("ani"), text=words)
        conversing.converse(connection, city.office, conversation=conversation, event=Heard(inbound), now=city.now)
    return city.deliver()


def many_newer(city: World) -> None:
    for _ in range(NEWER):
        city.now += timedelta(minutes=1)
        city.submit()
    city.deliver()


def test_the_answer_to_what_was_asked_about_an_old_report_counts(city: World) -> None:
    old = city.submit()
    many_newer(city)
    city.settled(old)
    city.deliver()
    (text,) = says(city, "beres")
    assert shown(old.code) in text
    assert city.get(old).state is State.CLOSED


def test_an_old_report_is_answered_by_its_code(city: World) -> None:
    old = city.submit()
    many_newer(city)
    for report in (old, city.submit()):
        city.settled(report)
    city.deliver()
    says(city, f"{old.code} beres")
    assert city.get(old).state is State.CLOSED


def test_somebody_elses_code_is_still_somebody_elses(city: World) -> None:
    many_newer(city)
    theirs = city.settled(city.submit(by=city.someone("budi")))
    city.deliver()
    says(city, f"{theirs.code} beres")
    assert city.get(theirs).state is State.IN_PROGRESS


def test_a_list_of_reminders_names_each_report(city: World) -> None:
    reports = [city.submit() for _ in range(3)]
    many_newer(city)
    for report in reports:
        city.settled(report)
    city.deliver()
    city.now = wib(4, 1, 9)
    sweep.run(city.office, at=city.now)
    (text,) = city.deliver()
    assert all(shown(report.code) in text for report in reports)
    assert "“”" not in text


def test_all_open_reports_are_counted_before_somebody_is_forgotten(city: World) -> None:
    old = city.submit()
    many_newer(city)
    for code in [row.code for row in city.rows("reports") if row.code != old.code]:
        says(city, f"cabut {code}")
        says(city, "ya")
    said = " ".join(says(city, "hapus data saya"))
    assert "1 laporan" in said, "the one that is open is older than all that are told of one by one"
    assert city.get(old).state is State.RECEIVED
