"""A promised date that went by: the Ombudsman clock runs on from where it stood (sop.md §6), and the holder is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import InterfaceError, OperationalError

from core import notifying, offices, timekeeping
from core.errors import StorageUnavailable
from core.office import Office
from core.procedure.effects import Moment
from core.procedure.vocabulary import Audience, State
from core.storage import leases, reports
from core.storage.tables import reports as reports_table
from core.sweep.effects import SweepEffect

JOB = "promise"
AT_ONCE = 200
_log = structlog.get_logger()


def batch(connection: Connection, office: Office, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    """Up to 200 reports whose promised date lies before today in the holder's zone."""
    query = (
        select(reports_table.c.id)
        .where(
            reports_table.c.promised_on.is_not(None),
            reports_table.c.promise_missed_at.is_(None),
            reports_table.c.promised_on < (at + timedelta(days=1)).date(),
            reports_table.c.state.not_in((State.CLOSED.value, State.ARCHIVED.value)),
        )
        .order_by(reports_table.c.promised_on)
        .limit(AT_ONCE + len(seen))
    )
    ids = [each for each in connection.execute(query).scalars() if each not in seen]
    effects: list[SweepEffect] = []
    for report_id in ids:
        try:
            with connection.begin_nested():
                effects += _missed(connection, office, report_id, at)
        except (StorageUnavailable, OperationalError, InterfaceError):
            raise  # the database's trouble, not this report's
        except Exception as error:
            _log.error("promise_failed", report_id=report_id, error=type(error).__name__)
    return effects, set(ids)


def _missed(connection: Connection, office: Office, report_id: int, at: datetime) -> list[SweepEffect]:
    report = reports.get(connection, report_id, lock=True)
    zone = ZoneInfo(offices.row(connection, office, report.holder_id).zone)
    if report.promised_on is None or report.promise_missed_at is not None or at.astimezone(zone).date() <= report.promised_on:
        return []
    slot = f"{report.id}:{report.promised_on.isoformat()}"
    if not leases.once(connection, JOB, slot, at=at):
        return []
    reports.touch(connection, report.id, promise_missed_at=at)
    timekeeping.happened(connection, office, Moment.PROMISE_MISSED, report, report, now=at)
    notifying.audience(connection, office, report, (Audience.HOLDER, Audience.AGENCY_ADMIN), "promise_missed", now=at)
    return [SweepEffect(JOB, slot, report.code, "promise.missed")]
