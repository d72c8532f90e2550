"""A door under siege, seen from outside: who stands before it, what stands for its vendor, what people were shown."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

from PIL import Image

from core import trackingcode
from core.channels import Capabilities
from core.steps import Step
from core.storage.engine import Database

ACCEPT = (Step.ACCEPT_STORED, Step.ACCEPT_COMMITTED)
HANDLE = (Step.HANDLE_CLAIMED, Step.HANDLE_DECIDED, Step.HANDLE_COMMITTED)
SEND = (Step.SEND_CLAIMED, Step.SEND_DONE, Step.SEND_RECORDED)
FETCH = (Step.FETCH_CLAIMED, Step.FETCH_STORED, Step.FETCH_RECORDED)
SWEEP = (Step.SWEEP_DECIDED, Step.SWEEP_COMMITTED)

MATTERS = ("levy", "lamp")
"""A complaint, and a grievance with a photo where the door takes one."""


def picture() -> bytes:
    """A small photo."""
    out = BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return out.getvalue()


@dataclass
class Citizen:
    """One person with one matter. `address`: as the service keeps it; `photo`: SHA-256 of what was sent."""

    address: str
    matter: str
    script: tuple[str, ...]
    hasty: bool = False  # says everything at once
    said: int = 0
    spoke_at: float = 0.0
    heard_before: int = 0
    photo: str = ""
    asked_again: int = 0

    @property
    def done(self) -> bool:
        return self.said == len(self.script)


@dataclass
class Front(ABC):
    """What a siege needs of a door. Messages have names by which they are found in the inbox again.

    `roads`: the steps that each part of the service takes, `moments`: those of the transport at which the harness strikes.
    `arrived`: the state of an outbox entry that the vendor has; `orderly`: what was said first is handled first.
    """

    channel: ClassVar[str]
    loads: ClassVar[tuple[str, ...]]
    arrived: ClassVar[str] = "delivered"
    repeatable: ClassVar[bool] = False
    orderly: ClassVar[bool] = True
    moments: ClassVar[Mapping[str, str]] = {}

    folder: Path
    chance: random.Random
    citizens: list[Citizen] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    repeats: int = 0

    @property
    def messages(self) -> int:
        return len(self.names)

    @property
    def talking(self) -> int:
        """Conversations under way."""
        return sum(not one.done for one in self.citizens)

    @property
    @abstractmethod
    def roads(self) -> Mapping[str, tuple[Step, ...]]: ...

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities: ...

    @property
    @abstractmethod
    def poison(self) -> str:
        """How the source id of the message begins that kills whoever handles it."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The channel's section of the configuration."""

    @abstractmethod
    def open(self, public_url: str) -> None:
        """The service's address is known: people may come."""

    @abstractmethod
    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        """A new person enters."""

    @abstractmethod
    def tick(self, *, repeating: bool) -> None:
        """Reads what was shown; everybody who wants to say something says it; now and then a message comes a second time."""

    @abstractmethod
    def heard(self, citizen: Citizen) -> list[str]:
        """What this person was shown, in order."""

    @abstractmethod
    def shown(self) -> int:
        """How much was shown to all of them; grows with each message."""

    @abstractmethod
    def backlog(self) -> int:
        """Messages and reports that are under way to the service."""

    @abstractmethod
    def ask_for_the_code(self, citizen: Citizen) -> None:
        """Who never read a code asks, as people do."""

    @abstractmethod
    def send_poison(self) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def misbehave(self, on: bool) -> None:
        """The vendor's server breaks off now and then, or behaves."""

    def look(self, database: Database) -> None:  # noqa: B027
        """Where the inbox is: a door that asks for its messages sees only there what has come."""

    def moment(self) -> str | None:
        """One of `moments` that a client is in now."""
        return None

    def name_of(self, source_id: str) -> str:
        """The name of the message that is kept under this source id."""
        return source_id

    def remarks(self) -> str:
        """Figures of this door alone, with a comma behind each."""
        return ""

    def complaints(self, texts: Mapping[str, str]) -> list[str]:
        """What is wrong between the vendor and the people beside what everybody's chat tells. `texts`: outbox key → words."""
        del texts
        return []

    def codes(self, citizen: Citizen) -> set[str]:
        """Tracking codes that this person has read."""
        return {code for text in self.heard(citizen) for code in trackingcode.find(text)}
