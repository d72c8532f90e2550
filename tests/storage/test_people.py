"""People are found by their address, once, and offices form a tree."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import InvalidInput, NotFound
from core.procedure.vocabulary import OfficeKind, Role
from core.storage import accounts, offices, people
from core.storage.engine import Database
from core.storage.people import AddressRow
from core.storage.tables import people as people_table
from tests.storage.conftest import FRIDAY


def ensure(database: Database, value: str, later: timedelta = timedelta()) -> tuple[AddressRow, bool]:
    with database.write() as conn:
        return people.ensure_address(
            conn, channel="chat", value=value, name="Budi", language="id", verified=True, now=FRIDAY + later
        )


def test_an_address_is_one_person_for_ever(database: Database) -> None:
    first, new = ensure(database, "4711")
    again, new_again = ensure(database, "4711", timedelta(days=1))
    assert (new, new_again) == (True, False)
    assert first.person_id == again.person_id
    assert first.name == "Budi"


def test_the_moment_before_this_message_is_what_tells_a_long_silence(database: Database) -> None:
    ensure(database, "4711")
    assert ensure(database, "4711", timedelta(days=200))[0].seen_at == FRIDAY
    assert ensure(database, "4711", timedelta(days=201))[0].seen_at == FRIDAY + timedelta(days=200)


def test_two_at_the_same_moment_make_one_person(database: Database) -> None:
    threads = [threading.Thread(target=ensure, args=(database, "4711")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as conn:
        assert conn.execute(select(func.count()).select_from(people_table)).scalar_one() == 1


def test_addresses_that_work_come_before_those_that_are_gone(database: Database) -> None:
    address, _ = ensure(database, "4711")
    with database.write() as conn:
        people.mark_gone(conn, address.id, at=FRIDAY)
    with database.read() as conn:
        (found,) = people.addresses_of(conn, address.person_id)
    assert found.gone_at == FRIDAY


def test_the_tree_knows_each_office_by_its_way_from_the_root(database: Database) -> None:
    with database.write() as conn:
        root = offices.add(conn, kind=OfficeKind.NATIONAL, name="N", zone="Asia/Jakarta", parent=None, now=FRIDAY)
        agency = offices.add(conn, kind=OfficeKind.AGENCY, name="A", zone="Asia/Jakarta", parent=root, now=FRIDAY)
        unit = offices.add(conn, kind=OfficeKind.UNIT, name="U", zone="Asia/Jayapura", parent=agency, now=FRIDAY)
        below = offices.add(conn, kind=OfficeKind.UNIT, name="V", zone="Asia/Jayapura", parent=unit, now=FRIDAY)
        assert below.path == f"/{root.id}/{agency.id}/{unit.id}/{below.id}/"
        assert (below.agency_id, agency.agency_id, root.agency_id) == (agency.id, agency.id, None)
        with pytest.raises(InvalidInput):
            offices.add(conn, kind=OfficeKind.AGENCY, name="B", zone="Asia/Jakarta", parent=unit, now=FRIDAY)
        with pytest.raises(NotFound):
            offices.get(conn, 999)


def test_an_office_is_staffed_while_somebody_there_can_log_in(database: Database) -> None:
    with database.write() as conn:
        root = offices.add(conn, kind=OfficeKind.NATIONAL, name="N", zone="Asia/Jakarta", parent=None, now=FRIDAY)
        account = accounts.add(conn, email=" Ayu@Kantor.test", name="Ayu", password_hash="-", language="id", now=FRIDAY)
        accounts.grant(conn, account_id=account, role=Role.NATIONAL_ADMIN, office_id=root.id)
        assert offices.staffed_ids(conn) == {root.id}
        found = accounts.by_email(conn, "AYU@kantor.test")
        assert found is not None
        assert [grant.role for grant in found.grants] == [Role.NATIONAL_ADMIN]
        accounts.change(conn, account, disabled_at=FRIDAY)
        assert offices.staffed_ids(conn) == frozenset()
