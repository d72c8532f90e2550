"""Updates that Telegram pushes (core.telegram.org/bots/api#setwebhook): committed before the 200, secret checked."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable

from telegram.error import TelegramError

from bots.telegram.client import ALLOWED, Answered, Client, code_of
from bots.telegram.envelope import Envelope
from bots.telegram.listen import Line, Stopped, Wait, log, outcome
from core.channels import Accept, Health, Request, Response, Route

PATH = "/telegram/webhook"
HEADER = "x-telegram-bot-api-secret-token"


def route(
    accept: Accept,
    *,
    secret: str,
    seal: Callable[[bytes], Envelope],
    acknowledge: Callable[[str], None],
    succeeded: Callable[[], None],
) -> Route:
    """The path that Telegram posts to. `StorageUnavailable` passes through: the ingress answers 503, Telegram repeats."""

    def handle(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode()):
            return Response(403)
        envelope = seal(request.body)
        accept([envelope.raw])
        succeeded()
        if envelope.callback_id:
            acknowledge(envelope.callback_id)
        return Response(200)

    return Route("POST", PATH, handle)


def register(line: Line, stop: threading.Event, *, url: str, secret: str, connections: int) -> None:
    """Tells Telegram where to push, as often as it takes, then returns."""

    async def announce(client: Client) -> None:
        await client.bot.set_webhook(url=url, secret_token=secret, max_connections=connections, allowed_updates=list(ALLOWED))
        await line.prepare(client)

    wait = Wait(stop)
    while True:
        try:
            outcome(line.call(announce), stop)
        except Stopped:
            return
        except TelegramError as error:
            _note(line.health, error)
            try:
                wait()
            except Stopped:
                return
        else:
            line.health.trouble = None
            line.health.last_success_at = line.now()
            return


def _note(health: Health, error: TelegramError) -> None:
    code = error.code if isinstance(error, Answered) else 0
    health.trouble = {400: "webhook_refused", 401: "unauthorised", 404: "unauthorised"}.get(code, "unavailable")
    log.error("telegram.webhook_not_set", trouble=health.trouble, code=code_of(error))
