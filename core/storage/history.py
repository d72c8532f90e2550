"""What happened to a report: one row per move, in the move's own transaction; ids and codes only (design.md, Decisions)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from core.procedure.vocabulary import Move, Role, State
from core.storage.tables import history

_ADD = history.insert()


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One move. `office_id`: where it went or who acted; `message_id`: the words that went with it, while they exist."""

    id: int
    at: datetime
    move: Move
    from_state: State
    to_state: State
    role: Role
    account_id: int | None
    office_id: int | None
    message_id: int | None
    details: Mapping[str, Any]


def add(
    connection: Connection,
    *,
    report_id: int,
    at: datetime,
    move: Move,
    from_state: State,
    to_state: State,
    role: Role,
    account_id: int | None = None,
    office_id: int | None = None,
    message_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """`details`: codes and ids only, never words."""
    connection.execute(
        _ADD,
        {
            "report_id": report_id,
            "at": at,
            "move": move.value,
            "from_state": from_state.value,
            "to_state": to_state.value,
            "role": role.value,
            "account_id": account_id,
            "office_id": office_id,
            "message_id": message_id,
            "details": dict(details or {}),
        },
    )


UNVERIFIED = {"sender": "unverified"}
"""In the details of a report's first line: whoever filed it may be somebody else than the address says (sop.md §7)."""


def filed_by_stranger(connection: Connection, report_id: int) -> bool:
    """Was it filed by a sender whom nobody vouched for?"""
    query = select(history.c.details).where(history.c.report_id == report_id).order_by(history.c.id).limit(1)
    return is_strangers(connection.execute(query).scalar())


def is_strangers(details: Mapping[str, Any] | None) -> bool:
    """The same by the details of the first line."""
    return bool(details) and UNVERIFIED.items() <= dict(details or {}).items()


def of_report(connection: Connection, report_id: int) -> Sequence[HistoryRow]:
    """In the order in which it happened."""
    rows = connection.execute(select(history).where(history.c.report_id == report_id).order_by(history.c.id))
    return [
        HistoryRow(
            id=row.id,
            at=row.at,
            move=Move(row.move),
            from_state=State(row.from_state),
            to_state=State(row.to_state),
            role=Role(row.role),
            account_id=row.account_id,
            office_id=row.office_id,
            message_id=row.message_id,
            details=row.details,
        )
        for row in rows
    ]
