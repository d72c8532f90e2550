"""The SMTP server: its port, its event loop, who may send how much, and what becomes of a mail until its 250.

The loop runs in the thread that calls `Listener.run`; one more thread commits (`committing`), a few check signatures.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

import structlog

from bots.email import MEGABYTE, Settings, host_and_port
from bots.email.authenticity import Proof
from bots.email.committing import Committer
from bots.email.envelope import Look, look, seal
from bots.email.keys import Keys
from bots.email.limits import Connections, Memory, Pace, Peers
from bots.email.results import NONE, Verdict
from bots.email.server import Door
from bots.email.wire import Envelope
from core.channels import Accept, Health
from core.errors import ConfigurationError

log = structlog.get_logger()

BACKLOG = 512
STOP_CHECK_SECONDS = 0.1
ALIVE_SECONDS = 10.0
LAST_MAILS_SECONDS = 4.0
PROOF_THREADS = 4
PROOF_PATIENCE_SECONDS = 2.0
"""Beside the DNS time-out: for reading and for waiting behind others."""
LARGE_BYTES = MEGABYTE
"""Hashing more than this would hold up the other conversations."""


def take_port(listen: str, name: str) -> socket.socket:
    """A listening socket. Raises ConfigurationError with the key and what to do."""
    host, port = host_and_port(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
    try:
        taken = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        remedy = (
            "choose another port" if port >= 1024 else "choose another port, or let the MTA or the firewall forward 25 to it"
        )
        raise ConfigurationError(
            f"channels.{name}.listen: {listen} cannot be used ({error.strerror or type(error).__name__}): {remedy}"
        ) from error
    taken.setblocking(False)
    return taken


def tls_context(settings: Settings, name: str) -> ssl.SSLContext | None:
    """For STARTTLS; None where it is not offered. Raises ConfigurationError: the files cannot be used."""
    if settings.tls.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls.certificate, settings.tls.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"channels.{name}.tls: certificate and key cannot be used ({type(error).__name__}): give a PEM chain and its key, "
            "readable by the service"
        ) from error
    return context


class Listener:
    """Serves until stop. Implements `server.Reception` and aiosmtpd's hooks."""

    def __init__(
        self,
        settings: Settings,
        accept: Accept,
        health: Health,
        *,
        tls: ssl.SSLContext | None,
        now: Callable[[], datetime],
        name: str,
    ) -> None:
        self.data_timeout_seconds = settings.data_timeout_seconds
        self.memory = Memory(settings.memory_mb * MEGABYTE)
        self._settings, self._accept, self._health, self._now, self._name = settings, accept, health, now, name
        self._tls = tls
        self._connections = Connections(settings.connections, settings.connections_per_peer)
        self._pace = Pace(settings.mails_per_minute)
        self._own_mtas = Peers(settings.trusted_peers)
        self._proof = Proof(
            settings.authenticity, Keys(settings.authenticity.nameservers, settings.authenticity.dns_timeout_seconds)
        )
        self._provers = ThreadPoolExecutor(PROOF_THREADS, thread_name_prefix=f"{name}-proof")
        self._doors: set[Door] = set()
        self._mails: set[asyncio.Task[str]] = set()
        self._stopping = False
        self._committer: Committer | None = None

    def run(self, port: socket.socket, stopped: Callable[[], bool]) -> None:
        """Serves on `port` until `stopped()`; then ends what is under way and closes everything."""
        with asyncio.Runner() as runner:
            runner.run(self._serve(port, stopped))

    async def _serve(self, port: socket.socket, stopped: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_quiet)
        self._committer = Committer(self._accept, loop, self._storage_answered, f"{self._name}-commit")
        self._committer.start()
        server = await loop.create_server(self._door, sock=port)
        try:
            alive_at = 0.0
            while not stopped():
                if monotonic() - alive_at >= ALIVE_SECONDS:
                    alive_at = monotonic()
                    self._health.last_success_at = self._now()
                await asyncio.sleep(STOP_CHECK_SECONDS)
        finally:
            self._stopping = True
            server.close()
            await self._wind_up()

    async def _wind_up(self) -> None:
        """Mails that are all here are committed and answered; everybody else is told to come again."""
        for door in list(self._doors):
            if not door.committing:
                door.hang_up("4.3.2 Closing for a moment, try again later")
        if self._mails:
            await asyncio.wait(self._mails, timeout=LAST_MAILS_SECONDS)
            await asyncio.sleep(0)  # the conversations write their answers
        for door in list(self._doors):
            door.hang_up("4.3.2 Closing for a moment, try again later")
        self._provers.shutdown(wait=False, cancel_futures=True)
        if self._committer is not None:
            self._committer.close()
            until = monotonic() + LAST_MAILS_SECONDS
            while self._committer.alive and monotonic() < until:  # a database that hangs must not hold up the end
                await asyncio.sleep(STOP_CHECK_SECONDS / 2)
        await asyncio.sleep(STOP_CHECK_SECONDS / 2)  # what was written goes out, the connections say that they are lost

    # --- connections

    def _door(self) -> Door:
        settings = self._settings
        return Door(
            self,
            hostname=settings.greeting,
            most_bytes=settings.max_size_bytes,
            tls=self._tls,
            seconds=settings.command_timeout_seconds,
        )

    def enter(self, door: Door) -> bool:
        """Is there room for one more? Then it is in, and will be told when we close."""
        if self._stopping or not self._connections.enter(door.peer, trusted=door.peer in self._own_mtas):
            return False
        self._doors.add(door)
        return True

    def leave(self, door: Door) -> None:
        """It is over."""
        self._doors.discard(door)
        self._connections.leave(door.peer)

    # --- aiosmtpd's hooks

    async def handle_EHLO(  # noqa: N802 - the library's names
        self,
        server: Any,
        session: Any,
        envelope: Any,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """What is offered; nobody can log in here."""
        session.host_name = hostname
        offered = [line for line in responses if not line.startswith(("250-AUTH", "250 HELP"))]
        return [*offered, "250-PIPELINING", "250 HELP"]

    async def handle_MAIL(  # noqa: N802
        self,
        server: Door,
        session: Any,
        envelope: Any,
        address: str,
        options: list[str],
    ) -> str:
        """Who sends; `<>` is a bounce."""
        if server.peer not in self._own_mtas and not self._pace.take(address, server.peer, monotonic()):
            return "450 4.7.1 Too many mails in this minute, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        server: Door,
        session: Any,
        envelope: Any,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """Only ours: whatever is for somebody else is refused to everybody."""
        if not ours(address, self._settings):
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= self._settings.recipients_per_mail:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever broke: the mail comes again."""
        log.error("email.conversation_broke", error=type(error).__name__)
        return "451 4.3.0 Something broke here, try again later"

    # --- a mail

    async def take(self, door: Door, raw: bytes) -> str:
        """Commits it, whatever becomes of the client meanwhile; then its answer."""
        said = door.envelope
        envelope = Envelope(
            mail_from="" if said.mail_from == "<>" else said.mail_from or "",
            rcpt_to=tuple(said.rcpt_tos),
            peer=door.peer,
            helo=str(door.session.host_name or ""),
            tls=door.encrypted,
            received_at=self._now(),
        )
        door.committing = True
        mail = asyncio.create_task(self._stored(envelope, raw))
        self._mails.add(mail)
        mail.add_done_callback(self._mails.discard)
        try:
            return await asyncio.shield(mail)
        finally:
            door.committing = False

    async def _stored(self, envelope: Envelope, raw: bytes) -> str:
        try:
            if len(raw) > LARGE_BYTES:
                seen = await asyncio.get_running_loop().run_in_executor(None, look, raw, envelope.mail_from)
            else:
                seen = look(raw, envelope.mail_from)
            verdict = await self._judged(seen, envelope, raw)
            proven = replace(envelope, auth=verdict.result, auth_domain=verdict.domain)
            if self._committer is not None and await self._committer.commit(seal(self._name, seen, proven, raw)):
                return "250 2.0.0 OK, stored"
        except Exception as error:
            log.error("email.accept_broke", mails=1, error=type(error).__name__)  # noqa: TRY400 - it may hold words
        return "451 4.3.0 Cannot store it at this moment, try again later"

    async def _judged(self, seen: Look, envelope: Envelope, raw: bytes) -> Verdict:
        told = self._proof.told(seen.message, seen.author, from_own_mta=envelope.peer in self._own_mtas)
        if told is not None or seen.author is None:
            return told or NONE
        examining = asyncio.get_running_loop().run_in_executor(
            self._provers, partial(self._proof.examined, raw, seen.message, seen.author)
        )
        try:
            patience = self._settings.authenticity.dns_timeout_seconds + PROOF_PATIENCE_SECONDS
            return await asyncio.wait_for(examining, patience)
        except TimeoutError:
            return NONE

    def _storage_answered(self, answered: bool) -> None:
        """From the committing thread."""
        if answered:
            self._health.last_success_at = self._now()
            if self._health.trouble == "storage":
                self._health.trouble = None
        else:
            self._health.trouble = "storage"


def ours(address: str, settings: Settings) -> bool:
    """Is this one of our mailboxes: the address, one of the others that are set, or either with a `+` and more behind it?"""
    local, at, domain = address.lower().rpartition("@")
    if not at or not local:
        return False
    own = f"{local.partition('+')[0]}@{domain}"
    return own == settings.address or own in settings.recipients or f"@{domain}" in settings.recipients


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG001
    """Connections that break are everyday; asyncio's own words would hold addresses of peers."""
    error = context.get("exception")
    log.debug("email.connection_broke", error=type(error).__name__ if error else "none")
