"""Processes that a door's measurement needs: the service's own parts, a yardstick, the load; and what they cost."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from benchmarks.places import ROOT
from benchmarks.processor import seconds_of

START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def configured(file: Path, **more: Any) -> None:
    """Adds sections to a configuration file."""
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | more))


@contextmanager
def service(config: Path, port: int, *parts: str) -> Iterator[psutil.Process]:
    """`lapor run PART…`, from the moment that it listens on `port`."""
    command = [sys.executable, "-m", "lapor", "run", *parts, "--config", str(config)]
    with (config.parent / f"{'-'.join(parts)}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        if port:
            _listens(port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def yardstick(what: str, url: str) -> Iterator[int]:
    """The port of a bare thing."""
    command = [sys.executable, "-m", "benchmarks.yardsticks", what, url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the yardstick says no port")
        try:
            port = int(process.stdout.readline())
            _listens(port)
            yield port
        finally:
            process.terminate()


def load(what: str, port: int, count: int, *more: str) -> Mapping[str, float]:
    """What a load of so many messages took, by a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", what, str(port), str(count), *more]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError(told.stderr[-2000:])
    result: Mapping[str, float] = json.loads(told.stdout)
    return result


class Cost:
    """Processor time of processes from now on."""

    def __init__(self, *processes: psutil.Process) -> None:
        self._processes = processes
        self._before = self._now()

    def ms_each(self, count: int) -> float:
        return (self._now() - self._before) / count * 1000

    def _now(self) -> float:
        return sum(seconds_of(one) for one in self._processes)


def peak_mib(process: psutil.Process) -> float:
    """The most memory that a process has held, in MiB (Linux)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _listens(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
