"""Clients that mean harm, over a real connection: nothing that they do holds a place or speaks for somebody else."""

from __future__ import annotations

import socket
import time
from contextlib import closing, suppress

import pytest

from tests.bots.email.listening import US, Line, Listening, mail, wait


def deaf(server: Listening, *commands: bytes) -> socket.socket:
    """A client that says all this at once and never listens: what it is told piles up."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    client.settimeout(2)
    client.connect((server.host, server.port))
    with suppress(OSError):
        client.sendall(b"".join(commands))
    return client


@pytest.mark.parametrize("ending", [b"", b"QUIT\r\n"])
def test_a_client_that_never_listens_loses_its_place(ending: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.email.server.LINGER_SECONDS", 0.3)
    turns = [b"MAIL FROM:<a@b.id>\r\nRSET\r\n"] * 4_900
    server = Listening(connections=1, command_timeout_seconds=0.5)
    server._port.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)  # as over a network; loopback would take it all
    with server, closing(deaf(server, b"EHLO x\r\n", *turns, ending)):
        assert greeting(server) == 421
        wait(lambda: greeting(server) == 220)


def test_a_client_that_never_listens_does_not_hold_up_the_end() -> None:
    server = Listening()
    server._port.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    with server, closing(deaf(server, b"EHLO x\r\n", *[b"MAIL FROM:<a@b.id>\r\nRSET\r\n"] * 4_900)):
        time.sleep(1)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5


def greeting(server: Listening) -> int:
    """What somebody hears who connects now."""
    with server.line() as line:
        return line.hear()


def test_nothing_behind_a_mail_without_end_is_a_command() -> None:
    with Listening(max_size_mb=1, memory_mb=4) as server, server.line() as line:
        line.begin()
        smuggled = b"RSET\r\nMAIL FROM:<ketua@kota.go.id>\r\nRCPT TO:<" + US.encode() + b">\r\nDATA\r\n" + mail()
        with suppress(OSError):  # hung up on before all of it was said
            line.say((b"a" * 998 + b"\r\n") * 2_200 + smuggled + b".\r\nQUIT\r\n")
        assert 250 not in heard(line)
        assert server.inbox.raws() == []


def heard(line: Line) -> list[int]:
    """Answers up to the end of the connection."""
    answers: list[int] = []
    with suppress(OSError):
        while code := line.hear():
            answers.append(code)
    return answers


def test_a_path_that_no_mailbox_has_is_refused() -> None:
    long = b"a" * 400
    with Listening(recipients=["@lapor.example.id"]) as server, server.line() as line:
        assert line.hear() == 220
        assert line.ask(b"EHLO x") == 250
        assert line.ask(b"MAIL FROM:<" + long + b"@warga.example.com>") == 553
        assert line.ask(b"MAIL FROM:<a@warga.example.com>") == 250
        assert line.ask(b"RCPT TO:<" + long + b"@lapor.example.id>") == 553
        assert line.ask(b"RCPT TO:<" + US.encode() + b">") == 250
        assert line.ask(b"DATA") == 354
        line.say(mail() + b".\r\n")
        assert line.hear() == 250
        wait(server.inbox.raws)
