"""Reports whose holder has nobody left go one level up (sop.md §1), also those that came back to such an office since."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from core.casework.accounts import hand_up
from core.errors import StorageUnavailable
from core.office import Office
from core.procedure.vocabulary import OfficeKind
from core.storage import reports
from core.sweep.effects import SweepEffect

JOB = "unstaffed"
AT_ONCE = 200
_log = structlog.get_logger()


def batch(connection: Connection, office: Office, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    """Up to 200 reports in order of id; one that has gone up to another office without people is looked at again later."""
    tree = office.tree(connection)
    empty = [
        row.id
        for row in tree.by_id.values()
        if row.id not in tree.staffed and not row.external and row.kind is not OfficeKind.NATIONAL
    ]
    if not empty:
        return [], set()
    effects: list[SweepEffect] = []
    held = reports.held_by(connection, empty, after_id=max(seen, default=0), limit=AT_ONCE)
    for report in held:
        try:
            with connection.begin_nested():
                moved = hand_up(connection, office, report, now=at)
        except (StorageUnavailable, OperationalError, InterfaceError):
            raise  # the database's trouble, not this report's
        except Exception as error:
            _log.error("hand_up_failed", report_id=report.id, error=type(error).__name__)
            continue
        if moved:
            effects.append(SweepEffect(JOB, f"{report.id}:{report.version}", report.code, "fall_back"))
    return effects, {report.id for report in held}
