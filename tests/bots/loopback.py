"""What the vendors of the tests share: a server on loopback in a thread with its own event loop, and the tests' hands on it."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from tests.bots.plainhttp import Call, Connection, Reply

T = TypeVar("T")


class Closes(Protocol):
    """A vendor's world: whatever it knows, it can be closed."""

    def close(self) -> None: ...


W = TypeVar("W", bound=Closes)


class Loopback(ABC, Generic[W]):
    """Start with `with`. All methods may be called from any thread; `world` belongs to the server's own."""

    world: W
    port: int

    def __init__(self, name: str, port: int) -> None:
        self._port = port
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=name, daemon=True)
        self._ready = threading.Event()
        self._connections: set[Connection] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError(f"the server {self._thread.name} did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def wait(ready: Callable[[], T | None], seconds: float = 10.0) -> T:
        """The first true value of `ready()`; AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not (value := ready()):
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing came within {seconds} s")
            time.sleep(0.005)
        return value

    def do(self, work: Callable[[W], T]) -> T:
        """Runs `work` on the server's own thread."""

        async def run() -> T:
            return work(self.world)

        return self._await(run())

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    # --- what a vendor decides

    @abstractmethod
    def _begin(self) -> W:
        """Its world, made on the server's own thread."""

    @abstractmethod
    def _answer(self, call: Call) -> Reply | Awaitable[Reply]:
        """To one call."""

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator[None]:
        """What runs while it serves, once its `port` is known."""
        yield

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.world = self._begin()
        server = await self._loop.create_server(
            lambda: Connection(self._answer, self._connections), "127.0.0.1", self._port, backlog=256
        )
        self.port = server.sockets[0].getsockname()[1]
        async with self._beside():
            self._ready.set()
            await self._stop.wait()
            server.close()
            for connection in tuple(self._connections):
                connection.transport.abort()
        self.world.close()


def hands(body: bytes) -> dict[str, Any]:
    """Keyword arguments of POST /control/<name>, from another process: JSON, with bytes as base64."""
    given: dict[str, Any] = json.loads(body or b"{}")
    return {
        key.removesuffix("_base64"): base64.b64decode(value) if key.endswith("_base64") else value
        for key, value in given.items()
    }
