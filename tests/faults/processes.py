"""Parts of the service as processes of their own (`lapor run`), started with an order to die at a step of the road."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from core.steps import Step

ROOT = Path(__file__).parents[2]
VICTIM = Path(__file__).parent / "victim"
STUCK_SECONDS = 40.0
STOP_SECONDS = 30.0


@dataclass
class Part:
    """One process, started again as often as it dies. `plan`: the steps at which it shall die, and at which passing."""

    name: str
    config: Path
    folder: Path
    poison: str = ""
    plan: deque[tuple[Step, int]] = field(default_factory=deque)
    process: subprocess.Popen[bytes] | None = None
    armed: tuple[Step, int] | None = None
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

    def start(self, order: tuple[Step, int] | None = None) -> None:
        """Starts it; with an order to die, or to live."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")}
        environment |= {"PYTHONPATH": str(VICTIM), "SIEGE_DIARY": str(self.diary), "SIEGE_POISON": self.poison}
        if order is not None:
            environment |= {"SIEGE_STEP": order[0].value, "SIEGE_AT": str(order[1])}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lapor", "run", self.name, "--config", str(self.config)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
            self._log_began = out.tell()
        self.armed, self._since = order, time.monotonic()
        self.starts += 1

    def watch(self) -> bool:
        """Starts it again if it has died by our hand, with the next order; True if it had died.

        AssertionError if it ended in any other way.
        """
        assert self.process is not None
        code = self.process.poll()
        if code is None:
            if self.armed is not None and time.monotonic() - self._since > STUCK_SECONDS:
                self.plan.append(self.armed)  # nothing came along this step: later again
                self._kill()
                self._next()
            return False
        assert code == -signal.SIGKILL, f"{self.name} ended with {code}:\n{self.tail()}"
        poisoned = self._deaths()["poison"]
        if poisoned > self.poisoned and self.armed is not None:
            self.plan.appendleft(self.armed)  # it died of the message before it came to its step
        self.poisoned = poisoned
        self._next()
        return True

    @property
    def up(self) -> bool:
        """Has it said that it is at work?"""
        return b" started" in self.log.read_bytes()[self._log_began :]

    def stop(self) -> None:
        """SIGTERM, and a clean end. A process that was poisoned just then is dead already."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS)
        assert code in (0, -signal.SIGKILL), f"{self.name} ended with {code}:\n{self.tail()}"

    def _next(self) -> None:
        self.start(self.plan.popleft() if self.plan else None)

    def _kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        """However it stands: no process is left behind."""
        self._kill()

    def _deaths(self) -> Counter[str]:
        return deaths(self.diary)

    def tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]


def deaths(diary: Path) -> Counter[str]:
    """How many died at each step (and of the poison)."""
    if not diary.exists():
        return Counter()
    return Counter(line.split()[0] for line in diary.read_text(encoding="utf-8").splitlines() if line)
