"""An account is disabled: it cannot log in any more, and what only it could answer for goes one level up (sop.md §1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, delete

from core.accounts import By
from core.casework.moving import act_as_system
from core.errors import NotFound, Refused
from core.office import Office
from core.procedure.vocabulary import Move
from core.report import Report
from core.storage import accounts, audit, reports
from core.storage.accounts import Account
from core.storage.tables import desk_sessions

_BATCH = 200
_log = structlog.get_logger()


def disable_account(office: Office, *, email: str, by: By, now: datetime) -> None:
    """Ends its sessions too. Raises NotFound. Reports go up in batches of 200, each in a transaction of its own."""
    with office.database.write() as connection:
        account = _disable(connection, email=email, by=by, now=now)
    office.refresh()
    deepest_first = sorted({grant.office_id for grant in account.grants}, key=lambda each: -_depth(office, each))
    for office_id in deepest_first:  # what a unit hands up is there before its agency hands up
        fall_back(office, office_id=office_id, now=now)


def _depth(office: Office, office_id: int) -> int:
    return office.tree().by_id[office_id].path.count("/")


def fall_back(office: Office, *, office_id: int, now: datetime) -> int:
    """Hands up everything that an office without accounts holds; how many. Nothing while somebody is there.

    In batches of 200, each in a transaction of its own; one that stays where it is stops none of the others.
    """
    moved = last_id = 0
    while True:
        with office.database.write() as connection:
            batch = () if office_id in office.tree(connection).staffed else _batch(connection, office_id, last_id)
            moved += sum(hand_up(connection, office, report, now=now) for report in batch)
        if len(batch) < _BATCH:
            return moved
        last_id = batch[-1].id


def _batch(connection: Connection, office_id: int, after_id: int) -> Sequence[Report]:
    return reports.held_by(connection, (office_id,), after_id=after_id, limit=_BATCH)


def hand_up(connection: Connection, office: Office, report: Report, *, now: datetime) -> bool:
    """One level up, if its holder lost the last account; did it move?"""
    try:
        act_as_system(connection, office, report_id=report.id, move=Move.FALL_BACK, now=now)
    except Refused as refused:
        _log.info("report stays with its holder", report=report.code, reason=refused.reason)
        return False
    return True


def _disable(connection: Connection, *, email: str, by: By, now: datetime) -> Account:
    account = accounts.by_email(connection, email)
    if account is None:
        raise NotFound("there is no account with this address: `lapor account list` shows them")
    accounts.change(connection, account.id, disabled_at=now)
    connection.execute(delete(desk_sessions).where(desk_sessions.c.account_id == account.id))
    audit.record(
        connection,
        at=now,
        role=by.role,
        account_id=by.account_id,
        action="account_disabled",
        subject="account",
        subject_id=account.id,
    )
    return account
