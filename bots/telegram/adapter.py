"""The Telegram channel: where the parts meet. See `listen`, `webhook`, `send`, `fetch`, `menu` for what each does.

The vendor's library is loaded with the first call that needs it, so that a process that only handles stays small.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from bots.telegram import Mode, Settings
from bots.telegram.envelope import Envelope, envelope
from bots.telegram.loop import Closed, LoopThread
from bots.telegram.parse import join, parse
from core.channels import (
    Accept,
    Capabilities,
    Check,
    Delivery,
    Fault,
    Fetched,
    FetchState,
    FileRef,
    Health,
    Inbound,
    Menu,
    Outbound,
    Outcome,
    Route,
)
from core.errors import ConfigurationError

if TYPE_CHECKING:
    from bots.telegram.client import Client
    from bots.telegram.direct import Direct
    from bots.telegram.listen import Line
    from bots.telegram.send import Pace

log = structlog.get_logger()
T = TypeVar("T")

DOWNLOAD_SECONDS, CHECK_SECONDS = 300.0, 5.0


class Telegram:
    """`core.channels.Channel` over the Bot API."""

    def __init__(
        self,
        settings: Settings,
        capabilities: Capabilities,
        *,
        public_url: str,
        menu: Menu,
        now: Callable[[], datetime],
        name: str,
    ) -> None:
        if settings.token is None:
            raise ConfigurationError(f"channels.{name}.token: set it to the one that @BotFather gave")
        if settings.mode is Mode.WEBHOOK and not public_url:
            raise ConfigurationError(f"office.public_url: channels.{name}.mode webhook needs it to be reached")
        self.name = name
        self.capabilities = capabilities
        self.health = Health()
        self._settings, self._menu, self._now = settings, menu, now
        self._url = f"{public_url.rstrip('/')}/telegram/webhook"
        self._loop = LoopThread(f"{name}-loop")
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._direct: Direct | None = None
        self._closed = False
        self._pace: Pace | None = None

    # --- in

    def parse(self, body: bytes, source_id: str) -> Inbound:
        return parse(body, source_id, channel=self.name)

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        return join(parts)

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        from bots.telegram.listen import Poller
        from bots.telegram.webhook import Address, keep

        settings = self._settings
        try:
            if settings.mode is Mode.POLLING:
                Poller(self._line(), accept, stop, wait_seconds=settings.poll_seconds).poll()
            else:
                address = Address(self._url, self._secret(), min(settings.connections, 100), settings.webhook_check_seconds)
                keep(self._line(), stop, address)
        except Closed:
            return

    def routes(self, accept: Accept) -> Sequence[Route]:
        if self._settings.mode is not Mode.WEBHOOK:
            return ()
        from bots.telegram.webhook import route

        return (
            route(
                accept,
                secret=self._secret(),
                seal=self._seal,
                acknowledge=self._acknowledge,
                succeeded=self._succeeded,
            ),
        )

    # --- out

    def send(self, outbound: Outbound) -> Delivery:
        from bots.telegram.send import chat_of, deliver, of_public, refusal, request_for

        if reason := refusal(outbound):
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=reason)
        chat = chat_of(outbound)
        if chat is None:
            return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="bad_address")
        try:
            request = request_for(outbound, chat)
        except OSError:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="file_missing")
        wait = self._limits().take(chat, time.monotonic())
        if wait is not None:
            return Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=wait, detail="own_limit")
        try:
            bot = self._connected_directly().bot
        except Closed:
            return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="closed")
        delivery = deliver(bot, request)
        self._learn(chat, delivery)
        return of_public(delivery) if outbound.public else delivery

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:  # noqa: ARG002
        from bots.telegram.fetch import download, locate

        if ref.size_bytes is not None and ref.size_bytes > limit_bytes:
            return Fetched(FetchState.TOO_LARGE, size_bytes=ref.size_bytes, detail="over_the_limit")
        try:
            direct = self._connected_directly()
        except Closed:
            return Fetched(FetchState.PENDING, retry_after_seconds=5.0, detail="closed")
        found = locate(direct, ref.ref)
        if isinstance(found, Fetched):
            return found
        return download(
            direct.http,
            direct.file_url + found,
            into,
            limit_bytes=limit_bytes,
            seconds=DOWNLOAD_SECONDS,
            clock=time.monotonic,
        )

    # --- how it is

    def check(self) -> Sequence[Check]:
        from telegram.error import TelegramError

        from bots.telegram.client import Answered, code_of

        try:
            me = self._call(lambda client: client.bot.get_me()).result(timeout=CHECK_SECONDS)
        except Answered as error:
            if error.code in (401, 404):
                return (Check(self.name, False, f"channels.{self.name}.token is not valid: ask @BotFather for a new one."),)
            return (Check(self.name, False, f"The Bot API answers {error.code}: try again later."),)
        except (TelegramError, Closed, CancelledError, NotYet) as error:
            code = code_of(error)
            message = f"The Bot API does not answer ({code}): look at channels.{self.name}.api_url and the network."
            return (Check(self.name, False, message),)
        return (Check(self.name, True, f"The bot @{me.username} answers; updates come by {self._settings.mode}."),)

    def close(self) -> None:
        self._loop.close(self._let_go)
        with self._lock:
            self._closed = True
            if self._direct is not None:
                self._direct.close()
                self._direct = None

    # --- inside

    def _call(self, work: Callable[[Client], Coroutine[Any, Any, T]]) -> Future[T]:
        """Runs `work(client)` on the event loop; raises `Closed` if that is over."""

        async def run() -> T:
            return await work(self._connected())

        return self._loop.submit(run)

    def _connected(self) -> Client:
        """The client; only ever asked for on the event loop."""
        if self._client is None:
            from bots.telegram.client import Client

            self._client = Client(self._settings)
        return self._client

    async def _let_go(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _connected_directly(self) -> Direct:
        """The connections that `send` and `fetch` use from any thread; raises `Closed` if that is over."""
        with self._lock:
            if self._closed:
                raise Closed
            if self._direct is None:
                from bots.telegram.direct import Direct

                self._direct = Direct(self._settings)
            return self._direct

    def _limits(self) -> Pace:
        from bots.telegram.send import Pace

        with self._lock:
            if self._pace is None:
                limits = self._settings
                self._pace = Pace(per_second=limits.messages_per_second, seconds_between=limits.seconds_between)
            return self._pace

    def _learn(self, chat: int, delivery: Delivery) -> None:
        if delivery.outcome is Outcome.ACCEPTED:
            if self.health.trouble == "unauthorised":
                self.health.trouble = None
            return
        if delivery.fault is Fault.THROTTLED and delivery.retry_after_seconds:
            self._limits().hold(chat, delivery.retry_after_seconds, time.monotonic())
        elif delivery.fault is Fault.UNAUTHORISED:
            self.health.trouble = "unauthorised"
            log.error("telegram.unauthorised", remedy="the token is not valid any more: ask @BotFather for a new one")

    def _line(self) -> Line:
        from bots.telegram.listen import Line
        from bots.telegram.menu import publish

        async def prepare(client: Client) -> None:
            if self._settings.mode is Mode.POLLING:  # getUpdates is refused while a webhook is set
                await client.bot.delete_webhook(drop_pending_updates=False)
            await publish(client.bot, self._menu)

        return Line(self._call, self._seal, self._acknowledge, prepare, self.health, self._now)

    def _seal(self, body: bytes) -> Envelope:
        settings = self._settings
        return envelope(
            body,
            channel=self.name,
            bot_id=settings.bot_id,
            received_at=self._now(),
            album_seconds=settings.album_seconds,
        )

    def _acknowledge(self, callback_id: str) -> None:
        """Stops the little clock on the pressed button. Nobody waits for it: old presses are refused, and that is fine."""

        async def answer(client: Client) -> None:
            await client.bot.answer_callback_query(callback_id)

        try:
            self._call(answer)
        except Closed:
            return

    def _succeeded(self) -> None:
        self.health.last_success_at = self._now()

    def _secret(self) -> str:
        secret = self._settings.webhook_secret
        return secret.get_secret_value() if secret else ""
