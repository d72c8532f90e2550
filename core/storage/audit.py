"""The trail: who did what to which thing, in ids and codes; sealed into a hash chain after the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, select

from core.procedure.vocabulary import Role
from core.storage.tables import audit, audit_chain

_GENESIS = bytes(32)
_RECORD = audit.insert()


def record(
    connection: Connection,
    *,
    at: datetime,
    role: str,
    account_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds one row in the caller's transaction. `details`: ids, codes and salted hashes only, never words or identity."""
    connection.execute(
        _RECORD,
        {
            "at": at,
            "role": role,
            "account_id": account_id,
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "details": dict(details or {}),
        },
    )


def of_reporter(
    connection: Connection,
    *,
    at: datetime,
    action: str,
    subject: str,
    subject_id: int,
    details: Mapping[str, Any] | None = None,
) -> None:
    """One row about what a reporter did, or what was done about one."""
    record(
        connection,
        at=at,
        role=Role.REPORTER,
        account_id=None,
        action=action,
        subject=subject,
        subject_id=subject_id,
        details=details,
    )


def seal(connection: Connection, *, limit: int = 1000) -> int:
    """Chains up to `limit` committed rows that are not chained yet; how many. One sealer at a time: hold the lease "seal".

    A row is found by its absence from the chain, not by its number, so that a transaction that commits late is not skipped.
    """
    head = connection.execute(select(audit_chain).order_by(audit_chain.c.position.desc()).limit(1)).first()
    position, previous = (head.position, bytes(head.hash)) if head else (0, _GENESIS)
    waiting = connection.execute(
        select(audit)
        .outerjoin(audit_chain, audit_chain.c.audit_id == audit.c.id)
        .where(audit_chain.c.audit_id.is_(None), audit.c.id > _settled_before(connection))
        .order_by(audit.c.id)
        .limit(limit)
    ).all()
    rows = []
    for row in waiting:
        position, previous = position + 1, link(previous, row)
        rows.append({"position": position, "audit_id": row.id, "hash": previous})
    if rows:
        connection.execute(audit_chain.insert(), rows)
    return len(rows)


def _settled_before(connection: Connection) -> int:
    """Rows up to here are certainly chained: the look-back bounds the cost, and no transaction stays open for 5,000 rows."""
    newest: int = connection.execute(select(func.max(audit_chain.c.audit_id))).scalar() or 0
    return max(0, newest - 5_000)


def link(previous: bytes, row: Row[Any]) -> bytes:
    """SHA-256 over the previous link and the row's canonical JSON."""
    content = {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "role": row.role,
        "account_id": row.account_id,
        "action": row.action,
        "subject": row.subject,
        "subject_id": row.subject_id,
        "details": row.details,
    }
    return sha256(previous + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found. `broken_at`: the first position that does not fit; None: the chain is whole."""

    links: int
    unsealed: int
    broken_at: int | None = None
    audit_id: int | None = None


def verify(connection: Connection) -> Verdict:
    """Walks the whole chain in order. A missing, altered or reordered row breaks it at its position."""
    previous, expected = _GENESIS, 0
    rows = connection.execution_options(yield_per=1000).execute(
        select(audit_chain.c.position, audit_chain.c.audit_id, audit_chain.c.hash, audit)
        .outerjoin(audit, audit.c.id == audit_chain.c.audit_id)
        .order_by(audit_chain.c.position)
    )
    with rows:
        for row in rows:
            expected += 1
            if row.position != expected or row.id is None or link(previous, row) != bytes(row.hash):
                return Verdict(links=expected - 1, unsealed=0, broken_at=expected, audit_id=row.audit_id)
            previous = bytes(row.hash)
    total = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    return Verdict(links=expected, unsealed=total - expected)
