"""SIGKILL between any two steps of the spool loses nothing that got a yes, doubles nothing and keeps the order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Config
from core.office import Office
from core.spool import Spool, Waiting, waiting
from core.steps import SpoolStep, Step
from core.storage.tables import inbox
from tests.lapor.spool_victim import ARRIVED

ROOT = Path(__file__).resolve().parents[2]
KILLED = -9
REFUSED = 75
WHILE_PUTTING = (SpoolStep.WRITTEN, SpoolStep.NAMED, SpoolStep.KEPT)
WHILE_BRINGING = (Step.ACCEPT_STORED, Step.ACCEPT_COMMITTED, SpoolStep.ACCEPTED, SpoolStep.CLEARED)

Live = Callable[[str, str, int], int]


@pytest.fixture
def live(config: Config) -> Iterator[Live]:
    """One life of a process: how it ended."""
    command = [sys.executable, "-m", "tests.lapor.spool_victim", str(config.folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout

        def one(mode: str, step: str, at: int) -> int:
            nursery.stdin.write(f"{mode} {step} {at}\n")
            nursery.stdin.flush()
            return int(nursery.stdout.readline())

        yield one
        nursery.stdin.close()
        nursery.wait(10)


def acknowledged(config: Config) -> list[str]:
    return [f"m{number}" for number in (config.folder / "acknowledged").read_text().split()]


def stored(office: Office) -> list[str]:
    with office.database.read() as conn:
        return list(conn.execute(select(inbox.c.source_id).order_by(inbox.c.id)).scalars())


def test_what_got_a_yes_survives_a_kill_at_every_step_once_and_in_order(live: Live, config: Config, office: Office) -> None:
    for at in (1, 2, 5):
        for putting in WHILE_PUTTING:
            assert live("put", putting, at) == KILLED
        for bringing in WHILE_BRINGING:
            assert live("put", "none", 1) == 0  # one batch, one commit, a file for each
            assert live("drain", bringing, at if bringing is SpoolStep.CLEARED else 1) == KILLED
    assert waiting(config.spool).count > 0
    assert live("drain", "none", 1) == 0
    assert waiting(config.spool).count == 0
    came = stored(office)
    assert set(acknowledged(config)) - set(came) == set()
    assert came == sorted(set(came), key=lambda name: int(name[1:]))
    with office.database.read() as conn:
        assert set(conn.execute(select(inbox.c.received_at)).scalars()) == {ARRIVED}


def test_what_is_only_half_there_is_looked_at_by_nobody(live: Live, config: Config, office: Office) -> None:
    assert live("put", SpoolStep.WRITTEN, 1) == KILLED
    assert len(list((config.spool / "hook").iterdir())) == 1
    assert waiting(config.spool) == Waiting()


def test_a_killed_process_leaves_no_lock_behind(live: Live, config: Config, office: Office) -> None:
    assert live("put", "none", 1) == 0
    assert live("drain", SpoolStep.ACCEPTED, 1) == KILLED
    with Spool(config.spool).alone() as ours:
        assert ours


def test_a_full_disk_is_no_yes(live: Live, config: Config, office: Office) -> None:
    assert live("full", "none", 1) == REFUSED
    assert acknowledged(config) == []
    assert list((config.spool / "hook").iterdir()) == []
