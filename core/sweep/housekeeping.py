"""What the clock does besides reports: drafts, erasing what was kept long enough, expired sessions, sealing the audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete

from core import erasing
from core.office import Office, now_utc
from core.storage import audit, inbox, leases, links, outbox, receipts
from core.storage.tables import desk_sessions, throttles
from core.sweep import orphans
from core.sweep.effects import SweepEffect
from core.waking import ticks_due

_THROTTLE_KEPT = timedelta(days=2)
_RECEIPT_KEPT = timedelta(days=1)
_SEAL_AT_ONCE = 1000


def run(office: Office, *, at: datetime) -> list[SweepEffect]:
    """Each part in transactions of its own, in batches; counts stand in `what`."""
    counts = {
        "drafts": _until_none(lambda: ticks_due(office, at)),
        "raw_bodies": _until_none(lambda: _purge_inbox(office, at)),
        "payloads": _until_none(lambda: _purge_outbox(office, at)),
        "forgotten": _until_none(lambda: erasing.finish(office, at)),
        "sessions": _expire(office, at),
        "audit_sealed": _seal(office),
        "orphan_files": orphans.sweep(office, now=now_utc()),
    }
    return [SweepEffect(job, at.isoformat(), None, f"{job}: {count}") for job, count in counts.items() if count]


def _until_none(step: Callable[[], int]) -> int:
    total = 0
    while count := step():
        total += count
    return total


def _purge_inbox(office: Office, at: datetime) -> int:
    """Raw bodies go 30 days after handling (design.md)."""
    before = at - timedelta(days=office.numbers.keeping.raw_purge_calendar_days)
    with office.database.write() as connection:
        return inbox.purge(connection, office.files, before=before)


def _purge_outbox(office: Office, at: datetime) -> int:
    before = at - timedelta(days=office.numbers.keeping.raw_purge_calendar_days)
    with office.database.write() as connection:
        return outbox.purge(connection, before=before)


def _expire(office: Office, at: datetime) -> int:
    with office.database.write() as connection:
        connection.execute(delete(throttles).where(throttles.c.window_at < at - _THROTTLE_KEPT))
        receipts.purge(connection, before=at - _RECEIPT_KEPT)
        links.purge(connection, now=at)
        return int(connection.execute(delete(desk_sessions).where(desk_sessions.c.expires_at <= at)).rowcount)


def _seal(office: Office) -> int:
    total = 0
    while True:
        now = now_utc()
        with office.database.write() as connection:
            if not leases.take(connection, "seal", office.owner, now=now, until=now + timedelta(minutes=1)):
                return total
            count = audit.seal(connection, limit=_SEAL_AT_ONCE)
            if count < _SEAL_AT_ONCE:
                leases.release(connection, "seal", office.owner)
                return total + count
            total += count
