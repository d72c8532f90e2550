"""Exceptions to who may see a report: cleared for a sealed one, accused by it, supporting it (sop.md §1, §5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, or_, select

from core.storage.tables import accounts, report_access

CLEARED, ACCUSED, SUPPORTING = "cleared", "accused", "supporting"


@dataclass(frozen=True, slots=True)
class Access:
    kind: str
    account_id: int | None
    office_id: int | None


_OF_REPORT = (
    select(report_access.c.kind, report_access.c.account_id, report_access.c.office_id)
    .outerjoin(accounts, accounts.c.id == report_access.c.account_id)
    .where(
        report_access.c.report_id == bindparam("report_id"),
        or_(report_access.c.kind != "cleared", accounts.c.disabled_at.is_(None)),
    )
)
"""Whoever was named and has been disabled opens nothing: when nobody is left, the national admins see it again."""
_ADD = report_access.insert()


def of_report(connection: Connection, report_id: int) -> Sequence[Access]:
    return [Access(*row) for row in connection.execute(_OF_REPORT, {"report_id": report_id})]


def add(
    connection: Connection, *, report_id: int, kind: str, account_ids: Iterable[int] = (), office_ids: Iterable[int] = ()
) -> None:
    """Adds what is not there yet."""
    known = {(each.kind, each.account_id, each.office_id) for each in of_report(connection, report_id)}
    wanted = [(kind, account, None) for account in account_ids] + [(kind, None, office) for office in office_ids]
    rows = [
        {"report_id": report_id, "kind": each[0], "account_id": each[1], "office_id": each[2]}
        for each in dict.fromkeys(wanted)
        if each not in known
    ]
    if rows:
        connection.execute(_ADD, rows)


def remove(connection: Connection, *, report_id: int, kind: str) -> None:
    connection.execute(delete(report_access).where(report_access.c.report_id == report_id, report_access.c.kind == kind))
