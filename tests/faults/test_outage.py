"""The database is away for a while: nobody gets a yes for what is not stored, and what was said is answered after it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.acceptance.world import free_port
from tests.faults.siege import Extent, Siege, chance, lay
from tests.faults.telegram import SECRET, Telegram

CITIZENS = 6
LOCKED_SECONDS = 18.0  # longer than SQLite waits for a lock, so that accepting really fails
AWAY_SECONDS = 5.0


@contextmanager
def laid(folder: Path, url: str, mode: str) -> Iterator[tuple[Siege, Telegram]]:
    extent = Extent(kills_per_step=0, messages=0)
    front = Telegram(folder, chance(extent), mode)
    siege = lay(folder, url, front, extent, (free_port(), free_port()))
    try:
        for part in siege.parts:
            part.start()
        siege.until(lambda: all(part.up for part in siege.parts), 60)
        yield siege, front
    finally:
        siege.close()


def everybody_has_one_code(siege: Siege) -> None:
    siege.until(lambda: siege.front.talking == 0 and siege.idle(), 90)
    front = siege.front
    front.tick(repeating=False)
    codes = [front.codes(citizen) for citizen in front.citizens]
    assert [len(each) for each in codes] == [1] * CITIZENS
    assert len(set[str]().union(*codes)) == CITIZENS
    texts = [text for citizen in front.citizens for text in front.heard(citizen) if "Kode " in text]
    assert len(texts) == CITIZENS


@pytest.mark.timeout(300)
def test_a_locked_sqlite_moves_no_offset_and_loses_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with laid(tmp_path, sqlite_url, "polling") as (siege, front):
        siege.until(siege.idle, 30)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as intruder:
            intruder.execute("BEGIN EXCLUSIVE")
            for number in range(CITIZENS):
                front.comes("levy" if number % 2 else "lamp", hasty=True)
            front.tick(repeating=False)
            time.sleep(LOCKED_SECONDS)
            assert front.vendor.call("state")["confirmed"] == []
            intruder.execute("ROLLBACK")
        everybody_has_one_code(siege)


@pytest.mark.timeout(300)
def test_a_postgresql_that_is_away_is_answered_with_503_and_loses_nothing(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    with laid(tmp_path, postgres_url, "webhook") as (siege, front):
        siege.until(siege.idle, 30)
        with away(postgres_server, postgres_url):
            for number in range(CITIZENS):
                front.comes("levy" if number % 2 else "lamp", hasty=True)
            front.tick(repeating=False)
            url = f"{siege.office.config.office.public_url}/telegram/webhook"
            answer = httpx.post(
                url, content=b'{"update_id": 1}', headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}, timeout=30
            )
            assert answer.status_code == 503
            time.sleep(AWAY_SECONDS)
            assert front.vendor.call("state")["confirmed"] == []
        siege.office.database.dispose()
        everybody_has_one_code(siege)


@contextmanager
def away(server: str, url: str) -> Iterator[None]:
    """Every connection to this database is cut, and none is let in."""
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        connection.execute(change.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(change.format(sql.Identifier(name), sql.SQL("true")))
