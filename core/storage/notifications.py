"""What is new for an official, on the desk (design.md, Decisions). No case content: codes and ids only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from core.storage.tables import notifications


@dataclass(frozen=True, slots=True)
class Notification:
    id: int
    account_id: int
    report_id: int | None
    kind: str
    details: Mapping[str, Any]
    at: datetime
    read_at: datetime | None


_ADD = notifications.insert()


def add(
    connection: Connection,
    *,
    account_ids: Iterable[int],
    kind: str,
    report_id: int | None,
    details: Mapping[str, Any],
    at: datetime,
) -> None:
    """One row for each account, once each."""
    rows = [
        {"account_id": account_id, "report_id": report_id, "kind": kind, "details": dict(details), "at": at}
        for account_id in dict.fromkeys(account_ids)
    ]
    if rows:
        connection.execute(_ADD, rows)


def unread(connection: Connection, account_id: int, *, limit: int = 100) -> Sequence[Notification]:
    """Newest first."""
    query = (
        select(notifications)
        .where(notifications.c.account_id == account_id, notifications.c.read_at.is_(None))
        .order_by(notifications.c.id.desc())
        .limit(limit)
    )
    return [Notification(**row._mapping) for row in connection.execute(query)]


def unread_count(connection: Connection, account_id: int) -> int:
    query = select(func.count()).where(notifications.c.account_id == account_id, notifications.c.read_at.is_(None))
    return int(connection.execute(query).scalar_one())


def mark_read(connection: Connection, account_id: int, *, at: datetime, report_id: int | None = None) -> None:
    """All of an account's, or only those on one report."""
    query = update(notifications).where(notifications.c.account_id == account_id, notifications.c.read_at.is_(None))
    if report_id is not None:
        query = query.where(notifications.c.report_id == report_id)
    connection.execute(query.values(read_at=at))
