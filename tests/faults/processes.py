"""Parts of the service as processes of their own (`lapor run`), started with an order to die at a step of the road."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.steps import SpoolStep, Step

ROOT = Path(__file__).parents[2]
STUCK_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 3.0
STOP_SECONDS = 30.0
SETTLED_SECONDS = 2.0

AnyStep = Step | SpoolStep


class Forge:
    """Starts one process after the other, each a fork of one that has loaded the service already (`tests/faults/victim.py`)."""

    def __init__(self, loads: Sequence[str] = ()) -> None:
        """`loads`: modules of the door, beside what every part needs."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")}
        self._forge = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.victim", *loads],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self.pid: int | None = None
        self.code: int | None = None
        self._said = b""

    def start(self, order: dict[str, Any]) -> None:
        assert self._forge.stdin is not None
        self.pid = self.code = None
        self._forge.stdin.write(json.dumps(order).encode() + b"\n")
        while self.pid is None:
            self._listen(60.0)

    def poll(self) -> int | None:
        """How the process ended; None while it runs."""
        if self.code is None:
            self._listen(0.0)
        return self.code

    def send(self, number: signal.Signals) -> None:
        if self.poll() is None and self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None:
            assert time.monotonic() < deadline, "it does not end"
            self._listen(0.1)
        return code

    def close(self) -> None:
        for pipe in (self._forge.stdin, self._forge.stdout):
            if pipe is not None:
                pipe.close()
        self._forge.kill()
        self._forge.wait(10)

    def _listen(self, seconds: float) -> None:
        assert self._forge.stdout is not None
        if not select.select([self._forge.stdout], [], [], seconds)[0]:
            return
        more = os.read(self._forge.stdout.fileno(), 4096)
        assert more, "the forge has ended"
        *lines, self._said = (self._said + more).split(b"\n")
        for line in lines:
            word, _, number = line.decode().partition(" ")
            if word == "pid":
                self.pid = int(number)
            else:
                self.code = int(number)


@dataclass
class Part:
    """One process, started again as often as it dies. `plan`: the steps at which it shall die, and at which passing."""

    name: str
    config: Path
    folder: Path
    poison: str = ""
    can_be: Callable[[AnyStep], bool] = lambda step: True
    plan: deque[tuple[AnyStep, int]] = field(default_factory=deque)
    process: Forge = field(default_factory=Forge)
    armed: tuple[AnyStep, int] | None = None
    starts: int = 0
    poisoned: int = 0
    _since: float = 0.0
    _log_began: int = 0

    @property
    def diary(self) -> Path:
        return self.folder / "diary"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self, order: tuple[AnyStep, int] | None = None) -> None:
        """Starts it; with an order to die, or to live."""
        self.log.touch()  # the process opens it only once it runs; whoever asks whether it is up reads it before
        self._log_began = self.log.stat().st_size
        given = {
            "arguments": ["run", self.name, "--config", str(self.config)],
            "log": str(self.log),
            "diary": str(self.diary),
            "poison": self.poison,
        }
        self.process.start(given if order is None else given | {"step": order[0].value, "at": order[1]})
        self.armed, self._since = order, time.monotonic()
        self.starts += 1

    def watch(self) -> bool:
        """Starts it again if it has died by our hand, with the next order; True if it had died.

        AssertionError if it ended in any other way.
        """
        code = self.process.poll()
        if code is None:
            lasted = time.monotonic() - self._since
            if self.armed is not None and lasted > STUCK_SECONDS:
                self.plan.append(self.armed)  # nothing came along this step: later again
                self._leave()
                self.next()
            elif self.armed is None and self.plan and lasted > LOOK_AGAIN_SECONDS:
                self._leave()
                self.next()
            return False
        assert code == -signal.SIGKILL, f"{self.name} ended with {code}:\n{self.tail()}"
        poisoned = self._deaths()["poison"]
        if poisoned > self.poisoned and self.armed is not None:
            self.plan.appendleft(self.armed)  # it died of the message before it came to its step
        self.poisoned = poisoned
        self.next()
        return True

    def strike(self, moment: str) -> None:
        """Kills it now, in a moment that only the transport knows; what it was to die of comes later."""
        if self.process.poll() is not None:
            return
        with self.diary.open("a", encoding="utf-8") as diary:
            diary.write(f"{moment}\n")
        self._kill()
        if self.armed is not None:
            self.plan.appendleft(self.armed)
        self.next()

    @property
    def up(self) -> bool:
        """Has it said that it is at work?"""
        return b" started" in self.log.read_bytes()[self._log_began :]

    def stop(self) -> None:
        """SIGTERM, and a clean end. It listens to signals a moment after it has said that it is at work."""
        while time.monotonic() - self._since < SETTLED_SECONDS:
            time.sleep(0.05)
        self.process.send(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"{self.name} ended with {code}:\n{self.tail()}"

    def next(self) -> None:
        """Starts it with the next order that can be carried out now."""
        for _ in range(len(self.plan)):
            order = self.plan.popleft()
            if self.can_be(order[0]):
                self.start(order)
                return
            self.plan.append(order)
        self.start(None)

    def _leave(self) -> None:
        """Makes room for its successor in peace: a death that no step has asked for would be in nobody's diary."""
        self.process.send(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        assert code in (0, -signal.SIGTERM, -signal.SIGKILL), f"{self.name} ended with {code}:\n{self.tail()}"

    def _kill(self) -> None:
        if self.process.pid is not None and self.process.poll() is None:
            self.process.send(signal.SIGKILL)
            self.process.wait(STOP_SECONDS)

    def end(self) -> None:
        """However it stands: it runs no more."""
        self._kill()

    def close(self) -> None:
        """No process is left behind."""
        self.process.close()

    def _deaths(self) -> Counter[str]:
        return deaths(self.diary)

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]


def deaths(diary: Path) -> Counter[str]:
    """How many died at each step (and of the poison)."""
    if not diary.exists():
        return Counter()
    return Counter(line.split()[0] for line in diary.read_text(encoding="utf-8").splitlines() if line)
