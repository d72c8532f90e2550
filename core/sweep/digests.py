"""The officials' digest at 08:00 of the agency's zone (sop.md §7), on its working days: what is overdue on Saturday stands in
Monday's. Once per account and day; after an outage once, with everything since the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from core import digest, officialmail
from core.errors import StorageUnavailable
from core.office import Office
from core.storage import accounts, leases
from core.storage.accounts import Account
from core.storage.tables import job_runs
from core.sweep.effects import SweepEffect

JOB = "digest"
AT_ONCE = 20
"""Accounts in one transaction: on SQLite nobody else writes meanwhile."""

LOOK_BACK_DAYS = 14
"""The digest before this one is looked for among so many days; before that everything counts as known."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Due:
    account: Account
    day: date
    zone: str

    @property
    def slot(self) -> str:
        return _slot(self.day, self.account.id)


def batch(connection: Connection, office: Office, at: datetime, seen: set[int]) -> tuple[list[SweepEffect], set[int]]:
    """Up to `AT_ONCE` accounts whose hour has come; their ids. An account that fails hinders none of the others."""
    if officialmail.door(office) is None:
        _say_once(office.owner)
        return [], set()
    effects: list[SweepEffect] = []
    looked_at: set[int] = set()
    for due in _due(connection, office, at, seen)[:AT_ONCE]:
        looked_at.add(due.account.id)
        try:
            with connection.begin_nested():
                effects += _digest(connection, office, due, at)
        except (StorageUnavailable, OperationalError, InterfaceError):
            raise  # the database's trouble, not this account's
        except Exception as error:
            _log.error("digest_failed", account_id=due.account.id, error=type(error).__name__)
    return effects, looked_at


@cache
def _say_once(owner: str) -> None:
    _log.warning("digests_off", reason="no channel that reaches officials is enabled", owner=owner)


def _due(connection: Connection, office: Office, at: datetime, seen: set[int]) -> list[_Due]:
    zones = {row.zone for row in office.tree(connection).by_id.values()}
    days = {zone: day for zone in zones if (day := _day(connection, office, zone, at)) is not None}
    if not days:
        return []
    begun = select(job_runs.c.slot).where(job_runs.c.job == JOB, job_runs.c.slot >= min(days.values()).isoformat())
    done = set(connection.execute(begun).scalars())
    waiting = []
    for account in accounts.every(connection):
        zone = _zone(connection, office, account)
        if zone not in days or account.id in seen or not account.active:
            continue
        due = _Due(account, days[zone], zone)
        if due.slot not in done and account.created_at < _hour(office, due.day, zone):
            waiting.append(due)
    return waiting


def _day(connection: Connection, office: Office, zone: str, at: datetime) -> date | None:
    """Today in `zone`, if it is a working day there and the hour has come."""
    today = at.astimezone(ZoneInfo(zone)).date()
    working = office.calendar(zone, connection).is_working(today)
    return today if working and at >= _hour(office, today, zone) else None


def _hour(office: Office, day: date, zone: str) -> datetime:
    return datetime.combine(day, time(office.numbers.digest_hour), ZoneInfo(zone))


def _zone(connection: Connection, office: Office, account: Account) -> str | None:
    """The zone of the first office in which the account has a role; None: it has none, and nothing waits for it."""
    row = office.tree(connection).by_id.get(account.grants[0].office_id) if account.grants else None
    return row.zone if row is not None else None


def _slot(day: date, account_id: int) -> str:
    return f"{day.isoformat()}:{account_id}"


def _digest(connection: Connection, office: Office, due: _Due, at: datetime) -> list[SweepEffect]:
    days = [_slot(due.day - timedelta(days=back), due.account.id) for back in range(1, LOOK_BACK_DAYS + 1)]
    last = select(func.max(job_runs.c.at)).where(job_runs.c.job == JOB, job_runs.c.slot.in_(days))
    before = connection.execute(last).scalar() or at - timedelta(days=LOOK_BACK_DAYS)
    if not leases.once(connection, JOB, due.slot, at=at):
        return []
    mailed = digest.mail(connection, office, due.account, since=before, now=at, zone=due.zone)
    return [SweepEffect(JOB, due.slot, None, "digest")] if mailed else []
