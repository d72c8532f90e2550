"""A small example government for the first start: offices, and one account for each role with a random password."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from admin_web.security.passwords import hash_password
from core.accounts import By, add_in
from core.errors import Refused
from core.office import Office
from core.procedure.vocabulary import OfficeKind, Role
from core.storage import audit, offices
from core.storage.offices import OfficeRow
from core.storage.tables import accounts as accounts_table
from core.storage.tables import offices as offices_table

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is confused when typed from a screen
_ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class _Place:
    key: str
    above: str | None
    kind: OfficeKind
    name: str
    keywords: tuple[str, ...] = ()
    oversight: bool = False


_PLACES = (
    _Place("national", None, OfficeKind.NATIONAL, "Pengelola Nasional LAPOR!-SP4N"),
    _Place("ministry", "national", OfficeKind.AGENCY, "Kementerian Pelayanan Contoh", ("kemenpel", "kementerian")),
    _Place("training", "ministry", OfficeKind.UNIT, "Balai Pelatihan Contoh", ("balai latihan", "blk")),
    _Place(
        "city", "national", OfficeKind.AGENCY, "Pemerintah Kota Contoh", ("pemkot contoh", "kota contoh", "wali kota contoh")
    ),
    _Place("inspectorate", "city", OfficeKind.UNIT, "Inspektorat Kota Contoh", ("inspektorat",), oversight=True),
    _Place("health", "city", OfficeKind.UNIT, "Dinas Kesehatan Kota Contoh", ("dinkes", "dinas kesehatan")),
    _Place("clinic", "health", OfficeKind.UNIT, "Puskesmas Sukamaju", ("pkm sukamaju", "puskesmas sukamaju")),
    _Place("hospital", "city", OfficeKind.UNIT, "RSUD Kota Contoh", ("rsud", "rumah sakit umum daerah", "rs kota contoh")),
    _Place("education", "city", OfficeKind.UNIT, "Dinas Pendidikan Kota Contoh", ("disdik", "diknas", "dinas pendidikan")),
    _Place("school", "education", OfficeKind.UNIT, "SD Negeri 2 Sukamaju", ("sdn 2 sukamaju", "sd 2 sukamaju")),
    _Place("works", "city", OfficeKind.UNIT, "Dinas Pekerjaan Umum Kota Contoh", ("dinas pu", "dpu", "bina marga")),
    _Place(
        "civil",
        "city",
        OfficeKind.UNIT,
        "Dinas Kependudukan dan Pencatatan Sipil Kota Contoh",
        ("dukcapil", "disdukcapil", "capil"),
    ),
    _Place("district", "city", OfficeKind.UNIT, "Kecamatan Sukamaju", ("kec sukamaju", "camat sukamaju")),
    _Place("village", "district", OfficeKind.UNIT, "Kelurahan Melati", ("kel melati", "lurah melati")),
)

_PEOPLE = (
    ("nasional", "Ayu Lestari", Role.NATIONAL_ADMIN, "national"),
    ("kementerian", "Bagus Wirawan", Role.AGENCY_ADMIN, "ministry"),
    ("balai", "Citra Anggraini", Role.LIAISON, "training"),
    ("kota", "Dewi Rahmawati", Role.AGENCY_ADMIN, "city"),
    ("inspektorat", "Eko Prasetyo", Role.LIAISON, "inspectorate"),
    ("dinkes", "Fitri Handayani", Role.LIAISON, "health"),
    ("puskesmas", "Gilang Saputra", Role.LIAISON, "clinic"),
    ("rsud", "Hesti Wulandari", Role.LIAISON, "hospital"),
    ("disdik", "Indra Kusuma", Role.LIAISON, "education"),
    ("sekolah", "Joko Susilo", Role.LIAISON, "school"),
    ("pu", "Kartika Sari", Role.LIAISON, "works"),
    ("dukcapil", "Lukman Hakim", Role.LIAISON, "civil"),
    ("kecamatan", "Maya Puspita", Role.LIAISON, "district"),
    ("kelurahan", "Nanda Pratama", Role.LIAISON, "village"),
    ("pemeriksa", "Oki Setiawan", Role.EXAMINER, "city"),
    ("koordinasi", "Putri Maharani", Role.COORDINATOR, "city"),
    ("pembina", "Rudi Hartono", Role.SUPERVISOR, "city"),
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration; the password is shown once and kept nowhere."""

    email: str
    password: str
    role: Role
    office: str


def is_empty(office: Office) -> bool:
    """Is there no office and no account yet?"""
    with office.database.read() as conn:
        known = conn.execute(select(func.count()).select_from(offices_table)).scalar_one()
        return known + conn.execute(select(func.count()).select_from(accounts_table)).scalar_one() == 0


def fill(office: Office, *, now: datetime) -> list[DemoAccount]:
    """Makes offices and accounts, all or nothing. Raises Refused("not_empty") on a database that holds a directory already."""
    if not is_empty(office):
        raise Refused("not_empty")
    with office.database.write() as conn:
        made = _offices(conn, now)
        people = [_account(conn, made[place], login, name, role, office.language, now) for login, name, role, place in _PEOPLE]
    office.refresh()
    return people


def _offices(conn: Connection, now: datetime) -> Mapping[str, OfficeRow]:
    made: dict[str, OfficeRow] = {}
    for place in _PLACES:
        made[place.key] = offices.add(
            conn,
            kind=place.kind,
            name=place.name,
            zone=_ZONE,
            parent=made[place.above] if place.above else None,
            keywords=place.keywords,
            oversight=place.oversight,
            now=now,
        )
    audit.record(conn, at=now, role="operator", account_id=None, action="demonstration", subject="office", subject_id=None)
    return made


def _account(
    conn: Connection, place: OfficeRow, login: str, name: str, role: Role, language: str, now: datetime
) -> DemoAccount:
    password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    email = f"{login}@demo.test"
    add_in(
        conn,
        email=email,
        name=name,
        password_hash=hash_password(password),
        language=language,
        role=role,
        office_id=place.id,
        demonstration=True,
        by=By(),
        now=now,
    )
    return DemoAccount(email=email, password=password, role=role, office=place.name)
