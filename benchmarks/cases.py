"""Whole cases, from the first word to the rating, through the service's own dialogue and outbox, with a clock moved by hand.

All citizens of a street take the same step at the same time; what each says next depends on what the service asked. Officials
move the reports by the same calls as the desk's pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from benchmarks.till import Till
from core import casework
from core.casework import Inputs
from core.delivery import Deliverer
from core.handling import Handler
from core.intake import accept
from core.office import Office
from core.procedure.case import Actor
from core.procedure.vocabulary import Category, Field, Move
from core.storage import accounts, reports, tables
from core.storage.people import find_address

MORNING = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
"""Monday, 9 March 2026, 09:00 in Jakarta: everybody files."""
BETWEEN_STEPS = timedelta(minutes=10)  # longer than any channel gathers notices about one report
MOST_TURNS = 8
PLACE = "Puskesmas Sukamaju Kota Contoh"
ASKED = "Jam berapa kejadiannya dan di loket berapa?"
PROMISE = "Bidan Sari memeriksa loket kartu hari ini juga dan memberi kabar hari Senin."
PROMISED = date(2026, 3, 16)
SETTLED = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."
SETTLED_AGAIN = "Uangnya kami antar ke rumah Ibu hari ini juga."


class Course(StrEnum):
    """How a case goes."""

    COMPLETE = "complete"
    GAPS = "gaps"
    CLARIFIED = "clarified"
    BELUM = "belum"


FULL = (
    "Kemarin pagi di loket {n} Puskesmas Sukamaju Kota Contoh saya diminta bayar Rp20.000 untuk kartu, tidak ada kuitansi,"
    " tidak ada foto"
)
STORIES = {
    Course.COMPLETE: FULL,
    Course.GAPS: "saya diminta bayar 20rb buat kartu berobat di loket {n}",
    Course.CLARIFIED: FULL,
    Course.BELUM: FULL,
}
MIX = (*[Course.COMPLETE, Course.GAPS] * 4, Course.CLARIFIED, Course.BELUM)
"""Of ten cases four are complete in the first message, four need one to three questions, one is asked back, one says Belum."""

_GAP = re.compile(r"(\d)\.? (kapan|instansi|di mana|ada bukti)", re.IGNORECASE)
_ANSWERS = {"kapan": "kemarin pagi", "instansi": PLACE, "di mana": PLACE, "ada bukti": "tidak ada"}
_REPLIES = (
    ("Kirim", "Kirim"),
    ("Kapan", "kemarin pagi"),
    ("bukti?", "Tidak ada"),
    ("nama Anda boleh", "Sembunyikan"),
    ("Nama Anda boleh", "Sembunyikan"),
    ("Anda laporkan?", PLACE),
)


@dataclass(frozen=True, slots=True)
class Citizen:
    """`in_public`: begins where others read along and is invited into the private conversation."""

    address: str
    number: int
    course: Course
    in_public: bool

    @property
    def story(self) -> str:
        return STORIES[self.course].format(n=self.number % 9 + 1)


class Street:
    """People behind one door, the officials of the demonstration, and the moment it is."""

    def __init__(self, office: Office, till: Till) -> None:
        self.office, self.till, self.now, self._day = office, till, MORNING, MORNING
        till.clock = lambda: self.now
        self._handler = Handler(office, {till.name: till}, owner="street")
        self._deliverer = Deliverer(office, till, owner="street")
        self._places = {row.name: row.id for row in office.tree().by_id.values()}
        with office.database.read() as connection:
            self._officials = {name: _official(connection, name) for name in ("nasional", "kota", "puskesmas")}

    def live(self, citizens: Sequence[Citizen]) -> None:
        """Every case from its first word to its rating. RuntimeError where one goes another way than it should."""
        self._file(citizens)
        city, clinic = self._places["Pemerintah Kota Contoh"], self._places["Puskesmas Sukamaju"]
        self._move(citizens, "nasional", Move.DISPOSE, category=Category.COMPLAINT, office_id=city)
        self._move(citizens, "kota", Move.DISPOSE, office_id=clinic)
        asked = _of(citizens, Course.CLARIFIED)
        self._move(asked, "puskesmas", Move.ASK, words=ASKED, fields=(Field.WHEN,))
        self._say((one, "jam 9 pagi di loket itu") for one in asked)
        self._move(citizens, "puskesmas", Move.RESPOND, words=PROMISE, promised_on=PROMISED)
        self._move(citizens, "puskesmas", Move.SETTLE, words=SETTLED)
        unhappy = _of(citizens, Course.BELUM)
        self._say((one, "Belum" if one in unhappy else "Beres") for one in citizens)
        self._say((one, "uangnya belum saya terima") for one in unhappy)
        self._move(unhappy, "puskesmas", Move.SETTLE, words=SETTLED_AGAIN)
        self._say((one, "Beres") for one in unhappy)
        self._say((one, "5") for one in citizens)
        with self.office.database.read() as connection:
            ended = connection.execute(select(tables.reports.c.state, tables.reports.c.rating)).all()
        if [tuple(row) for row in ended] != [("closed", 5)] * len(citizens):
            raise RuntimeError(f"{self.till.name}: {len(citizens)} cases ended as {sorted(set(map(str, ended)))}")

    def _file(self, citizens: Sequence[Citizen]) -> None:
        public = [one for one in citizens if one.in_public]
        self._say(((one, f"@lapor1708 {one.story}") for one in public), public=True)
        self._say((one, one.story) for one in citizens if one not in public)
        self._say((one, "halo") for one in public)
        talking = list(citizens)
        for _ in range(MOST_TURNS):
            answers = [(one, answer) for one in talking if (answer := self._answer(one)) is not None]
            if not answers:
                return
            self._say(answers)
            talking = [one for one, _ in answers]
        raise RuntimeError(f"{self.till.name}: asks without end: {self._heard(talking[0])}")

    def _heard(self, citizen: Citizen) -> str:
        return self.till.heard[citizen.address][-1].text

    def _answer(self, citizen: Citizen) -> str | None:
        """What the service wants to know, answered; None where it asks nothing."""
        heard = self._heard(citizen)
        gaps = _GAP.findall(heard)
        if gaps:
            return " ".join(f"{number} {_ANSWERS[what.lower()]}" for number, what in gaps)
        asked = heard + " ".join(choice.label for choice in self.till.heard[citizen.address][-1].choices)
        return next((reply for sign, reply in _REPLIES if sign in asked), None)

    def _say(self, words: Iterable[tuple[Citizen, str]], *, public: bool = False) -> None:
        raws = []
        for one, text in words:
            last = self.till.heard[one.address][-1:]
            token = next((choice.token for sent in last for choice in sent.choices if choice.label == text), None)
            raws.append(self.till.letter(one.address, "" if token else text, choice=token, public=public))
        accept(self.office, raws, now=self.now)
        self._pass()

    def _move(self, citizens: Sequence[Citizen], login: str, move: Move, **inputs: Any) -> None:
        """On the morning of the next day."""
        self._day += timedelta(days=1)
        self.now = self._day
        for one in citizens:
            with self.office.database.read() as connection:
                address = find_address(connection, self.till.name, one.address)
                found = select(tables.reports.c.id).where(tables.reports.c.address_id == (address.id if address else 0))
                report = reports.get(connection, connection.execute(found).scalar_one())
            casework.perform(
                self.office, report_id=report.id, version=report.version, move=move, inputs=Inputs(**inputs),
                by=self._officials[login], now=self.now,
            )  # fmt: skip
        self._pass()

    def _pass(self) -> None:
        """Everything that waits is handled and sent, also what is gathered for some minutes."""
        for moment in (self.now, self.now + BETWEEN_STEPS):
            self.now = moment
            while self._handler.step(self.now) + self._deliverer.step(self.now):
                self.now += timedelta(milliseconds=1)


def _of(citizens: Sequence[Citizen], course: Course) -> list[Citizen]:
    return [one for one in citizens if one.course is course]


def _official(connection: Any, login: str) -> Actor:
    account = accounts.by_email(connection, f"{login}@demo.test")
    if account is None:
        raise RuntimeError(f"the demonstration has no {login}")
    return accounts.actor_of(account)
