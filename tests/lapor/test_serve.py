"""Parts of a service: ports are taken before anything runs, and one that is in use stops the start."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from bots import console
from core.channels import Accept, Binds
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
