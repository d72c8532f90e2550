"""The siege: citizens write, officials answer, and the service's processes are killed at each step of the road in turn."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from core.config import load
from core.office import Office, open_office
from core.steps import Step
from core.storage.crypto import Keys, use_keys
from lapor import demo
from tests.faults.front import ACCEPT, FETCH, MATTERS, SWEEP, Citizen, Front
from tests.faults.processes import Forge, Part, deaths
from tests.faults.town import Town, actors

KEY = "the key of the fault tests, of no use elsewhere"
ROUND_SECONDS = 90.0
NEWCOMER_SECONDS = 0.25
STRIKE_SECONDS = 2.0
STILL_SECONDS = 2.5
TALKING = 20  # conversations at once
MOST_UNDER_WAY = 60
MOST_ROUNDS = 20
LATEST_PASSING = dict.fromkeys(ACCEPT, 3) | dict.fromkeys((*FETCH, *SWEEP), 1)


@dataclass(frozen=True)
class Extent:
    """How long a siege is: deaths for each step, and at least so many messages."""

    kills_per_step: int
    messages: int
    seed: int = 1_708


@dataclass
class Siege:
    """A service under siege, from outside: its processes, its door, its people.

    `expected`: what everybody with this matter must be shown: in the conversation, and then for what officials do.
    """

    folder: Path
    url: str
    extent: Extent
    front: Front
    town: Town
    parts: list[Part]
    control: dict[str, Citizen] = field(default_factory=dict)
    expected: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    rounds: int = 0
    _next_comes: float = 0.0
    _next_strike: float = 0.0
    _strikes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def office(self) -> Office:
        return self.town.office

    # --- the course of it

    def undisturbed(self) -> None:
        """One conversation of each matter, before anybody dies: what must be said to everybody else."""
        for part in self.parts:
            part.start()
        for matter in MATTERS:
            self.control[matter] = self.front.comes(matter)
        self.until(lambda: self.front.talking == 0 and self.idle(), 60)
        self.front.tick(repeating=False)
        assert all(map(self.front.codes, self.control.values())), [self.front.heard(one) for one in self.control.values()]
        spoken = {matter: self.front.heard(one) for matter, one in self.control.items()}
        levy = self.town.report_of(self.control["levy"])
        assert levy is not None
        self.town.spared = {report for one in self.control.values() if (report := self.town.report_of(one)) is not None}
        while self.town.acts(levy):
            pass
        self.until(self.idle, 30)
        self.front.tick(repeating=False)
        for matter, one in self.control.items():
            self.expected[matter] = spoken[matter], self.front.heard(one)[len(spoken[matter]) :]

    def besieged(self) -> None:
        """People write and officials act while the processes die, until every death of the plan has been died."""
        self._plan()
        self.front.misbehave(True)
        for part in self.parts:
            part.end()
        self.front.send_poison()
        for part in self.parts:
            part.can_be, part.poison = self.town.prepare, self.front.poison
            part.next()
        while (
            self._strikes or any(part.plan or part.armed for part in self.parts) or self.front.messages < self.extent.messages
        ):
            self._tick(newcomers=True)
            self._strike()

    def afterwards(self) -> None:
        """Nobody is killed any more save by the poison. Leases of the dead end, what was left lying is done."""
        self.front.misbehave(False)
        for part in self.parts:
            part.armed = None
        self.until(lambda: self.front.talking == 0, ROUND_SECONDS, or_fail=False)
        for self.rounds in range(1, MOST_ROUNDS):
            self._settle()
            if self.idle() and not self.town.still_waiting() and self.front.talking == 0:
                break
            self.town.minutes_pass()
        for citizen in self.front.citizens:
            if not self.front.codes(citizen):
                self.front.ask_for_the_code(citizen)
        everybody = self.front.citizens
        self.until(lambda: all(map(self.front.codes, everybody)) and self.idle(), 60, or_fail=False)
        self._settle()
        for part in self.parts:
            part.stop()
        self.front.tick(repeating=False)

    def _tick(self, *, newcomers: bool) -> None:
        front = self.front
        now = time.monotonic()
        if newcomers and now > self._next_comes and front.talking < TALKING and front.backlog() < MOST_UNDER_WAY:
            self._next_comes = now + NEWCOMER_SECONDS
            number = len(front.citizens)
            front.comes(MATTERS[number % len(MATTERS)], hasty=number % 3 == 0)
        front.tick(repeating=newcomers)
        for part in self.parts:
            part.watch()
        self.town.works(self._ready())
        time.sleep(0.03)

    def _ready(self) -> list[Citizen]:
        """Those with a complaint whose conversation is over."""
        spoken = len(self.expected["levy"][0]) if self.expected else 0
        heard = self.front.heard
        return [one for one in self.front.citizens if one.matter == "levy" and one.done and len(heard(one)) >= spoken > 0]

    def _strike(self) -> None:
        """Kills whoever listens, if a client is in a moment that has not had its deaths yet."""
        moment = self.front.moment()
        if moment not in self._strikes or time.monotonic() < self._next_strike:
            return
        part = next(part for part in self.parts if part.name == self.front.moments[moment])
        if part.up:
            self._strikes.remove(moment)
            self._next_strike = time.monotonic() + STRIKE_SECONDS
            part.strike(moment)

    def _settle(self) -> None:
        """Until all is done, or everybody is at work and nothing moves any more: what is left waits for a moment."""
        seen: tuple[int, ...] = ()
        since = time.monotonic()

        def still() -> bool:
            nonlocal seen, since
            if self.idle() and self.front.talking == 0:
                return True
            now = (*self.town.standing(), self.front.shown(), self.front.backlog())
            if now != seen or not all(part.up for part in self.parts):
                seen, since = now, time.monotonic()
            return time.monotonic() - since > STILL_SECONDS

        self.until(still, ROUND_SECONDS, or_fail=False)

    def until(self, ready: Callable[[], Any], seconds: float, *, or_fail: bool = True) -> None:
        """Lets people go on until `ready()`; AssertionError with the logs' ends after `seconds`, if that matters."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                assert not or_fail, "\n".join(part.tail() for part in self.parts)
                return
            self._tick(newcomers=False)

    def _plan(self) -> None:
        """Each step the same number of times, in an order that the seed decides, at a passing that it decides too."""
        chance = self.front.chance
        for part in self.parts:
            orders: list[tuple[Any, int]] = [
                (step, chance.randint(1, LATEST_PASSING.get(step, 8)))
                for step in self.front.roads[part.name]
                for _ in range(self.extent.kills_per_step)
            ]
            chance.shuffle(orders)
            part.plan = deque(orders)
        self._strikes = list(self.front.moments) * self.extent.kills_per_step

    # --- how it stands

    def idle(self) -> bool:
        """Nothing is there to be done now, also not for what has been shown since the last look."""
        if not self.town.idle():
            return False
        self.front.tick(repeating=False)
        return not self.front.backlog() and self.town.idle()

    def steps(self) -> list[Step]:
        """Those that this door's road has."""
        return [step for step in Step if any(step in road for road in self.front.roads.values())]

    def kills(self) -> Counter[str]:
        """Deaths by step, written down by the dying."""
        return deaths(self.parts[0].diary)

    def close(self) -> None:
        """Leaves nothing running."""
        for part in self.parts:
            part.close()
        self.front.close()
        self.office.close()


def write_config(folder: Path, url: str, channel: str, settings: Mapping[str, Any], ports: tuple[int, int]) -> Path:
    """The configuration of a service with one channel, for `lapor run`; `ports` of desk and ingress."""
    written = {
        "office": {"public_url": f"http://127.0.0.1:{ports[1]}"},
        "database": url,
        "files": str(folder / "files"),
        "key": KEY,
        "desk": {"listen": f"127.0.0.1:{ports[0]}"},
        "ingress": {"listen": f"127.0.0.1:{ports[1]}"},
        "channels": {channel: settings},
        "procedure": {"flood": {"messages": 1000}, "quiet": {"from_hour": 0, "to_hour": 0}},  # run at any hour
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(written), encoding="utf-8")
    return path


def lay(folder: Path, url: str, front: Front, extent: Extent, ports: tuple[int, int]) -> Siege:
    """Everything in place: a migrated database with the demonstration government, the vendor's server, a configuration."""
    path = write_config(folder, url, front.channel, front.settings(), ports)
    use_keys(Keys.from_secret(KEY.encode()))
    config = load(path, environ={})
    office = open_office(config, {front.channel: front.capabilities})
    demo.fill(office, now=datetime.now(UTC))
    town = Town(office, front.channel, actors(office), front.chance)
    front.open(config.office.public_url)
    front.look(office.database)
    parts = [Part(name, path, folder, front.poison, process=Forge(front.loads)) for name in front.roads]
    return Siege(folder, url, extent, front, town, parts)


def chance(extent: Extent) -> random.Random:
    """Everything that a siege decides by chance comes from here."""
    return random.Random(extent.seed)
