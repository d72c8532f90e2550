"""The clocks of a report (sop.md §6): opened, paused and stopped by what happens, in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.office import Office


def delivered(connection: Connection, office: Office, *, report_id: int, clock: str, message_id: int | None, now: datetime) -> None:
    """The last part of a notice reached the reporter. `clock`: what the outbox entry said starts with it.

    `silence` (a settlement), `clarification` (a question), or `reminder:<clock id>` (a reminder before an effect).
    """
    raise NotImplementedError


def undelivered(connection: Connection, office: Office, *, report_id: int, clock: str | None, now: datetime) -> None:
    """A notice failed for good on this address. Failed on every known address: a question is taken as undeliverable."""
    raise NotImplementedError
