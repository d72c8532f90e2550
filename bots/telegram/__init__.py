"""Telegram as a door: what it can carry, what an office sets, and how to build it. Imports no vendor library."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.channels import AT_REST, Capabilities, Channel, Surroundings
from core.channels.settings import BaseUrl, OptionalSecret, utc_now

CAPABILITIES = Capabilities(
    label="Telegram",
    text_limit=4096,  # core.telegram.org/bots/api#sendmessage
    buttons=12,
    button_label_limit=60,
    media_in=True,
    media_out=True,
    location_in=True,
    public=True,
    may_start=False,  # a bot never writes first: the person presses Start
    messages_per_second=30.0,  # core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    seconds_between=1.0,  # same page: one message per second in one chat, short bursts are tolerated
    max_file_bytes=20 * 1024 * 1024,  # core.telegram.org/bots/api#getfile
)

TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{8,128}")  # core.telegram.org/bots/api#authorizing-your-bot
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # core.telegram.org/bots/api#setwebhook


class Mode(StrEnum):
    """How updates come in."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class Settings(BaseModel):
    """`channels.telegram` of config.yaml. Secrets never appear in an error or a repr."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = False
    token: OptionalSecret = None
    api_url: BaseUrl = "https://api.telegram.org"
    mode: Mode = Mode.POLLING
    webhook_secret: OptionalSecret = None
    poll_seconds: int = Field(default=30, ge=0, le=50)
    webhook_check_seconds: float = Field(default=60.0, gt=0)
    album_seconds: float = Field(default=1.5, ge=0, le=30)
    connections: int = Field(default=32, ge=1, le=256)
    connect_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    answer_timeout_seconds: float = Field(default=10.0, gt=0, le=120)
    messages_per_second: float = Field(default=CAPABILITIES.messages_per_second, gt=0)
    seconds_between: float = Field(default=CAPABILITIES.seconds_between, ge=0)

    @model_validator(mode="after")
    def _has_its_secrets(self) -> Self:
        if not self.enabled:
            return self
        if self.token is None or not TOKEN.fullmatch(self.token.get_secret_value()):
            raise ValueError("token: set it to the one that @BotFather gave (digits, a colon, letters)")
        if self.mode is Mode.WEBHOOK and (
            self.webhook_secret is None or not SECRET.fullmatch(self.webhook_secret.get_secret_value())
        ):
            raise ValueError("webhook_secret: set 1-256 of A-Z a-z 0-9 _ - for mode webhook")
        return self

    @property
    def bot_id(self) -> str:
        """The public number of the bot, the part of the token before the colon."""
        return self.token.get_secret_value().partition(":")[0] if self.token else "0"


def build(
    settings: Settings,
    around: Surroundings = AT_REST,
    *,
    now: Callable[[], datetime] = utc_now,
    name: str = "telegram",
) -> Channel:
    """The channel, at rest: no thread and no connection until it listens, sends or fetches."""
    from bots.telegram.adapter import Telegram

    capabilities = replace(
        CAPABILITIES,
        messages_per_second=settings.messages_per_second,
        seconds_between=settings.seconds_between,
    )
    return Telegram(settings, capabilities, public_url=around.public_url, menu=around.menu, now=now, name=name)
