"""One part of the service after the other in processes that die when they are told to: `python -m tests.faults.victim MODULE…`.

Loads what `lapor` loads, and the modules of the door under siege, then forks for each line on standard input and runs the
command line there as `lapor run` does: a process of its own each time, that has not to import everything again, so that
hundreds of deaths fit into minutes. Says "pid N" and "exit N" on standard output. A line is JSON: arguments, log, diary,
poison, and step with at (both may be absent).
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

LOADED = (
    "lapor.cli",
    "admin_web.app",
    "core.sweep",
    "psycopg",
)


class Assassin:
    """An audit hook that kills its process at the N-th time that it passes a step, or takes up the poisoned message.

    That is the one whose source id begins with `poison`.

    A message that was under way at one death is spared at the others: three deaths in one message are what quarantine is for,
    and only the poisoned one shall get there. Each death is written into the diary first.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self._diary = Path(order["diary"])
        self._step, self._at, self._poison = order.get("step"), order.get("at", 1), order["poison"]
        self._lock = threading.Lock()
        self._passed = 0
        self._under_way: dict[int, str] = {}  # what each thread handles
        written = self._diary.read_text(encoding="utf-8") if self._diary.exists() else ""
        self._spared = {word for line in written.splitlines() for word in line.split()[1:]}

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event != "lapor.step":
            return
        step, about, me = str(args[0]), str(args[1]), threading.get_ident()
        with self._lock:
            if step == "handle_claimed":
                self._under_way[me] = about
                if self._poison and about.startswith(self._poison):
                    self._die("poison")
            elif step == "handle_committed":
                self._under_way.pop(me, None)
            if step != self._step:
                return
            self._passed += 1
            if self._passed >= self._at and self._spared.isdisjoint(self._under_way.values()):
                self._die(step)

    def _die(self, why: str) -> None:
        line = " ".join([why, *self._under_way.values()]) + "\n"
        opened = os.open(self._diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(opened, line.encode())
        os.kill(os.getpid(), signal.SIGKILL)


def die_with_parent() -> None:
    """No siege leaves processes behind, however it ends (Linux, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _run(order: dict[str, Any]) -> int:
    die_with_parent()
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for there, here in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(there, here)
    sys.addaudithook(Assassin(order))
    from lapor.cli import app

    try:
        app(order["arguments"], prog_name="lapor")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
    return 0


def main() -> None:
    die_with_parent()
    for name in (*LOADED, *sys.argv[1:]):
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                code = _run(json.loads(line))
            finally:
                os._exit(code)
        sys.stdout.write(f"pid {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"exit {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
