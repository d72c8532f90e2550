"""The SMTP server: its port, its certificate, its event loop, and how it ends without losing or refusing a mail needlessly.

The loop runs in the thread that calls `Listener.run`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

import structlog

from bots.email import Settings, host_and_port
from bots.email.committing import Committer
from bots.email.reception import Reception
from bots.email.server import Door
from core.channels import Accept, Health
from core.errors import ConfigurationError

log = structlog.get_logger()

BACKLOG = 512
LOOK_SECONDS = 0.05
ALIVE_SECONDS = 10.0
LAST_MAILS_SECONDS = 4.0


def take_port(listen: str, name: str) -> socket.socket:
    """A listening socket. Raises ConfigurationError with the key and what to do."""
    host, port = host_and_port(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
    try:
        taken = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        remedy = "choose another port" + ("" if port >= 1024 else ", and let the MTA or the firewall forward 25 to it")
        raise ConfigurationError(f"channels.{name}.listen: {listen} cannot be used ({reason(error)}): {remedy}") from error
    taken.setblocking(False)
    return taken


def reason(error: OSError) -> str:
    """The system's own words; `socket.create_server` adds the address to them, which the sentence has already."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else "no such host"  # getaddrinfo counts below zero


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


class Certificate:
    """The context for STARTTLS. Renewed files are read anew; as long as they are no good the old ones stay."""

    def __init__(self, settings: Settings, name: str) -> None:
        """Raises ConfigurationError."""
        self._settings, self._name = settings, name
        self._seen = self._changed()
        self._context = tls_context(settings, name)

    def context(self) -> ssl.SSLContext | None:
        """For one more connection."""
        changed = self._changed()
        if changed != self._seen:
            self._seen = changed
            try:
                self._context = tls_context(self._settings, self._name)
            except ConfigurationError as error:
                log.error("email.certificate_unusable", why=str(error))  # noqa: TRY400 - the sentence says all
        return self._context

    def _changed(self) -> tuple[float, ...]:
        files = (self._settings.tls.certificate, self._settings.tls.key)
        try:
            return tuple(file.stat().st_mtime for file in files if file is not None)
        except OSError:
            return ()


class Listener:
    """One run of the server."""

    def __init__(self, settings: Settings, accept: Accept, health: Health, *, now: Callable[[], datetime], name: str) -> None:
        """Raises ConfigurationError: the TLS files cannot be used."""
        self._settings, self._accept, self._health, self._now, self._name = settings, accept, health, now, name
        self._certificate = Certificate(settings, name)

    def run(self, port: socket.socket, stopped: Callable[[], bool]) -> None:
        """Serves on `port` until `stopped()`; then ends what is under way and closes everything."""
        with asyncio.Runner() as runner:
            runner.run(self._serve(port, stopped))

    async def _serve(self, port: socket.socket, stopped: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_quiet)
        committer = Committer(self._accept, loop, self._storage_answered, f"{self._name}-commit")
        committer.start()
        reception = Reception(self._settings, committer, now=self._now, name=self._name)
        server = await loop.create_server(lambda: self._door(reception), sock=port)
        try:
            alive_at = float("-inf")
            while not stopped():
                if monotonic() - alive_at >= ALIVE_SECONDS:
                    alive_at = monotonic()
                    self._health.last_success_at = self._now()
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            reception.closing = True
            server.close()
            await _wind_up(reception, committer)

    def _door(self, reception: Reception) -> Door:
        settings = self._settings
        return Door(
            reception,
            hostname=settings.greeting,
            most_bytes=settings.max_size_bytes,
            tls=self._certificate.context(),
            seconds=settings.command_timeout_seconds,
        )

    def _storage_answered(self, answered: bool) -> None:
        """From the committing thread."""
        if not answered:
            self._health.trouble = "storage"
            return
        self._health.last_success_at = self._now()
        if self._health.trouble == "storage":
            self._health.trouble = None


async def _wind_up(reception: Reception, committer: Committer) -> None:
    """Mails that are all here are committed and answered; everybody else is told to come again."""
    talking = bool(reception.doors)
    for door in list(reception.doors):
        if not door.committing:
            door.hang_up("4.3.2 Closing for a moment, try again later")
    if reception.mails:
        await asyncio.wait(set(reception.mails), timeout=LAST_MAILS_SECONDS)
        await asyncio.sleep(LOOK_SECONDS / 2)  # the conversations write their answers
    for door in list(reception.doors):
        door.hang_up("4.3.2 Closing for a moment, try again later")
    reception.close()
    committer.close()
    until = monotonic() + LAST_MAILS_SECONDS
    while committer.alive and monotonic() < until:  # a database that hangs must not hold up the end
        await asyncio.sleep(0.01)
    if talking:
        await asyncio.sleep(LOOK_SECONDS / 2)  # what was written goes out, and the connections hear that they are over
    if reception.doors:  # of those who read nothing
        for door in list(reception.doors):
            door.let_go()
        await asyncio.sleep(0.01)


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG001
    """Connections that break are everyday; asyncio's own words would hold addresses of peers."""
    error = context.get("exception")
    log.debug("email.connection_broke", error=type(error).__name__ if error else "none")
