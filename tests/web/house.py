"""A small government with its desk, a browser without JavaScript for each official, and reports at each point of the road."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from PIL import Image
from werkzeug.test import Client, TestResponse

from admin_web.app import create_app
from admin_web.security.passwords import hash_password
from core import casework
from core.casework import Inputs
from core.channels import Capabilities
from core.config import parse
from core.office import Office, open_office
from core.procedure.vocabulary import Category, Ground, Move, OfficeKind, Privacy, Role
from core.report import Report
from core.storage import accounts, offices, reports
from core.storage import people as storage_people
from core.storage.accounts import actor_of
from core.storage.offices import OfficeRow
from core.storage.tables import attachments, blobs, people
from core.storage.tables import reports as reports_table

FRIDAY = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Friday 13 March 2026, 09.00 WIB."""

PASSWORD = "sukamaju-melati-13"
DOOR = Capabilities(text_limit=4096, may_start=True)

PLACES = (
    ("national", None, OfficeKind.NATIONAL, "Pengelola Nasional"),
    ("ministry", "national", OfficeKind.AGENCY, "Kementerian Contoh"),
    ("training", "ministry", OfficeKind.UNIT, "Balai Pelatihan"),
    ("city", "national", OfficeKind.AGENCY, "Pemerintah Kota Contoh"),
    ("inspectorate", "city", OfficeKind.UNIT, "Inspektorat Kota Contoh"),
    ("health", "city", OfficeKind.UNIT, "Dinas Kesehatan Kota Contoh"),
    ("clinic", "health", OfficeKind.UNIT, "Puskesmas Sukamaju"),
    ("school", "city", OfficeKind.UNIT, "SD Negeri 2 Sukamaju"),
)
PEOPLE = {
    "nasional": ("Ayu Lestari", Role.NATIONAL_ADMIN, "national"),
    "kementerian": ("Bagus Wirawan", Role.AGENCY_ADMIN, "ministry"),
    "balai": ("Citra Anggraini", Role.LIAISON, "training"),
    "kota": ("Dewi Rahmawati", Role.AGENCY_ADMIN, "city"),
    "inspektorat": ("Eko Prasetyo", Role.LIAISON, "inspectorate"),
    "dinkes": ("Fitri Handayani", Role.LIAISON, "health"),
    "puskesmas": ("Gilang Saputra", Role.LIAISON, "clinic"),
    "sekolah": ("Joko Susilo", Role.LIAISON, "school"),
    "pemeriksa": ("Oki Setiawan", Role.EXAMINER, "city"),
    "koordinasi": ("Putri Maharani", Role.COORDINATOR, "city"),
    "pembina": ("Rudi Hartono", Role.SUPERVISOR, "city"),
}
STORY = "Tadi pagi anak saya demam. Di loket kami diminta membayar Rp20.000 untuk kartu berobat dan tidak diberi kuitansi."


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class Browser:
    """Somebody at the desk: follows links, sends forms as they stand in the page."""

    client: Client
    page: TestResponse | None = None

    def get(self, path: str, **given: Any) -> TestResponse:
        self.page = self.client.get(path, buffered=True, **given)
        return self.page

    @property
    def html(self) -> str:
        assert self.page is not None
        return self.page.get_data(as_text=True)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.html)
        assert found, "no form with a token on this page"
        return found.group(1)

    def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> TestResponse:
        """With the token of the page that is open."""
        self.page = self.client.post(path, data={"csrf": self.csrf(), **(data or {})}, buffered=True, **given)
        return self.page

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        self.get("/masuk")
        return self.post("/masuk", {"email": f"{login}@demo.test", "password": password})

    def move(self, report: Report, move: str, **data: Any) -> TestResponse:
        """Opens the report, fills in the form of this move and sends it."""
        self.get(f"/laporan/{report.code}")
        form = re.search(rf'<form method="post" action="/laporan/\w+/langkah/{move}">(.*?)</form>', self.html, re.DOTALL)
        assert form, f"the page has no form for {move}"
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(1)))
        self.page = self.client.post(f"/laporan/{report.code}/langkah/{move}", data={**hidden, **data})
        return self.page

    def offered(self) -> set[str]:
        return set(re.findall(r'action="/laporan/\w+/langkah/(\w+)"', self.html))

    def text(self) -> str:
        """What a person reads, without tags."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.html)))


@dataclass
class House:
    """The office, its desk and the moment it is."""

    office: Office
    app: Flask
    places: dict[str, OfficeRow]
    account_ids: dict[str, int]
    now: list[datetime] = field(default_factory=lambda: [FRIDAY])

    def browser(self, login: str | None = None) -> Browser:
        browser = Browser(Client(self.app, self.app.response_class))
        if login is not None:
            assert browser.log_in(login).status_code == 303
        return browser

    def later(self, **by: float) -> None:
        self.now[0] += timedelta(**by)

    def actor(self, login: str) -> Any:
        with self.office.database.read() as conn:
            return actor_of(accounts.get(conn, self.account_ids[login]))

    def reported(self, **given: Any) -> Report:
        """A grievance that reached the national admin by letter, unless told otherwise."""
        values: dict[str, Any] = {
            "source": "letter",
            "arrived_on": date(2026, 3, 12),
            "story": STORY,
            "title": "Diminta bayar kartu berobat tanpa kuitansi",
            "category": Category.GRIEVANCE,
            "where_words": "Puskesmas Sukamaju",
            "when_words": "tadi pagi",
            "who_words": "Puskesmas Sukamaju",
            "name": "Siti Aminah",
            "privacy": Privacy.HIDDEN,
        }
        return casework.register(self.office, inputs=Inputs(**(values | given)), by=self.actor("nasional"), now=self.now[0])

    def does(self, login: str, report: Report, move: Move, **given: Any) -> Report:
        """A move through casework, as far as the page is not what is tested."""
        inputs = Inputs(**given)
        return casework.perform(
            self.office, report_id=report.id, version=self.again(report).version, move=move, inputs=inputs,
            by=self.actor(login), now=self.now[0],
        )  # fmt: skip

    def again(self, report: Report) -> Report:
        with self.office.database.read() as conn:
            return reports.get(conn, report.id)

    def reachable(self, report: Report) -> Report:
        """The reporter can be written to."""
        with self.office.database.write() as conn:
            address, _ = storage_people.ensure_address(
                conn, channel="letter", value=report.code, name="Siti Aminah", language="id", verified=True, now=self.now[0]
            )
        self.change(report, address_id=address.id, person_id=address.person_id, unreachable_since=None)
        return report

    def at_city(self, **given: Any) -> Report:
        return self.does("nasional", self.reported(**given), Move.DISPOSE, office_id=self.places["city"].id)

    def at_clinic(self, **given: Any) -> Report:
        return self.does("kota", self.at_city(**given), Move.DISPOSE, office_id=self.places["clinic"].id)

    def archived(self) -> Report:
        return self.does(
            "nasional", self.reported(), Move.ARCHIVE, ground=Ground.NOT_PUBLIC_SERVICE, reason="Bukan pelayanan publik."
        )

    def change(self, report: Report, **columns: Any) -> None:
        with self.office.database.write() as conn:
            conn.execute(reports_table.update().where(reports_table.c.id == report.id).values(**columns))

    def name_person(self, report: Report, name: str, privacy: Privacy) -> None:
        self.change(report, privacy=privacy.value)
        with self.office.database.write() as conn:
            conn.execute(people.update().where(people.c.id == report.person_id).values(name=name))

    def attach(self, report: Report, content: bytes, *, mime: str, name: str | None = "foto.jpg", kind: str = "photo") -> int:
        blob = self.office.files.put(content)
        with self.office.database.write() as conn:
            known = conn.execute(blobs.select().where(blobs.c.sha256 == blob.sha256)).first()
            if known is None:
                conn.execute(
                    blobs.insert().values(sha256=blob.sha256, size_bytes=blob.size_bytes, mime=mime, created_at=self.now[0])
                )
            query = attachments.insert().values(
                report_id=report.id, channel="letter", kind=kind, name=name, state="stored", sha256=blob.sha256,
                created_at=self.now[0],
            )  # fmt: skip
            return int(conn.execute(query.returning(attachments.c.id)).scalar_one())


def photo(size: tuple[int, int] = (64, 48), *, exif: bool = False) -> bytes:
    """A small JPEG; with `exif` it says where it was taken."""
    image, out, marks = Image.new("RGB", size, "teal"), BytesIO(), Image.Exif()
    if exif:
        marks[0x010F] = "Kamera Rahasia"
        marks.get_ifd(0x8825)[1] = "S"
    image.save(out, "JPEG", exif=marks)
    return out.getvalue()


def build(url: str, folder: Any, *, doors: Mapping[str, Capabilities] | None = None, **app: Any) -> House:
    config = parse({"database": url, "files": str(folder / "files")}, folder=folder)
    office = open_office(config, {"letter": DOOR} | dict(doors or {}))
    with office.database.write() as conn:
        places: dict[str, OfficeRow] = {}
        for key, above, kind, name in PLACES:
            places[key] = offices.add(
                conn, kind=kind, name=name, zone="Asia/Jakarta", parent=places[above] if above else None,
                oversight=key == "inspectorate", now=FRIDAY,
            )  # fmt: skip
        ids = {}
        for login, (name, role, place) in PEOPLE.items():
            ids[login] = accounts.add(
                conn, email=f"{login}@demo.test", name=name, password_hash=password_hash(), language="id", now=FRIDAY
            )
            accounts.grant(conn, account_id=ids[login], role=role, office_id=places[place].id)
    office.refresh()
    now = [FRIDAY]
    return House(office, create_app(office, clock=lambda: now[0], **app), places, ids, now)
