"""The X channel: where the parts meet. See `listen`, `send`, `fetch`, `budget` for what each does.

The vendor's library is loaded with the first call that needs it, so that a process that only handles stays small.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bots.twitter import SECRETS, Settings
from bots.twitter.parse import join, parse
from bots.twitter.standing import Standing
from core.channels import (
    Accept,
    Capabilities,
    Check,
    Delivery,
    Fault,
    Fetched,
    FetchState,
    FileRef,
    Health,
    Inbound,
    Keepsakes,
    Outbound,
    Outcome,
    Route,
)
from core.errors import ConfigurationError

if TYPE_CHECKING:
    from bots.twitter.budget import Budget
    from bots.twitter.client import Client
    from bots.twitter.fetch import Fetcher
    from bots.twitter.send import Sender

DOWNLOAD_SECONDS = 300.0


class Closed(Exception):
    """The channel has been closed: nothing was done."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the channel is made of once it is in use."""

    client: Client
    budget: Budget
    sender: Sender
    fetcher: Fetcher


class Twitter:
    """`core.channels.Channel` over the X API."""

    def __init__(
        self,
        settings: Settings,
        capabilities: Capabilities,
        *,
        keep: Keepsakes,
        zone: str,
        now: Callable[[], datetime],
        name: str,
    ) -> None:
        missing = next((key for key in SECRETS if getattr(settings, key) is None), None)
        if missing is not None or not settings.own_id:
            key = missing or "access_token"
            raise ConfigurationError(f"channels.{name}.{key}: set it to the one of your app in the developer console of X")
        self.name = name
        self.capabilities = capabilities
        self.health = Health()
        self._settings, self._keep, self._zone, self._now = settings, keep, zone, now
        self._standing = Standing(self.health, now)
        self._lock = threading.Lock()
        self._parts: Parts | None = None
        self._closed = False

    # --- in

    def parse(self, body: bytes, source_id: str) -> Inbound:
        settings = self._settings
        return parse(body, source_id, channel=self.name, handle=settings.handle, hashtag=settings.hashtag)

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return join(parts)

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        from bots.twitter.listen import Listener

        try:
            made = self._made()
        except Closed:
            return
        Listener(self._settings, made.client, made.budget, self._standing, self._keep, accept, self._now, self.name).run(stop)

    def routes(self, accept: Accept) -> Sequence[Route]:  # noqa: ARG002
        """None: the service asks, nothing need be reachable."""
        return ()

    # --- out

    def send(self, outbound: Outbound) -> Delivery:
        try:
            made = self._made()
        except Closed:
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        return made.sender.send(outbound)

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:  # noqa: ARG002
        if ref.size_bytes is not None and ref.size_bytes > limit_bytes:
            return Fetched(FetchState.TOO_LARGE, size_bytes=ref.size_bytes, detail="over_the_limit")
        try:
            made = self._made()
        except Closed:
            return Fetched(FetchState.PENDING, retry_after_seconds=5.0, detail="closed")
        return made.fetcher.fetch(ref.ref, into, limit_bytes)

    # --- how it is

    def check(self) -> Sequence[Check]:
        from bots.twitter.checking import lines

        try:
            made = self._made()
        except Closed:
            return (Check(self.name, False, "closed"),)
        return tuple(lines(made.client, made.budget, self._settings, self.name))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            made, self._parts = self._parts, None
        if made is not None:
            made.client.close()

    def _made(self) -> Parts:
        """The parts, and the vendor's library with them. Raises `Closed` if that is over."""
        with self._lock:
            if self._closed:
                raise Closed
            if self._parts is None:
                from bots.twitter.budget import Budget
                from bots.twitter.client import Client
                from bots.twitter.fetch import Fetcher, Hosts
                from bots.twitter.send import Sender

                settings = self._settings
                client = Client(settings, self._now)
                budget = Budget(settings, self._keep, self._standing, zone=self._zone, now=self._now)
                self._parts = Parts(
                    client,
                    budget,
                    Sender(client, budget, self._standing, settings.prices),
                    Fetcher(client, Hosts.of(settings), seconds=DOWNLOAD_SECONDS, clock=time.monotonic),
                )
            return self._parts
