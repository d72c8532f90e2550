"""What `/readyz` tells a monitor, in counts and codes. Fast on a large database: every count has its partial index."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from core.office import Office
from core.spool import Waiting, waiting
from core.storage import channelstates, schema
from core.storage.tables import inbox, lanes, outbox

_LATE_AFTER = timedelta(minutes=5)
"""A message that has waited so long says that nobody handles, or not fast enough."""
_LATELY = timedelta(hours=24)

# Spelled out: a bound value hides the partial index.
_QUARANTINED = inbox.c.state == literal_column("'quarantined'")
_LEAVING = outbox.c.state.in_((literal_column("'waiting'"), literal_column("'sending'")))
_FAILED = outbox.c.state == literal_column("'failed'")


def readiness(office: Office, *, now: datetime) -> dict[str, Any]:
    """Database, backlog, what failed in the last 24 hours, each channel's last success. Raises StorageUnavailable."""
    if not schema.is_current(office.database):
        return {"ready": False, "database": "run lapor migrate", "spool": spooled(office)}
    with office.database.read() as conn:
        ready = select(func.count(), func.min(lanes.c.ready_at)).where(lanes.c.ready_at <= now)
        lanes_waiting, oldest = conn.execute(ready).one()
        quarantined = conn.execute(select(func.count()).select_from(inbox).where(_QUARANTINED)).scalar_one()
        leaving, failed, states = _leaving(conn), _failed(conn, now - _LATELY), channelstates.every(conn)
    return {
        "ready": True,
        "database": "ok",
        "handling": "late" if oldest is not None and now - oldest > _LATE_AFTER else "ok",
        "lanes_waiting": lanes_waiting,
        "oldest_waiting_since": oldest,
        "quarantined": quarantined,
        "outbox_waiting": leaving,
        "outbox_failed_24h": failed,
        "channels": {
            each.channel: {
                "last_success_at": each.last_success_at,
                "trouble": each.trouble_at(now),
                "at": each.at,
                "waiting": leaving.get(each.channel, 0),
                "failed_24h": failed.get(each.channel, 0),
            }
            for each in states
        },
        "spool": spooled(office),
    }


def spooled(office: Office) -> dict[str, Any]:
    """What waits on this machine's disk for the database; told while the database is away, too."""
    found: Waiting = waiting(office.config.spool)
    return {"waiting": found.count, "oldest_at": found.oldest_at, "unreadable": found.bad}


def _leaving(conn: Connection) -> dict[str, int]:
    rows = conn.execute(select(outbox.c.channel, func.count()).where(_LEAVING).group_by(outbox.c.channel))
    return {row[0]: row[1] for row in rows}


def _failed(conn: Connection, since: datetime) -> dict[str, int]:
    channel = outbox.c.channel.concat("")  # as it stands, SQLite walks through an index of all messages to group by it
    lately = select(channel, func.count()).where(_FAILED, outbox.c.done_at > since).group_by(channel)
    return {row[0]: row[1] for row in conn.execute(lately)}
