"""The ledger in the house's own database: several processes, a restart, and a database that is away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bots.twitter import Settings
from bots.twitter.budget import Budget, Purpose
from bots.twitter.standing import Standing
from core.channels import Health, Outcome, Spending
from core.config import Config
from core.errors import StorageUnavailable
from core.keepsakes import Shelf
from core.office import open_office
from core.storage.crypto import Keys, use_keys
from tests.bots.twitter.outward import door, message
from tests.bots.xapi import Person, XApi
from tests.dying import COMMIT, COMMITTED, deaths

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # twelve o'clock in Jakarta
TODAY = date(2026, 11, 24)
Start = Callable[[], Shelf]


@pytest.fixture
def process(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a process, as far as its shelf goes."""
    use_keys(Keys.from_secret(b"a secret for the tests of the ledger"))
    shelves: list[Shelf] = []

    def start() -> Shelf:
        shelf = Shelf()
        shelf.open(open_office(Config(database=database_url, files=tmp_path / "files"), {}))
        shelves.append(shelf)
        return shelf

    yield start
    for shelf in shelves:
        assert shelf.office is not None
        shelf.office.close()


def budget(shelf: Shelf, usd: float = 0.30) -> Budget:
    settings = Settings(budget_usd_per_day=usd)
    standing = Standing(Health(), lambda: NOON)
    return Budget(settings, shelf.of("twitter"), standing, zone="Asia/Jakarta", now=lambda: NOON)


def test_two_processes_never_spend_more_than_one_days_money(process: Start) -> None:
    shelves = [process(), process()]
    went: list[float] = []

    def answer_many(one: Budget) -> None:
        went.extend(one.book(Purpose.ANSWERS, 0.015).wait_seconds for _ in range(15))

    threads = [threading.Thread(target=answer_many, args=(budget(shelf),)) for shelf in shelves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (spending,) = shelves[0].of("twitter").spent(TODAY)
    assert spending == Spending("answers", went.count(0.0), went.count(0.0) * 15_000)
    assert 285_000 <= spending.micro_usd <= 300_000


def test_what_was_spent_is_known_after_a_restart_and_given_back_in_another_process(process: Start) -> None:
    first = budget(process())
    first.read(Purpose.MENTIONS, posts=["1", "2"], users=["7"])
    booking = first.book(Purpose.ANSWERS, 0.015)
    again = budget(process())
    assert again.told()["spent"] == "0.04"
    again.back(booking)
    assert again.told()["spent"] == "0.02"


def test_a_message_whose_money_cannot_be_booked_is_not_sent(x: XApi, siti: Person) -> None:
    class Away:
        """The shelf of a house whose database is away."""

        def __getattr__(self, name: str) -> Callable[..., None]:
            def raise_(*_: object, **__: object) -> None:
                raise StorageUnavailable("away")

            return raise_

    channel = door(x, keep=Away())  # type: ignore[arg-type]
    assert channel.send(message(siti.id)).outcome is Outcome.AGAIN
    assert not next(line for line in channel.check() if line.name == "budget").ok
    channel.close()
    assert siti.reads() == []


def test_who_dies_between_the_booking_and_the_sending_has_booked(process: Start, x: XApi, siti: Person) -> None:
    shelf = process()
    assert shelf.office is not None

    def send() -> None:
        channel = door(x, keep=shelf.of("twitter"))
        assert channel.send(message(siti.id)).outcome is Outcome.ACCEPTED
        shelf.of("twitter").write("told", "yes")  # what became of it is recorded

    told = []
    for moment in deaths(shelf.office.database, send):
        booked = sum(one.micro_usd for one in shelf.of("twitter").spent(datetime.now(ZoneInfo("Asia/Jakarta")).date()))
        told.append((moment, booked, len(siti.reads())))
    assert told == [(COMMIT, 0, 0), (COMMITTED, 15_000, 0), (COMMIT, 30_000, 1), (COMMITTED, 45_000, 2)]
