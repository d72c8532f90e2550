"""The process dies at every moment of a move or of the sweep: the report and what its reporter is told stay together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core import sweep
from core.channels import Capabilities
from core.procedure.vocabulary import Move
from core.storage.crypto import Keys, use_keys
from tests.dying import COMMIT, COMMITTED, deaths, kept
from tests.usecases.world import OWN_WORDS, PIGEON, PROMISED, World, open_world, wib

PAID = replace(PIGEON, buttons=0, costs=True, segmented=True, text_limit=612, gathers_seconds=180.0)
LATER = timedelta(seconds=181)


def _open(url: str, folder: Path, door: Capabilities) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(url, folder, door=door)
    yield opened
    opened.office.close()


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Where each message costs."""
    yield from _open(database_url, tmp_path, PAID)


@pytest.fixture
def city(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Where talk is free."""
    yield from _open(database_url, tmp_path, PIGEON)


@pytest.mark.parametrize("move", [Move.RESPOND, Move.DISPOSE])
def test_a_waiting_notice_is_replaced_whole_or_not_at_all(town: World, move: Move) -> None:
    report = town.submit()
    town.deliver()
    town.do("national", Move.RECLASSIFY, report, category=report.category, reason="jelas")
    town.do("national", Move.DISPOSE, report, office_id=town.places["city"])
    before, moments = kept(town.office.database), []

    def act() -> None:
        if move is Move.RESPOND:
            town.do("admin", move, report, words=OWN_WORDS, promised_on=PROMISED)
        else:
            town.do("admin", move, report, office_id=town.places["health"])

    for moment in deaths(town.office.database, act):
        moments.append(moment)
        if kept(town.office.database) != before:
            break
    assert moments == [COMMIT, COMMITTED]
    town.now += LATER
    (text,) = town.deliver()
    assert (OWN_WORDS if move is Move.RESPOND else "Dinas Kesehatan") in text
    notices = [row for row in town.rows("messages") if row.kind == "notice" and row.direction == "out"]
    assert len([row for row in notices if "Dinas Kesehatan" in row.words]) == (move is Move.DISPOSE)


def test_a_reminder_takes_its_day_with_it_or_not_at_all(city: World) -> None:
    city.settled(city.submit())
    city.now = wib(4, 20)
    told = []
    for moment in deaths(city.office.database, lambda: sweep.run(city.office, at=city.now)):
        (wish,) = city.rows("reminders") or [None]
        (person,) = city.rows("people")
        waiting = [row for row in city.rows("outbox") if row.state == "waiting"]
        told.append((moment, len(waiting)))
        assert len(waiting) == (person.reminded_on is not None) == (wish is not None and wish.told_with is not None)
    assert [count for _, count in told] == sorted(count for _, count in told)
    assert next(moment for moment, count in told if count) == COMMITTED
    (text,) = city.deliver()
    assert "akan ditutup" in text
    sweep.run(city.office, at=city.now)
    assert city.deliver() == []
