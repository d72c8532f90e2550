"""How much of the processor a turn costs: steadier than the clock where a machine is shared."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import psutil


def seconds_by_thread() -> Counter[str]:
    """Processor seconds of this process so far, by what its threads do ("handle", "deliver", …)."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: Counter[str] = Counter()
    for each in psutil.Process().threads():
        spent[_role(names.get(each.id, "ended"))] += each.user_time + each.system_time
    return spent


def seconds_of(process: psutil.Process) -> float:
    """Processor seconds of another process so far, its present children included."""
    spent = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        spent += times.user + times.system
    return spent


def per_turn(before: Mapping[str, float], after: Mapping[str, float], turns: int) -> str:
    """ "4.1 ms a turn (handle 2.9, deliver 0.6, …)"."""
    spent = {role: (after[role] - before.get(role, 0.0)) / turns * 1000 for role in after}
    shares = ", ".join(f"{role} {cost:.1f}" for role, cost in sorted(spent.items(), key=lambda one: -one[1]) if cost >= 0.05)
    return f"{sum(spent.values()):.1f} ms a turn ({shares})"


def _role(name: str) -> str:
    return "citizens and accept" if name == "MainThread" else name.split("-", maxsplit=1)[0]
