"""HTTP/1.1 with keep-alive over asyncio, as much of it as the vendors of the tests need, and fast enough to measure against."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Reply:
    """`hang`: never answer; `drop`: close the connection instead; `half`: close it in the middle of the body."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    hang: bool = False
    drop: bool = False
    half: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def parameters(self) -> tuple[dict[str, str], dict[str, bytes]]:
        """Fields and files (core.telegram.org/bots/api#making-requests names the accepted encodings)."""
        kind = self.headers.get("content-type", "")
        _, _, query = self.path.partition("?")
        fields = dict(parse_qsl(query, keep_blank_values=True))
        if kind.startswith("multipart/form-data"):
            files: dict[str, bytes] = {}
            boundary = kind.partition("boundary=")[2].strip('"').encode()
            for part in self.body.split(b"--" + boundary)[1:-1]:
                head, _, content = part[2:-2].partition(b"\r\n\r\n")
                name = head.partition(b'name="')[2].partition(b'"')[0].decode()
                if b"filename=" in head:
                    files[name] = content
                else:
                    fields[name] = content.decode()
            return fields, files
        if kind.startswith("application/json"):
            fields |= {
                key: value if isinstance(value, str) else json.dumps(value) for key, value in json.loads(self.body).items()
            }
            return fields, {}
        return fields | dict(parse_qsl(self.body.decode(), keep_blank_values=True)), {}


Handler = Callable[[Call], "Reply | Awaitable[Reply]"]


class Connection(asyncio.Protocol):
    """One client; its requests one after the other."""

    def __init__(self, handler: Handler, connections: set[Connection]) -> None:
        self._handler, self._connections = handler, connections
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        while self._task is None and (call := self._take()) is not None:
            answer = self._handler(call)
            if isinstance(answer, Reply):
                self._write(answer)
            else:
                self._task = asyncio.ensure_future(self._later(answer))

    async def _later(self, answer: Awaitable[Reply]) -> None:
        reply = await answer
        self._task = None
        self._write(reply)
        self._next()

    def _take(self) -> Call | None:
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return None
        lines = head.decode("latin-1").split("\r\n")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        method, path, _ = lines[0].split(" ", 2)
        return Call(method, path, headers, rest[:length])

    def _write(self, reply: Reply) -> None:
        if reply.drop:
            self.transport.abort()
        elif not reply.hang and not self.transport.is_closing():
            reason = HTTPStatus(reply.status).phrase
            head = (
                f"HTTP/1.1 {reply.status} {reason}\r\nContent-Type: {reply.content_type}\r\n"
                f"Content-Length: {len(reply.body)}\r\n"
            )
            head += "".join(f"{name}: {value}\r\n" for name, value in reply.headers) + "\r\n"
            self.transport.write(head.encode() + (reply.body[: len(reply.body) // 2] if reply.half else reply.body))
            if reply.half:
                self.transport.close()


async def post(url: str, body: bytes, headers: dict[str, str], timeout_seconds: float = 10.0) -> int:
    """One POST as Telegram's webhook sender does it; the status, or 0 if nobody answered."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    lines = [f"POST /{path} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    writer = None
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(name, int(port or 80))
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            status = (await reader.readline()).split()
            return int(status[1]) if len(status) > 1 else 0
    except (OSError, TimeoutError):
        return 0
    finally:
        if writer is not None:
            writer.close()
