"""The siege: citizens write, officials answer, and the service's processes are killed at each step of the road in turn."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, func, select, update

from bots import telegram
from core import casework
from core.casework import Inputs
from core.config import load
from core.office import Office, now_utc, open_office
from core.procedure.case import Actor
from core.procedure.vocabulary import Category, ClockKind, Move, State
from core.steps import Step
from core.storage import accounts, reports, tables
from core.storage.crypto import Keys, use_keys
from core.storage.people import find_address
from lapor import demo
from tests.bots.botapi import TOKEN
from tests.bots.botapi.remote import Remote
from tests.faults.citizens import Citizen, Crowd, Mailbag
from tests.faults.processes import ROOT, Part, deaths

SECRET = "secret-of-the-siege"
KEY = "the key of the fault tests, of no use elsewhere"
POISON_CHAT, POISON_MESSAGE = 666, 999_999
POISON = f"{TOKEN.partition(':')[0]}:message:{POISON_CHAT}:{POISON_MESSAGE}"
VENDOR = (
    "from tests.faults.victim import die_with_parent; die_with_parent(); from tests.bots.botapi.__main__ import main; main()"
)
ROUND_SECONDS = 90.0
NEWCOMER_SECONDS = 0.25
STILL_SECONDS = 2.0
TALKING = 20  # conversations at once
LATER = timedelta(minutes=11)  # longer than every lease of the road, and than a repeat waits
ANSWER = "Petugas kami sudah memeriksa loket kartu itu hari ini."

ACCEPT = (Step.ACCEPT_STORED, Step.ACCEPT_COMMITTED)
HANDLE = (Step.HANDLE_CLAIMED, Step.HANDLE_DECIDED, Step.HANDLE_COMMITTED)
SEND = (Step.SEND_CLAIMED, Step.SEND_DONE, Step.SEND_RECORDED)
FETCH = (Step.FETCH_CLAIMED, Step.FETCH_STORED, Step.FETCH_RECORDED)
SWEEP = (Step.SWEEP_DECIDED, Step.SWEEP_COMMITTED)
LATEST_PASSING = {Step.ACCEPT_STORED: 3, Step.ACCEPT_COMMITTED: 3} | dict.fromkeys((*FETCH, *SWEEP), 1)


@dataclass(frozen=True)
class Extent:
    """How long a siege is: deaths for each step, and at least so many messages."""

    kills_per_step: int
    messages: int
    seed: int = 1_708


@dataclass
class Siege:
    """A service under siege, from outside: its processes, its vendor, its people."""

    folder: Path
    url: str
    mode: str
    extent: Extent
    office: Office
    crowd: Crowd
    vendor: Remote
    server: subprocess.Popen[bytes]
    parts: list[Part]
    actors: dict[str, Actor]
    answered: dict[int, int] = field(default_factory=dict)  # report id → how many moves officials have made
    overdue: set[int] = field(default_factory=set)  # report ids whose settlement clock was put back
    control: dict[str, Citizen] = field(default_factory=dict)
    rounds: int = 0
    _next_comes: float = 0.0
    began: float = field(default_factory=time.monotonic)

    # --- the course of it

    def undisturbed(self) -> None:
        """One conversation of each matter, before anybody dies: what must be said to everybody else."""
        for part in self.parts:
            part.start()
        for matter in ("levy", "lamp"):
            self.control[matter] = self.crowd.comes(matter)
        self.until(lambda: all(self.code_of(one) for one in self.control.values()), 60)
        levy = self.report_of(self.control["levy"])
        assert levy is not None
        while self.official_acts(levy):
            pass
        self.until(self.idle, 30)

    def besieged(self) -> None:
        """People write and officials act while the processes die, until every death of the plan has been died."""
        self._plan()
        self.crowd.poison(POISON_CHAT, POISON_MESSAGE)
        for part in self.parts:
            part.end()
            part.can_be = self._prepare
            part.next()
        while any(part.plan or part.armed for part in self.parts) or self.crowd.messages < self.extent.messages:
            self._tick(newcomers=True)

    def afterwards(self) -> None:
        """Nobody is killed any more save by the poison. Leases of the dead end, what was left lying is done."""
        for part in self.parts:
            part.armed = None
        self.until(lambda: self.crowd.talking == 0, 120)
        for self.rounds in range(1, 12):
            self._settle()
            if self.idle() and not self._still_waiting():
                break
            self._minutes_pass()
        for citizen in self.crowd.citizens:
            if not self.code_of(citizen):
                self.crowd.ask_for_the_code(citizen)
        self.until(lambda: all(self.code_of(one) for one in self.crowd.citizens) and self.idle(), 60, or_fail=False)
        for part in self.parts:
            part.stop()
        self.crowd.mailbag.read()

    def _tick(self, *, newcomers: bool) -> None:
        if newcomers and time.monotonic() > self._next_comes and self.crowd.talking < TALKING and self._backlog() < 60:
            self._next_comes = time.monotonic() + NEWCOMER_SECONDS
            number = len(self.crowd.citizens)
            self.crowd.comes("lamp" if number % 2 else "levy", hasty=number % 3 == 0)
        self.crowd.tick(repeating=newcomers)
        for part in self.parts:
            part.watch()
        self._officials_work()
        time.sleep(0.03)

    def _settle(self) -> None:
        """Until all is done, or everybody is at work and nothing moves any more: what is left waits for a moment."""
        seen, since = (0, 0, 0), time.monotonic()

        def still() -> bool:
            nonlocal seen, since
            if self.idle():
                return True
            now = self._standing()
            if now != seen or not all(part.up for part in self.parts):
                seen, since = now, time.monotonic()
            return time.monotonic() - since > STILL_SECONDS

        self.until(still, ROUND_SECONDS, or_fail=False)

    def _standing(self) -> tuple[int, int, int]:
        """Numbers that change whenever anything is done."""
        inbox, files = tables.inbox, tables.attachments
        with self.office.database.read() as connection:
            waiting = select(func.count()).select_from(inbox).where(inbox.c.state == "waiting")
            pending = select(func.count()).select_from(files).where(files.c.state == "pending")
            counts = connection.execute(waiting).scalar_one(), connection.execute(pending).scalar_one()
        return (*counts, sum(len(heard) for heard in self.crowd.mailbag.by_chat.values()))

    def until(self, ready: Callable[[], Any], seconds: float, *, or_fail: bool = True) -> None:
        """Lets people go on until `ready()`; AssertionError with the logs' ends after `seconds`, if that matters."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                assert not or_fail, "\n".join(part.tail() for part in self.parts)
                return
            self._tick(newcomers=False)

    def _plan(self) -> None:
        """Each step the same number of times, in an order that the seed decides, at a passing that it decides too."""
        chance = self.crowd.chance
        where = {"worker": HANDLE + SWEEP, "telegram": SEND + FETCH, "ingress": ACCEPT}
        if self.mode == "polling":
            where["telegram"] += ACCEPT
            del where["ingress"]
        for part in self.parts:
            orders = [
                (step, chance.randint(1, LATEST_PASSING.get(step, 8)))
                for step in where.get(part.name, ())
                for _ in range(self.extent.kills_per_step)
            ]
            chance.shuffle(orders)
            part.plan = deque(orders)

    # --- officials and the clock

    def official_acts(self, report_id: int) -> bool:
        """The next of four moves on this report, as the desk makes them; False after the last."""
        moves: tuple[tuple[str, Move, dict[str, Any]], ...] = (
            ("nasional", Move.RECLASSIFY, {"category": Category.COMPLAINT}),
            ("nasional", Move.DISPOSE, {"office_id": self._office_id("Pemerintah Kota Contoh")}),
            ("kota", Move.DISPOSE, {"office_id": self._office_id("Puskesmas Sukamaju")}),
            ("puskesmas", Move.SETTLE, {"words": ANSWER}),
        )
        done = self.answered.get(report_id, 0)
        if done == len(moves):
            return False
        login, move, inputs = moves[done]
        with self.office.database.read() as connection:
            version = reports.get(connection, report_id).version
        casework.perform(
            self.office,
            report_id=report_id,
            version=version,
            move=move,
            inputs=Inputs(**inputs),
            by=self.actors[login],
            now=now_utc(),
        )
        self.answered[report_id] = done + 1
        return True

    def _officials_work(self) -> None:
        """Every fourth complaint gets its four moves while the siege goes on."""
        if self.crowd.chance.random() > 0.15 or not self.answered:
            return
        open_ones = [report_id for report_id, moves in self.answered.items() if moves < 4]
        if open_ones:
            self.official_acts(self.crowd.chance.choice(open_ones))
            return
        with self.office.database.read() as connection:
            query = select(tables.reports.c.id).where(
                tables.reports.c.state == State.RECEIVED.value, tables.reports.c.category == Category.COMPLAINT.value
            )
            found = [one for one in connection.execute(query).scalars() if one % 4 == 0 and one not in self.overdue]
        if found:
            self.official_acts(found[0])

    def _prepare(self, step: Step) -> bool:
        """Gives the sweep something to do: clocks are put back by two months. A dead sweeper's lease has run out."""
        if step not in SWEEP:
            return True
        with self.office.database.write() as connection:
            connection.execute(tables.leases.delete().where(tables.leases.c.name == "sweep"))
            waiting = connection.execute(
                select(func.count()).select_from(tables.clocks).where(tables.clocks.c.next_at <= now_utc())
            ).scalar_one()
            return bool(waiting) or self._put_back(connection)

    def _put_back(self, connection: Connection) -> bool:
        """False: there is no report whose clock could be."""
        clocks = tables.clocks
        query = (
            select(clocks.c.id, clocks.c.report_id, clocks.c.started_at)
            .join(tables.reports, tables.reports.c.id == clocks.c.report_id)
            .where(
                clocks.c.kind == ClockKind.SETTLEMENT.value,
                clocks.c.stopped_at.is_(None),
                tables.reports.c.category == Category.GRIEVANCE.value,
                clocks.c.report_id.not_in(self.overdue | self._control_reports()),
            )
            .limit(2)
        )
        rows = connection.execute(query).all()
        for row in rows:
            self.overdue.add(row.report_id)
            change = update(clocks).where(clocks.c.id == row.id)
            connection.execute(change.values(started_at=row.started_at - timedelta(days=60), next_at=now_utc()))
        return bool(rows)

    def _control_reports(self) -> set[int]:
        return {report for one in self.control.values() if (report := self.report_of(one)) is not None}

    def _minutes_pass(self) -> None:
        """What waits for a moment finds that it has come: every stored moment of the road moves back, none of a clock.

        Nothing moves when this is called, so that the only leases there are those of the dead.
        """
        columns = (
            tables.lanes.c.ready_at,
            tables.lanes.c.lease_until,
            tables.inbox.c.ready_at,
            tables.outbox.c.next_at,
            tables.outbox.c.lease_until,
            tables.attachments.c.next_at,
            tables.attachments.c.lease_until,
        )
        with self.office.database.write() as connection:
            connection.execute(tables.leases.delete())
            for column in columns:
                key = column.table.c.id
                for row in connection.execute(select(key, column).where(column.is_not(None))).all():
                    connection.execute(update(column.table).where(key == row[0]).values({column.name: row[1] - LATER}))

    # --- how it stands

    def idle(self) -> bool:
        """Nothing is there to be done now."""
        if self._backlog():
            return False
        now = now_utc()
        inbox, outbox, files = tables.inbox, tables.outbox, tables.attachments
        with self.office.database.read() as connection:
            for query in (
                select(inbox.c.id).where(inbox.c.state == "waiting"),
                select(outbox.c.id).where(
                    outbox.c.state.in_(("waiting", "sending")), (outbox.c.next_at <= now) | (outbox.c.state == "sending")
                ),
                select(files.c.id).where(files.c.state == "pending"),
                select(tables.clocks.c.id).where(tables.clocks.c.next_at <= now),
            ):
                if connection.execute(query.limit(1)).first() is not None:
                    return False
        return True

    def _still_waiting(self) -> bool:
        """Repeats that wait for their ten minutes."""
        with self.office.database.read() as connection:
            query = select(tables.outbox.c.id).where(tables.outbox.c.state == "waiting")
            return connection.execute(query.limit(1)).first() is not None

    def _backlog(self) -> int:
        return len(self.vendor.call("state")["pending"])

    def code_of(self, citizen: Citizen) -> str | None:
        """The code that this person has read."""
        return next(iter(self.crowd.mailbag.codes(citizen.chat)), None)

    def report_of(self, citizen: Citizen) -> int | None:
        with self.office.database.read() as connection:
            address = find_address(connection, "telegram", str(citizen.chat))
            if address is None:
                return None
            query = select(tables.reports.c.id).where(tables.reports.c.address_id == address.id)
            return connection.execute(query).scalars().first()

    def kills(self) -> Counter[str]:
        """Deaths by step, written down by the dying."""
        return deaths(self.parts[0].diary)

    def _office_id(self, name: str) -> int:
        return next(row.id for row in self.office.tree().by_id.values() if row.name == name)

    def close(self) -> None:
        """Leaves nothing running."""
        for part in self.parts:
            part.close()
        self.vendor.close()
        self.server.terminate()
        self.server.wait(10)
        if self.server.stdout is not None:
            self.server.stdout.close()
        self.crowd.mailbag.close()
        self.office.close()


def lay(folder: Path, url: str, mode: str, extent: Extent, ports: tuple[int, int]) -> Siege:
    """Everything in place: a migrated database with the demonstration government, the vendor's server, a configuration."""
    server, vendor_url = _vendor(folder)
    door = {
        "enabled": True,
        "token": TOKEN,
        "api_url": vendor_url,
        "mode": mode,
        "webhook_secret": SECRET,
        "poll_seconds": 2,
        "messages_per_second": 500,
        "seconds_between": 0,
    }
    written = {
        "office": {"public_url": f"http://127.0.0.1:{ports[1]}"},
        "database": url,
        "files": str(folder / "files"),
        "key": KEY,
        "desk": {"listen": f"127.0.0.1:{ports[0]}"},
        "ingress": {"listen": f"127.0.0.1:{ports[1]}"},
        "channels": {"telegram": door},
        "procedure": {"flood": {"messages": 1000}},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(written), encoding="utf-8")
    use_keys(Keys.from_secret(KEY.encode()))
    config = load(path, environ={})
    office = open_office(config, {"telegram": telegram.CAPABILITIES})
    demo.fill(office, now=datetime.now(UTC))
    with office.database.read() as connection:
        actors = {}
        for login in ("nasional", "kota", "puskesmas"):
            account = accounts.by_email(connection, f"{login}@demo.test")
            assert account is not None
            actors[login] = accounts.actor_of(account)
    vendor = Remote(vendor_url)
    crowd = Crowd(vendor, Mailbag(folder / "vendor.log"), random.Random(extent.seed), shuffled=mode == "polling")
    names = ("worker", "telegram") if mode == "polling" else ("worker", "telegram", "ingress")
    parts = [Part(name, path, folder, POISON) for name in names]
    return Siege(folder, url, mode, extent, office, crowd, vendor, server, parts, actors)


def _vendor(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    server = subprocess.Popen(
        [sys.executable, "-c", VENDOR, "--log", str(folder / "vendor.log")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert server.stdout is not None
    return server, server.stdout.readline().decode().strip()
