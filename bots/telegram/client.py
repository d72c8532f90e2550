"""The vendor's library, tamed: its answers come back as codes, its logs stay silent, updates stay as they were sent.

Nothing here or above logs an exception's text: the library's messages and addresses carry the bot's token.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
from telegram import Bot
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bots.telegram import Settings

_NOTHING_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,
)


class Answered(TelegramError):
    """Telegram answered with an error (core.telegram.org/bots/api#making-requests)."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any]) -> None:
        super().__init__(f"answered {code}")
        self.code = code
        self.description = description.lower()
        self.parameters = parameters


class Garbled(TelegramError):
    """Something answered that is not the Bot API: a proxy's page, a broken body. `code` is its HTTP status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"garbled {code}")
        self.code = code


def judged(code: int, payload: bytes) -> tuple[int, bytes]:
    """A success of the Bot API unchanged; everything else raises `Answered` or `Garbled`, without the library's guesses."""
    content = _object(payload)
    if content is None:
        raise Garbled(code)
    if not 200 <= code <= 299 or content.get("ok") is not True or "result" not in content:
        raise _error(code, content)
    return code, payload


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _error(code: int, content: dict[str, Any]) -> TelegramError:
    if content.get("ok") is not False:
        return Garbled(code)
    parameters, number = content.get("parameters"), content.get("error_code")
    return Answered(
        number if isinstance(number, int) else code,
        str(content.get("description") or ""),
        parameters if isinstance(parameters, dict) else {},
    )


class Request(HTTPXRequest):
    """HTTP as the library does it, answers judged by us."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        return judged(*await super().do_request(*args, **kwargs))


class UpdatesRequest(HTTPXRequest):
    """Keeps the answer of getUpdates as bytes in `payload` and shows the library an empty list.

    So what is stored is what Telegram sent, and an update that the library cannot read does not stop the next one.
    """

    payload: bytes = b""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.payload = b""
        code, payload = await super().do_request(*args, **kwargs)
        if 200 <= code <= 299:
            self.payload = payload
            return code, b'{"ok":true,"result":[]}'
        return judged(code, payload)


class Client:
    """A bot for receiving, and its connections. Made inside the event loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        hush()
        token = settings.token.get_secret_value() if settings.token else ""
        self.updates = UpdatesRequest(
            connection_pool_size=1,
            connect_timeout=settings.connect_timeout_seconds,
            read_timeout=settings.answer_timeout_seconds,
        )
        self._request = Request(
            connection_pool_size=settings.connections,
            connect_timeout=settings.connect_timeout_seconds,
            read_timeout=settings.answer_timeout_seconds,
            pool_timeout=settings.answer_timeout_seconds,
        )
        self.bot = Bot(
            token,
            base_url=f"{settings.api_url}/bot",
            request=self._request,
            get_updates_request=self.updates,
        )

    async def get_updates(self, *, offset: int | None, wait_seconds: int) -> bytes:
        """The answer of one getUpdates as bytes; asks for every kind of update that we read."""
        await self.bot.get_updates(offset=offset, timeout=wait_seconds, allowed_updates=ALLOWED)
        return self.updates.payload

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._request.shutdown()
        await self.updates.shutdown()
        await asyncio.sleep(0)  # the transports say goodbye in the loop's next round


ALLOWED = ("message", "edited_message", "channel_post", "callback_query", "my_chat_member")


def hush() -> None:
    """The libraries log addresses with the token in them at INFO and DEBUG, and received words at ERROR."""
    for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("telegram", logging.CRITICAL + 1)):
        logging.getLogger(name).setLevel(level)


def left_the_house(error: BaseException) -> bool:
    """Whether the request may have reached Telegram, by what broke underneath the library's error. In doubt it may have."""
    return not isinstance(error.__cause__, _NOTHING_LEFT)


def code_of(error: BaseException) -> str:
    """A short word for logs and operators: a status or the name of what broke, never a message."""
    if isinstance(error, Answered | Garbled):
        return f"{'answered' if isinstance(error, Answered) else 'http'}_{error.code}"
    if isinstance(error, NetworkError) and error.__cause__ is not None:
        return type(error.__cause__).__name__
    return type(error).__name__
