"""read() and write(): one transaction, all or nothing, and a clear word when the database is away."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from core.errors import ConfigurationError, StorageUnavailable
from core.storage.engine import Database, open_database
from core.storage.tables import leases, people, throttles
from tests.storage.conftest import FRIDAY


def count(database: Database) -> int:
    with database.read() as conn:
        return conn.execute(select(func.count()).select_from(people)).scalar_one()


def a_person(name: str = "Budi") -> object:
    return insert(people).values(name=name, language="id", created_at=FRIDAY)


def test_a_write_is_committed_at_the_end(database: Database) -> None:
    with database.write() as conn:
        conn.execute(a_person())
    assert count(database) == 1


def test_an_error_inside_a_write_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as conn:
            conn.execute(a_person())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(database) == 0
    with database.write() as conn:
        conn.execute(a_person())
    assert count(database) == 1


def test_a_write_inside_a_write_is_refused_instead_of_hanging(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError, match="inside"), database.write():
        pass


def test_many_threads_lose_no_update(database: Database) -> None:
    with database.write() as conn:
        conn.execute(insert(throttles).values(key="k", window_at=FRIDAY, count=0))

    def work() -> None:
        for _ in range(25):
            with database.write() as conn:
                conn.execute(update(throttles).values(count=throttles.c.count + 1))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as conn:
        assert conn.execute(select(throttles.c.count)).scalar_one() == 150


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as conn:
        conn.execute(a_person())
        assert count(database) == 0
    assert count(database) == 1


def test_instants_come_back_in_utc_whatever_zone_they_came_in(database: Database) -> None:
    in_jakarta = FRIDAY.astimezone(timezone(timedelta(hours=7)))
    with database.write() as conn:
        conn.execute(insert(leases).values(name="x", owner="y", until=in_jakarta))
    with database.read() as conn:
        found = conn.execute(select(leases.c.until)).scalar_one()
        assert found == FRIDAY
        assert found.utcoffset() == timedelta(0)
        assert conn.execute(select(leases.c.name).where(leases.c.until <= in_jakarta)).scalar_one() == "x"
        assert conn.execute(select(leases.c.name).where(leases.c.until < in_jakarta)).first() is None


def test_an_instant_without_a_zone_is_a_defect(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.write() as conn:
        conn.execute(insert(leases).values(name="x", owner="y", until=datetime(2026, 3, 13)))  # noqa: DTZ001 - the defect itself


def test_names_are_unreadable_in_the_database_itself(database: Database) -> None:
    with database.write() as conn:
        conn.execute(a_person("Siti Nurbaya"))
    with database.read() as conn:
        raw = conn.exec_driver_sql("SELECT name FROM people").scalar_one()
        assert b"Siti" not in bytes(raw)
        assert conn.execute(select(people.c.name)).scalar_one() == "Siti Nurbaya"


def test_a_postgres_that_is_away_is_said_as_such() -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StorageUnavailable), away.read():
        pass
    with pytest.raises(StorageUnavailable), away.write():
        pass


def test_a_sqlite_file_that_cannot_be_opened_is_said_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "is-a-folder"
    folder.mkdir()
    away = open_database(f"sqlite:///{folder}")
    with pytest.raises(StorageUnavailable), away.read():
        pass


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "not a url"])
def test_what_is_neither_sqlite_nor_postgres_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_database(url)


def test_the_text_of_an_error_hides_the_values_of_its_statement(database: Database) -> None:
    with pytest.raises(Exception, match=r"NOT NULL|null value") as raised, database.write() as conn:
        conn.execute(insert(throttles).values(key="rahasiaku", window_at=FRIDAY))
    assert "SQL" in str(raised.value)
    assert "parameters hidden" in str(raised.value)
