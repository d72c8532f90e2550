"""Connections that end: one whose other side has gone without a word, and an answer that drips for hours.

A time-out of a socket begins anew with each byte, so that a host which sends one now and then would hold a thread for ever:
here a whole answer, from its first byte on, has its time.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_KEEP_ALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
]
SENDING_SECONDS = 30.0
"""For one request to leave, a file's whole piece included. Without it the time-out of the connecting would count."""
_whole: ContextVar[float | None] = ContextVar("whole", default=None)


@contextmanager
def answering_within(seconds: float) -> Iterator[None]:
    """Answers that begin inside may take so long from their beginning to their end, also where that is read later."""
    before = _whole.set(seconds)
    try:
        yield
    finally:
        _whole.reset(before)


class Lasting(HTTPAdapter):
    """Connections that notice when the other side has gone without a word, before a message is lost in them."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, socket_options=_KEEP_ALIVE, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Plain, "https": _Secure}


class _Until(io.RawIOBase):
    """What a socket reads until `deadline` (monotonic seconds); TimeoutError from then on."""

    def __init__(self, sock: Any, deadline: float) -> None:
        super().__init__()
        self._sock, self._deadline = sock, deadline
        self._usual: float | None = sock.gettimeout()
        self._raw: Any = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer drips")
        self._sock.settimeout(left if self._usual is None else min(left, self._usual))
        found: int | None = self._raw.readinto(buffer)
        return found

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Sock:
    """Gives the answer its reader: nothing else is asked of it."""

    def __init__(self, sock: Any, seconds: float) -> None:
        self._sock, self._seconds = sock, seconds

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Until(self._sock, time.monotonic() + self._seconds))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **more: Any) -> None:
        seconds = _whole.get()
        super().__init__(sock if seconds is None else _Sock(sock, seconds), *args, **more)  # type: ignore[arg-type]


class _PlainConnection(HTTPConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        _give_time(self)
        super().send(data)


class _SecureConnection(HTTPSConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        _give_time(self)
        super().send(data)


def _give_time(connection: HTTPConnection) -> None:
    """Connects, if that is to be done, and lets what is said now take its time: a file goes up slowly in most offices."""
    if connection.sock is None:
        connection.connect()
    if connection.sock is not None:
        connection.sock.settimeout(SENDING_SECONDS)


class _Plain(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Secure(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
