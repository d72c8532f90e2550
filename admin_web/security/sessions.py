"""Sessions: a random token in a cookie, only its hash in the database, so that a copy of the database opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from core.storage.tables import desk_sessions

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)  # so that reading pages does not write on each request
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeskSession:
    """An open session. `csrf` goes into every form; `stale`: `seen_at` should be written anew."""

    token_hash: str
    account_id: int
    csrf: str
    seen_at: datetime
    stale: bool = False


def hashed(token: str) -> str:
    """A token has 256 random bits: a plain hash is enough, there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(conn: Connection, *, account_id: int, now: datetime) -> str:
    """Opens a session and returns its token, which is nowhere else. Sweeps away what has expired."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    conn.execute(delete(desk_sessions).where(desk_sessions.c.expires_at <= now))
    conn.execute(
        insert(desk_sessions).values(
            token_hash=hashed(token),
            account_id=account_id,
            csrf=secrets.token_hex(TOKEN_BYTES),
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
        )
    )
    return token


def find_session(conn: Connection, token: str, *, now: datetime) -> DeskSession | None:
    """The session of this token, unless it has been idle or open for too long."""
    row = conn.execute(select(desk_sessions).where(desk_sessions.c.token_hash == hashed(token))).one_or_none()
    if row is None or row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    return DeskSession(row.token_hash, row.account_id, row.csrf, row.seen_at, stale=row.seen_at + TOUCH_EVERY <= now)


def touch(conn: Connection, session: DeskSession, *, now: datetime) -> None:
    conn.execute(update(desk_sessions).where(desk_sessions.c.token_hash == session.token_hash).values(seen_at=now))


def close_session(conn: Connection, token: str) -> None:
    conn.execute(delete(desk_sessions).where(desk_sessions.c.token_hash == hashed(token)))
