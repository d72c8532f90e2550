"""Officials' accounts and their roles at offices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from core.errors import NotFound
from core.procedure.case import Actor, Grant, Office
from core.procedure.vocabulary import OfficeKind, Role
from core.storage.tables import accounts, grants, offices


@dataclass(frozen=True, slots=True)
class Account:
    """An official who can log in. `grants`: what the account may be, where; a person may hold several roles (sop.md §1)."""

    id: int
    email: str
    name: str
    password_hash: str
    language: str
    demonstration: bool
    disabled_at: datetime | None
    created_at: datetime
    grants: tuple[Grant, ...]

    @property
    def active(self) -> bool:
        return self.disabled_at is None


def actor_of(account: Account) -> Actor:
    """The account as the procedure sees it."""
    return Actor.account(account.id, *account.grants)


def get(connection: Connection, account_id: int) -> Account:
    """Raises NotFound."""
    found = _some(connection, accounts.c.id == account_id)
    if not found:
        raise NotFound("there is no such account")
    return found[0]


def by_email(connection: Connection, email: str) -> Account | None:
    found = _some(connection, accounts.c.email == email.strip().lower())
    return found[0] if found else None


def every(connection: Connection) -> Sequence[Account]:
    return _some(connection, None)


def of_office(connection: Connection, office_id: int, role: Role | None = None) -> Sequence[Account]:
    """Active accounts with a grant at exactly this office."""
    given: dict[str, Any] = {"office_id": office_id}
    if role is None:
        return _found(connection, _OF_OFFICE, given)
    return _found(connection, _OF_OFFICE_BY_ROLE, given | {"role": role.value})


def add(
    connection: Connection,
    *,
    email: str,
    name: str,
    password_hash: str,
    language: str,
    demonstration: bool = False,
    now: datetime,
) -> int:
    """Adds an account without roles; its id. The caller has checked that the address is free."""
    return int(
        connection.execute(
            accounts.insert()
            .values(
                email=email.strip().lower(),
                name=name,
                password_hash=password_hash,
                language=language,
                demonstration=demonstration,
                created_at=now,
            )
            .returning(accounts.c.id)
        ).scalar_one()
    )


def grant(connection: Connection, *, account_id: int, role: Role, office_id: int) -> None:
    connection.execute(grants.insert().values(account_id=account_id, role=role.value, office_id=office_id))


def change(connection: Connection, account_id: int, **values: Any) -> None:
    """Sets columns of one account: password_hash, language, disabled_at, name."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))


def demonstration_enabled(connection: Connection) -> bool:
    """Is an account of the demonstration still able to log in?"""
    found = select(accounts.c.id).where(accounts.c.demonstration.is_(True), accounts.c.disabled_at.is_(None)).limit(1)
    return connection.execute(found).first() is not None


_OFFICE = [offices.c[name].label(f"office_{name}") for name in ("kind", "path", "agency_id", "external", "oversight")]


def _office(row: Row[Any]) -> Office:
    return Office(
        id=row.office_id,
        kind=OfficeKind(row.office_kind),
        path=row.office_path,
        agency_id=row.office_agency_id,
        external=row.office_external,
        oversight=row.office_oversight,
    )


_QUERY = (
    select(accounts, grants.c.role, grants.c.office_id, *_OFFICE)
    .outerjoin(grants, grants.c.account_id == accounts.c.id)
    .outerjoin(offices, offices.c.id == grants.c.office_id)
    .order_by(accounts.c.id, grants.c.id)
)
_held = grants.alias("held")
_HOLDERS = select(_held.c.account_id).where(_held.c.office_id == bindparam("office_id"))
_OF_OFFICE = _QUERY.where(accounts.c.id.in_(_HOLDERS), accounts.c.disabled_at.is_(None))
_OF_OFFICE_BY_ROLE = _QUERY.where(
    accounts.c.id.in_(_HOLDERS.where(_held.c.role == bindparam("role"))), accounts.c.disabled_at.is_(None)
)


def _some(connection: Connection, condition: Any) -> list[Account]:
    return _found(connection, _QUERY if condition is None else _QUERY.where(condition), {})


def _found(connection: Connection, query: Any, given: Mapping[str, Any]) -> list[Account]:
    found: dict[int, tuple[Row[Any], list[Grant]]] = {}
    for row in connection.execute(query, given):
        held = found.setdefault(row.id, (row, []))[1]
        if row.role is not None:
            held.append(Grant(role=Role(row.role), office=_office(row)))
    return [
        Account(
            id=row.id,
            email=row.email,
            name=row.name,
            password_hash=row.password_hash,
            language=row.language,
            demonstration=row.demonstration,
            disabled_at=row.disabled_at,
            created_at=row.created_at,
            grants=tuple(held),
        )
        for row, held in found.values()
    ]
