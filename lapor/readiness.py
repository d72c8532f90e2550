"""What `/readyz` tells a monitor, in counts and codes. Fast on a large database: every count has its partial index."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal_column, select

from core import undelivered
from core.office import Office
from core.spool import Waiting, waiting
from core.storage import channelstates, schema
from core.storage.tables import inbox, lanes
from core.undelivered import Traffic

_LATE_AFTER = timedelta(minutes=5)
"""A message that has waited so long says that nobody handles, or not fast enough."""
_LATELY = timedelta(hours=24)

_QUARANTINED = inbox.c.state == literal_column("'quarantined'")  # spelled out: a bound value hides the partial index


def readiness(office: Office, *, now: datetime) -> dict[str, Any]:
    """Database, backlog, what failed in the last 24 hours, each channel's last success. Raises StorageUnavailable."""
    if not schema.is_current(office.database):
        return {"ready": False, "database": "run lapor migrate", "spool": spooled(office)}
    with office.database.read() as conn:
        ready = select(func.count(), func.min(lanes.c.ready_at)).where(lanes.c.ready_at <= now)
        lanes_waiting, oldest = conn.execute(ready).one()
        quarantined = conn.execute(select(func.count()).select_from(inbox).where(_QUARANTINED)).scalar_one()
        traffic = undelivered.traffic(conn, now=now, lately=_LATELY)
        states = channelstates.every(conn)
    return {
        "ready": True,
        "database": "ok",
        "handling": "late" if oldest is not None and now - oldest > _LATE_AFTER else "ok",
        "lanes_waiting": lanes_waiting,
        "oldest_waiting_since": oldest,
        "quarantined": quarantined,
        "outbox_waiting": {name: one.waiting for name, one in traffic.items() if one.waiting},
        "outbox_failed_24h": {name: one.failed for name, one in traffic.items() if one.failed},
        "channels": {
            each.channel: {
                "last_success_at": each.last_success_at,
                "trouble": each.trouble_at(now),
                "at": each.at,
                "waiting": traffic.get(each.channel, Traffic()).waiting,
                "failed_24h": traffic.get(each.channel, Traffic()).failed,
                "remarks": dict(each.remarks),
            }
            for each in states
        },
        "spool": spooled(office),
    }


def spooled(office: Office) -> dict[str, Any]:
    """What waits on this machine's disk for the database; told while the database is away, too."""
    found: Waiting = waiting(office.config.spool)
    return {"waiting": found.count, "oldest_at": found.oldest_at, "unreadable": found.bad}
