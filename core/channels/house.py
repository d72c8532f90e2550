"""What a channel may know of the house it stands in, and what the house keeps for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from core.errors import ConfigurationError


def unsigned(text: str) -> str:  # noqa: ARG001
    """No key was given: nothing can be signed."""
    raise ConfigurationError("this channel was built without a key: start through `lapor`")


Menu = Mapping[str, Sequence[tuple[str, str]]]
"""Language code → (command without slash, description); the first language is the one for everybody else."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one purpose ("send", "read", …) has cost on one day: how many calls, and how many millionths of a US dollar."""

    purpose: str
    calls: int
    micro_usd: int


class Keepsakes(Protocol):
    """What the house keeps for one channel over restarts, shared by all its processes: cursors, small notes, what was spent.

    Everything is durable when the call returns. Every method raises StorageUnavailable while the database is away.
    """

    def read(self, name: str) -> str | None:
        """The note under this name (at most 60 characters); None if there is none."""

    def write(self, name: str, value: str | None) -> None:
        """Keeps it; None forgets it. Never anything personal: notes are not encrypted."""

    def spend(self, day: date, purpose: str, *, micro_usd: int, calls: int = 1) -> None:
        """Adds to what was spent on that day."""

    def spent(self, day: date) -> Sequence[Spending]:
        """What was spent on that day, by purpose."""

    def turn(self, name: str, seconds: float) -> bool:
        """Is it this process's turn to do `name`? Taken or renewed for so long; False while another process has it."""


class InMemory:
    """Keepsakes of a channel that is built outside a house, in tests and measurements: gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: dict[str, str] = {}
        self._spent: dict[tuple[date, str], Spending] = {}

    def read(self, name: str) -> str | None:
        with self._lock:
            return self._notes.get(name)

    def write(self, name: str, value: str | None) -> None:
        with self._lock:
            if value is None:
                self._notes.pop(name, None)
            else:
                self._notes[name] = value

    def spend(self, day: date, purpose: str, *, micro_usd: int, calls: int = 1) -> None:
        with self._lock:
            before = self._spent.get((day, purpose), Spending(purpose, 0, 0))
            self._spent[day, purpose] = Spending(purpose, before.calls + calls, before.micro_usd + micro_usd)

    def spent(self, day: date) -> Sequence[Spending]:
        with self._lock:
            return [one for (on, _), one in sorted(self._spent.items()) if on == day]

    def turn(self, name: str, seconds: float) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel may know of the house it stands in.

    `public_url`: where the vendor reaches our ingress. `menu`: texts of a command menu. `office`: how the service calls
    itself. `sign`: keyed hash of a text (hex, 64 characters), the same in every process: for tokens that only we can make.
    `keep`: what this channel remembers over restarts. `zone`: the office's own (IANA name): where its days begin.
    """

    public_url: str = ""
    menu: Menu = field(default_factory=dict)
    office: str = ""
    sign: Callable[[str], str] = unsigned
    keep: Keepsakes = field(default_factory=InMemory)
    zone: str = "Asia/Jakarta"


AT_REST = Surroundings()
"""For a channel that is built outside a house, in tests and measurements."""
