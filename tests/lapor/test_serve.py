"""Parts of a service: ports are taken before anything runs, and one that is in use stops the start."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from time import monotonic
from typing import Any

import pytest

from bots import console
from core.channels import Accept, Binds, Request, Response, Route
from core.errors import ConfigurationError
from core.office import Office
from lapor.serve import Service


class Listening:
    """The terminal's channel, with a port of its own."""

    def __init__(self, port: int = 0) -> None:
        self._door = console.build(console.Settings())
        self._port = port
        self.listens = threading.Event()
        self.socket: socket.socket | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)

    def bind(self) -> str:
        try:
            self.socket = socket.create_server(("127.0.0.1", self._port))
        except OSError as error:
            raise ConfigurationError(f"channels.hook.listen: cannot be used ({error.strerror}): choose another port") from error
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        assert self.socket is not None
        self.listens.set()
        stop.wait()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self._door.close()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port in use."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


def test_a_channel_takes_its_port_before_it_listens_and_says_where(office: Office) -> None:
    door = Listening()
    assert isinstance(door, Binds)
    service = Service(office, {"console": door}, ("console",))
    service.start()
    try:
        host, _, port = service.addresses["console"].rpartition(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        assert door.listens.wait(5)
    finally:
        service.stop()


def test_a_port_in_use_stops_the_start_before_anything_runs(office: Office, taken: int) -> None:
    door = Listening(taken)
    before = threading.active_count()
    service = Service(office, {"console": door}, ("console", "worker", "ingress"))
    with pytest.raises(ConfigurationError, match=r"channels\.hook\.listen: .*choose another port"):
        service.start()
    assert (threading.active_count(), door.listens.is_set()) == (before, False)
    service.stop()


def test_a_channel_that_this_process_does_not_run_takes_no_port(office: Office, taken: int) -> None:
    service = Service(office, {"console": Listening(taken)}, ("worker",))
    service.start()
    service.stop()
    assert service.addresses == {}


class Slow:
    """A route that answers when it is let."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def routes(self, _accept: Accept) -> list[Route]:
        return [Route("GET", "/slow", self._handle)]

    def _handle(self, _request: Request) -> Response:
        self.began.set()
        self.may_end.wait(20)
        return Response(200, b"done")


class Hooked(Listening):
    """With a web hook."""

    def __init__(self, slow: Slow) -> None:
        super().__init__()
        self.routes = slow.routes


def test_a_stop_does_not_wait_for_connections_that_are_only_kept_and_ends_the_answers_that_are_begun(office: Office) -> None:
    slow = Slow()
    service = Service(office, {"console": Hooked(slow)}, ("ingress",))
    service.start()
    host, _, port = service.addresses["ingress"].rpartition(":")
    host = host.removeprefix("http://")
    kept = http.client.HTTPConnection(host, int(port), timeout=10)
    asking = http.client.HTTPConnection(host, int(port), timeout=10)
    with closing(kept), closing(asking):
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        asking.request("GET", "/slow")
        assert slow.began.wait(10)
        stopping = threading.Thread(target=service.stop)
        began = monotonic()
        stopping.start()
        threading.Timer(0.3, slow.may_end.set).start()
        answer = asking.getresponse()
        assert (answer.status, answer.read()) == (200, b"done")
        stopping.join(10)
        assert not stopping.is_alive()
        assert monotonic() - began < 5
        assert kept.sock.recv(1) == b"", "hung up"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


@pytest.mark.parametrize("part", ["ingress", "desk"])
def test_a_body_of_a_gigabyte_is_refused_before_it_is_read(office: Office, part: str) -> None:
    service = Service(office, {}, (part,))
    service.start()
    host, _, port = service.addresses[part].removeprefix("http://").rpartition(":")
    try:
        with closing(socket.create_connection((host, int(port)), timeout=10)) as stranger:
            stranger.sendall(b"POST /sms/twilio HTTP/1.1\r\nHost: lapor\r\nContent-Length: 1000000000\r\n\r\nBody=")
            assert stranger.recv(64).startswith(b"HTTP/1.1 413 ")
    finally:
        service.stop()
