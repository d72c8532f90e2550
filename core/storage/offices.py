"""The tree of offices: the national root, agencies under it, units under them at any depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from core.errors import InvalidInput, NotFound
from core.procedure.case import Office
from core.procedure.vocabulary import OfficeKind, Role
from core.storage.tables import accounts, grants, offices


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office as it is kept. `path` lists the ids from the root to itself: "/1/4/9/"."""

    id: int
    kind: OfficeKind
    parent_id: int | None
    agency_id: int | None
    path: str
    name: str
    keywords: tuple[str, ...]
    zone: str
    external: bool
    oversight: bool
    limits: Mapping[str, Any]
    active: bool

    def node(self, *, staffed: bool = True) -> Office:
        """The office as the procedure sees it. `staffed`: somebody there has an enabled account."""
        return Office(
            id=self.id,
            kind=self.kind,
            path=self.path,
            agency_id=self.agency_id,
            external=self.external,
            staffed=staffed,
            oversight=self.oversight,
        )


def _row(row: Row[Any]) -> OfficeRow:
    return OfficeRow(
        id=row.id,
        kind=OfficeKind(row.kind),
        parent_id=row.parent_id,
        agency_id=row.agency_id,
        path=row.path,
        name=row.name,
        keywords=tuple(row.keywords),
        zone=row.zone,
        external=row.external,
        oversight=row.oversight,
        limits=row.limits,
        active=row.active,
    )


_COLUMNS = [column for column in offices.c if column.name not in ("contact", "created_at")]


def get(connection: Connection, office_id: int) -> OfficeRow:
    """Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(offices.c.id == office_id)).first()
    if row is None:
        raise NotFound("there is no such office")
    return _row(row)


def every(connection: Connection) -> tuple[OfficeRow, ...]:
    """The whole tree, parents before children (it is read once and cached by `core.office.Office`)."""
    return tuple(_row(row) for row in connection.execute(select(*_COLUMNS).order_by(offices.c.path)))


def root(connection: Connection) -> OfficeRow:
    """The national office. Raises NotFound on an installation without a directory."""
    row = connection.execute(select(*_COLUMNS).where(offices.c.kind == OfficeKind.NATIONAL)).first()
    if row is None:
        raise NotFound("there is no national office yet: run `lapor demo` or import a directory")
    return _row(row)


def add(
    connection: Connection,
    *,
    kind: OfficeKind,
    name: str,
    zone: str,
    parent: OfficeRow | None,
    keywords: Sequence[str] = (),
    external: bool = False,
    oversight: bool = False,
    now: datetime,
) -> OfficeRow:
    """Adds an office below `parent`. Raises InvalidInput where the levels do not fit."""
    fits = {
        OfficeKind.NATIONAL: parent is None,
        OfficeKind.AGENCY: parent is not None and parent.kind is OfficeKind.NATIONAL,
        OfficeKind.UNIT: parent is not None and parent.kind is not OfficeKind.NATIONAL,
    }
    if not fits[kind]:
        raise InvalidInput("parent", "level")
    values: dict[str, Any] = {
        "kind": kind.value,
        "parent_id": parent.id if parent else None,
        "agency_id": parent.agency_id if parent and kind is OfficeKind.UNIT else None,
        "name": name,
        "zone": zone,
        "keywords": list(keywords),
        "external": external,
        "oversight": oversight,
        "limits": {},
        "active": True,
        "created_at": now,
        "path": f"?{name}",
    }
    office_id = int(connection.execute(offices.insert().values(values).returning(offices.c.id)).scalar_one())
    path = f"{parent.path if parent else '/'}{office_id}/"
    changes: dict[str, Any] = {"path": path}
    if kind is OfficeKind.AGENCY:
        changes["agency_id"] = office_id
    connection.execute(update(offices).where(offices.c.id == office_id).values(changes))
    return get(connection, office_id)


def staffed_ids(connection: Connection) -> frozenset[int]:
    """Offices at which somebody has an enabled account that may act."""
    query = (
        select(grants.c.office_id)
        .join(accounts, accounts.c.id == grants.c.account_id)
        .where(accounts.c.disabled_at.is_(None), grants.c.role.in_(_ACTING))
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())


_ACTING = [Role.NATIONAL_ADMIN.value, Role.AGENCY_ADMIN.value, Role.LIAISON.value]
