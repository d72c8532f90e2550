"""Chat turns through the whole road (accept, handle, deliver) by the console's adapter, next to a bare insert-and-commit.

A turn is one message of a citizen and the answer to it. Throughput: citizens who write as soon as they are answered.
Latency: messages that come at a fixed pace, whether the earlier ones are answered or not.
"""

from __future__ import annotations

import json
import queue
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from benchmarks.places import PLACES, prepared
from bots import console
from bots.console.parse import Typed, raw
from core.channels import Choice, Outbound
from core.config import Config
from core.intake import accept
from core.office import Office, now_utc
from core.storage.engine import open_database
from core.working import Worker
from lapor import wiring

CITIZENS_AT_ONCE = 40
CONVERSATIONS = 400
PACE_PER_SECOND = 30
PACE_SECONDS = 30
YARDSTICK_SECONDS = 4.0

LINES = (
    "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut",
    "Sembunyikan",
    "Tidak ada",
    "Kirim",
)


@dataclass
class Citizen:
    """One who tells the story of sop.md §7 in four turns."""

    name: str
    said: int = 0
    choices: tuple[Choice, ...] = ()
    wrote_at: float = 0.0

    def next_message(self) -> Typed:
        words = LINES[self.said]
        pressed = next((one.token for one in self.choices if one.label == words), None)
        self.said += 1
        self.wrote_at = time.perf_counter()
        return Typed(id=f"{self.name}-{self.said}", name=self.name, text="" if pressed else words, choice=pressed)


@dataclass
class Crowd:
    """Who speaks and what they hear. `answered` gets a citizen when the answer has been delivered."""

    citizens: dict[str, Citizen] = field(default_factory=dict)
    answered: queue.SimpleQueue[Citizen] = field(default_factory=queue.SimpleQueue)
    latencies: list[float] = field(default_factory=list)
    codes: int = 0

    def hear(self, outbound: Outbound) -> bool:
        citizen = self.citizens[outbound.address]
        self.latencies.append(time.perf_counter() - citizen.wrote_at)
        citizen.choices = outbound.choices
        self.codes += "Kode " in outbound.text
        self.answered.put(citizen)
        return True

    def add(self, name: str) -> Citizen:
        self.citizens[name] = Citizen(name)
        return self.citizens[name]


@dataclass(frozen=True)
class Running:
    office: Office
    crowd: Crowd
    worker: Worker

    def say(self, citizens: Sequence[Citizen]) -> None:
        accept(self.office, [raw(one.next_message(), channel="console") for one in citizens], now=now_utc())


def start(config: Config) -> Running:
    crowd = Crowd()
    door = console.build(console.Settings(), deliver=crowd.hear)
    office = wiring.open_with_keys(config, {"console": door.capabilities})
    worker = Worker(office, {"console": door}, runs=["console"])
    worker.start()
    return Running(office, crowd, worker)


def throughput(running: Running) -> tuple[float, int]:
    """(turns per second, reports) of citizens who write as soon as they are answered."""
    crowd, begun, done, turns = running.crowd, 0, 0, 0
    began = time.perf_counter()
    for _ in range(CITIZENS_AT_ONCE):
        begun += 1
        running.say([crowd.add(f"w{begun}")])
    while done < CONVERSATIONS:
        citizen = crowd.answered.get(timeout=30)
        turns += 1
        if citizen.said < len(LINES):
            running.say([citizen])
            continue
        done += 1
        if begun < CONVERSATIONS:
            begun += 1
            running.say([crowd.add(f"w{begun}")])
    return turns / (time.perf_counter() - began), crowd.codes


def latency(running: Running) -> tuple[float, float]:
    """(median, 99th percentile) in milliseconds at a fixed pace."""
    crowd = running.crowd
    crowd.latencies.clear()
    while not crowd.answered.empty():
        crowd.answered.get()
    waiting: list[Citizen] = []
    began = time.perf_counter()
    for number in range(PACE_PER_SECOND * PACE_SECONDS):
        due = began + number / PACE_PER_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        while not crowd.answered.empty():
            citizen = crowd.answered.get()
            if citizen.said < len(LINES):
                waiting.append(citizen)
        running.say([waiting.pop(0) if waiting else crowd.add(f"p{number}")])
    time.sleep(1.0)
    cuts = statistics.quantiles(crowd.latencies, n=100)
    return statistics.median(crowd.latencies) * 1000, cuts[98] * 1000


def bare_commits(url: str) -> float:
    """Inserts of one row of the same size, each with its own commit, per second: the database with nothing around it."""
    database = open_database(url)
    table = Table(
        "yardstick", MetaData(), Column("id", Integer, primary_key=True), Column("k", String(64)), Column("b", LargeBinary)
    )
    table.create(database.engine)
    body = json.dumps({"text": LINES[0]}).encode()
    statement, count = table.insert(), 0
    until = time.perf_counter() + YARDSTICK_SECONDS
    while time.perf_counter() < until:
        with database.write() as conn:
            conn.execute(statement, {"k": f"key-{count}", "b": body})
        count += 1
    table.drop(database.engine)
    database.dispose()
    return count / YARDSTICK_SECONDS


def measure(kind: str) -> list[str]:
    with PLACES[kind]() as url, tempfile.TemporaryDirectory() as folder:
        config = prepared(url, Path(folder))
        commits = bare_commits(config.database)
        running = start(config)
        with closing(running.office), stopping(running.worker.stop):
            turns, reports = throughput(running)
            median, slowest = latency(running)
    return [
        f"{kind}: {turns:.0f} turns/s ({reports} reports), bare insert-and-commit {commits:.0f}/s, ratio {turns / commits:.2f} "
        "(aim ≥ 300 turns/s)",
        f"{kind}: at {PACE_PER_SECOND} messages/s median {median:.1f} ms, 99th percentile {slowest:.1f} ms (aim ≤ 50, ≤ 250)",
    ]


class stopping:  # noqa: N801 - reads as a word in a with statement
    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self._stop()


def run() -> list[str]:
    """Lines for the record."""
    return [line for kind in PLACES for line in measure(kind)]
