"""Processes die at every step of the road, and nothing that a citizen said is lost or answered twice (design.md, "Tests")."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.world import free_port
from tests.faults.front import Front
from tests.faults.mail import Mail
from tests.faults.siege import Extent, Siege, chance, lay
from tests.faults.sms import Sms
from tests.faults.telegram import Telegram
from tests.faults.twitter import Twitter
from tests.faults.verdict import Verdict, judge

DOORS = ("telegram-polling", "telegram-webhook", "mail", "sms", "twitter")


def door(name: str, folder: Path, extent: Extent) -> Front:
    """One of `DOORS`, with its vendor's server running."""
    match name:
        case "mail":
            return Mail(folder, chance(extent), free_port())
        case "sms":
            return Sms(folder, chance(extent))
        case "twitter":
            return Twitter(folder, chance(extent))
        case _:
            return Telegram(folder, chance(extent), name.partition("-")[2])


def besiege(folder: Path, url: str, name: str, extent: Extent) -> str:
    """A whole siege and its verdict; the figures as text. AssertionError with what is wrong."""
    siege = lay(folder, url, door(name, folder, extent), extent, (free_port(), free_port()))
    try:
        phases = []
        for phase in (siege.undisturbed, siege.besieged, siege.afterwards):
            began = time.monotonic()
            phase()
            phases.append(f"{phase.__name__} {time.monotonic() - began:.0f} s")
        verdict = judge(siege)
    finally:
        siege.close()
    figures = f"{_figures(siege, verdict, name)}\n{'  '.join(phases)}, {siege.rounds} rounds"
    sys.stdout.write(f"\n{figures}\n")
    assert verdict.wrong == [], figures + "\n" + "\n".join(verdict.wrong[:40])
    kills = siege.kills()
    spared = [step for step in (*siege.steps(), *siege.front.moments) if kills[step] < extent.kills_per_step]
    assert spared == [], f"not killed often enough at {spared}\n{figures}"
    return figures


def _figures(siege: Siege, verdict: Verdict, name: str) -> str:
    kills, front, town = siege.kills(), siege.front, siege.town
    return (
        f"{siege.url.partition(':')[0]}, {name}: {front.messages} messages and {front.repeats} second deliveries of "
        f"{len(front.citizens)} citizens, {front.shown()} messages to them, {sum(kills.values())} kills, "
        f"{len(verdict.wrong)} wrong, {verdict.unknown} left unknown "
        f"({verdict.missing} of a conversation never shown), {verdict.repeats} marked repeats, {len(town.overdue)} swept, "
        f"{sum(moves == 4 for moves in town.answered.values())} answered by officials, {front.remarks()}"
        f"{sum(part.starts for part in siege.parts)} starts, {time.monotonic() - siege.began:.0f} s\n"
        + "  ".join(f"{step} {kills[step]}" for step in (*siege.steps(), *front.moments, "poison"))
    )


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    "database, name",
    [
        ("sqlite", "telegram-polling"),
        ("postgres", "telegram-webhook"),
        ("sqlite", "mail"),
        ("postgres", "mail"),
        ("sqlite", "sms"),
        ("postgres", "sms"),
        ("sqlite", "twitter"),
        ("postgres", "twitter"),
    ],
)
def test_nothing_is_lost_or_said_twice(request: pytest.FixtureRequest, tmp_path: Path, database: str, name: str) -> None:
    url = request.getfixturevalue(f"{database}_url")
    besiege(tmp_path, url, name, Extent(kills_per_step=8, messages=600 if name.startswith("telegram") else 300))
