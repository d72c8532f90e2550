"""Officials' accounts: made, disabled, given a new password, each by a named actor and on record. Passwords come in hashed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete

from core.errors import InvalidInput, NotFound
from core.office import Office
from core.procedure.vocabulary import OfficeKind, Role
from core.storage import accounts, audit, offices
from core.storage.accounts import Account
from core.storage.offices import OfficeRow
from core.storage.tables import desk_sessions

_ADDRESS = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,253}")  # an official's; a wrong one only fails to log in

_PLACES = {
    Role.NATIONAL_ADMIN: {OfficeKind.NATIONAL},
    Role.AGENCY_ADMIN: {OfficeKind.AGENCY},
    Role.LIAISON: {OfficeKind.UNIT},
    Role.EXAMINER: {OfficeKind.AGENCY, OfficeKind.UNIT},
    Role.COORDINATOR: {OfficeKind.AGENCY, OfficeKind.NATIONAL},
    Role.SUPERVISOR: {OfficeKind.AGENCY, OfficeKind.NATIONAL},
}


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: an account, or None for an operator at the command line."""

    account_id: int | None = None
    role: str = "operator"


def add(
    office: Office,
    *,
    email: str,
    name: str,
    password_hash: str,
    role: Role,
    office_id: int,
    by: By,
    now: datetime,
) -> int:
    """Adds an account with one role, or the role to an account that is there. Raises InvalidInput, NotFound."""
    with office.database.write() as conn:
        account_id = add_in(
            conn,
            email=email,
            name=name,
            password_hash=password_hash,
            language=office.language,
            role=role,
            office_id=office_id,
            by=by,
            now=now,
        )
    office.refresh()
    return account_id


def add_in(
    conn: Connection,
    *,
    email: str,
    name: str,
    password_hash: str,
    language: str,
    role: Role,
    office_id: int,
    demonstration: bool = False,
    by: By,
    now: datetime,
) -> int:
    """`add` inside the caller's transaction, who refreshes the office after it."""
    checked = email.strip().lower()
    if not _ADDRESS.fullmatch(checked):
        raise InvalidInput("email", "not_an_address")
    place = offices.get(conn, office_id)
    if place.kind not in _PLACES.get(role, ()):
        raise InvalidInput("role", "wrong_level")
    known = accounts.by_email(conn, checked)
    if known and any(grant.role is role and grant.office_id == office_id for grant in known.grants):
        raise InvalidInput("email", "taken")
    account_id = (
        known.id
        if known
        else accounts.add(
            conn,
            email=checked,
            name=name,
            password_hash=password_hash,
            language=language,
            demonstration=demonstration,
            now=now,
        )
    )
    accounts.grant(conn, account_id=account_id, role=role, office_id=office_id)
    audit.record(
        conn,
        at=now,
        role=by.role,
        account_id=by.account_id,
        action="role_granted" if known else "account_added",
        subject="account",
        subject_id=account_id,
        details={"role": role.value, "office": office_id},
    )
    return account_id


def reset(office: Office, *, email: str, password_hash: str, by: By, now: datetime) -> None:
    """Sets a new password, enables the account again and ends its sessions. Raises NotFound."""
    with office.database.write() as conn:
        account = _known(accounts.by_email(conn, email))
        accounts.change(conn, account.id, password_hash=password_hash, disabled_at=None)
        conn.execute(delete(desk_sessions).where(desk_sessions.c.account_id == account.id))
        audit.record(
            conn,
            at=now,
            role=by.role,
            account_id=by.account_id,
            action="password_reset",
            subject="account",
            subject_id=account.id,
        )
    office.refresh()


def every(office: Office) -> list[Account]:
    with office.database.read() as conn:
        return list(accounts.every(conn))


def find_office(office: Office, *, agency: str | None, unit: str | None) -> OfficeRow:
    """The office that an operator means by name; the national one without names. Raises NotFound, InvalidInput."""
    tree = office.tree()
    if agency is None and unit is None:
        if tree.root_id is None:
            raise NotFound("there is no national office yet: run `lapor demo`")
        return tree.by_id[tree.root_id]
    wanted = OfficeKind.UNIT if unit else OfficeKind.AGENCY
    name = (unit or agency or "").strip().casefold()
    found = [
        row
        for row in tree.by_id.values()
        if row.kind is wanted
        and (row.name.casefold() == name or str(row.id) == name)
        and _under(tree.by_id, row, agency if unit else None)
    ]
    if not found:
        raise NotFound("there is no office of this name: `lapor account list` shows the offices in use")
    if len(found) > 1:
        raise InvalidInput("unit" if unit else "agency", "ambiguous")
    return found[0]


def _under(by_id: Mapping[int, OfficeRow], row: OfficeRow, agency: str | None) -> bool:
    if agency is None:
        return True
    above = by_id.get(row.agency_id or 0)
    return above is not None and (above.name.casefold() == agency.strip().casefold() or str(above.id) == agency.strip())


def _known(account: Account | None) -> Account:
    if account is None:
        raise NotFound("there is no account with this address: `lapor account list` shows them")
    return account
