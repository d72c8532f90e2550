"""Citizens who tell the story of sop.md §7 in four turns, and who hear the answers through the console's adapter."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass, field

from bots.console.parse import Typed
from core.channels import Choice, Outbound

LINES = (
    "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut",
    "Sembunyikan",
    "Tidak ada",
    "Kirim",
)


@dataclass
class Citizen:
    """One conversation: four messages, each after the answer to the one before."""

    name: str
    said: int = 0
    choices: tuple[Choice, ...] = ()
    wrote_at: float = 0.0

    @property
    def is_done(self) -> bool:
        return self.said == len(LINES)

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

    def add(self, name: str) -> Citizen:
        self.citizens[name] = Citizen(name)
        return self.citizens[name]

    def hear(self, outbound: Outbound) -> bool:
        """The adapter's `deliver`: called from the delivery threads."""
        citizen = self.citizens[outbound.address]
        self.latencies.append(time.perf_counter() - citizen.wrote_at)
        citizen.choices = outbound.choices
        self.codes += "Kode " in outbound.text
        self.answered.put(citizen)
        return True

    def wait(self, seconds: float) -> list[Citizen]:
        """Everybody who has been answered by now, at least one. Raises queue.Empty when nobody is for so long."""
        found = [self.answered.get(timeout=seconds)]
        while not self.answered.empty():
            found.append(self.answered.get())
        return found
