"""The database: SQLite (the embedded default) or PostgreSQL (more than one machine), behind `read()` and `write()`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import ConfigurationError, StorageUnavailable

Dialect = Literal["sqlite", "postgresql"]

_POOL_SIZE = 16
_BUSY_MILLISECONDS = 15_000
_SQLITE_DEFECTS = ("no such table", "no such column", "near ", "too many SQL variables", "no such savepoint")
_READ_ONLY = "25006"  # a PostgreSQL that is being failed over
KEEP_ALIVE: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A PostgreSQL whose machine vanished without a word is noticed within half a minute (libpq's own default: two hours)."""

log = structlog.get_logger(__name__)


class Database:
    """One database and its connections. Safe to use from many threads; `write()` must not be nested."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = _parsed(url)
        self.dialect: Dialect = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self.engine = _sqlite_engine(parsed) if self.dialect == "sqlite" else _postgres_engine(parsed)
        self._writing = threading.Lock()
        self._mine = threading.local()
        _follow_savepoints(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks: deferred on SQLite. Raises StorageUnavailable when the database is away."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            connection.info["promises"] = Promises()
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end and rolls back on any error; what `after_commit` was given comes after it.

        On SQLite one process-wide lock comes before BEGIN IMMEDIATE. Raises StorageUnavailable when the database is away.
        """
        if getattr(self._mine, "writing", False):
            raise RuntimeError("write() inside write(): pass the connection on instead")
        self._mine.writing = True
        try:
            with self._turn(), _translated(), self.engine.connect() as connection:
                if self.dialect == "sqlite":
                    connection = connection.execution_options(lapor_begin="BEGIN IMMEDIATE")
                promises = connection.info["promises"] = Promises()
                with connection.begin():
                    yield connection
        finally:
            self._mine.writing = False
        promises.keep()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self.dialect == "sqlite":
            with self._writing:
                yield
        else:
            yield

    def dispose(self) -> None:
        """Closes every pooled connection."""
        self.engine.dispose()


class Promises:
    """What is to be done once a transaction has committed. A savepoint that is rolled back takes its own promises along."""

    def __init__(self) -> None:
        self._callbacks: list[tuple[str | None, Callable[[], object]]] = []
        self._savepoints: list[int] = []

    def add(self, callback: Callable[[], object], *, once: str | None = None) -> bool:
        """`once`: a name under which it is done only once. False: it was promised already."""
        if once is not None and any(name == once for name, _ in self._callbacks):
            return False
        self._callbacks.append((once, callback))
        return True

    def mark(self) -> None:
        """A savepoint begins here; they end in the opposite order."""
        self._savepoints.append(len(self._callbacks))

    def end(self, *, taken_back: bool) -> None:
        """The latest savepoint ends; taken back, what was promised since will not be done."""
        since = self._savepoints.pop()
        if taken_back:
            del self._callbacks[since:]

    def keep(self) -> None:
        """The transaction has committed: one that fails is logged, takes nothing back and hinders none of the others."""
        for _, callback in self._callbacks:
            try:
                callback()
            except Exception as error:
                log.warning("after_commit_failed", error=type(error).__name__)


def after_commit(connection: Connection, callback: Callable[[], object], *, once: str | None = None) -> bool:
    """Promises `callback` for the moment after the commit of this `write()`; see `Promises.add`."""
    promises: Promises = connection.info["promises"]
    return promises.add(callback, once=once)


def _follow_savepoints(engine: Engine) -> None:
    @event.listens_for(engine, "savepoint")
    def _begun(connection: Connection, _name: str | None) -> None:
        connection.info["promises"].mark()

    @event.listens_for(engine, "rollback_savepoint")
    def _taken_back(connection: Connection, _name: str, _context: None) -> None:
        connection.info["promises"].end(taken_back=True)

    @event.listens_for(engine, "release_savepoint")
    def _released(connection: Connection, _name: str, _context: None) -> None:
        connection.info["promises"].end(taken_back=False)


def open_database(url: str) -> Database:
    """Raises ConfigurationError for a URL that is neither SQLite nor PostgreSQL. Connects at the first use."""
    return Database(url)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigurationError("database: not a URL; write sqlite:///var/lapor.db or postgresql://user@host/name") from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError("database: only sqlite:///… and postgresql://… are supported")
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigurationError("database: sqlite needs a file, for example sqlite:///var/lapor.db")
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's text must not hold people's words
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        connect_args={"timeout": _BUSY_MILLISECONDS / 1000, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("lapor_begin", "BEGIN"))

    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        pool_timeout=10,
        connect_args={**KEEP_ALIVE, "application_name": "lapor", "options": "-c timezone=UTC"},
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turns "the database is away, full, locked or chose us as the victim" into StorageUnavailable; defects pass."""
    try:
        yield
    except PoolTimeout as error:
        raise StorageUnavailable("every database connection is in use: try again") from error
    except (OperationalError, InterfaceError) as error:
        if any(str(error.orig).startswith(defect) for defect in _SQLITE_DEFECTS):
            raise
        raise StorageUnavailable("the database does not answer now: try again") from error
    except DBAPIError as error:
        damaged = type(error) is DatabaseError  # SQLite's word for a file that it cannot read: no message is to blame
        if error.connection_invalidated or damaged or getattr(error.orig, "sqlstate", None) == _READ_ONLY:
            raise StorageUnavailable("the database connection broke: try again") from error
        raise


def migrate(url: str) -> None:
    """Brings the database at `url` to this version (see `core/storage/schema.py`)."""
    from core.storage import schema  # Alembic costs time and memory; only this needs it

    database = Database(url)
    try:
        schema.migrate(database)
    finally:
        database.dispose()
