"""The doors that the contract suite knocks at: every adapter against the vendor's side of it, through one set of words.

A new channel adds a class here; `test_contract.py` stays as it is (docs/adding-a-channel.md).
"""

from __future__ import annotations

import smtplib
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from bots import console, email, telegram
from bots.console.adapter import Console
from bots.console.parse import Typed
from core.channels import (
    Accept,
    Binds,
    Channel,
    FileRef,
    Inbound,
    MediaKind,
    Outbound,
    Raw,
    Request,
    Response,
    Route,
    Stored,
    Surroundings,
)
from core.errors import StorageUnavailable
from tests.bots.botapi import TOKEN, BotApi
from tests.bots.email.postoffice import PostOffice, words

SECRET = "rahasia-webhook-ingress-42"
SITI = 7
HOUSE = Surroundings(office="LAPOR!", sign=lambda text: sha256(text.encode()).hexdigest())


class Inbox:
    """An `Accept` in memory; `away` makes it refuse like a database that does not answer."""

    def __init__(self) -> None:
        self.away = False
        self.refused = 0
        self.rows: dict[tuple[str, str], Raw] = {}
        self.duplicates = 0
        self._lock = threading.Lock()

    def __call__(self, raws: Sequence[Raw]) -> Sequence[Stored]:
        with self._lock:
            if self.away:
                self.refused += 1
                raise StorageUnavailable
            return [self._store(raw) for raw in raws]

    def _store(self, raw: Raw) -> Stored:
        known = (raw.channel, raw.source_id) in self.rows
        self.duplicates += known
        self.rows.setdefault((raw.channel, raw.source_id), raw)
        return Stored.DUPLICATE if known else Stored.NEW

    def raws(self) -> list[Raw]:
        with self._lock:
            return list(self.rows.values())

    def inbounds(self, channel: Channel) -> list[Inbound]:
        return [channel.parse(raw.body, raw.source_id) for raw in self.raws()]


class Ingress:
    """The routes of a channel on a loopback port, as `lapor/ingress.py` mounts them."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                answer = outer.respond(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        path, _, query = target.partition("?")
        request = Request(method, path, dict(parse_qsl(query)), headers, body, "127.0.0.1", query.encode("latin-1"))
        for route in self.routes:
            if (route.method, route.path) == (method, path):
                try:
                    return route.handle(request)
                except StorageUnavailable:
                    return Response(503, b"try again\n")
        return Response(404, b"not found\n")

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        return self.respond(method, path, headers, body).status

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class Door(ABC):
    """One adapter with the vendor behind it."""

    channel: Channel
    inbox: Inbox
    address: str
    longest = 4096  # characters of a text that goes out
    secrets: tuple[str, ...] = ()  # must appear nowhere
    body: bytes | None = None  # the stored message in which `attach` put the file, where files come inside messages

    @abstractmethod
    def open(self) -> None:
        """Begins to listen."""

    @abstractmethod
    def say(self, text: str) -> None:
        """The person writes."""

    @abstractmethod
    def say_again(self) -> None:
        """The vendor delivers the last message a second time."""

    @abstractmethod
    def owes(self) -> bool:
        """Whether the vendor (or the person's terminal) still holds a message that was not acknowledged."""

    @abstractmethod
    def shown(self) -> list[str]:
        """The texts that the person got."""

    @abstractmethod
    def attach(self, content: bytes) -> FileRef:
        """A file that the person sent."""

    def rest(self) -> None:  # noqa: B027
        """Ends listening, where there is a thread that listens."""

    @abstractmethod
    def shut(self) -> None:
        """Ends everything."""


class TelegramDoor(Door):
    """Polling or webhook against the Bot API server on loopback, through the vendor's client library."""

    def __init__(self, mode: telegram.Mode, **more: object) -> None:
        self.server = BotApi().__enter__()
        self.ingress = Ingress()
        self.inbox = Inbox()
        self.stop = threading.Event()
        self.address = str(SITI)
        self.server.person(SITI)
        settings = {
            "enabled": True,
            "token": TOKEN,
            "api_url": self.server.url,
            "mode": mode,
            "webhook_secret": SECRET,
            "poll_seconds": 2,
            "webhook_check_seconds": 0.2,
            "answer_timeout_seconds": 1.0,
            **more,
        }
        menu = {"id": [("lapor", "Mulai laporan")], "en": [("lapor", "Start a report")]}
        self.channel = telegram.build(telegram.Settings.model_validate(settings), Surroundings(self.ingress.url, menu))
        self.thread = threading.Thread(target=self.channel.listen, args=(self.inbox, self.stop), name="listener")

    def open(self) -> None:
        self.ingress.routes.extend(self.channel.routes(self.inbox))
        self.thread.start()
        self.server.wait(lambda: self.server.calls("setMyCommands"))

    def say(self, text: str) -> None:
        self.server.say(SITI, text)

    def say_again(self) -> None:
        """Under another update id: those restart (bots/api#update)."""
        last = self.server.do(lambda world: list(world.messages.values())[-1])
        self.server.raw("message", last)

    def owes(self) -> bool:
        return bool(self.server.pending())

    def shown(self) -> list[str]:
        return [message.text for message in self.server.sent(SITI)]

    def attach(self, content: bytes) -> FileRef:
        return FileRef(self.server.file(content), MediaKind.DOCUMENT)

    def rest(self) -> None:
        self.stop.set()
        if self.thread.ident:
            self.thread.join(10)

    def shut(self) -> None:
        self.rest()
        self.channel.close()
        self.server.__exit__(None, None, None)
        self.ingress.close()


class ConsoleDoor(Door):
    """The terminal: the person is this process."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox()
        self.address = "siti"
        self._folder = folder
        self._shown: list[str] = []
        self._owed: list[Typed] = []
        self._last: Typed | None = None
        channel = console.build(console.Settings(), deliver=self._deliver)
        assert isinstance(channel, Console)
        self.channel: Console = channel

    def _deliver(self, outbound: Outbound) -> bool:
        if outbound.address != self.address:
            return False
        self._shown.append(outbound.text)
        return True

    def open(self) -> None:
        self.channel.listen(self.inbox, threading.Event())

    def say(self, text: str) -> None:
        self._owed.append(Typed(id=f"m{len(self._owed)}", name=self.address, text=text))
        self._last = self._owed[-1]

    def say_again(self) -> None:
        assert self._last is not None
        self._owed.append(self._last)

    def owes(self) -> bool:
        """The terminal hands in again what was refused."""
        accept: Accept = self.inbox
        while self._owed:
            try:
                self.channel.hand_in(self._owed[0], accept)
            except StorageUnavailable:
                return True
            self._owed.pop(0)
        return False

    def shown(self) -> list[str]:
        return self._shown

    def attach(self, content: bytes) -> FileRef:
        path = self._folder / "bukti.pdf"
        path.write_bytes(content)
        return FileRef(str(path), MediaKind.DOCUMENT)

    def shut(self) -> None:
        self.channel.close()


class EmailDoor(Door):
    """A person with a mail program: our SMTP server on one side, the office's relay with the person's mailbox on the other."""

    def __init__(self) -> None:
        self.office = PostOffice().__enter__()
        self.inbox = Inbox()
        self.stop = threading.Event()
        self.address = "siti@warga.example.com"
        self.longest = email.CAPABILITIES.text_limit
        self._written: list[EmailMessage] = []
        self._owed: list[EmailMessage] = []
        settings = {
            "address": "lapor@lapor.example.id",
            "listen": "127.0.0.1:0",
            "relay": {"host": self.office.host, "port": self.office.port},
        }
        self.channel = email.build(email.Settings.model_validate(settings), HOUSE)
        self.thread = threading.Thread(target=self.channel.listen, args=(self.inbox, self.stop), name="listener")

    def open(self) -> None:
        assert isinstance(self.channel, Binds)
        self._server = self.channel.bind().rpartition(":")
        self.thread.start()

    def say(self, text: str) -> None:
        self._written.append(self._mail(text))
        self._owed.append(self._written[-1])

    def say_again(self) -> None:
        self._owed.append(self._written[-1])

    def owes(self) -> bool:
        """The person's provider comes again with what was refused."""
        while self._owed:
            with smtplib.SMTP(self._server[0], int(self._server[2]), local_hostname="warga.example.com") as client:
                try:
                    client.send_message(self._owed[0])
                except smtplib.SMTPDataError:
                    return True
            self._owed.pop(0)
        return False

    def shown(self) -> list[str]:
        return [words(mail) for mail in self.office.mails(self.address)]

    def attach(self, content: bytes) -> FileRef:
        mail = self._mail("ini buktinya")
        mail.add_attachment(content, maintype="application", subtype="pdf", filename="bukti.pdf")
        self.body = mail.as_bytes(policy=SMTP)
        (ref,) = self.channel.parse(self.body, "m#1").files
        assert ref.inline
        return ref

    def shut(self) -> None:
        self.stop.set()
        if self.thread.ident:
            self.thread.join(10)
        self.channel.close()
        self.office.__exit__(None, None, None)

    def _mail(self, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Siti <{self.address}>", "lapor@lapor.example.id", "Laporan"
        mail["Message-ID"] = f"<{len(self._written)}@warga.example.com>"
        mail.set_content(text)
        return mail
