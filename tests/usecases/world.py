"""A small government, one citizen, and the days of March 2026; no network, real storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core import casework, reporter, settling, trackingcode
from core.casework import Inputs
from core.channels import Capabilities, Delivery, Fault, Outcome
from core.config import Config
from core.dialogue.model import Draft, StoryPart, Submit
from core.office import Office
from core.procedure.case import Actor
from core.procedure.numbers import STANDARD, Numbers, Quiet
from core.procedure.vocabulary import Category, ClockKind, Move, OfficeKind, Privacy, Role
from core.report import Report
from core.storage import accounts, claims, clocks, conversations, lanes, notifications, offices, outbox, people, reports, tables
from core.storage.clocks import ClockRow
from core.storage.crypto import lookup
from core.storage.engine import Database
from core.storage.files import FileStore
from core.storage.wakeups import Wakeups

PIGEON = Capabilities(text_limit=4096, buttons=8, button_label_limit=40, may_start=True)
"""A channel where talk is free and acceptance counts as delivered."""

FRIDAY = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Friday, 13 March 2026, 09:00 in Jakarta."""

NO_QUIET_HOURS = replace(STANDARD, quiet=Quiet(from_hour=0, to_hour=0))
"""Most tests look at a moment, often a midnight; test_quiet_hours.py has the hours of sop.md."""

OWN_WORDS = "Bidan Sari memeriksa loket kartu hari ini."
PROMISED = date(2026, 4, 30)


def wib(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 in western Indonesian time."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Jakarta")).astimezone(UTC)


@dataclass
class World:
    """Offices and accounts by short names; `now` is handed to whatever is done."""

    office: Office
    places: Mapping[str, int]
    people: Mapping[str, int]
    speaker: reporter.Speaker
    now: datetime = FRIDAY

    # --- who -------------------------------------------------------------------------------------------------------------

    def actor(self, name: str) -> Actor:
        with self.office.database.read() as connection:
            return accounts.actor_of(accounts.get(connection, self.people[name]))

    # --- the citizen -----------------------------------------------------------------------------------------------------

    def submit(self, category: Category = Category.COMPLAINT, *, by: reporter.Speaker | None = None, **draft: Any) -> Report:
        code = trackingcode.new()
        story = draft.pop("story", "Di puskesmas diminta 20rb buat kartu, tidak ada kuitansi")
        made = Draft(
            story=story, parts=(StoryPart("m1", story),), category=category, privacy=Privacy.HIDDEN, where_words="Sukamaju"
        )
        for name, value in draft.items():
            object.__setattr__(made, name, value)
        self.say(Submit(code=code, draft=made, title="Pungutan kartu"), by=by)
        return self.by_code(code)

    def say(self, effect: Any, *, by: reporter.Speaker | None = None) -> reporter.Carried:
        with self.office.database.write() as connection:
            return reporter.carry_out(connection, self.office, effect, by=by or self.speaker, now=self.now)

    # --- officials -------------------------------------------------------------------------------------------------------

    def do(self, who: str, move: Move, report: Report, **inputs: Any) -> Report:
        """With the version that stands in the database now."""
        current = self.get(report)
        return casework.perform(
            self.office,
            report_id=report.id,
            version=current.version,
            move=move,
            inputs=Inputs(**inputs),
            by=self.actor(who),
            now=self.now,
        )

    def classified(self, report: Report, *, inspection: bool = False) -> Report:
        return self.do(
            "national", Move.RECLASSIFY, report, category=report.category, needs_inspection=inspection, reason="jelas"
        )

    def at_agency(self, report: Report, *, inspection: bool = False) -> Report:
        self.classified(report, inspection=inspection)
        return self.do("national", Move.DISPOSE, report, office_id=self.places["city"])

    def at_unit(self, report: Report, unit: str = "health", *, inspection: bool = False) -> Report:
        self.at_agency(report, inspection=inspection)
        return self.do("admin", Move.DISPOSE, report, office_id=self.places[unit])

    def in_progress(self, report: Report) -> Report:
        self.at_unit(report)
        return self.do("liaison", Move.RESPOND, report, words=OWN_WORDS, promised_on=PROMISED)

    def settled(self, report: Report) -> Report:
        """A settlement that has arrived."""
        self.in_progress(report)
        self.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan, petugas ditegur.")
        self.deliver()
        return self.get(report)

    # --- the road out ----------------------------------------------------------------------------------------------------

    def deliver(self) -> list[str]:
        """Everything that waits arrives now; the texts in their order."""
        return self._ends(Delivery(Outcome.DELIVERED))

    def bounce(self) -> list[str]:
        """Everything that waits fails for good: the address is gone."""
        return self._ends(Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE))

    def _ends(self, delivery: Delivery) -> list[str]:
        texts: list[str] = []
        while True:
            with self.office.database.write() as connection:
                heads = claims.heads(connection, "pigeon", now=self.now, limit=50)
                if not heads:
                    return texts
                entries = [entry for entry, _ in heads]
                claims.sending(connection, [each.id for each in entries], owner="test", until=self.now)
                texts += [outbox.part_of(each.payload or "{}").text for each in entries]
                results = [(each, delivery) for each in entries]
                settling.record(connection, self.office, results, owner="test", now=self.now, chance=lambda: 0.0)

    # --- looking ---------------------------------------------------------------------------------------------------------

    def get(self, report: Report) -> Report:
        with self.office.database.read() as connection:
            return reports.get(connection, report.id)

    def by_code(self, code: str) -> Report:
        with self.office.database.read() as connection:
            return reports.by_code(connection, code)

    def rows(self, table: str, where: Callable[[Any], Any] | None = None) -> list[Any]:
        chosen = getattr(tables, table)
        query = select(chosen)
        if where is not None:
            query = query.where(where(chosen.c))
        with self.office.database.read() as connection:
            return list(connection.execute(query))

    def clock(self, report: Report, kind: ClockKind) -> ClockRow:
        with self.office.database.read() as connection:
            return [row for row in clocks.of_report(connection, report.id) if row.kind is kind][-1]

    def clocks_running(self, report: Report) -> set[ClockKind]:
        with self.office.database.read() as connection:
            return {row.kind for row in clocks.running(connection, report.id)}

    def told(self, who: str) -> list[str]:
        with self.office.database.read() as connection:
            return [row.kind for row in notifications.unread(connection, self.people[who])]

    def someone(self, address: str) -> reporter.Speaker:
        """Another citizen on the same channel."""
        with self.office.database.write() as connection:
            return _citizen(connection, address, self.now)


OFFICES = (
    ("root", None, OfficeKind.NATIONAL, "LAPOR!", "Asia/Jakarta"),
    ("city", "root", OfficeKind.AGENCY, "Kota Contoh", "Asia/Jakarta"),
    ("health", "city", OfficeKind.UNIT, "Dinas Kesehatan", "Asia/Jakarta"),
    ("puskesmas", "health", OfficeKind.UNIT, "Puskesmas Sukamaju", "Asia/Jakarta"),
    ("inspectorate", "city", OfficeKind.UNIT, "Inspektorat", "Asia/Jakarta"),
    ("ministry", "root", OfficeKind.AGENCY, "Kementerian Jalan", "Asia/Jayapura"),
    ("roads", "ministry", OfficeKind.UNIT, "Balai Jalan", "Asia/Jayapura"),
)
ACCOUNTS = (
    ("national", Role.NATIONAL_ADMIN, "root"),
    ("admin", Role.AGENCY_ADMIN, "city"),
    ("liaison", Role.LIAISON, "health"),
    ("midwife", Role.LIAISON, "puskesmas"),
    ("inspector", Role.LIAISON, "inspectorate"),
    ("examiner", Role.EXAMINER, "city"),
    ("supervisor", Role.SUPERVISOR, "city"),
    ("minister", Role.AGENCY_ADMIN, "ministry"),
    ("engineer", Role.LIAISON, "roads"),
)


def open_world(url: str, folder: Path, *, numbers: Numbers = NO_QUIET_HOURS, door: Capabilities = PIGEON) -> World:
    database = Database(url)
    office = Office(
        config=Config(database=url, files=folder / "files", procedure=numbers),
        database=database,
        files=FileStore(folder / "files"),
        wakeups=Wakeups(database),
        channels={"pigeon": door},
    )
    places: dict[str, Any] = {}
    staff: dict[str, int] = {}
    with database.write() as connection:
        for name, above, kind, title, zone in OFFICES:
            places[name] = offices.add(connection, kind=kind, name=title, zone=zone, parent=places.get(above or ""), now=FRIDAY)
        for name, role, place in ACCOUNTS:
            staff[name] = accounts.add(
                connection, email=f"{name}@contoh.go.id", name=name.title(), password_hash="-", language="id", now=FRIDAY
            )
            accounts.grant(connection, account_id=staff[name], role=role, office_id=places[place].id)
        speaker = _citizen(connection, "ani", FRIDAY)
    return World(office, {name: row.id for name, row in places.items()}, staff, speaker)


def _citizen(connection: Any, address: str, now: datetime) -> reporter.Speaker:
    row, _new = people.ensure_address(
        connection, channel="pigeon", value=address, name="Ani", language="id", verified=True, now=now
    )
    lane_id = lanes.ensure(connection, "pigeon", lookup("pigeon", address))
    conversation_id = conversations.add(connection, lane_id=lane_id, address_id=row.id, channel="pigeon", now=now)
    return reporter.Speaker(
        person_id=row.person_id,
        address_id=row.id,
        conversation_id=conversation_id,
        channel="pigeon",
        language="id",
        source_id="m1",
    )
