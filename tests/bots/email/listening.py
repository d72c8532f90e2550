"""Our SMTP server on a free loopback port for one test, with an inbox in memory behind it, and clients that misbehave."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from bots.email import Settings
from bots.email.listen import Listener, take_port
from bots.email.wire import Envelope, unpack
from core.channels import Accept, Health, Raw, Stored
from tests.bots.contract import Inbox

US = "lapor@lapor.example.id"
SITI = "siti@warga.example.com"
MORNING = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
"""Tuesday, 3 March 2026, 09:00 in Jakarta."""


def mail(text: str = "Jalan rusak di depan pasar.", **headers: str) -> bytes:
    """A plain mail of Siti's as bytes."""
    lines = {"From": f"Siti <{SITI}>", "To": US, "Subject": "Jalan rusak", "Message-ID": "<a1@warga.example.com>"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return (head + "\r\n" + text + "\r\n").encode()


def wait(ready: Callable[[], Any], seconds: float = 10.0) -> None:
    """Until it is so; fails otherwise."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


class Slow:
    """An `Accept` that takes its time, and knows how many mails came together."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.gate = threading.Event()
        self.batches: list[int] = []

    def __call__(self, raws: Sequence[Raw]) -> Sequence[Stored]:
        self.batches.append(len(raws))
        assert self.gate.wait(10)
        return self.inbox(raws)


class Listening:
    """The server and what it stored. `with Listening(connections=2) as server: …`"""

    def __init__(self, accept: Accept | None = None, **settings: Any) -> None:
        self.inbox = Inbox()
        self.accept: Accept = accept or self.inbox
        self.health = Health()
        self.settings = Settings.model_validate({"address": US, "listen": "127.0.0.1:0"} | settings)
        self._stop = threading.Event()
        self._port = take_port(self.settings.listen, "email")
        self.host, self.port = self._port.getsockname()[:2]
        listener = Listener(self.settings, self.accept, self.health, now=lambda: MORNING, name="email")
        self._thread = threading.Thread(target=listener.run, args=(self._port, self._stop.is_set), name="listener")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it; a second time does nothing."""
        self._stop.set()
        self._thread.join(15)
        assert not self._thread.is_alive()
        self._port.close()

    def client(self) -> smtplib.SMTP:
        """A well-behaved client, connected."""
        return smtplib.SMTP(self.host, self.port, local_hostname="warga.example.com", timeout=10)

    def send(self, content: bytes, sender: str = SITI, *recipients: str) -> dict[str, tuple[int, bytes]]:
        """One mail over a connection of its own."""
        with self.client() as client:
            return client.sendmail(sender, recipients or (US,), content)

    def line(self) -> Line:
        """A client that says exactly what the test says."""
        return Line(self.host, self.port)

    def mails(self) -> list[bytes]:
        """The raw mails that are stored."""
        return [unpack(raw.body)[1] for raw in self.inbox.raws()]

    def envelopes(self) -> list[Envelope]:
        """What was said beside them."""
        return [unpack(raw.body)[0] for raw in self.inbox.raws()]


class Line:
    """A bare connection."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=10)
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up without a word."""
        self._answers.close()
        self._socket.close()

    def say(self, content: bytes) -> None:
        """Exactly these bytes."""
        self._socket.sendall(content)

    def hear(self) -> int:
        """The code of the next whole answer; 0 when the server has hung up."""
        while line := self._answers.readline():
            if line[3:4] != b"-":
                return int(line[:3])
        return 0

    def ask(self, command: bytes) -> int:
        """A command and its answer."""
        self.say(command + b"\r\n")
        return self.hear()

    def begin(self, sender: bytes = SITI.encode()) -> None:
        """Everything up to the 354."""
        assert self.hear() == 220
        assert self.ask(b"EHLO warga.example.com") == 250
        assert self.ask(b"MAIL FROM:<" + sender + b">") == 250
        assert self.ask(b"RCPT TO:<" + US.encode() + b">") == 250
        assert self.ask(b"DATA") == 354
