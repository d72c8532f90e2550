"""One SMTP conversation (RFC 5321): aiosmtpd's, with the limits that it leaves to its user.

What the library does not do: reading a mail in large pieces with a limit on memory, dropping who makes too many errors,
refusing connections, staying silent about addresses in its log.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import defaultdict
from typing import Any, Protocol, cast

from aiosmtpd import smtp
from aiosmtpd.smtp import SMTP

from bots.email.limits import Memory

logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)  # it logs every command with its addresses

MOST_ERRORS = 20
LONGEST_COMMAND = 2_048  # RFC 5321 §4.5.3.1.4 asks for 512 and more for extensions
LINE_LIMIT = 65_536
LINGER_SECONDS = 5.0
"""What was written may go out for so long after we hung up. Who reads nothing would hold the connection for ever."""
CALLS = {"*": 5_000, "NOOP": 100, "HELP": 5, "HELO": 20, "EHLO": 20, "STARTTLS": 3}
"""How often a command may be given in one connection, so that nobody holds one for ever."""


class Host(Protocol):
    """What a conversation asks of the reception. The hooks (`handle_…`) are those of aiosmtpd."""

    memory: Memory
    data_timeout_seconds: float

    def enter(self, door: Door) -> bool:
        """A connection is made; False: there is no room for it."""

    def leave(self, door: Door) -> None:
        """It is over."""

    async def take(self, door: Door, raw: bytes) -> str:
        """The whole mail is here: the answer to it. 250 only when it is committed."""


class Door(SMTP):
    """A connection of one client. Ends by itself: each command, each mail and the number of errors are limited."""

    line_length_limit = LINE_LIMIT
    transport: asyncio.Transport | None
    envelope: smtp.Envelope
    session: smtp.Session

    def __init__(self, reception: Host, *, hostname: str, most_bytes: int, tls: ssl.SSLContext | None, seconds: float):
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND)  # the library's own is shared by all connections
        super().__init__(
            reception,
            data_size_limit=most_bytes,
            enable_SMTPUTF8=True,
            hostname=hostname,
            ident="ESMTP",
            tls_context=tls,
            timeout=seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=CALLS,
            loop=asyncio.get_running_loop(),
        )
        self.peer = ""  # IP address of the client
        self._reception = reception
        self._entered = False
        self._refused = False
        self._errors = 0
        self.committing = False

    # --- the connection

    @property
    def encrypted(self) -> bool:
        """Since STARTTLS."""
        return self._tls_protocol is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts it, or says 421 and hangs up. After STARTTLS the library calls this a second time."""
        if not self._entered:
            peer = transport.get_extra_info("peername")
            self.peer = str(peer[0]) if isinstance(peer, tuple) else ""
            self._entered = self._reception.enter(self)
            if not self._entered:
                self._refused = True
                wire = cast(asyncio.Transport, transport)
                wire.write(b"421 4.7.0 Too many connections, try again later\r\n")
                wire.close()
                return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """May be called twice, for the inner and the outer connection of STARTTLS."""
        if self._refused:
            return
        if self._entered:
            self._entered = False
            self._reception.leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """A refused one may talk on; nobody listens."""
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """The client will say no more. A mail that is being committed is committed all the same."""
        return None if self._refused else super().eof_received()

    def hang_up(self, reason: str) -> None:
        """Says why and closes; what was written before still goes out."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(f"421 {reason}\r\n".encode("ascii"))
            self.transport.close()
            self.loop.call_later(LINGER_SECONDS, self.let_go)

    def let_go(self) -> None:
        """At once: what was written and not yet read is lost."""
        if self.transport is not None:
            self.transport.abort()

    def _timeout_cb(self) -> None:
        if self.transport is not None and self.transport.is_closing():  # the library hung up, and nobody reads why
            self.let_go()
        self.hang_up("4.4.2 Too slow, closing the connection")

    async def push(self, status: Any) -> None:
        """Answers, in text or bytes. After twenty refusals with no mail taken between them the connection ends."""
        await super().push(status)
        if status[:1] in ("4", "5", b"4", b"5"):
            self._errors += 1
            if self._errors >= MOST_ERRORS:
                self.hang_up("4.7.0 Too many errors, closing the connection")

    # --- commands

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002, N802 - the library's names
        """Tells nobody who exists (RFC 5321 §7.3)."""
        await self.push("502 5.5.1 VRFY is not offered")

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: ARG002, N802 - the library's names
        """There are no accounts: nobody sends mails to elsewhere through this server."""
        await self.push("502 5.5.1 AUTH is not offered")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The library's parser promises HeaderParseError and raises others too."""
        try:
            return super()._getaddr(arg)
        except Exception:
            return None, None

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Reads a mail to CRLF.CRLF and nothing else (a bare LF ends nothing: no smuggling), answers when it is committed."""
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        self._reset_timeout(self._reception.data_timeout_seconds)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        mail = Reading(self._reader, self._reception.memory, self.data_size_limit or 0)
        try:
            status = await mail.read()
            if status is None:
                self._reset_timeout(self._reception.data_timeout_seconds)
                status = await self._reception.take(self, mail.content())
        finally:
            mail.let_go()
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        if status.startswith("250"):
            self._errors = 0
        await self.push(status)
        if mail.endless:
            self.hang_up("4.7.0 Too much data, closing the connection")


class Reading:
    """The bytes of one mail on their way in, counted against the memory that all connections share."""

    def __init__(self, reader: Any, memory: Memory, most_bytes: int) -> None:
        self._reader, self._memory, self._most = reader, memory, most_bytes
        self._pieces: list[bytes] = []
        self._held = 0
        self.endless = False

    async def read(self) -> str | None:
        """To the final dot. None: it is all here; else why it was thrown away."""
        # So that a mail whose first line is the final dot ends like every other. The two bytes are taken off in `content`.
        self._reader._buffer[:0] = b"\r\n"
        size = 0
        trouble: str | None = None
        whole = False
        while not whole:
            try:
                piece = await self._reader.readuntil(b"\r\n.\r\n")
                whole = True
            except asyncio.LimitOverrunError as more:
                piece = await self._reader.read(more.consumed)
            size += len(piece)
            if trouble is None:
                trouble = self._keep(piece, size)
            if not whole and size > 2 * self._most + LINE_LIMIT:
                self.endless = True
                return trouble
        return trouble

    def content(self) -> bytes:
        """The mail without its final dot, transparent dots taken off (RFC 5321 §4.5.2)."""
        sent = b"".join(self._pieces)
        self._pieces.clear()
        return sent[:-3].replace(b"\r\n.", b"\r\n")[2:]

    def let_go(self) -> None:
        """Its memory is free again."""
        self._pieces.clear()
        self._memory.give_back(self._held)
        self._held = 0

    def _keep(self, piece: bytes, size: int) -> str | None:
        if self._most and size > self._most + 5:
            trouble = "552 5.3.4 Message too big for this system"
        elif not self._memory.take(len(piece)):
            trouble = "452 4.3.1 Too many mails at this moment, try again later"
        else:
            self._held += len(piece)
            self._pieces.append(piece)
            return None
        self.let_go()
        return trouble
