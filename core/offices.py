"""Offices of the cached directory, as the procedure and the notices need them."""

from __future__ import annotations

from sqlalchemy import Connection

from core.errors import NotFound
from core.office import Office
from core.procedure.case import Office as Node
from core.storage.offices import OfficeRow


def row(connection: Connection, office: Office, office_id: int) -> OfficeRow:
    """Raises NotFound. An office of this very transaction is read anew once."""
    known = office.tree(connection).by_id
    if office_id not in known:
        office.refresh()
        known = office.tree(connection).by_id
    if office_id not in known:
        raise NotFound("there is no such office")
    return known[office_id]


def node(connection: Connection, office: Office, office_id: int) -> Node:
    """The office as the procedure sees it. Raises NotFound."""
    return row(connection, office, office_id).node(staffed=office_id in office.tree(connection).staffed)


def root_id(connection: Connection, office: Office) -> int:
    """The national office. Raises NotFound on an installation without a directory."""
    found = office.tree(connection).root_id
    if found is None:
        office.refresh()
        found = office.tree(connection).root_id
    if found is None:
        raise NotFound("there is no national office yet: run `lapor demo` or import a directory")
    return found
