"""Idle memory and time to listening of `lapor serve`, next to a bare import of the libraries that it uses.

Which those are is not said here but looked up: every module from outside this project and the standard library that the service
has loaded once it is ready.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psutil

from benchmarks.places import ROOT

ROUNDS = 5
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "LAPOR_LOG": "warning"
}
_LOADED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True)
class Size:
    """Seconds until it is ready (or has imported everything), MiB resident five seconds later."""

    seconds: float
    mebibytes: float


def service(folder: Path, environment: Mapping[str, str], errors: IO[bytes] | int = subprocess.DEVNULL) -> Size:
    """A whole service on a migrated SQLite database with the demonstration."""
    ports = free_port(), free_port()
    config = folder / "config.yaml"
    config.write_text("desk: {{listen: '127.0.0.1:{}'}}\ningress: {{listen: '127.0.0.1:{}'}}\n".format(*ports))
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "lapor", "serve", "--config", str(config)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env=_ENVIRONMENT | dict(environment),
    )
    try:
        wait_for(f"http://127.0.0.1:{ports[1]}/readyz", 60)
        seconds = time.perf_counter() - began
        time.sleep(5)
        return Size(seconds, psutil.Process(process.pid).memory_info().rss / 2**20)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def libraries(folder: Path) -> list[str]:
    """The modules of other people that a service has loaded, in the order in which they came."""
    told = folder / "imports"
    with told.open("wb") as errors:
        service(folder, {"PYTHONPROFILEIMPORTTIME": "1"}, errors)
    ours = {"admin_web", "benchmarks", "bots", "core", "lapor"}
    names = dict.fromkeys(_LOADED.findall(told.read_text()))
    return [name for name in names if name.partition(".")[0] not in ours | sys.stdlib_module_names]


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


def bare(names: list[str]) -> Size:
    """A process that only imports the libraries."""
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError: pass\n"
        "sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_ENVIRONMENT) as process:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise RuntimeError("the libraries cannot be imported by themselves")
        seconds = time.perf_counter() - began
        time.sleep(1)
        mebibytes = psutil.Process(process.pid).memory_info().rss / 2**20
        process.communicate()
    return Size(seconds, mebibytes)


def run() -> list[str]:
    """Lines for the record: medians of rounds that alternate."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "config.yaml"
        config.write_text("{}")
        command = [sys.executable, "-m", "lapor", "demo", "--config", str(config)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        names = libraries(folder)  # which also leaves every module compiled, as after a first start
        rounds = [(bare(names), service(folder, {})) for _ in range(ROUNDS)]
    lines = []
    for what, unit, aim in (("seconds", "s", 1.5), ("mebibytes", "MiB", 1.4)):
        theirs, ours = (statistics.median(getattr(size, what) for size in sizes) for sizes in zip(*rounds, strict=True))
        title = "time to listening" if what == "seconds" else "idle memory"
        lines.append(f"{title} {ours:.2f} {unit}; bare import {theirs:.2f} {unit}; ratio {ours / theirs:.2f} (aim ≤ {aim})")
    roots = sorted(root for root in {name.partition(".")[0] for name in names if not name.startswith("_")} if find_spec(root))
    return [*lines, f"libraries in use: {', '.join(roots)}"]
