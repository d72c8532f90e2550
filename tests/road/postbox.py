"""A channel in memory: bodies are JSON, what is sent is kept in a list, outcomes and files are given by the test."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

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
    InboundKind,
    MediaKind,
    Outbound,
    Outcome,
    Raw,
    Receipt,
    Route,
    Sender,
)

CAPABILITIES = Capabilities(
    text_limit=4096,
    buttons=9,
    button_label_limit=60,
    media_in=True,
    media_out=True,
    may_start=True,
    messages_per_second=10_000.0,
)


def raw(
    source_id: str,
    text: str = "",
    *,
    sender: str = "budi",
    channel: str = "postbox",
    group: str | None = None,
    ready_at: datetime | None = None,
    sent_at: datetime | None = None,
    **more: Any,
) -> Raw:
    """One delivery.

    `more`: kind, choice, files [[ref, kind, name, inline]], receipt [id, outcome, fault], poison, unreadable, unverified,
    reply_to, subject, whole.
    """
    body: dict[str, Any] = {"from": sender, "text": text, "sent_at": sent_at.isoformat() if sent_at else None} | more
    return Raw(channel, source_id, sender, json.dumps(body).encode(), group, ready_at)


@dataclass
class Postbox:
    """A door without a vendor. `outcomes[text]` are given in turn, then ACCEPTED; `fetches[ref]` likewise, then its bytes."""

    name: str = "postbox"
    capabilities: Capabilities = CAPABILITIES
    health: Health = field(default_factory=Health)
    sent: list[Outbound] = field(default_factory=list)
    outcomes: dict[str, deque[Delivery]] = field(default_factory=lambda: defaultdict(deque))
    fetches: dict[str, deque[Fetched]] = field(default_factory=lambda: defaultdict(deque))
    contents: dict[str, bytes] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)
    seconds_per_send: float = 0.0
    most_at_once: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _now: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def parse(self, body: bytes, source_id: str) -> Inbound:
        content = json.loads(body)
        with self._lock:
            self.parsed.append(source_id)
        if content.get("unreadable"):
            raise ValueError("not a letter")
        if content.get("poison"):
            raise RuntimeError("a defect in our own code")
        receipt = content.get("receipt")
        return Inbound(
            channel=self.name,
            source_id=source_id,
            sender=Sender(content["from"], language="id", verified=not content.get("unverified")),
            kind=InboundKind(content.get("kind", "receipt" if receipt else "message")),
            text=content["text"],
            choice=content.get("choice"),
            files=tuple(
                FileRef(ref, MediaKind(kind), name, inline=inline) for ref, kind, name, inline in content.get("files", ())
            ),
            sent_at=datetime.fromisoformat(content["sent_at"]) if content["sent_at"] else None,
            receipt=_receipt(*receipt) if receipt else None,
            edits=content.get("edits"),
            reply_to=content.get("reply_to"),
            subject=content.get("subject"),
            whole=content.get("whole"),
        )

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return replace(
            parts[0],
            text="\n".join(part.text for part in parts if part.text),
            files=tuple(ref for part in parts for ref in part.files),
        )

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        stop.wait()

    def routes(self, accept: Accept) -> Sequence[Route]:
        return ()

    def send(self, outbound: Outbound) -> Delivery:
        with self._lock:
            self._now[outbound.address] += 1
            self.most_at_once[outbound.address] = max(self.most_at_once[outbound.address], self._now[outbound.address])
        time.sleep(self.seconds_per_send)
        with self._lock:
            self._now[outbound.address] -= 1
            self.sent.append(outbound)
            if self.outcomes[outbound.text]:
                return self.outcomes[outbound.text].popleft()
            return Delivery(Outcome.ACCEPTED, vendor_id=f"v{len(self.sent)}")

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:
        if self.fetches[ref.ref]:
            return self.fetches[ref.ref].popleft()
        content = body if ref.inline else self.contents[ref.ref]
        assert content is not None
        into.write_bytes(content)
        return Fetched(FetchState.STORED, len(content))

    def check(self) -> Sequence[Check]:
        return ()

    def close(self) -> None:
        return None

    @property
    def texts(self) -> list[str]:
        return [outbound.text for outbound in self.sent]


def _receipt(vendor_id: str, outcome: str, fault: str | None = None) -> Receipt:
    return Receipt(vendor_id, Outcome(outcome), detail="550", fault=Fault(fault) if fault else None)
