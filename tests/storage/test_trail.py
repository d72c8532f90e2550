"""The audit is append-only in the database too, and its chain shows tampering at the first broken link."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.storage import audit
from core.storage.engine import Database, open_database
from core.storage.triggers import APPEND_ONLY
from tests.storage.conftest import FRIDAY


def record(database: Database, how_many: int) -> None:
    with database.write() as conn:
        for number in range(how_many):
            audit.record(
                conn,
                at=FRIDAY,
                role="liaison",
                account_id=1,
                action="respond",
                subject="report",
                subject_id=number,
                details={"n": number},
            )


def seal(database: Database, limit: int = 1000) -> int:
    with database.write() as conn:
        return audit.seal(conn, limit=limit)


def verdict(database: Database) -> audit.Verdict:
    with database.read() as conn:
        return audit.verify(conn)


def tamper(database: Database, statement: str) -> None:
    """As somebody with the database's own rights would: without the triggers."""
    with database.write() as conn:
        if database.dialect == "sqlite":
            for table in APPEND_ONLY:
                for verb in ("update", "delete"):
                    conn.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        else:
            conn.execute(text("SET LOCAL session_replication_role = replica"))
        conn.execute(text(statement))


def test_every_row_is_chained_once_in_batches(database: Database) -> None:
    record(database, 5)
    assert [seal(database, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert verdict(database) == audit.Verdict(links=5, unsealed=0)
    record(database, 1)
    assert verdict(database) == audit.Verdict(links=5, unsealed=1)


def test_an_empty_trail_is_whole(database: Database) -> None:
    assert seal(database) == 0
    assert verdict(database) == audit.Verdict(links=0, unsealed=0)


@pytest.mark.parametrize(
    "statement,broken_at",
    [
        ("UPDATE audit SET subject_id = 99 WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 4", 4),
        ("DELETE FROM audit_chain WHERE position = 2", 2),
        ("UPDATE audit_chain SET audit_id = 77 WHERE position = 5", 5),
    ],
)
def test_tampering_breaks_the_chain_where_it_happened(database: Database, statement: str, broken_at: int) -> None:
    record(database, 5)
    seal(database)
    tamper(database, statement)
    assert verdict(database).broken_at == broken_at


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_trail(database: Database, table: str, verb: str) -> None:
    record(database, 1)
    seal(database)
    if table == "history":
        _a_history_row(database)
    column = "position" if table == "audit_chain" else "id"
    with pytest.raises(DBAPIError, match="append-only"), database.write() as conn:
        conn.execute(text(verb.format(table, column, column)))


def _a_history_row(database: Database) -> None:
    """Without its report: foreign keys do not matter here."""
    row = (
        "INSERT INTO history (report_id, at, move, from_state, to_state, role, details) "
        "VALUES (1, '2026-03-13T03:00:00.000000+00:00', 'note', 'received', 'received', 'system', '{}')"
    )
    if database.dialect == "sqlite":
        with closing(sqlite3.connect(str(database.engine.url.database))) as conn, conn:
            conn.execute(row)
        return
    with database.write() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        conn.execute(text(row))


def test_a_row_that_commits_late_is_not_skipped(postgres_url: str) -> None:
    """Only where there is more than one writer."""
    database = open_database(postgres_url)
    with database.engine.connect() as slow, slow.begin():
        audit.record(slow, at=FRIDAY, role="liaison", account_id=1, action="slow", subject="report", subject_id=1)
        record(database, 2)
        assert seal(database) == 2
    assert seal(database) == 1
    assert verdict(database) == audit.Verdict(links=3, unsealed=0)
    database.dispose()
