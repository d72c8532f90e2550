"""Leases (one of many processes does it) and job runs (an effect happens once)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, or_

from core.storage.tables import job_runs, leases
from core.storage.upsert import insert


def take(connection: Connection, name: str, owner: str, *, now: datetime, until: datetime) -> bool:
    """Takes or renews the lease `name` for `owner`; False while somebody else holds it."""
    took = connection.execute(
        insert(connection, leases)
        .values(name=name, owner=owner, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": until},
            where=or_(leases.c.until <= now, leases.c.owner == owner),
        )
        .returning(leases.c.name)
    )
    return took.first() is not None


def release(connection: Connection, name: str, owner: str) -> None:
    """Gives the lease back early; nothing happens if it is not ours any more."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def once(connection: Connection, job: str, slot: str, *, at: datetime) -> bool:
    """True for the first caller of (job, slot), in the caller's transaction: if that rolls back, it never ran."""
    fresh = insert(connection, job_runs).values(job=job, slot=slot, at=at).on_conflict_do_nothing().returning(job_runs.c.job)
    return connection.execute(fresh).first() is not None


def forget(connection: Connection, job: str, slot: str) -> None:
    """The effect may happen again: what it did came to nothing."""
    connection.execute(delete(job_runs).where(job_runs.c.job == job, job_runs.c.slot == slot))
