"""Lanes: whose conversation a message belongs to, and the unit of claim (design.md, the road, 2).

The row of a lane is the lock of all that waits in it: `accept` upserts it before it inserts, `handle` locks it before it looks.
So whoever comes second sees what the first has committed, and `ready_at` never forgets a message. `ready_at` is a hint that is
never later than the truth, which stands in the inbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.tables import inbox, lanes


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane: `lookup` is the keyed hash of whose it is."""

    id: int
    channel: str
    lookup: str


def _upsert(insert: Any) -> Any:
    new = insert.excluded.ready_at
    nearer = or_(lanes.c.ready_at.is_(None), new < lanes.c.ready_at)
    return insert.on_conflict_do_update(
        index_elements=["channel", "lookup"], set_={"ready_at": case((nearer, new), else_=lanes.c.ready_at)}
    ).returning(lanes.c.id, lanes.c.channel, lanes.c.lookup)


_UPSERT = {"sqlite": _upsert(sqlite.insert(lanes)), "postgresql": _upsert(postgresql.insert(lanes))}
_CLAIMABLE = (
    select(lanes.c.id, lanes.c.channel, lanes.c.lookup)
    .where(
        lanes.c.ready_at <= bindparam("now"),
        lanes.c.channel.in_(bindparam("channels", expanding=True)),
        or_(lanes.c.lease_until.is_(None), lanes.c.lease_until < bindparam("now")),
    )
    .order_by(lanes.c.ready_at, lanes.c.id)
    .limit(bindparam("limit"))
)
_CLAIMABLE_LOCKED = _CLAIMABLE.with_for_update(skip_locked=True)
_LEASE = (
    update(lanes)
    .where(lanes.c.id == bindparam("lane_id"))
    .values(lease_until=bindparam("until"), lease_owner=bindparam("owner"))
)
_LOCK = (
    select(lanes.c.id).where(lanes.c.id == bindparam("lane_id"), lanes.c.lease_owner == bindparam("owner")).with_for_update()
)
_FIRST_READY = (
    select(inbox.c.ready_at)
    .where(inbox.c.lane_id == bindparam("lane_id"), inbox.c.state == literal_column("'waiting'"))
    .order_by(inbox.c.id)
    .limit(1)
    .scalar_subquery()
)
_RELEASE = (
    update(lanes).where(lanes.c.id == bindparam("lane_id")).values(ready_at=_FIRST_READY, lease_until=None, lease_owner=None)
)
_POSTPONE = (
    update(lanes).where(lanes.c.id == bindparam("lane_id")).values(ready_at=bindparam("at"), lease_until=None, lease_owner=None)
)
_ENSURE = {
    name: insert.on_conflict_do_nothing(index_elements=["channel", "lookup"])
    for name, insert in (("sqlite", sqlite.insert(lanes)), ("postgresql", postgresql.insert(lanes)))
}


def touch(connection: Connection, wishes: Mapping[tuple[str, str], datetime]) -> dict[tuple[str, str], int]:
    """Makes lanes by (channel, look-up) where needed and wakes each no later than its moment; their ids. One statement.

    The rows stay locked until the transaction ends; the order of keys keeps two batches from waiting for each other.
    """
    rows = [{"channel": channel, "lookup": lookup, "ready_at": at} for (channel, lookup), at in sorted(wishes.items())]
    found = connection.execute(_UPSERT[connection.dialect.name], rows)
    return {(channel, lookup): int(lane_id) for lane_id, channel, lookup in found}


def any_ready(connection: Connection, channels: Sequence[str], now: datetime) -> bool:
    """A look without a lock: is there anything to claim?"""
    given = {"channels": list(channels), "now": now, "limit": 1}
    return connection.execute(_CLAIMABLE, given).first() is not None


def claimable(connection: Connection, channels: Sequence[str], now: datetime, limit: int) -> list[LaneRow]:
    """Lanes with something to do that nobody leases, longest waiting first; locked. Locked ones of others are passed over."""
    given = {"channels": list(channels), "now": now, "limit": limit}
    return [LaneRow(*row) for row in connection.execute(_CLAIMABLE_LOCKED, given)]


def lease(connection: Connection, lane_ids: Iterable[int], *, owner: str, until: datetime) -> None:
    """These are `owner`'s until `until`."""
    rows = [{"lane_id": lane_id, "owner": owner, "until": until} for lane_id in lane_ids]
    if rows:
        connection.execute(_LEASE, rows)


def lock(connection: Connection, lane_id: int, owner: str) -> bool:
    """Locks the lane for this transaction. False: the lease is not `owner`'s any more, leave it alone."""
    return connection.execute(_LOCK, {"lane_id": lane_id, "owner": owner}).first() is not None


def release(connection: Connection, lane_id: int) -> None:
    """Gives the lease back and computes when its first waiting message is ready. The lane must be locked before."""
    connection.execute(_RELEASE, {"lane_id": lane_id})


def postpone(connection: Connection, lane_id: int, at: datetime) -> None:
    """Gives the lease back and looks at the lane again at `at`. The lane must be locked."""
    connection.execute(_POSTPONE, {"lane_id": lane_id, "at": at})


def ensure(connection: Connection, channel: str, lookup: str) -> int:
    """The id of a lane in which nothing needs to wait."""
    connection.execute(_ENSURE[connection.dialect.name], {"channel": channel, "lookup": lookup, "ready_at": None})
    return int(connection.execute(select(lanes.c.id).where(lanes.c.channel == channel, lanes.c.lookup == lookup)).scalar_one())
