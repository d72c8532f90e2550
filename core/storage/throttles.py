"""How often something happened within a window, one row for each key ("purpose:hash"), counted in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, select
from sqlalchemy.dialects import postgresql, sqlite

from core.storage.tables import throttles

NEVER = 1 << 30


def _count(insert: Any) -> Any:
    old, new = throttles.c, insert.excluded
    moment = old.window_at.type
    over = old.window_at <= bindparam("window_start", type_=moment)
    goes_on = (
        over & (old.window_at > bindparam("window_before", type_=moment)) & (old.count >= bindparam("much", type_=Integer))
    )
    return insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((goes_on, bindparam("anew", type_=Integer)), (over, 1), else_=old.count + 1),
            "window_at": case((over, new.window_at), else_=old.window_at),
        },
    ).returning(old.count)


_COUNT = {"sqlite": _count(sqlite.insert(throttles)), "postgresql": _count(postgresql.insert(throttles))}


def count(connection: Connection, key: str, *, now: datetime, window: timedelta, much: int = NEVER, anew: int = 1) -> int:
    """The how-manieth this is in its window, which begins with the first and lasts so long.

    Where the window just before counted `much` or more, the new one begins at `anew`: what goes on is no new beginning.
    """
    given = {
        "key": key,
        "window_at": now,
        "count": 1,
        "window_start": now - window,
        "window_before": now - 2 * window,
        "much": much,
        "anew": anew,
    }
    return int(connection.execute(_COUNT[connection.dialect.name], given).scalar_one())


def so_far(connection: Connection, key: str, *, now: datetime, window: timedelta) -> int:
    """How many were counted in the window that is open now, without counting."""
    return seen(connection, key, now=now, window=window)[0]


def seen(connection: Connection, key: str, *, now: datetime, window: timedelta) -> tuple[int, datetime | None]:
    """How many there were in the window that is open now, and when it began; (0, None) if none is open."""
    query = select(throttles.c.count, throttles.c.window_at).where(throttles.c.key == key, throttles.c.window_at > now - window)
    row = connection.execute(query).first()
    return (int(row[0]), row[1]) if row is not None else (0, None)
