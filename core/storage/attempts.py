"""What became of rows of the outbox: the state that an attempt to send brought them to, and each attempt by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, update

from core.storage.tables import delivery_attempts, outbox

_INSERT_ATTEMPT = delivery_attempts.insert()
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("entry_id"))
    .values(
        state=bindparam("new_state"),
        next_at=func.coalesce(bindparam("at", type_=outbox.c.next_at.type), outbox.c.next_at),
        vendor_id=func.coalesce(bindparam("vendor"), outbox.c.vendor_id),
        done_at=bindparam("done"),
        lease_until=None,
        lease_owner=None,
    )
)


@dataclass(frozen=True, slots=True)
class Settled:
    """A row's new state. `next_at`: when it may be tried again; `done_at`: when it came to its end."""

    entry_id: int
    state: str
    next_at: datetime | None = None
    vendor_id: str | None = None
    done_at: datetime | None = None


def settle(connection: Connection, changes: Sequence[Settled]) -> None:
    """All in one statement; each lets go of its lease."""
    if changes:
        rows = [
            {"entry_id": one.entry_id, "new_state": one.state, "at": one.next_at, "vendor": one.vendor_id, "done": one.done_at}
            for one in changes
        ]
        connection.execute(_SETTLE, rows)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended; `detail` is a vendor's code, never words."""

    outbox_id: int
    outcome: str
    fault: str | None = None
    detail: str | None = None


def log(connection: Connection, made: Sequence[Attempt], *, at: datetime) -> None:
    """One row each, never changed."""
    if made:
        rows = [
            {
                "outbox_id": a.outbox_id,
                "at": at,
                "outcome": a.outcome,
                "fault": a.fault,
                "detail": (a.detail or "")[:120] or None,
            }
            for a in made
        ]
        connection.execute(_INSERT_ATTEMPT, rows)
