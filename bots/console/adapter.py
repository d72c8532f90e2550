"""The console channel: nothing to listen to (the terminal hands in what is typed), delivery is a call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bots.console import Deliver, Settings
from bots.console.parse import Typed, join, parse, raw
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
    Outbound,
    Outcome,
    Route,
    Stored,
)

ELSEWHERE_SECONDS = 5.0  # until that person's terminal may be open
_CHUNK_BYTES = 256 * 1024


class Console:
    """`core.channels.Channel` for whoever sits at this terminal."""

    def __init__(self, settings: Settings, capabilities: Capabilities, *, deliver: Deliver, name: str) -> None:
        self.name = name
        self.capabilities = capabilities
        self.health = Health()
        self._settings, self._deliver, self._closed = settings, deliver, threading.Event()

    def parse(self, body: bytes, source_id: str) -> Inbound:
        return parse(body, source_id, channel=self.name)

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return join(parts)

    def hand_in(self, typed: Typed, accept: Accept) -> Stored:
        """Commits what was typed; raises `StorageUnavailable` if that cannot be done now."""
        stored = accept([raw(typed, channel=self.name)])[0]
        self.health.last_success_at = datetime.now(UTC)
        return stored

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        """Returns at once: the terminal calls `hand_in`."""

    def routes(self, accept: Accept) -> Sequence[Route]:  # noqa: ARG002
        return ()

    def send(self, outbound: Outbound) -> Delivery:
        if len(outbound.text) > self.capabilities.text_limit:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="text_too_long")
        if not outbound.text.strip() and not outbound.files:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="empty")
        if self._closed.is_set():
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        if not self._deliver(outbound):  # only this person is away: no fault of the channel, which others may be using
            return Delivery(Outcome.AGAIN, retry_after_seconds=ELSEWHERE_SECONDS, detail="no_terminal")
        return Delivery(Outcome.DELIVERED, vendor_id=outbound.key)

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:  # noqa: ARG002
        """Copies the file at the path; what is no readable plain file is gone."""
        try:
            if not Path(ref.ref).is_file():
                return Fetched(FetchState.GONE, detail="no_file")
            given = Path(ref.ref).open("rb")  # noqa: SIM115
        except (OSError, ValueError) as error:
            return Fetched(FetchState.GONE, detail=type(error).__name__)
        size = 0
        try:
            with given, into.open("wb") as target:
                while chunk := given.read(_CHUNK_BYTES):
                    size += len(chunk)
                    if size > limit_bytes:
                        return Fetched(FetchState.TOO_LARGE, size_bytes=size, detail="over_the_limit")
                    target.write(chunk)
        except OSError as error:  # our own disk is full
            return Fetched(FetchState.PENDING, retry_after_seconds=ELSEWHERE_SECONDS, detail=type(error).__name__)
        return Fetched(FetchState.STORED, size_bytes=size)

    def check(self) -> Sequence[Check]:
        return (Check(self.name, True, "The terminal needs no account."),)

    def close(self) -> None:
        self._closed.set()
