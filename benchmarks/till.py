"""A door with a till: all that comes in and goes out is counted, nothing leaves. What it can carry is a real channel's."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from core.channels import (
    Accept,
    Capabilities,
    Check,
    Delivery,
    Fetched,
    FetchState,
    FileRef,
    Health,
    Inbound,
    InboundKind,
    Outbound,
    Outcome,
    Raw,
    Route,
    Sender,
)


def unhurried(capabilities: Capabilities) -> Capabilities:
    """The same door without its pace: how fast messages may leave changes neither their number nor their words."""
    return replace(capabilities, messages_per_second=1e6, seconds_between=0.0, instant=True)


@dataclass
class Till:
    """A channel whose bodies are JSON. `took`: told of each message that comes in or goes out, and when by `clock`."""

    name: str
    capabilities: Capabilities
    took: Callable[[Inbound | Outbound, datetime], object]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    health: Health = field(default_factory=Health)
    heard: dict[str, list[Outbound]] = field(default_factory=lambda: defaultdict(list))
    _numbers: int = 0

    def letter(self, address: str, text: str, *, choice: str | None = None, public: bool = False) -> Raw:
        """What somebody says, as the vendor would bring it."""
        self._numbers += 1
        kind = InboundKind.PUBLIC if public else InboundKind.MESSAGE
        body = json.dumps({"from": address, "text": text, "choice": choice, "kind": kind}).encode()
        raw = Raw(self.name, f"m{self._numbers}", address, body)
        self.took(self.parse(body, raw.source_id), self.clock())
        return raw

    def parse(self, body: bytes, source_id: str) -> Inbound:
        said = json.loads(body)
        sender = Sender(said["from"], language="id")
        return Inbound(self.name, source_id, sender, InboundKind(said["kind"]), said["text"], choice=said["choice"])

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return replace(parts[0], text="\n".join(part.text for part in parts))

    def send(self, outbound: Outbound) -> Delivery:
        self.heard[outbound.address].append(outbound)
        self.took(outbound, self.clock())
        return Delivery(Outcome.DELIVERED, vendor_id=outbound.key)

    def listen(self, accept: Accept, stop: threading.Event) -> None:  # noqa: ARG002
        stop.wait()

    def routes(self, accept: Accept) -> Sequence[Route]:  # noqa: ARG002
        return ()

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:  # noqa: ARG002
        return Fetched(FetchState.GONE)

    def check(self) -> Sequence[Check]:
        return ()

    def close(self) -> None:
        return None
