"""Idle memory and time to listening of `lapor serve`, next to a bare import of the libraries that it uses."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROUNDS = 5
ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "alembic.command",
    "apscheduler.schedulers.background",
    "argon2",
    "babel.dates",
    "cryptography.hazmat.primitives.ciphers.aead",
    "flask",
    "holidays",
    "PIL.Image",
    "psycopg",
    "puremagic",
    "pydantic",
    "rapidfuzz",
    "rich.console",
    "sqlalchemy",
    "structlog",
    "typer",
    "waitress",
    "yaml",
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def service() -> tuple[float, float]:
    """(seconds from start to ready, resident MiB five seconds later) of a whole service on a migrated SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        desk, ingress = free_port(), free_port()
        config = Path(folder) / "config.yaml"
        config.write_text(f"desk: {{listen: '127.0.0.1:{desk}'}}\ningress: {{listen: '127.0.0.1:{ingress}'}}\n")
        command = [sys.executable, "-m", "lapor", "serve", "--config", str(config)]
        environment = os.environ | {"LAPOR_LOG": "warning"}
        subprocess.run(
            [sys.executable, "-m", "lapor", "demo", "--config", str(config)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env=environment,
        )
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        try:
            wait_for(f"http://127.0.0.1:{ingress}/readyz", 60)
            seconds = time.perf_counter() - began
            time.sleep(5)
            return seconds, psutil.Process(process.pid).memory_info().rss / 2**20
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_for(url: str, seconds: float) -> None:
    """Until `url` answers 200. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.01)
    raise TimeoutError(url)


def bare() -> tuple[float, float]:
    """(seconds, resident MiB) of a process that only imports the libraries."""
    code = (
        "import importlib, psutil\n"
        f"for name in {LIBRARIES!r}: importlib.import_module(name)\n"
        "print(psutil.Process().memory_info().rss / 2**20)"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, float(done.stdout)


def run() -> list[str]:
    """Lines for the record."""
    ours, yardstick = [], []
    for _ in range(ROUNDS):
        yardstick.append(bare())
        ours.append(service())
    seconds, mebibytes = (statistics.median(one[k] for one in ours) for k in (0, 1))
    bare_seconds, bare_mebibytes = (statistics.median(one[k] for one in yardstick) for k in (0, 1))
    return [
        f"time to listening: {seconds:.2f} s; bare import {bare_seconds:.2f} s; ratio {seconds / bare_seconds:.2f} (aim ≤ 1.5)",
        f"idle memory: {mebibytes:.0f} MiB; bare import {bare_mebibytes:.0f} MiB; ratio {mebibytes / bare_mebibytes:.2f} (aim ≤ 1.4)",
    ]
