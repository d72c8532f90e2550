"""Words both ways, and internal notes. Erasable; history points here by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from core.storage.tables import messages

IN, OUT, NOTE = "in", "out", "note"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`direction`: in (the reporter's), out (an official's to the reporter) or note (internal, never sent)."""

    id: int
    report_id: int | None
    conversation_id: int | None
    direction: str
    kind: str
    words: str
    account_id: int | None
    edits_id: int | None
    at: datetime
    source_id: str | None = None  # its name at the channel that it came through
    deleted_at: datetime | None = None  # its sender took it away at the vendor's; this copy stays
    whole: str | None = None  # everything that stood in the message, where `words` is its newest own part
    public: bool = False  # said where others read along


_COLUMNS = [messages.c[name] for name in MessageRow.__dataclass_fields__]
_ADD = messages.insert().returning(messages.c.id)


def add(
    connection: Connection,
    *,
    report_id: int | None,
    direction: str,
    kind: str,
    words: str,
    at: datetime,
    account_id: int | None = None,
    conversation_id: int | None = None,
    inbox_id: int | None = None,
    source_id: str | None = None,
    edits_id: int | None = None,
    whole: str | None = None,
    deleted_at: datetime | None = None,
    public: bool = False,
) -> int:
    """Its id."""
    return int(
        connection.execute(
            _ADD,
            {
                "report_id": report_id,
                "conversation_id": conversation_id,
                "direction": direction,
                "kind": kind,
                "words": words,
                "account_id": account_id,
                "inbox_id": inbox_id,
                "source_id": source_id,
                "edits_id": edits_id,
                "whole": whole,
                "deleted_at": deleted_at,
                "public": public,
                "at": at,
            },
        ).scalar_one()
    )


def of_report(connection: Connection, report_id: int) -> Sequence[MessageRow]:
    """In the order in which they were said."""
    query = select(*_COLUMNS).where(messages.c.report_id == report_id).order_by(messages.c.at, messages.c.id)
    return [MessageRow(*row) for row in connection.execute(query)]


def words_of(connection: Connection, message_id: int | None) -> str | None:
    """The words while they exist."""
    if message_id is None:
        return None
    found: str | None = connection.execute(select(messages.c.words).where(messages.c.id == message_id)).scalar()
    return found


def by_source(connection: Connection, conversation_id: int, source_id: str) -> MessageRow | None:
    """What an earlier message of this conversation was kept as; the first of several."""
    query = (
        select(*_COLUMNS)
        .where(messages.c.conversation_id == conversation_id, messages.c.source_id == source_id)
        .order_by(messages.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return MessageRow(*row) if row else None


def latest(connection: Connection, report_id: int, kind: str) -> int | None:
    """The id of the last message of this kind."""
    query = select(messages.c.id).where(messages.c.report_id == report_id, messages.c.kind == kind)
    return connection.execute(query.order_by(messages.c.id.desc()).limit(1)).scalar()


def mark_taken_away(connection: Connection, conversation_id: int, source_ids: Iterable[str], *, at: datetime) -> bool:
    """Marks what was said under these names; the first mark stays. False: nothing was kept of them."""
    found = connection.execute(
        update(messages)
        .where(messages.c.conversation_id == conversation_id, messages.c.source_id.in_(list(source_ids)))
        .values(deleted_at=func.coalesce(messages.c.deleted_at, bindparam("taken_at", type_=messages.c.deleted_at.type))),
        {"taken_at": at},
    )
    return found.rowcount > 0
