"""Who held a report and when: the trail of a return, and what past holders may still read (sop.md §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from core.storage.tables import holdings


@dataclass(frozen=True, slots=True)
class Holding:
    """`returned`: it ended because the office handed the report back up."""

    office_id: int
    since: datetime
    until: datetime | None
    returned: bool


_BEGIN = holdings.insert()
_OF_REPORT = (
    select(holdings.c.office_id, holdings.c.since, holdings.c.until, holdings.c.returned)
    .where(holdings.c.report_id == bindparam("report_id"))
    .order_by(holdings.c.id)
)


def begin(connection: Connection, *, report_id: int, office_id: int, at: datetime) -> None:
    connection.execute(_BEGIN, {"report_id": report_id, "office_id": office_id, "since": at})


def end(connection: Connection, *, report_id: int, at: datetime, returned: bool) -> None:
    """Ends the present holding."""
    connection.execute(
        update(holdings)
        .where(holdings.c.report_id == report_id, holdings.c.until.is_(None))
        .values(until=at, returned=returned)
    )


def of_report(connection: Connection, report_id: int) -> Sequence[Holding]:
    """In order of time."""
    return [Holding(*row) for row in connection.execute(_OF_REPORT, {"report_id": report_id})]
