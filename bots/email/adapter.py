"""The e-mail channel: where the parts meet. See `listen` and `server` for what comes in, `send` for what goes out.

Vendors' libraries are loaded with the first call that needs them, so that a process that only handles stays small.
"""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bots.email import MEGABYTE, Settings, host_and_port
from core.channels import (
    Accept,
    Capabilities,
    Check,
    Delivery,
    Fault,
    Fetched,
    FileRef,
    Health,
    Inbound,
    Outbound,
    Outcome,
    Route,
    Surroundings,
)
from core.errors import ConfigurationError

if TYPE_CHECKING:
    from bots.email.parse import Ours
    from bots.email.send import Sender

log = structlog.get_logger()

CHECK_SECONDS = 3.0
AGAIN_SECONDS = 5.0
CLOSE_SECONDS = 10.0


class Email:
    """`core.channels.Channel` over SMTP; `core.channels.Binds`, too."""

    def __init__(
        self,
        settings: Settings,
        capabilities: Capabilities,
        *,
        around: Surroundings,
        now: Callable[[], datetime],
        name: str,
    ) -> None:
        self.name = name
        self.capabilities = capabilities
        self.health = Health()
        self._settings, self._around, self._now = settings, around, now
        self._lock = threading.Lock()
        self._port: socket.socket | None = None  # taken, and not served on yet
        self._where: str | None = None  # the port that is ours
        self._closed = threading.Event()
        self._resting = threading.Event()  # no listener runs
        self._resting.set()

    # --- in

    def parse(self, body: bytes, source_id: str) -> Inbound:
        from bots.email.parse import parse

        return parse(body, source_id, ours=self._ours)

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        """A mail is never in parts."""
        return parts[0]

    def bind(self) -> str:
        """Takes the port that `listen` will use; where that is. Raises ConfigurationError, also for useless TLS files."""
        from bots.email.listen import take_port, tls_context

        tls_context(self._settings, self.name)
        with self._lock:
            if self._where is None:
                self._port = take_port(self._settings.listen, self.name)
                host, port = self._port.getsockname()[:2]
                self._where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            return self._where

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        """Serves until stop. A port that cannot be had (again) is a trouble that is said, and tried again."""
        self._resting.clear()
        try:
            while not self._over(stop):
                try:
                    self.bind()
                    self._serve(accept, stop)
                except ConfigurationError as error:
                    self._cannot_listen(str(error))
                    self._let_go_of_port()
                    stop.wait(AGAIN_SECONDS)
        finally:
            self._let_go_of_port()
            self._resting.set()

    def routes(self, accept: Accept) -> Sequence[Route]:  # noqa: ARG002 - mail comes by SMTP only
        return ()

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:
        from bots.email.attachments import bring

        return bring(ref, body, into, limit_bytes)

    # --- out

    def send(self, outbound: Outbound) -> Delivery:
        if self._closed.is_set():
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        delivery = self._sender.send(outbound)
        self._learn(delivery)
        return delivery

    # --- how it is

    def check(self) -> Sequence[Check]:
        return (self._check_port(), *self._sender.check())

    def close(self) -> None:
        self._closed.set()
        self._resting.wait(CLOSE_SECONDS)
        self._let_go_of_port()
        self._sender.close()

    # --- inside

    @cached_property
    def _ours(self) -> Ours:
        from bots.email.parse import Ours
        from bots.email.tokens import Tokens

        settings = self._settings
        return Ours(
            channel=self.name,
            address=settings.address,
            tokens=Tokens(settings.address, self._around.sign),
            recipients=settings.recipients,
            require=settings.authenticity.require,
            most_files=settings.most_files,
            most_file_bytes=settings.most_file_mb * MEGABYTE,
        )

    @cached_property
    def _sender(self) -> Sender:
        from bots.email.send import Sender

        return Sender(self._settings, self._around, self._now, name=self.name)

    def _over(self, stop: threading.Event) -> bool:
        return stop.is_set() or self._closed.is_set()

    def _serve(self, accept: Accept, stop: threading.Event) -> None:
        from bots.email.listen import Listener

        listener = Listener(self._settings, accept, self.health, now=self._now, name=self.name)
        with self._lock:
            port, self._port = self._port, None
        if port is None:  # closed meanwhile
            return
        if self.health.trouble in ("port", "tls"):
            self.health.trouble = None
        try:
            listener.run(port, lambda: self._over(stop))
        finally:
            port.close()
            self._let_go_of_port()

    def _cannot_listen(self, why: str) -> None:
        self.health.trouble = "tls" if ".tls" in why else "port"
        log.error("email.cannot_listen", why=why)

    def _let_go_of_port(self) -> None:
        with self._lock:
            port, self._port, self._where = self._port, None, None
        if port is not None:
            port.close()

    def _learn(self, delivery: Delivery) -> None:
        if delivery.outcome in (Outcome.ACCEPTED, Outcome.DELIVERED):
            if self.health.trouble == "unauthorised":
                self.health.trouble = None
        elif delivery.outcome is not Outcome.FAILED and delivery.fault is Fault.UNAUTHORISED:
            self.health.trouble = "unauthorised"
            log.error("email.unauthorised", remedy="the relay refuses channels.email.relay.username and password")

    def _check_port(self) -> Check:
        """Ours answers there, or nobody does and it can be taken."""
        from bots.email.listen import take_port, tls_context

        listen = self._settings.listen
        try:
            tls_context(self._settings, self.name)
            if self._where is not None or self._answers():
                return Check(self.name, True, f"Mail for {self._settings.address} is taken at {listen}.")
            take_port(listen, self.name).close()
        except ConfigurationError as error:
            return Check(self.name, False, f"{error}.")
        return Check(
            self.name, True, f"{listen} is free: mail for {self._settings.address} is taken there while the service runs."
        )

    def _answers(self) -> bool:
        """Does a server that calls itself as ours does greet there?"""
        host, port = host_and_port(self._settings.listen)
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - every address includes loopback
        try:
            with smtplib.SMTP(timeout=CHECK_SECONDS) as client:
                code, greeting = client.connect(here, port)
        except (OSError, smtplib.SMTPException):
            return False
        return code == 220 and greeting.split()[:1] == [self._settings.greeting.encode()]
