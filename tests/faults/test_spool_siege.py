"""A gateway that never calls twice, a database that goes away and comes back, an ingress that is killed all the while.

Every text that had its 200 is in the inbox once, in the order of its phone; none is there that nobody sent.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bots import sms
from core.config import load
from core.office import open_office
from core.spool import waiting
from core.steps import SpoolStep, Step
from core.storage import tables
from tests.acceptance.world import free_port
from tests.bots.sms.twilioapi import NUMBER, SID, TOKEN, signed
from tests.faults.processes import AnyStep, Forge, Part, deaths
from tests.faults.siege import write_config
from tests.faults.test_outage import away

PHONES = 8
KILLS = 8
BREATH_SECONDS = 0.08
PHASE_SECONDS = 120.0
LEFT_FOR_LATER = 60
"""How many texts wait on disk when the database comes back."""
WHILE_AWAY: tuple[AnyStep, ...] = (SpoolStep.WRITTEN, SpoolStep.NAMED, SpoolStep.KEPT)
WHILE_DRAINING: tuple[AnyStep, ...] = (SpoolStep.ACCEPTED, SpoolStep.CLEARED)  # while something is left
WHILE_BACK: tuple[AnyStep, ...] = (Step.ACCEPT_STORED, Step.ACCEPT_COMMITTED)
LOADS = ("httpx", "phonenumbers", "waitress", "bots.sms.adapter", "bots.sms.gateways.twilio")

Away = Callable[[], AbstractContextManager[None]]


@dataclass
class Phone:
    """Sends one text after the other, each once, whatever comes of it."""

    number: int
    url: str
    stop: threading.Event
    asked: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    other: Counter[int] = field(default_factory=Counter)  # answers that are no yes

    def run(self) -> None:
        with httpx.Client(timeout=60) as client:
            while not self.stop.wait(BREATH_SECONDS):
                sid = f"SM{self.number:04x}{len(self.asked):028x}"
                form = {"MessageSid": sid, "From": f"+62812000000{self.number:02d}", "To": NUMBER, "Body": f"teks {sid}"}
                headers, body = signed(self.url, form)
                self.asked.append(sid)
                try:
                    status = client.post(self.url, content=body, headers=headers).status_code
                except httpx.HTTPError:
                    continue
                if status == 200:
                    self.acknowledged.append(sid)
                else:
                    self.other[status] += 1


def settings() -> dict[str, object]:
    return {"enabled": True, "gateway": "twilio", "number": NUMBER, "account_sid": SID, "auth_token": TOKEN}


@contextmanager
def texting(url: str) -> Iterator[list[Phone]]:
    stop = threading.Event()
    phones = [Phone(number, url, stop) for number in range(PHONES)]
    threads = [threading.Thread(target=phone.run, daemon=True) for phone in phones]
    for thread in threads:
        thread.start()
    try:
        yield phones
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def besiege(folder: Path, url: str, gone: Away, cycles: int) -> str:
    """So many times the database goes and comes back, with deaths at each step of both; the figures."""
    began = time.monotonic()
    spool = folder / "var" / "spool"
    ports = free_port(), free_port()
    path = write_config(folder, url, "sms", settings(), ports)
    part = Part("ingress", path, folder, process=Forge(LOADS))
    chance = random.Random(1_708)
    try:
        part.start()
        _until(lambda: part.up, 60)
        with texting(f"http://127.0.0.1:{ports[1]}/sms/twilio") as phones:
            for _ in range(cycles):
                with gone():
                    _plan(part, WHILE_AWAY, KILLS // cycles, chance)
                    _until(_all_died(part), PHASE_SECONDS)
                    _until(lambda: waiting(spool).count >= LEFT_FOR_LATER, PHASE_SECONDS)
                    _plan(part, WHILE_DRAINING, KILLS // cycles, chance)
                _until(_all_died(part), PHASE_SECONDS)
                _plan(part, WHILE_BACK, KILLS // cycles, chance)
                _until(_all_died(part), PHASE_SECONDS)
        _until(lambda: part.up and waiting(spool).count == 0, PHASE_SECONDS)
        part.stop()
    finally:
        part.close()
    kills = deaths(part.diary)
    steps = (*WHILE_AWAY, *WHILE_DRAINING, *WHILE_BACK)
    figures = (
        f"{url.partition(':')[0]}, webhooks that are not repeated: {sum(len(phone.asked) for phone in phones)} calls, "
        f"{sum(len(phone.acknowledged) for phone in phones)} with a yes, {cycles} times without database, "
        f"{sum(kills.values())} kills, {part.starts} starts, {time.monotonic() - began:.0f} s\n"
        + "  ".join(f"{step} {kills[step]}" for step in steps)
    )
    sys.stdout.write(f"\n{figures}\n")
    _judge(path, phones)
    assert [step for step in steps if kills[step] < KILLS // cycles * cycles] == [], figures
    return figures


def _until(ready: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def _plan(part: Part, steps: tuple[AnyStep, ...], each: int, chance: random.Random) -> None:
    """It starts anew, to die at these steps in turn."""
    orders = [(step, 1 if step in WHILE_DRAINING else chance.randint(1, 25)) for step in steps for _ in range(each)]
    chance.shuffle(orders)
    part.plan = deque(orders)
    part.end()
    part.next()


def _all_died(part: Part) -> Callable[[], bool]:
    def look() -> bool:
        part.watch()
        return not part.plan and part.armed is None

    return look


def _judge(path: Path, phones: list[Phone]) -> None:
    office = open_office(load(path, environ={}), {"sms": sms.CAPABILITIES})
    try:
        with office.database.read() as connection:
            inbox = tables.inbox.c
            stored = list(connection.execute(select(inbox.source_id).order_by(inbox.id)).scalars())
        spool = waiting(office.config.spool)
    finally:
        office.close()
    assert (spool.count, spool.bad) == (0, 0)
    assert len(set(stored)) == len(stored)
    for phone in phones:
        assert phone.other == {}, "an answer that is neither a yes nor a broken connection"
        own = set(phone.asked)
        came = [sid for sid in stored if sid in own]
        assert set(phone.acknowledged) - set(came) == set(), "lost"
        assert came == sorted(came, key=phone.asked.index), "out of order"
    assert set(stored) <= {sid for phone in phones for sid in phone.asked}


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else writes and does not end."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=60)) as intruder:
        intruder.execute("BEGIN EXCLUSIVE")
        yield
        intruder.execute("ROLLBACK")


@pytest.mark.timeout(900)
def test_a_yes_to_a_gateway_that_calls_once_outlives_a_locked_sqlite_and_every_death(sqlite_url: str, tmp_path: Path) -> None:
    besiege(tmp_path, sqlite_url, lambda: locked(sqlite_url), cycles=2)


@pytest.mark.timeout(900)
def test_a_yes_to_a_gateway_that_calls_once_outlives_a_postgresql_that_goes_away_and_every_death(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    besiege(tmp_path, postgres_url, lambda: away(postgres_server, postgres_url), cycles=4)
