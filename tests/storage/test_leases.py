"""Leases and job runs: one of many does it, and it happens once."""

from __future__ import annotations

from datetime import timedelta

from core.storage import leases
from core.storage.engine import Database
from tests.storage.conftest import FRIDAY

MINUTE = timedelta(minutes=1)


def take(database: Database, owner: str, after: timedelta = timedelta()) -> bool:
    with database.write() as conn:
        return leases.take(conn, "sweep", owner, now=FRIDAY + after, until=FRIDAY + after + MINUTE)


def test_a_lease_is_held_by_one_until_it_runs_out(database: Database) -> None:
    assert take(database, "a")
    assert not take(database, "b", timedelta(seconds=59))
    assert take(database, "b", MINUTE)
    assert not take(database, "a", MINUTE)


def test_its_owner_renews_and_gives_it_back(database: Database) -> None:
    assert take(database, "a")
    assert take(database, "a", timedelta(seconds=30))
    assert not take(database, "b", MINUTE)
    with database.write() as conn:
        leases.release(conn, "sweep", "b")
        leases.release(conn, "sweep", "a")
    assert take(database, "b", MINUTE)


def test_a_job_runs_once_for_each_slot(database: Database) -> None:
    with database.write() as conn:
        assert leases.once(conn, "close", "report-1", at=FRIDAY)
        assert not leases.once(conn, "close", "report-1", at=FRIDAY)
        assert leases.once(conn, "close", "report-2", at=FRIDAY)


def test_a_run_that_was_rolled_back_never_happened(database: Database) -> None:
    try:
        with database.write() as conn:
            assert leases.once(conn, "close", "report-1", at=FRIDAY)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    with database.write() as conn:
        assert leases.once(conn, "close", "report-1", at=FRIDAY)
