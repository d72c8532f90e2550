"""The migrations lead to exactly the tables that the code speaks of, on both databases, triggers and partial indexes too."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from core.storage import schema
from core.storage.engine import Database, migrate, open_database
from core.storage.tables import metadata
from core.storage.triggers import APPEND_ONLY


def test_head_equals_the_models(database: Database) -> None:
    with database.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts={"compare_type": True}), metadata) == []


def test_head_has_the_checks_and_partial_indexes_of_the_models(database: Database, tmp_path: Path) -> None:
    """What `compare_metadata` does not look at: compared with a database made from the models alone."""
    if database.dialect == "sqlite":
        with database.read() as conn:
            migrated = _sqlite_indexes(conn.exec_driver_sql)
        fresh = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
        metadata.create_all(fresh)
        with fresh.connect() as conn:
            assert migrated == _sqlite_indexes(conn.exec_driver_sql)
        fresh.dispose()
        return
    with database.read() as conn:
        partial = conn.execute(text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%WHERE%'")).scalars().all()
        wanted = {index.name for table in metadata.tables.values() for index in table.indexes if _is_partial(index)}
        assert wanted <= set(partial)
        inspector = inspect(conn)
        for table in metadata.tables.values():
            checks = {one["name"] for one in inspector.get_check_constraints(table.name)}
            assert {str(c.name) for c in table.constraints if c.__visit_name__ == "check_constraint"} <= checks


def _is_partial(index: object) -> bool:
    return index.dialect_options["postgresql"]["where"] is not None  # type: ignore[attr-defined]


def _sqlite_indexes(execute: object) -> dict[str, str]:
    rows = execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")  # type: ignore[operator]
    return {name: " ".join(sql.split()) for name, sql in rows}


def test_the_trail_is_protected_on_both(database: Database) -> None:
    query = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if database.dialect == "sqlite"
        else "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
    )
    with database.read() as conn:
        assert set(conn.execute(text(query)).scalars()) >= set(APPEND_ONLY)


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert schema.is_current(database)
    assert schema.migrate(database) == schema.head()


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert not schema.is_current(empty)
    empty.dispose()


def test_two_that_start_at_once_migrate_once(empty_postgres_url: str, tmp_path: Path) -> None:
    for url in (empty_postgres_url, f"sqlite:///{tmp_path / 'new.db'}"):
        errors: list[BaseException] = []

        def work(url: str = url, errors: list[BaseException] = errors) -> None:
            try:
                migrate(url)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        done = open_database(url)
        assert schema.is_current(done)
        done.dispose()
