"""The right to be forgotten (UU 27/2022; sop.md §2: the reporter asks for deletion). The case stays, nobody behind it.

At the yes everything goes that leads to the person; one last message says so, and once it has left, or three days later, the
housekeeping takes the address too. Reports that go on have nobody to tell: their clocks behave as for an unreachable reporter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, select

from core import casework, notifying, settling
from core.errors import NotFound, Refused
from core.office import Office
from core.procedure.vocabulary import Move, Role, State
from core.storage import attachments, audit, erasure, links, people, reports
from core.storage.engine import after_commit
from core.storage.tables import reports as reports_table

LAST_WORD_WITHIN = timedelta(days=3)
"""How long the last message may take; the law gives three times 24 hours."""
_AT_ONCE = 200
_OVER = (State.CLOSED.value, State.ARCHIVED.value)
_log = structlog.get_logger()


def open_reports(connection: Connection, person_id: int) -> list[tuple[str, int]]:
    """(code, row of `people`) of every open report of this person, from every linked address, in the order of filing."""
    query = select(reports_table.c.code, reports_table.c.person_id).where(
        reports_table.c.person_id.in_(people.everybody(person_id)), reports_table.c.state.not_in(_OVER)
    )
    return [(row.code, row.person_id) for row in connection.execute(query.order_by(reports_table.c.id))]


def begin(
    connection: Connection,
    office: Office,
    *,
    person_id: int,
    conversation_id: int | None,
    inbox_id: int | None,
    withdrawn: bool,
    now: datetime,
    role: Role = Role.REPORTER,
) -> int:
    """Forgets the person at once, in the caller's transaction; how many open reports go on. `withdrawn`: they were before.

    `conversation_id`: where it was asked; None where nobody did (`role` says who decided it), then nothing more is said.
    """
    links.take_turn(connection, now=now)
    begun = erasure.begin(
        connection, office.files, person_id=person_id, conversation_id=conversation_id, inbox_id=inbox_id, now=now
    )
    for address_id in begun.address_ids:
        settling.call_off(connection, office, address_id, now=now)
    going_on = _without_a_reporter(connection, office, begun.person_ids, now)
    erasure.clear_sent(connection, begun.address_ids)
    if begun.files:
        gone = partial(attachments.erase_files, office.database, office.files, begun.files, now=now)
        after_commit(connection, gone)
    if begun.waiting:
        office.wakeups.announce(connection, "inbox")
    details = {"people": list(begun.person_ids), "addresses": len(begun.address_ids), "open": going_on, "withdrawn": withdrawn}
    audit.record(
        connection,
        at=now,
        role=role,
        account_id=None,
        action="erase_identity",
        subject="person",
        subject_id=person_id,
        details=details,
    )
    notifying.nationals(connection, office, "identity_erased", {"person": person_id}, now=now)
    after_commit(connection, partial(_log.info, "identity_erased", people=list(begun.person_ids)))  # for after a restore
    return going_on


def forget(office: Office, person_id: int, *, now: datetime) -> int:
    """By an operator, for whoever could not say yes here (`erasure_requested`), or once more after a restore.

    How many open reports go on without news. Raises NotFound for a number that is nobody's, or of somebody forgotten already.
    """
    with office.database.write() as connection:
        if not erasure.is_somebody(connection, person_id):
            raise NotFound("there is nobody with this number, or they are forgotten already")
        return begin(
            connection,
            office,
            person_id=person_id,
            conversation_id=None,
            inbox_id=None,
            withdrawn=False,
            now=now,
            role=Role.SYSTEM,
        )


def _without_a_reporter(connection: Connection, office: Office, person_ids: tuple[int, ...], now: datetime) -> int:
    """Open reports go on without news: a question finds nobody, the holder is told. How many."""
    query = select(reports_table.c.id).where(reports_table.c.person_id.in_(person_ids), reports_table.c.state.not_in(_OVER))
    found = list(connection.execute(query.order_by(reports_table.c.id)).scalars())
    for report_id in found:
        reports.touch(connection, report_id, unreachable_since=now)
        report = reports.get(connection, report_id, lock=True)
        if report.state is State.AWAITING_REPORTER:
            try:
                casework.act_as_system(connection, office, report_id=report_id, move=Move.UNDELIVERABLE, now=now)
            except Refused as refused:
                _log.info("question stays open", report=report.code, reason=refused.reason)
        notifying.holder(connection, office, reports.get(connection, report_id), "reporter_erased", now=now)
    return len(found)


def finish(office: Office, at: datetime) -> int:
    """Takes addresses to which nothing is under way any more; how many, 200 at the most. Call until 0. Safe to run twice."""
    with office.database.write() as connection:
        ids = erasure.due(connection, before=at - LAST_WORD_WITHIN, limit=_AT_ONCE)
        for address_id in ids:
            settling.call_off(connection, office, address_id, now=at)
            audit.record(
                connection,
                at=at,
                role=Role.SYSTEM,
                account_id=None,
                action="erase_address",
                subject="address",
                subject_id=address_id,
            )
        if ids:
            erasure.finish(connection, office.files, ids)
    return len(ids)
