"""Updates that Telegram pushes (core.telegram.org/bots/api#setwebhook): committed before the 200, secret checked."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram shall push, and how often we look whether it still does."""

    url: str
    secret: str
    connections: int
    check_seconds: float


def keep(line: Line, stop: threading.Event, address: Address) -> None:
    """Tells Telegram where to push, as often as it takes, and again when somebody else changed it. Until stop."""
    wait = Wait(stop)
    announced = False
    while not stop.is_set():
        try:
            if not announced:
                outcome(line.call(lambda client: _announce(client, line, address)), stop)
                announced = True
                if line.health.trouble != "two_pollers":  # that is over only when our address has stayed a while
                    line.health.trouble = None
            elif outcome(line.call(_where), stop) != address.url:
                announced = False
                line.health.trouble = "two_pollers"
                log.error("telegram.webhook_taken", remedy="another process uses this bot's token: stop one of them")
                continue
            else:
                line.health.trouble = None
            line.health.last_success_at = line.now()
            wait.reset()
            stop.wait(address.check_seconds)
        except Stopped:
            return
        except TelegramError as error:
            _note(line.health, error)
            if stop.wait(wait.next_seconds()):
                return


async def _announce(client: Client, line: Line, address: Address) -> None:
    await client.bot.set_webhook(
        url=address.url,
        secret_token=address.secret,
        max_connections=address.connections,
        allowed_updates=list(ALLOWED),
    )
    await line.prepare(client)


async def _where(client: Client) -> str:
    return (await client.bot.get_webhook_info()).url


def _note(health: Health, error: TelegramError) -> None:
    code = error.code if isinstance(error, Answered) else 0
    health.trouble = {400: "webhook_refused", 401: "unauthorised", 404: "unauthorised"}.get(code, "unavailable")
    log.error("telegram.webhook_not_set", trouble=health.trouble, code=code_of(error))
