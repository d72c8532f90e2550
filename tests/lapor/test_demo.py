"""The demonstration government: an account for each role, passwords that work, never over existing data."""

from __future__ import annotations

import pytest

from admin_web.security.passwords import password_fits
from core.errors import Refused
from core.office import Office, now_utc
from core.procedure.vocabulary import OfficeKind, Role
from core.storage import accounts
from lapor import demo


def test_there_is_an_account_for_each_role_and_its_password_works(office: Office) -> None:
    made = demo.fill(office, now=now_utc())
    assert {one.role for one in made} == set(Role) - {Role.REPORTER, Role.SYSTEM}
    with office.database.read() as conn:
        for one in made:
            account = accounts.by_email(conn, one.email)
            assert account is not None
            assert account.demonstration
        first = accounts.by_email(conn, made[0].email)
    assert first is not None
    assert password_fits(first.password_hash, made[0].password)


def test_passwords_differ_by_account_and_installation(office: Office) -> None:
    made = demo.fill(office, now=now_utc())
    assert len({one.password for one in made}) == len(made)


def test_the_tree_has_the_levels_of_the_procedure(office: Office) -> None:
    demo.fill(office, now=now_utc())
    tree = office.tree()
    kinds = [row.kind for row in tree.by_id.values()]
    assert kinds.count(OfficeKind.NATIONAL) == 1
    assert kinds.count(OfficeKind.AGENCY) == 2
    assert any(row.oversight for row in tree.by_id.values())
    clinic = next(row for row in tree.by_id.values() if row.name == "Puskesmas Sukamaju")
    assert len(clinic.path.strip("/").split("/")) == 4  # nation, city, health office, clinic


def test_it_never_fills_a_database_that_holds_something(office: Office) -> None:
    demo.fill(office, now=now_utc())
    with pytest.raises(Refused, match="not_empty"):
        demo.fill(office, now=now_utc())


def test_a_fill_that_breaks_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_PEOPLE", (*demo._PEOPLE[:2], ("kementerian", "Twice", Role.AGENCY_ADMIN, "ministry")))
    with pytest.raises(Exception, match="taken"):
        demo.fill(office, now=now_utc())
    assert demo.is_empty(office)
