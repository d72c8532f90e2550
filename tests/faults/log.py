"""What a server that stands for a vendor writes down, a line of JSON for each event, and how the siege reads it as it grows."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.processes import ROOT

MISBEHAVING = "misbehaving"
"""While a file of this name lies in the siege's folder, vendors' servers break off now and then."""


class Written:
    """The writing end; on disk when `write` returns."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "vendor.log").open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._sign = folder / MISBEHAVING

    @property
    def misbehaving(self) -> bool:
        return self._sign.exists()

    def write(self, **entry: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()


class Reading:
    """The reading end."""

    def __init__(self, folder: Path) -> None:
        path = folder / "vendor.log"
        path.touch()
        self._file = path.open(encoding="utf-8")
        self._rest = ""

    def more(self) -> Iterator[dict[str, Any]]:
        lines = (self._rest + self._file.read()).split("\n")
        self._rest = lines.pop()
        for line in lines:
            yield json.loads(line)

    def close(self) -> None:
        self._file.close()


class VendorProcess:
    """`python -m MODULE FOLDER …`; `said`: the line that it begins with."""

    def __init__(self, module: str, folder: Path, *more: str) -> None:
        self._sign = folder / MISBEHAVING
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder), *more], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.said = self._process.stdout.readline().decode().strip()

    def misbehave(self, on: bool) -> None:
        if on:
            self._sign.touch()
        else:
            self._sign.unlink(missing_ok=True)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
