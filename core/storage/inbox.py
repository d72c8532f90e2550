"""The inbox: what vendors delivered, as bytes, once each. Waiting, handled or in quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    String,
    bindparam,
    cast,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.storage import crypto
from core.storage.engine import after_commit
from core.storage.files import FileStore
from core.storage.tables import inbox, lanes

ERASED = "erased:"
"""Begins what stands in place of a look-up or a source id of somebody who was forgotten: no keyed hash does."""
WINDOW = 16
"""How many waiting messages of a lane are looked at together: an album has at most ten parts."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One waiting delivery. `sealed`: its encrypted bytes, None where they lie in the file `body_file`.

    They are decrypted only when the message is read, so that one that was altered on disk is its own trouble alone.
    """

    id: int
    channel: str
    source_id: str
    group_key: str | None
    ready_at: datetime
    received_at: datetime
    attempts: int
    sealed: bytes | None = field(repr=False)
    body_file: str | None


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """For the desk: what lies in quarantine and why (`reason`: a code and perhaps an exception's type, never words)."""

    id: int
    channel: str
    received_at: datetime
    attempts: int
    size_bytes: int
    reason: str


_SEALED = type_coerce(inbox.c.body, LargeBinary).label("sealed")
_COLUMNS = [_SEALED if name == "sealed" else inbox.c[name] for name in InboxRow.__dataclass_fields__]
_WAITING = inbox.c.state == literal_column("'waiting'")  # spelled out: a bound value hides the partial index


def _add(insert: Any) -> Any:
    return insert.on_conflict_do_nothing(index_elements=["channel", "source_id"]).returning(inbox.c.channel, inbox.c.source_id)


_ADD = {"sqlite": _add(sqlite.insert(inbox)), "postgresql": _add(postgresql.insert(inbox))}
_FIRST = select(*_COLUMNS).where(inbox.c.lane_id == bindparam("lane_id"), _WAITING).order_by(inbox.c.id).limit(WINDOW)
_BY_IDS = inbox.c.id.in_(bindparam("ids", expanding=True))
_BY_ID = inbox.c.id == bindparam("this_id")
_ATTEMPT = update(inbox).where(_BY_ID).values(attempts=inbox.c.attempts + 1)
_GIVE_BACK = update(inbox).where(_BY_IDS, inbox.c.attempts > 0).values(attempts=inbox.c.attempts - 1)
_HANDLED = update(inbox).where(_BY_ID).values(state="handled", handled_at=bindparam("at"), reason=bindparam("why"), attempts=0)
_LATER = update(inbox).where(_BY_IDS).values(ready_at=bindparam("at"), reason=bindparam("why"))
_QUARANTINE = update(inbox).where(_BY_IDS).values(state="quarantined", reason=bindparam("why"))
_STRAGGLER = (
    select(inbox.c.id)
    .where(inbox.c.lane_id == bindparam("lane_id"), inbox.c.group_key == bindparam("group"), inbox.c.state == "handled")
    .limit(1)
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Inserts what is not there yet, in this order, in one statement; (channel, source id) of those that were new."""
    found = connection.execute(_ADD[connection.dialect.name], list(rows))
    return {(channel, source_id) for channel, source_id in found}


def first_waiting(connection: Connection, lane_id: int) -> list[InboxRow]:
    """The first waiting messages of a lane in the order in which they were accepted."""
    return [InboxRow(*row) for row in connection.execute(_FIRST, {"lane_id": lane_id})]


def body_of(row: InboxRow, files: FileStore) -> bytes:
    """The vendor's bytes. Raises FileNotFoundError if a file was lost, ConfigurationError if they cannot be decrypted."""
    if row.body_file is not None:
        return files.read_sealed(row.body_file)
    return crypto.decrypt(bytes(row.sealed)) if row.sealed is not None else b""


def begin_attempt(connection: Connection, ids: Sequence[int]) -> None:
    """Counts an attempt before it begins, so that one which kills its worker was counted."""
    connection.execute(_ATTEMPT, [{"this_id": one} for one in ids])


def give_back(connection: Connection, ids: Sequence[int]) -> None:
    """The attempt was none: the database was away, or it was not this message's turn."""
    connection.execute(_GIVE_BACK, {"ids": list(ids)})


def handled(connection: Connection, ids: Sequence[int], *, at: datetime, why: str | None = None) -> None:
    connection.execute(_HANDLED, [{"this_id": one, "at": at, "why": why} for one in ids])


def later(connection: Connection, ids: Sequence[int], *, at: datetime, why: str) -> None:
    """Try again at `at`; what comes after it in the lane waits too."""
    connection.execute(_LATER, {"ids": list(ids), "at": at, "why": why})


def quarantine(connection: Connection, ids: Sequence[int], *, why: str) -> None:
    """Out of the way, for a person to look at; `why` is a code, with the exception's type, never words."""
    connection.execute(_QUARANTINE, {"ids": list(ids), "why": why[:200]})


def is_straggler(connection: Connection, lane_id: int, group: str) -> bool:
    """Were other parts of this group handled already?"""
    return connection.execute(_STRAGGLER, {"lane_id": lane_id, "group": group}).first() is not None


def quarantined(connection: Connection, *, limit: int = 100, before_id: int | None = None) -> list[QuarantinedRow]:
    """Newest first; `before_id` for the next page."""
    query = (
        select(inbox.c.id, inbox.c.channel, inbox.c.received_at, inbox.c.attempts, inbox.c.size_bytes, inbox.c.reason)
        .where(inbox.c.state == literal_column("'quarantined'"))
        .order_by(inbox.c.received_at.desc(), inbox.c.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(inbox.c.id < before_id)
    return [QuarantinedRow(**row._mapping) for row in connection.execute(query)]


def retry(connection: Connection, inbox_id: int, *, now: datetime) -> None:
    """Back from quarantine with fresh attempts. Raises NotFound if it is not there (any more)."""
    lane = select(lanes.c.id).join(inbox, inbox.c.lane_id == lanes.c.id).where(inbox.c.id == inbox_id).with_for_update(of=lanes)
    lane_id = connection.execute(lane).scalar()
    changed = connection.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.state == "quarantined")
        .values(state="waiting", attempts=0, ready_at=now, reason=None)
    )
    if lane_id is None or changed.rowcount == 0:
        raise NotFound("this message is not in quarantine any more")
    nearer = or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > now)
    connection.execute(update(lanes).where(lanes.c.id == lane_id, nearer).values(ready_at=now))


def raw_of(connection: Connection, files: FileStore, inbox_id: int) -> bytes:
    """The vendor's bytes of any delivery while they are kept. Raises NotFound."""
    row = connection.execute(select(*_COLUMNS).where(inbox.c.id == inbox_id)).first()
    if row is None or (row.sealed is None and row.body_file is None):
        raise NotFound("the bytes of this message are not kept any more")
    try:
        return body_of(InboxRow(*row), files)
    except FileNotFoundError as error:
        raise NotFound("the file with this message's bytes is gone") from error


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery was heard: its lane, and the group that it was a piece of."""

    lane_id: int
    group_key: str | None


def place_of(connection: Connection, channel: str, source_id: str) -> Place | None:
    """None: it never came."""
    query = select(inbox.c.lane_id, inbox.c.group_key).where(inbox.c.channel == channel, inbox.c.source_id == source_id)
    row = connection.execute(query).first()
    return Place(row.lane_id, row.group_key) if row else None


def sources_of_group(connection: Connection, lane_id: int, group: str) -> list[str]:
    """The source ids of all pieces of one group."""
    query = select(inbox.c.source_id).where(inbox.c.lane_id == lane_id, inbox.c.group_key == group)
    return list(connection.execute(query).scalars())


def erase(connection: Connection, files: FileStore, *, lane_id: int, source_ids: Iterable[str]) -> None:
    """Erases the bytes of handled messages at once, with the other parts of their albums (sop.md §3, cancel)."""
    said = list(source_ids)
    if not said:
        return
    groups = select(inbox.c.group_key).where(
        inbox.c.lane_id == lane_id, inbox.c.source_id.in_(said), inbox.c.group_key.is_not(None)
    )
    _erase(connection, files, (inbox.c.lane_id == lane_id) & (inbox.c.source_id.in_(said) | inbox.c.group_key.in_(groups)))


def purge(connection: Connection, files: FileStore, *, before: datetime, limit: int = 200) -> int:
    """Erases bytes of messages handled before `before`; how many. Call until 0 (design.md: 30 days after handling)."""
    due = (
        select(inbox.c.id)
        .where(inbox.c.handled_at < before, or_(inbox.c.body.is_not(None), inbox.c.body_file.is_not(None)))
        .order_by(inbox.c.handled_at)
        .limit(limit)
    )
    ids = list(connection.execute(due).scalars())
    if ids:
        _erase(connection, files, inbox.c.id.in_(ids))
        nobodys = inbox.c.lane_id.in_(select(lanes.c.id).where(lanes.c.lookup.like(f"{ERASED}%")))
        nameless = literal(ERASED) + cast(inbox.c.id, String)  # source ids can name who wrote
        connection.execute(update(inbox).where(inbox.c.id.in_(ids), nobodys).values(source_id=nameless))
    return len(ids)


def kept_files(connection: Connection) -> set[str]:
    """Names of all sealed files that a message refers to."""
    return {
        name for name in connection.execute(select(inbox.c.body_file).where(inbox.c.body_file.is_not(None))).scalars() if name
    }


def _erase(connection: Connection, files: FileStore, which: Any) -> None:
    handled_ones = (inbox.c.state == "handled") & which
    names = set(connection.execute(select(inbox.c.body_file).where(handled_ones, inbox.c.body_file.is_not(None))).scalars())
    connection.execute(update(inbox).where(handled_ones).values(body=None, body_file=None))
    if names:
        after_commit(connection, lambda: _delete(files, names))


def _delete(files: FileStore, names: Iterable[str]) -> None:
    for name in names:
        files.delete(name, sealed=True)
