"""Bringing a database to this version, and asking whether it is there."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from core.storage.engine import Database

_LOCK = 7_265_107  # advisory lock: one migration at a time


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head() -> str:
    """The newest revision of this version."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """False for an empty or older database. Raises StorageUnavailable."""
    with database.read() as connection:
        return revision_of(connection) == head()


def migrate(database: Database) -> str | None:
    """Brings the database to this version, all or nothing; the revision it came from. Two at once wait for each other."""
    with _alone(database), database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = revision_of(connection)
        if before != head():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return before


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.dialect == "postgresql":
        yield
        return
    place = Path(str(make_url(database.url).database))
    with place.with_name(f"{place.name}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
