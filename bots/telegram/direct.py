"""Calls of the vendor's library made in the caller's own thread, without an event loop between.

The library takes any transport (`BaseRequest`). With a synchronous one its coroutines never wait, so they run to their end in
one step: twice as many messages a second from several threads as through a loop in another thread (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bots.telegram import Settings
from bots.telegram.client import hush, judged

T = TypeVar("T")

UPLOAD_SECONDS = 60.0


class DirectRequest(BaseRequest):
    """Persistent connections that many threads share. Errors are chained as the library's own transport does it."""

    def __init__(self, http: httpx.Client, answer_seconds: float) -> None:
        self._http = http
        self._answer_seconds = answer_seconds
        usual = http.timeout
        self._upload = httpx.Timeout(connect=usual.connect, read=UPLOAD_SECONDS, write=UPLOAD_SECONDS, pool=usual.pool)

    @property
    def read_timeout(self) -> float | None:
        return self._answer_seconds

    async def initialize(self) -> None:
        """The connections are somebody else's."""

    async def shutdown(self) -> None:
        """The connections are somebody else's."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        files = request_data.multipart_data if request_data else None
        data = request_data.json_parameters if request_data else None
        timeout = self._upload if files else self._http.timeout
        try:
            answer = self._http.request(method, url, data=data, files=files or None, timeout=timeout)
        except httpx.TimeoutException as error:
            raise TimedOut from error
        except httpx.HTTPError as error:
            raise NetworkError(type(error).__name__) from error
        return judged(answer.status_code, answer.content)


class Direct:
    """A bot for sending and fetching from any thread, and the connections under it."""

    def __init__(self, settings: Settings) -> None:
        hush()
        token = settings.token.get_secret_value() if settings.token else ""
        seconds = settings.answer_timeout_seconds
        self.file_url = f"{settings.api_url}/file/bot{token}/"
        self.http = httpx.Client(
            timeout=httpx.Timeout(seconds, connect=settings.connect_timeout_seconds),
            limits=httpx.Limits(max_connections=settings.connections, max_keepalive_connections=settings.connections),
        )
        self.bot = Bot(
            token,
            base_url=f"{settings.api_url}/bot",
            base_file_url=f"{settings.api_url}/file/bot",
            request=DirectRequest(self.http, seconds),
            get_updates_request=DirectRequest(self.http, seconds),
        )

    def close(self) -> None:
        """Lets go of the connections."""
        self.http.close()


def drive(call: Coroutine[Any, Any, T]) -> T:
    """The result of a library call over `DirectRequest`; such a call never waits for a loop."""
    try:
        call.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    call.close()
    raise RuntimeError("a direct call waited for an event loop")
