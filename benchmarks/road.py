"""Chat turns through the whole road (accept, handle, deliver) by the console's adapter, next to a bare insert-and-commit.

A turn is one message of a citizen and the answer to it, delivered. Throughput: citizens who write as soon as they are answered;
messages that lie there together are accepted together, as a poll of a vendor does. Latency: messages that come one by one at a
fixed pace, whether the earlier ones are answered or not.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from benchmarks.crowd import LINES, Citizen, Crowd
from benchmarks.places import PLACES, ROOT, prepared
from benchmarks.processor import per_turn, seconds_by_thread, seconds_of
from bots import console
from bots.console.parse import raw
from core.config import load
from core.intake import accept
from core.office import Office, now_utc
from core.storage.engine import open_database
from core.working import Worker
from lapor import wiring

CITIZENS_AT_ONCE = 40
WARM_UP = 40
CONVERSATIONS = 400
PACE_PER_SECOND = 30
PACE_SECONDS = 30
YARDSTICK_SECONDS = 4.0


@dataclass(frozen=True)
class Running:
    """The road at work: this process listens and delivers; it also handles where `others` is empty."""

    office: Office
    crowd: Crowd
    others: Sequence[psutil.Process]

    def say(self, citizens: Sequence[Citizen]) -> None:
        accept(self.office, [raw(one.next_message(), channel="console") for one in citizens], now=now_utc())

    def processor_seconds(self) -> dict[str, float]:
        return dict(seconds_by_thread()) | {f"handler {n}": seconds_of(one) for n, one in enumerate(self.others, 1)}


@contextmanager
def running(config_file: Path, handler_processes: int) -> Iterator[Running]:
    """`handler_processes`: 0 for one process that does everything, else so many `lapor run worker` besides this one."""
    crowd = Crowd()
    door = console.build(console.Settings(), deliver=crowd.hear)
    with ExitStack() as stack:
        office = wiring.open_with_keys(load(config_file), {"console": door.capabilities})
        stack.callback(office.close)
        others = [stack.enter_context(handler(config_file)) for _ in range(handler_processes)]
        worker = Worker(office, {"console": door}, runs=["console"], handlers=0 if others else None)
        worker.start()
        stack.callback(worker.stop)
        yield Running(office, crowd, others)


@contextmanager
def handler(config_file: Path) -> Iterator[psutil.Process]:
    """A worker in a process of its own."""
    command = [sys.executable, "-m", "lapor", "run", "worker", "--config", str(config_file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def converse(road: Running, name: str, conversations: int) -> int:
    """So many whole conversations, 40 at a time; how many turns it took."""
    begun = done = turns = 0
    answered: list[Citizen] = []
    while done < conversations:
        speaking = [one for one in answered if not one.is_done]
        done += len(answered) - len(speaking)
        while begun < conversations and begun - done < CITIZENS_AT_ONCE:
            begun += 1
            speaking.append(road.crowd.add(f"{name}{begun}"))
        if speaking:
            road.say(speaking)
            turns += len(speaking)
        if done < conversations:
            answered = road.crowd.wait(30)
    return turns


def throughput(road: Running) -> str:
    """Turns per second of citizens who write as soon as they are answered."""
    converse(road, "warm", WARM_UP)
    codes, spent, began = road.crowd.codes, road.processor_seconds(), time.perf_counter()
    turns = converse(road, "busy", CONVERSATIONS)
    seconds = time.perf_counter() - began
    return (
        f"{turns / seconds:.0f} turns/s (aim ≥ 300), {road.crowd.codes - codes} reports, processor "
        f"{per_turn(spent, road.processor_seconds(), turns)}"
    )


def latency(road: Running) -> str:
    """Milliseconds from a message to its answer at a fixed pace."""
    crowd = road.crowd
    crowd.latencies.clear()
    waiting: list[Citizen] = []
    began = time.perf_counter()
    for number in range(PACE_PER_SECOND * PACE_SECONDS):
        time.sleep(max(0.0, began + number / PACE_PER_SECOND - time.perf_counter()))
        while not crowd.answered.empty():
            citizen = crowd.answered.get()
            if not citizen.is_done:
                waiting.append(citizen)
        road.say([waiting.pop(0) if waiting else crowd.add(f"pace{number}")])
    time.sleep(1.0)
    heard = len(crowd.latencies)
    if heard < PACE_PER_SECOND * PACE_SECONDS:
        return f"only {heard} of {PACE_PER_SECOND * PACE_SECONDS} answers came: too slow for {PACE_PER_SECOND} messages/s"
    cuts = statistics.quantiles(crowd.latencies, n=100)
    return (
        f"at {PACE_PER_SECOND} messages/s median {cuts[49] * 1000:.1f} ms (aim ≤ 50), "
        f"99th percentile {cuts[98] * 1000:.1f} ms (aim ≤ 250)"
    )


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


def measure(kind: str, handler_processes: int) -> Iterator[str]:
    name = f"{kind}, {'one process' if not handler_processes else f'{handler_processes} handling process(es) besides'}"
    with PLACES[kind]() as url, tempfile.TemporaryDirectory() as folder:
        config_file = prepared(url, Path(folder))
        yield f"{name}: bare insert-and-commit {bare_commits(url):.0f}/s"
        with running(config_file, handler_processes) as road:
            yield f"{name}: {throughput(road)}"
            yield f"{name}: {latency(road)}"


def run() -> Iterator[str]:
    """Lines for the record."""
    for kind, handler_processes in (("sqlite", 0), ("postgresql", 0), ("postgresql", 1)):
        yield from measure(kind, handler_processes)
