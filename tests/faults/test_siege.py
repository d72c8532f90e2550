"""Processes die at every step of the road, and nothing that a citizen said is lost or answered twice (design.md, "Tests")."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from core.steps import Step
from tests.acceptance.world import free_port
from tests.faults.siege import Extent, lay
from tests.faults.verdict import judge


def besiege(folder: Path, url: str, mode: str, extent: Extent) -> str:
    """A whole siege and its verdict; the figures as one line. AssertionError with what is wrong."""
    siege = lay(folder, url, mode, extent, (free_port(), free_port()))
    try:
        siege.undisturbed()
        siege.besieged()
        siege.afterwards()
        verdict = judge(siege)
    finally:
        siege.close()
    kills = siege.kills()
    figures = (
        f"{url.partition(':')[0]}, {mode}: {siege.crowd.messages} messages and {siege.crowd.repeats} repeated updates of "
        f"{len(siege.crowd.citizens)} citizens, {sum(kills.values())} kills, {verdict.unknown} left unknown "
        f"({verdict.missing} of a conversation never shown), {verdict.repeats} marked repeats, {len(siege.overdue)} swept, "
        f"{sum(moves == 4 for moves in siege.answered.values())} answered by officials, "
        f"{sum(part.starts for part in siege.parts)} starts, {time.monotonic() - siege.began:.0f} s\n"
        + "  ".join(f"{step} {kills[step]}" for step in (*Step, "poison"))
    )
    sys.stdout.write(f"\n{figures}\n")
    assert verdict.wrong == [], figures + "\n" + "\n".join(verdict.wrong[:40])
    spared = [step.value for step in Step if kills[step] < extent.kills_per_step]
    assert spared == [], f"not killed often enough at {spared}\n{figures}"
    return figures


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("database, mode", [("sqlite", "polling"), ("postgres", "webhook")])
def test_nothing_is_lost_or_said_twice(request: pytest.FixtureRequest, tmp_path: Path, database: str, mode: str) -> None:
    url = request.getfixturevalue(f"{database}_url")
    besiege(tmp_path, url, mode, Extent(kills_per_step=8, messages=600))
