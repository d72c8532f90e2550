"""The bytes of a quarantined message, for a national admin who wants to see why it could not be read. Each look is audited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core.errors import NotFound
from core.office import Office
from core.procedure.case import Actor
from core.procedure.vocabulary import Role
from core.storage import audit, inbox
from core.storage.tables import inbox as inbox_table


def raw_of(office: Office, inbox_id: int, by: Actor, *, now: datetime) -> bytes:
    """Exactly what the vendor delivered. The look is on record before the bytes leave.

    Raises NotFound alike for whoever is no national admin, for a message that is not in quarantine (any more), and for bytes
    that are not kept.
    """
    if not by.has(Role.NATIONAL_ADMIN):
        raise NotFound("there is no such message in quarantine")
    with office.database.write() as connection:
        state = connection.execute(select(inbox_table.c.state).where(inbox_table.c.id == inbox_id)).scalar()
        if state != "quarantined":
            raise NotFound("there is no such message in quarantine")
        raw = inbox.raw_of(connection, office.files, inbox_id)
        audit.record(
            connection,
            at=now,
            role=Role.NATIONAL_ADMIN.value,
            account_id=by.account_id,
            action="quarantine_read",
            subject="inbox",
            subject_id=inbox_id,
        )
    return raw
