"""SMS webhooks over eight kept connections, next to a bare Flask view that inserts and commits the request.

2,000 texts from as many numbers, by GET as an SMS gateway brings them; rounds alternate, medians count.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.doors import Cost, configured, free_port, load, peak_mib, service, yardstick
from benchmarks.places import PLACES, prepared

ROUNDS = 5
TEXTS = 2_000
USER, PASSWORD = "kannel", "secret-of-the-benchmark"


def measure(kind: str) -> str:
    with ExitStack() as stack:
        url = stack.enter_context(PLACES[kind]())
        config = prepared(url, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        port = free_port()
        door = {"enabled": True, "gateway": "kannel", "username": "u", "password": "p", "secret": PASSWORD}
        configured(config, channels={"sms": door}, ingress={"listen": f"127.0.0.1:{port}"})
        bare = stack.enter_context(yardstick("webhook", url))
        ours = stack.enter_context(service(config, port, "ingress"))
        rates: dict[str, list[float]] = {"bare": [], "ours": []}
        tails: dict[str, list[float]] = {"bare": [], "ours": []}
        costs: list[float] = []
        for number in range(-1, ROUNDS):
            for name, where, path in (("bare", bare, "/bare"), ("ours", port, "/sms/kannel")):
                cost = Cost(ours)
                told = load("webhook", where, TEXTS, path, f"{name}{number}", USER, PASSWORD)
                if number < 0:
                    continue  # warming up
                rates[name].append(TEXTS / told["seconds"])
                tails[name].append(told["p99_ms"])
                if name == "ours":
                    costs.append(cost.ms_each(TEXTS))
        most = peak_mib(ours)
    yard, rate = statistics.median(rates["bare"]), statistics.median(rates["ours"])
    return (
        f"sms, {kind}: {rate:.0f} webhooks/s, bare Flask insert {yard:.0f}/s, ratio {rate / yard:.2f} (aim ≥ 0.8); 99th "
        f"percentile {statistics.median(tails['ours']):.1f} ms (aim ≤ 50; bare {statistics.median(tails['bare']):.1f}); "
        f"processor {statistics.median(costs):.2f} ms each, peak {most:.0f} MiB"
    )


def run() -> Iterator[str]:
    """Lines for the record."""
    yield from map(measure, PLACES)
