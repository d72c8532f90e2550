"""Mails over SMTP: accepted (committed before the 250) and through to the queued reply, next to a bare aiosmtpd sink.

500 mails from as many people over eight connections, one in five with a photo of 200 kB; rounds alternate, medians count. The
sink parses each mail and commits its raw bytes on the same database before its 250, and does nothing else.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.doors import Cost, configured, free_port, load, peak_mib, service, yardstick
from benchmarks.places import PLACES, prepared
from core.config import load as load_config
from core.storage.engine import open_database
from core.storage.tables import outbox

ROUNDS = 3
MAILS = 500
ADDRESS = "lapor@localhost"
PATIENCE_SECONDS = 120.0


def accepting(kind: str) -> str:
    """The listener alone, round by round with the sink."""
    with ExitStack() as stack:
        url = stack.enter_context(PLACES[kind]())
        config, port = _config(stack, url)
        sink = stack.enter_context(yardstick("mail", url))
        ours = stack.enter_context(service(config, port, "email"))
        for warm in (sink, port):
            load("mail", warm, 50, ADDRESS, "warm")
        bare: list[float] = []
        door: list[float] = []
        costs: list[float] = []
        for number in range(ROUNDS):
            bare.append(MAILS / load("mail", sink, MAILS, ADDRESS, f"bare{number}")["seconds"])
            cost = Cost(ours)
            door.append(MAILS / load("mail", port, MAILS, ADDRESS, f"ours{number}")["seconds"])
            costs.append(cost.ms_each(MAILS))
        most = peak_mib(ours)
    yard, rate = statistics.median(bare), statistics.median(door)
    return (
        f"mail, {kind}: accepted {rate:.0f}/s (aim ≥ 250), bare sink {yard:.0f}/s, ratio {rate / yard:.2f} (aim ≥ 0.8); "
        f"processor {statistics.median(costs):.1f} ms a mail, peak {most:.0f} MiB"
    )


def replying(kind: str, *processes: tuple[str, ...]) -> str:
    """From the first mail to the last queued reply; every mail is a report with its code."""
    rates: list[float] = []
    costs: list[float] = []
    with ExitStack() as stack:
        url = stack.enter_context(PLACES[kind]())
        config, port = _config(stack, url)
        running = [stack.enter_context(service(config, port if "email" in parts else 0, *parts)) for parts in processes]
        database = open_database(load_config(config).database)
        stack.callback(database.dispose)

        def queued() -> int:
            with database.read() as connection:
                return int(connection.execute(select(func.count()).where(outbox.c.channel == "email")).scalar_one())

        load("mail", port, 50, ADDRESS, "warm")
        _until(lambda: queued() >= 50)
        for number in range(ROUNDS):
            wanted, cost, began = queued() + MAILS, Cost(*running), time.perf_counter()
            load("mail", port, MAILS, ADDRESS, f"whole{number}")
            _until(lambda wanted=wanted: queued() >= wanted)
            rates.append(MAILS / (time.perf_counter() - began))
            costs.append(cost.ms_each(MAILS))
        most = " + ".join(f"{peak_mib(one):.0f}" for one in running)
    how = " and ".join(" ".join(parts) for parts in processes)
    return (
        f"mail, {kind}, {how}: to the queued reply {statistics.median(rates):.0f}/s (aim ≥ 160), "
        f"processor {statistics.median(costs):.1f} ms a mail, peak {most} MiB"
    )


def _config(stack: ExitStack, url: str) -> tuple[Path, int]:
    config = prepared(url, Path(stack.enter_context(tempfile.TemporaryDirectory())))
    port = free_port()
    door = {"enabled": True, "listen": f"127.0.0.1:{port}", "address": ADDRESS, "mails_per_minute": 1_000_000}
    configured(config, channels={"email": door})
    return config, port


def _until(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise RuntimeError("the replies do not come")
        time.sleep(0.02)


def run() -> Iterator[str]:
    """Lines for the record."""
    for kind in PLACES:
        yield accepting(kind)
        yield replying(kind, ("email", "worker"))
    yield replying("postgresql", ("email",), ("worker",))
