"""The files of a report, for whoever may see it: what they are by their bytes, never by what the sender called them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from core.casework.seeing import case_of_report
from core.channels import FetchState
from core.errors import NotFound
from core.office import Office
from core.procedure.case import Actor
from core.procedure.permissions import Sight, sight
from core.storage import reports
from core.storage.tables import attachments, blobs
from core.storage.tables import messages as messages_table


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a report. `mime` is what the bytes are, never what the sender said; `suspect`: the two differ."""

    id: int
    report_id: int
    message_id: int | None
    name: str | None
    kind: str
    state: FetchState
    sha256: str | None
    mime: str | None
    size_bytes: int | None
    suspect: bool
    at: datetime


def in_time(at: datetime, seen: Sight) -> bool:
    """Did it happen while this person could read the report?"""
    return seen.until is None or at <= seen.until


_FILE = (
    select(
        attachments.c.id,
        attachments.c.report_id,
        attachments.c.message_id,
        attachments.c.name,
        attachments.c.kind,
        attachments.c.state,
        attachments.c.sha256,
        blobs.c.mime,
        blobs.c.size_bytes,
        attachments.c.suspect,
        attachments.c.created_at,
    )
    .outerjoin(blobs, blobs.c.sha256 == attachments.c.sha256)
    .order_by(attachments.c.id)
)


def attachments_of(connection: Connection, report_id: int) -> Sequence[Attachment]:
    """The files of a report, those of its messages included, oldest first."""
    of_messages = select(messages_table.c.id).where(messages_table.c.report_id == report_id)
    query = _FILE.where(or_(attachments.c.report_id == report_id, attachments.c.message_id.in_(of_messages)))
    return [_attachment(row, report_id) for row in connection.execute(query)]


def attachment(connection: Connection, office: Office, *, attachment_id: int, by: Actor, now: datetime) -> Attachment:
    """One file, for somebody who may see its report. Raises NotFound alike for none, not yet fetched and not yours."""
    row = connection.execute(_FILE.where(attachments.c.id == attachment_id)).first()
    report_id = row.report_id if row is not None else None
    if row is not None and report_id is None and row.message_id is not None:
        report_id = connection.execute(select(messages_table.c.report_id).where(messages_table.c.id == row.message_id)).scalar()
    if row is None or report_id is None or row.sha256 is None:
        raise NotFound("there is no such file")
    case = case_of_report(connection, office, reports.get(connection, report_id), now=now)
    seen = sight(case, by)
    if not seen.sees or not in_time(row.created_at, seen):
        raise NotFound("there is no such file")
    return _attachment(row, report_id)


def _attachment(row: Any, report_id: int) -> Attachment:
    return Attachment(
        id=row.id,
        report_id=report_id,
        message_id=row.message_id,
        name=row.name,
        kind=row.kind,
        state=FetchState(row.state),
        sha256=row.sha256,
        mime=row.mime,
        size_bytes=row.size_bytes,
        suspect=row.suspect,
        at=row.created_at,
    )
