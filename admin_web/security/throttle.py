"""Log-in attempts counted per account and per address in the database, so that all processes count together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete

from admin_web.security.addresses import household
from core.storage.crypto import lookup
from core.storage.tables import throttles
from core.storage.upsert import insert

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50  # an office may sit behind one address


def _key(purpose: str, value: str) -> str:
    return f"{purpose}:{lookup(purpose, value)}"


def _count(conn: Connection, key: str, *, now: datetime) -> int:
    """One statement, so that two processes that count at once both count."""
    over = throttles.c.window_at <= now - WINDOW
    counted = (
        insert(conn, throttles)
        .values(key=key, window_at=now, count=1)
        .on_conflict_do_update(
            index_elements=[throttles.c.key],
            set_={
                "count": case((over, 1), else_=throttles.c.count + 1),
                "window_at": case((over, now), else_=throttles.c.window_at),
            },
        )
        .returning(throttles.c.count)
    )
    return int(conn.execute(counted).scalar_one())


def may_try(conn: Connection, *, email: str, remote: str, now: datetime) -> bool:
    """Counts this attempt; False: too many. Call it in a transaction of its own, committed before the password is looked at."""
    of_account = _count(conn, _key("desk_account", email), now=now)
    of_address = _count(conn, _key("desk_address", household(remote)), now=now)
    return of_account <= PER_ACCOUNT and of_address <= PER_ADDRESS


def forgive(conn: Connection, *, email: str) -> None:
    """The right password came: the account's count starts anew. The address's does not: it may be trying others."""
    conn.execute(delete(throttles).where(throttles.c.key == _key("desk_account", email)))
