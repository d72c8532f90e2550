"""Fills and empties a spool in processes that die at a given step: `python -m tests.lapor.spool_victim FOLDER`.

A line on standard input is "mode step at": mode `put` brings numbered messages while the database is away and writes each
number that got its yes into FOLDER/acknowledged; `drain` brings what waits into the database; `full` is `put` on a disk that
takes nothing. The process dies at the `at`-th passing of `step`, or ends. Answers each line with how it ended.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.channels import Raw, Stored
from core.config import parse
from core.errors import StorageUnavailable
from core.intake import accept
from core.spool import Spool
from core.spooling import drain, keeping
from lapor import logs, wiring
from tests.faults.victim import die_with_parent

ARRIVED = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
IN_ONE_LIFE = 12
MARGIN = IN_ONE_LIFE + 1


def away(raws: Sequence[Raw]) -> Sequence[Stored]:
    raise StorageUnavailable("the database is away")


def message(number: int) -> Raw:
    return Raw("hook", f"m{number}", "+628123456789", f"message {number}".encode())


def _numbers(folder: Path) -> Iterator[int]:
    """Never one that an earlier life used."""
    counter = folder / "lives"
    lives = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(lives + 1))
    return iter(range(lives * MARGIN, lives * MARGIN + IN_ONE_LIFE))


def _put(folder: Path) -> None:
    take = keeping(away, Spool(folder / "var" / "spool"), lambda: ARRIVED)
    acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number in _numbers(folder):
        take([message(number)])
        os.write(acknowledged, f"{number}\n".encode())


def _live(folder: Path, mode: str, step: str, at: int) -> int:
    passed = 0

    def assassin(event: str, args: tuple[object, ...]) -> None:
        nonlocal passed
        if event == "lapor.step" and args[0] == step:
            passed += 1
            if passed >= at:
                os.kill(os.getpid(), signal.SIGKILL)

    die_with_parent()
    sys.addaudithook(assassin)
    office = wiring.open_with_keys(parse({}, folder=folder), {})
    if mode == "drain":
        spool = Spool(office.config.spool)
        with spool.alone() as ours:
            assert ours
            drain(spool, lambda raws, moment: accept(office, raws, now=moment), threading.Event())
        return 0
    if mode == "full":
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a log in a file is not what is tested
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    try:
        _put(folder)
    except StorageUnavailable:
        return 75
    return 0


def main(folder: Path) -> None:
    die_with_parent()
    logs.configure()
    for line in sys.stdin:
        mode, step, at = line.split()
        child = os.fork()
        if not child:
            code = 70
            try:
                code = _live(folder, mode, step, int(at))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
