"""The town behind the door: officials who act on reports, and clocks and leases that the siege puts back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from core import casework
from core.casework import Inputs
from core.errors import StaleReport
from core.office import Office, now_utc
from core.procedure.case import Actor
from core.procedure.vocabulary import Category, ClockKind, Move
from core.steps import SpoolStep, Step
from core.storage import accounts, reports, tables
from core.storage.people import find_address
from tests.faults.front import ACCEPT, SWEEP, Citizen

LATER = timedelta(minutes=11)  # longer than every lease of the road, and than a repeat waits
ANSWER = "Petugas kami sudah memeriksa loket kartu itu hari ini."


def actors(office: Office) -> dict[str, Actor]:
    """The demonstration's officials by login, as far as they act here."""
    found = {}
    with office.database.read() as connection:
        for login in ("nasional", "kota", "puskesmas"):
            account = accounts.by_email(connection, f"{login}@demo.test")
            assert account is not None
            found[login] = accounts.actor_of(account)
    return found


@dataclass
class Town:
    """`answered`: report id → how many moves officials have made; `overdue`: reports whose settlement clock was put back."""

    office: Office
    channel: str
    actors: dict[str, Actor]
    chance: random.Random
    answered: dict[int, int] = field(default_factory=dict)
    overdue: set[int] = field(default_factory=set)
    _looked_at: set[str] = field(default_factory=set)
    spared: set[int] = field(default_factory=set)  # reports whose clocks nobody touches

    def acts(self, report_id: int) -> bool:
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
        try:
            casework.perform(
                self.office,
                report_id=report_id,
                version=version,
                move=move,
                inputs=Inputs(**inputs),
                by=self.actors[login],
                now=now_utc(),
            )
        except StaleReport:  # the reporter spoke in between: the official looks again, and tries again later
            return True
        self.answered[report_id] = done + 1
        return True

    def works(self, ready: Sequence[Citizen]) -> None:
        """Some of the complaints of those who have said everything get their four moves while the siege goes on."""
        if self.chance.random() > 0.15 or not self.answered:
            return
        open_ones = [report_id for report_id, moves in self.answered.items() if moves < 4]
        if open_ones:
            self.acts(self.chance.choice(open_ones))
            return
        for citizen in ready:
            if citizen.address not in self._looked_at:
                self._looked_at.add(citizen.address)
                report_id = self.report_of(citizen)
                if report_id is not None and report_id % 4 == 0:
                    self.acts(report_id)
                    return

    def prepare(self, step: Step | SpoolStep) -> bool:
        """Gives the sweep something to do: clocks are put back by two months. Leases of dead sweepers and pollers are over."""
        if step not in SWEEP and step not in ACCEPT:
            return True
        with self.office.database.write() as connection:
            if step in ACCEPT:
                connection.execute(tables.leases.delete().where(tables.leases.c.name == f"{self.channel}:poll"))
                return True
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
                clocks.c.report_id.not_in(self.overdue | self.spared),
            )
            .limit(2)
        )
        rows = connection.execute(query).all()
        for row in rows:
            self.overdue.add(row.report_id)
            change = update(clocks).where(clocks.c.id == row.id)
            connection.execute(change.values(started_at=row.started_at - timedelta(days=60), next_at=now_utc()))
        return bool(rows)

    def minutes_pass(self) -> None:
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
                select(tables.reminders.c.id).where(
                    tables.reminders.c.told_with.is_(None), tables.reminders.c.not_before <= now
                ),
            ):
                if connection.execute(query.limit(1)).first() is not None:
                    return False
        return True

    def still_waiting(self) -> bool:
        """Repeats that wait for their ten minutes."""
        with self.office.database.read() as connection:
            query = select(tables.outbox.c.id).where(tables.outbox.c.state == "waiting")
            return connection.execute(query.limit(1)).first() is not None

    def standing(self) -> tuple[int, ...]:
        """Numbers that change whenever anything comes in, is handled, is fetched or leaves."""
        inbox, outbox, files = tables.inbox, tables.outbox, tables.attachments
        queries = (
            select(func.count()).select_from(inbox),
            select(func.count()).select_from(inbox).where(inbox.c.state == "waiting"),
            select(func.count()).select_from(files).where(files.c.state == "pending"),
            select(func.count()).select_from(outbox),
            select(func.count()).select_from(outbox).where(outbox.c.state == "waiting"),
            select(func.count()).select_from(tables.delivery_attempts),
        )
        with self.office.database.read() as connection:
            return tuple(connection.execute(query).scalar_one() for query in queries)

    def report_of(self, citizen: Citizen) -> int | None:
        with self.office.database.read() as connection:
            address = find_address(connection, self.channel, citizen.address)
            if address is None:
                return None
            query = select(tables.reports.c.id).where(tables.reports.c.address_id == address.id)
            return connection.execute(query).scalars().first()

    def _office_id(self, name: str) -> int:
        return next(row.id for row in self.office.tree().by_id.values() if row.name == name)
