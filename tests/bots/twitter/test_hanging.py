"""Hosts that never come to an end: no thread is held by them, however slowly or much they talk (design.md, the road)."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.twitter import Settings
from bots.twitter.client import Client
from bots.twitter.faults import Kind, Trouble
from bots.twitter.fetch import Fetcher, Hosts
from core.channels import FetchState

Say = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def host(say: Say) -> Iterator[str]:
    """Answers each connection with `say`; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                try:
                    say(connection)
                except OSError:
                    continue  # nobody listens any more

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def dripping(head: bytes, drop: bytes) -> Say:
    def say(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(drop)
            time.sleep(0.02)

    return say


def bomb(connection: socket.socket) -> None:
    packed = gzip.compress(b" " * (64 * 1024 * 1024), 9)
    connection.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)


def client_of(url: str, *, answer_timeout_seconds: float = 0.3) -> Client:
    keys = {"consumer_key": "a", "consumer_secret": "b", "access_token": "17-c", "access_token_secret": "d"}
    given = {"api_url": url, **keys, "bearer_token": "e", "connect_timeout_seconds": 0.3}
    given |= {"answer_timeout_seconds": answer_timeout_seconds}
    return Client(Settings.model_validate(given), lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    "say",
    [
        dripping(OK + b"X-Slow: ", b"a"),
        dripping(OK + b"Content-Length: 1000000\r\n\r\n", b" "),
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFF\r\n", b" "),
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        bomb,
    ],
    ids=["headers", "body", "chunk", "chunks", "gzip bomb"],
)
def test_an_answer_without_an_end_is_no_answer_and_takes_no_longer_than_silence(say: Say) -> None:
    with host(say) as url:
        client, began = client_of(url), time.monotonic()
        with pytest.raises(Trouble) as caught:
            client.ask("mentions", lambda api: api.get_me(user_auth=True))
        assert caught.value.kind is Kind.UNAVAILABLE
        assert time.monotonic() - began < 1.5
        with pytest.raises(Trouble) as uncertain:  # what was to change something may have
            client.ask("dm", lambda api: api.get_me(user_auth=True), writes=True)
        assert uncertain.value.kind is Kind.UNCERTAIN
        client.close()


def test_a_file_that_drips_is_fetched_later(tmp_path: Path) -> None:
    with host(dripping(OK + b"Content-Length: 1000000\r\n\r\n", b"a")) as url:
        client, began = client_of(url), time.monotonic()
        fetcher = Fetcher(client, Hosts(url), seconds=0.4, clock=time.monotonic)
        assert fetcher.fetch(f"plain {url}/a.jpg", tmp_path / "a", 2_000_000).state is FetchState.PENDING
        assert time.monotonic() - began < 1.5
        client.close()


def test_a_file_that_goes_up_slowly_arrives() -> None:
    """Longer than a connection may take to be made."""
    size = 8 * 1024 * 1024

    def slowly(connection: socket.socket) -> None:
        time.sleep(0.5)
        connection.settimeout(1.0)  # how much of it came with the head is not known here: it is over when nothing more comes
        with suppress(TimeoutError):
            while connection.recv(65536):
                pass
        body = b'{"data": {"id": "123"}}'
        connection.sendall(OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with host(slowly) as url:
        client = client_of(url, answer_timeout_seconds=10)
        files = {"media": ("file", b"x" * size, "image/jpeg")}
        answer = client.ask("upload", lambda _: client.wire.request("POST", "/2/media/upload", files=files))
        assert answer.content == {"data": {"id": "123"}}
        client.close()
