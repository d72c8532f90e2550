"""A post office on loopback: a real SMTP server that takes what our relay setting points at, and misbehaves on request.

    with PostOffice() as office:
        office.answer("rcpt", "451 4.7.1 Come back later")   # once, then as ever
        ...
        office.mails("siti@contoh.test")                     # parsed, as her mailbox would have them

Steps: `connect`, `ehlo`, `rset`, `mail`, `rcpt`, `data` (the command), `body` (after 354), `end` (after the final dot).
Answers: a reply line, DROP (hangs up without a word), TAKE_AND_DROP (keeps the mail, hangs up), SILENCE, or seconds to wait.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Misbehaviour(Enum):
    DROP = auto()
    TAKE_AND_DROP = auto()
    SILENCE = auto()


DROP, TAKE_AND_DROP, SILENCE = Misbehaviour
Answer = str | float | Misbehaviour


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail as it came over the wire."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes
    tls: bool
    user: str | None
    options: tuple[str, ...]

    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


def words(mail: EmailMessage, kind: str = "plain") -> str:
    """The plain text of a mail (or its page), as a reading programme shows it."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").removesuffix("\n")


class PostOffice:
    """`users`: logins that it knows; AUTH is offered where there are any. `implicit`: TLS at once, else STARTTLS."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        users: dict[str, str] | None = None,
        smtputf8: bool = False,
        size_bytes: int = 33_554_432,
    ) -> None:
        self.delivered: list[Delivered] = []
        self.connections = 0
        self.commands: list[str] = []
        self._tls, self._implicit, self._users = tls, implicit, users or {}
        self._smtputf8, self._size = smtputf8, size_bytes
        self._script: dict[str, deque[Answer]] = defaultdict(deque)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postoffice", daemon=True)
        self.host, self.port = "localhost", 0
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(self.port), self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def answer(self, step: str, *answers: Answer) -> None:
        """The next times this step is reached it answers so, one after the other; then as ever."""
        self._script[step].extend(answers)

    def hang_up(self) -> None:
        """Closes every connection, as after a restart or an idle time-out."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)

    def leave(self) -> None:
        """Nobody listens any more, until `come_back`."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result(10)

    def come_back(self) -> None:
        """Listens on the same port again."""
        asyncio.run_coroutine_threadsafe(self._open(self.port), self._loop).result(10)

    def mails(self, address: str | None = None) -> list[EmailMessage]:
        """What lies in a mailbox (or in all of them), oldest first."""
        return [one.parsed() for one in list(self.delivered) if address is None or address in one.rcpt_to]

    def wait(self, ready: Callable[[], object], seconds: float = 10.0) -> None:
        """Until `ready()`; fails after `seconds`."""
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until, f"waited {seconds} s; {len(self.delivered)} mails came"
            time.sleep(0.01)

    def next(self, step: str) -> Answer | None:
        """What the script has for this step now."""
        return self._script[step].popleft() if self._script[step] else None

    async def _open(self, port: int) -> None:
        context = self._tls if self._implicit else None
        self._clients: set[asyncio.BaseTransport] = set()
        self._server = await self._loop.create_server(self._session, "127.0.0.1", port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    def _session(self) -> asyncio.BaseProtocol:
        self.connections += 1
        greeting = self.next("connect")
        if greeting is not None:
            return _Unkind(self, greeting)
        return _Session(
            self,
            hostname="postoffice.test",
            enable_SMTPUTF8=self._smtputf8,
            data_size_limit=self._size,
            tls_context=None if self._implicit else self._tls,
            authenticator=self._authenticate if self._users else None,
            auth_require_tls=not self._users,
            loop=self._loop,
        )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = self._users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=data.login.decode())

    async def _hang_up(self) -> None:
        for transport in list(self._clients):
            cast(asyncio.Transport, transport).abort()
        await asyncio.sleep(0.02)

    async def _leave(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._hang_up()

    async def _close(self) -> None:
        await self._leave()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class _Unkind(asyncio.Protocol):
    """Says something else than welcome, or nothing."""

    def __init__(self, office: PostOffice, greeting: Answer) -> None:
        self._office, self._greeting = office, greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._office._clients.add(transport)
        stream = cast(asyncio.Transport, transport)
        if isinstance(self._greeting, str):
            stream.write(f"{self._greeting}\r\n".encode())
        if self._greeting is not SILENCE:
            stream.close()


class _Session(SMTP):
    """One conversation, by the script."""

    def __init__(self, office: PostOffice, **more: Any) -> None:
        self._office = office
        super().__init__(_Desk(office), **more)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._office._clients.add(transport)
        super().connection_made(cast(asyncio.Transport, transport))

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._scripted("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._scripted("rset"):
            await super().smtp_RSET(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        if not await self._scripted("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not await self._scripted("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._scripted("data"):
            return
        if (answer := self._office.next("body")) is not None:
            assert answer is DROP
            await self.push("354 go on")
            _wire(self).abort()
            return
        await super().smtp_DATA(arg)

    async def _scripted(self, step: str) -> bool:
        self._office.commands.append(step)
        answer = self._office.next(step)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return False
        if answer is None:
            return False
        if answer is SILENCE:
            await asyncio.sleep(3600)
        if isinstance(answer, str):
            await self.push(answer)
        if not isinstance(answer, str) or answer.startswith("421"):
            _wire(self).close()
        return True


class _Desk:
    """Where mails are taken."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._office.next("end")
        if isinstance(answer, float):
            await asyncio.sleep(answer)
        if answer in (DROP, TAKE_AND_DROP):
            if answer is TAKE_AND_DROP:
                self._take(server, session, envelope)
            _wire(server).abort()
            return "250 nobody hears this"
        if answer is SILENCE:
            await asyncio.sleep(3600)
        if isinstance(answer, str):
            return answer
        self._take(server, session, envelope)
        return "250 2.0.0 taken"

    def _take(self, server: SMTP, session: Session, envelope: Envelope) -> None:
        self._office.delivered.append(
            Delivered(
                mail_from=envelope.mail_from or "",
                rcpt_to=tuple(address.lower() for address in envelope.rcpt_tos),
                raw=cast(bytes, envelope.original_content),
                tls=_wire(server).get_extra_info("ssl_object") is not None,
                user=session.auth_data if session.authenticated else None,
                options=tuple(envelope.mail_options),
            )
        )


def _wire(server: SMTP) -> asyncio.Transport:
    return cast(asyncio.Transport, server.transport)
