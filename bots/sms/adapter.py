"""The SMS channel: where gateway, store and core meet. Nothing here knows which gateway it is."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bots.sms import Settings
from bots.sms.envelope import seal
from bots.sms.gateway import Gateway, Hook
from bots.sms.model import Silence
from bots.sms.parse import join, parse
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
    Request,
    Response,
    Route,
)
from core.errors import ConfigurationError, StorageUnavailable

if TYPE_CHECKING:
    from bots.sms.http import Line

log = structlog.get_logger()

DOWNLOAD_SECONDS = 300.0
_ADDRESS = re.compile(r"\+[1-9][0-9]{6,14}")
_TROUBLES = {Fault.UNAUTHORISED: "unauthorised", Fault.UNAVAILABLE: "unavailable", Fault.BUDGET: "budget"}


class Closed(Exception):
    """The channel has been closed: nothing was sent."""


class Sms:
    """`core.channels.Channel` over an SMS gateway."""

    def __init__(
        self, settings: Settings, capabilities: Capabilities, gateway: Gateway, *, now: Callable[[], datetime], name: str
    ) -> None:
        if complaint := gateway.complaint(settings):
            raise ConfigurationError(f"channels.{name}.{complaint}")
        self.name = name
        self.capabilities = capabilities
        self.health = Health()
        self._settings, self._gateway, self._now = settings, gateway, now
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._closed = False

    # --- in

    def parse(self, body: bytes, source_id: str) -> Inbound:
        return parse(body, source_id, channel=self.name, country=self._settings.country, number=self._settings.number)

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return join(parts)

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        """Nothing to wait for: the gateway calls us."""

    def routes(self, accept: Accept) -> Sequence[Route]:
        return tuple(Route(hook.method, hook.path, self._answering(hook, accept)) for hook in self._gateway.hooks())

    def _answering(self, hook: Hook, accept: Accept) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            payload = hook.take(request)
            if payload is None:
                log.warning("sms.webhook_refused", path=hook.path)
                return Response(403)
            raw = seal(
                payload,
                channel=self.name,
                gateway=type(self._gateway),
                name=self._settings.gateway,
                kind=hook.kind,
                country=self._settings.country,
                received_at=self._now(),
                join_seconds=self._settings.join_seconds,
            )
            try:
                accept([raw])
            except StorageUnavailable:
                self.health.trouble = "storage"
                raise
            self.health.last_success_at = self._now()
            if self.health.trouble == "storage":
                self.health.trouble = None
            return self._gateway.thanks

        return handle

    # --- out

    def send(self, outbound: Outbound) -> Delivery:
        if reason := self._refusal(outbound):
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=reason)
        if not _ADDRESS.fullmatch(outbound.address):
            return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="bad_address")
        try:
            line = self._connected()
        except Closed:
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        answer = line.ask(self._gateway.ask_to_send(outbound), time.monotonic)
        if not isinstance(answer, Silence):
            delivery = self._gateway.verdict(answer, outbound)
        elif answer.left:
            delivery = Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=answer.code)
        else:
            delivery = Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail=answer.code)
        if delivery.outcome is Outcome.UNKNOWN and self._settings.receipts:
            # the report names our key: it settles what we could not see
            delivery = Delivery(Outcome.UNKNOWN, vendor_id=outbound.key, fault=delivery.fault, detail=delivery.detail)
        self._learn(delivery)
        return delivery

    def _refusal(self, outbound: Outbound) -> str | None:
        """Why this message can never be sent as it is, or None."""
        if len(outbound.text) > self.capabilities.text_limit:
            return "text_too_long"
        if not outbound.text.strip():
            return "empty"
        if any(0xD800 <= ord(character) <= 0xDFFF for character in outbound.text):
            return "not_text"
        return "files_do_not_fit" if outbound.files else None

    def _learn(self, delivery: Delivery) -> None:
        if delivery.outcome is Outcome.ACCEPTED:
            self.health.last_success_at = self._now()
            if self.health.trouble in _TROUBLES.values():
                self.health.trouble = None
            return
        if delivery.fault in _TROUBLES:
            self.health.trouble = _TROUBLES[delivery.fault]
            log.error("sms.not_sent", fault=str(delivery.fault), code=delivery.detail, remedy="run `lapor check`")

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:  # noqa: ARG002
        ask = self._gateway.ask_for_file(ref)
        if ask is None:
            return Fetched(FetchState.GONE, detail="no_such_file")
        try:
            line = self._connected()
        except Closed:
            return Fetched(FetchState.PENDING, retry_after_seconds=5.0, detail="closed")
        return line.download(ask, into, limit_bytes=limit_bytes, seconds=DOWNLOAD_SECONDS, clock=time.monotonic)

    # --- how it is

    def check(self) -> Sequence[Check]:
        try:
            answer = self._connected().ask(self._gateway.ask_how_it_is(), time.monotonic)
        except Closed:
            answer = Silence(False, "closed")
        if isinstance(answer, Silence):
            message = f"The gateway does not answer ({answer.code}): is it running, and is its address in channels.{self.name}?"
            return (Check("gateway", False, message),)
        return (self._gateway.how_it_is(answer),)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def _connected(self) -> Line:
        with self._lock:
            if self._closed:
                raise Closed
            if self._line is None:
                from bots.sms.http import Line

                settings = self._settings
                self._line = Line(
                    connections=settings.connections,
                    connect_seconds=settings.connect_timeout_seconds,
                    answer_seconds=settings.answer_timeout_seconds,
                )
            return self._line
