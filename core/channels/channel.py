"""What each folder under `bots/` builds."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.channels.capabilities import Capabilities
from core.channels.files import Fetched
from core.channels.incoming import Accept, FileRef, Inbound
from core.channels.outgoing import Delivery, Outbound
from core.channels.web import Route


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `lapor check`: fine, or what to do."""

    name: str
    ok: bool
    message: str


@dataclass
class Health:
    """What a running channel says of itself; read by `/readyz` and the desk. Times are aware UTC.

    `trouble`: a code; its sentence stands in core/texts as `desk.service.trouble.<code>`. `remarks`: what officials should know
    besides, code → parameters of the sentence `desk.service.remark.<code>`; nothing personal. Replace it whole, never in place.
    """

    last_success_at: datetime | None = None
    trouble: str | None = None
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Channel(Protocol):
    """What each folder under `bots/` builds. Every method is safe to call from several threads."""

    name: str
    capabilities: Capabilities
    health: Health

    def parse(self, body: bytes, source_id: str) -> Inbound:
        """Pure and total: whatever the bytes are, an Inbound comes out (IGNORED at worst) or ValueError → quarantine."""

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        """Several parts of one group (an album) as one Inbound, in the sender's order."""

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        """Receives until `stop` is set; returns at once where there is nothing to listen to (webhooks)."""

    def routes(self, accept: Accept) -> Sequence[Route]:
        """The webhooks that this channel offers on the ingress."""

    def send(self, outbound: Outbound) -> Delivery:
        """One attempt, no retries of its own, never raises for what the vendor or the network does."""

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:
        """Brings the bytes of one file; `body` is the raw message for inline files."""

    def check(self) -> Sequence[Check]:
        """Credentials and endpoints, for `lapor check`. Bounded in time."""

    def close(self) -> None:
        """Lets go of connections and threads."""


@runtime_checkable
class Binds(Protocol):
    """A channel that listens on a port of its own. Asked before anything starts, so that a port in use stops the start."""

    def bind(self) -> str:
        """Takes the port that `listen` will use; where that is, as host:port. May be called again.

        Raises ConfigurationError: the port is in use or not ours to take.
        """
