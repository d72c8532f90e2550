"""What every kind of reading shares: who asks, for whom, and with whose money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bots.twitter.budget import Budget, Purpose
from bots.twitter.client import Client
from bots.twitter.envelope import charged
from bots.twitter.standing import Standing
from core.channels import Accept, Keepsakes


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers need of the channel. `handle` without @, `own_id` our user id."""

    client: Client
    budget: Budget
    standing: Standing
    keep: Keepsakes
    accept: Accept
    now: Callable[[], datetime]
    channel: str
    handle: str
    own_id: str


class Source(Protocol):
    """Something that is read from time to time. `part`: its name in the channel's standing."""

    part: str

    def step(self) -> float:
        """Does one small piece of work; in how many seconds to come again.

        Raises Trouble for what X does, StorageUnavailable where nothing can be kept: the next step goes on where this one was.
        """

    def forget(self) -> None:
        """Another process goes on: what is only remembered here is out of date."""


class Wanting(Exception):
    """The budget lets this purpose spend only in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} seconds")
        self.seconds = seconds


def afford(reading: Reading, purpose: Purpose) -> None:
    """Raises Wanting while there is no money for it."""
    seconds = reading.budget.wait(purpose)
    if seconds > 0:
        raise Wanting(seconds)


def book_posts(reading: Reading, purpose: Purpose, content: Mapping[str, Any]) -> None:
    """Books an answer with posts, before anything of it is stored."""
    told = charged(content)
    reading.budget.read(purpose, posts=(*told.items, *told.others), users=told.users, media=told.media)
