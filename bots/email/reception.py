"""What the SMTP server does with a mail and with who brings it: limits, recipients, the proof of its author, the commit.

All of it runs on the listener's event loop; one more thread commits (`committing`), a few check signatures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

import structlog

from bots.email import MEGABYTE, Settings
from bots.email.authenticity import Proof
from bots.email.committing import Committer
from bots.email.envelope import Look, look, seal
from bots.email.keys import Keys
from bots.email.limits import Connections, Memory, Pace, Peers
from bots.email.results import NONE, Verdict
from bots.email.server import Door
from bots.email.wire import Envelope

log = structlog.get_logger()

LONGEST_PATH = 320
"""Characters of an address: RFC 5321 §4.5.3.1 asks for 64 before the @ and 255 behind it."""
PROOF_THREADS = 4
PROOF_PATIENCE_SECONDS = 2.0
"""Beside the DNS time-out: for reading, and for waiting behind others."""
LARGE_BYTES = MEGABYTE
"""Hashing more than this would hold up the other conversations."""


class Reception:
    """Implements `server.Host` and aiosmtpd's hooks."""

    def __init__(self, settings: Settings, committer: Committer, *, now: Callable[[], datetime], name: str) -> None:
        proof = settings.authenticity
        self.data_timeout_seconds = settings.data_timeout_seconds
        self.memory = Memory(settings.memory_mb * MEGABYTE)
        self.doors: set[Door] = set()
        self.mails: set[asyncio.Task[str]] = set()
        self.closing = False
        self._settings, self._committer, self._now, self._name = settings, committer, now, name
        self._connections = Connections(settings.connections, settings.connections_per_peer)
        self._pace = Pace(settings.mails_per_minute)
        self._own_mtas = Peers(settings.trusted_peers)
        self._proof = Proof(proof, Keys(proof.nameservers, proof.dns_timeout_seconds))
        self._proof_seconds = proof.dns_timeout_seconds + PROOF_PATIENCE_SECONDS
        self._provers = ThreadPoolExecutor(PROOF_THREADS, thread_name_prefix=f"{name}-proof")

    def close(self) -> None:
        """Ends the threads that check signatures, without waiting for the DNS."""
        self._provers.shutdown(wait=False, cancel_futures=True)

    # --- connections

    def enter(self, door: Door) -> bool:
        """Is there room for one more? Then it is in, and will be told when we close."""
        if self.closing or not self._connections.enter(door.peer, trusted=door.peer in self._own_mtas):
            return False
        self.doors.add(door)
        return True

    def leave(self, door: Door) -> None:
        """It is over."""
        self.doors.discard(door)
        self._connections.leave(door.peer)

    # --- aiosmtpd's hooks

    async def handle_EHLO(self, door: Door, session: Any, _: Any, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802
        """What is offered; nobody can log in here."""
        del door
        session.host_name = hostname
        offered = [line for line in responses if not line.startswith(("250-AUTH", "250 HELP"))]
        return [*offered, "250-PIPELINING", "250 HELP"]

    async def handle_MAIL(self, door: Door, _: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Who sends; `<>` is a bounce."""
        if len(address) > LONGEST_PATH:
            return "553 5.1.7 Address too long"
        if door.peer not in self._own_mtas and not self._pace.take(address, door.peer, monotonic()):
            return "450 4.7.1 Too many mails in this minute, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, _: Door, __: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Only ours: what is for somebody else is refused, whoever brings it."""
        if len(address) > LONGEST_PATH:
            return "553 5.1.3 Address too long"
        if not ours(address, self._settings):
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= self._settings.recipients_per_mail:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Whatever broke: the mail comes again."""
        log.error("email.conversation_broke", error=type(error).__name__)
        return "451 4.3.0 Something broke here, try again later"

    # --- a mail

    async def take(self, door: Door, raw: bytes) -> str:
        """Commits it, whatever becomes of the client meanwhile; then the answer to it."""
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
        self.mails.add(mail)
        mail.add_done_callback(self.mails.discard)
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
            if await self._committer.commit(seal(self._name, seen, proven, raw)):
                return "250 2.0.0 OK, stored"
        except Exception as error:
            log.error("email.accept_broke", mails=1, error=type(error).__name__)  # noqa: TRY400 - it may hold words
        return "451 4.3.0 Cannot store it at this moment, try again later"

    async def _judged(self, seen: Look, envelope: Envelope, raw: bytes) -> Verdict:
        told = self._proof.told(seen.message, seen.author, from_own_mta=envelope.peer in self._own_mtas)
        if told is not None or seen.author is None:
            return told or NONE
        examined = partial(self._proof.examined, raw, seen.message, seen.author)
        try:
            return await asyncio.wait_for(
                asyncio.get_running_loop().run_in_executor(self._provers, examined), self._proof_seconds
            )
        except TimeoutError:
            return NONE


def ours(address: str, settings: Settings) -> bool:
    """Is this one of our mailboxes: the address, one of the others that are set, or either with a `+` and more behind it?"""
    local, at, domain = address.lower().rpartition("@")
    if not at or not local:
        return False
    own = f"{local.partition('+')[0]}@{domain}"
    return own == settings.address or own in settings.recipients or f"@{domain}" in settings.recipients
