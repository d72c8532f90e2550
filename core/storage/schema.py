"""Bringing a database to this version, and asking whether it is there."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

from core.storage.engine import Database

_LOCK = 7_265_107  # advisory lock: one migration at a time
_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^(revision|down_revision)\b.*= "(\w+)"$', re.MULTILINE)


@cache
def head() -> str:
    """The newest revision of this version: the one that no other follows."""
    told = [_REVISION.findall(file.read_text(encoding="utf-8")) for file in (_MIGRATIONS / "versions").glob("*.py")]
    named: dict[str, set[str]] = {
        kind: {name for each in told for found, name in each if found == kind} for kind in ("revision", "down_revision")
    }
    (newest,) = named["revision"] - named["down_revision"]
    return newest


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


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
            _upgrade(connection)
        return before


def _upgrade(connection: Connection) -> None:
    from alembic import command  # costs time and memory that a database of this version does not need
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.dialect == "postgresql":
        yield
        return
    place = Path(str(make_url(database.url).database))
    with place.with_name(f"{place.name}.migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
