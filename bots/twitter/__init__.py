"""X (Twitter) as a door: what it can carry, what an office sets, and how to build it. Imports no vendor library."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from core.channels import AT_REST, Capabilities, Channel, Surroundings
from core.channels.settings import BaseUrl, OptionalSecret, utc_now

CAPABILITIES = Capabilities(
    label="X",
    text_limit=10_000,  # docs.x.com/x-api/direct-messages/manage: a direct message; a public answer is far shorter
    media_in=True,
    media_out=True,
    may_start=False,  # whoever has never written to us may be unable to be written to
    public=True,
    messages_per_second=5.0,
    gathers_seconds=120.0,  # each message costs; what happens within minutes is told in one
    seconds_between=1.0,  # two messages sent in one breath may be shown the wrong way round
    max_file_bytes=20 * 1024 * 1024,
)

SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret", "bearer_token")
_TOKEN = re.compile(r"([0-9]{1,20})-[A-Za-z0-9]+")  # the user's id, then the secret part
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")  # help.x.com: what a username may be
_HOST = re.compile(r"[A-Za-z0-9.-]+")


class Prices(BaseModel):
    """What X charges, in US dollars: reading per thing that came back, writing per call.

    docs.x.com/x-api/getting-started/pricing as of 2026; an office enters what its own contract says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    post_read_usd: float = Field(default=0.005, ge=0)
    user_read_usd: float = Field(default=0.010, ge=0)
    media_read_usd: float = Field(default=0.005, ge=0)
    dm_read_usd: float = Field(default=0.010, ge=0)
    post_create_usd: float = Field(default=0.015, ge=0)
    dm_create_usd: float = Field(default=0.015, ge=0)
    upload_usd: float = Field(default=0.005, ge=0)


class Settings(BaseModel):
    """`channels.twitter` of config.yaml. Secrets never appear in an error or a repr."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = False
    api_url: BaseUrl = "https://api.x.com"
    handle: str = "lapor1708"
    hashtag: str = "lapor"
    consumer_key: OptionalSecret = None
    consumer_secret: OptionalSecret = None
    access_token: OptionalSecret = None
    access_token_secret: OptionalSecret = None
    bearer_token: OptionalSecret = None
    poll_seconds: float = Field(default=60.0, gt=0, le=3600)
    thread_seconds: float = Field(default=45.0, ge=0, le=600)
    deletions_hours: float = Field(default=24.0, ge=1, le=720)
    deletions_days: int = Field(default=14, ge=0, le=90)
    budget_usd_per_day: float = Field(default=5.0, ge=0)
    answers_share: float = Field(default=0.4, ge=0, le=1)
    prices: Prices = Prices()
    media_hosts: tuple[str, ...] = ()
    connections: int = Field(default=8, ge=1, le=64)
    connect_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    answer_timeout_seconds: float = Field(default=15.0, gt=0, le=60)
    messages_per_second: float = Field(default=CAPABILITIES.messages_per_second, gt=0)
    seconds_between: float = Field(default=CAPABILITIES.seconds_between, ge=0)

    @field_validator("api_url")
    @classmethod
    def _keeps_the_tokens_secret(cls, value: str) -> str:
        if re.match(r"http://([^/:]+\.)?(x|twitter)\.com([/:]|$)", value, re.IGNORECASE):
            raise ValueError("must begin with https: the tokens would cross the network for everybody to read")
        return value

    @field_validator("handle")
    @classmethod
    def _is_a_handle(cls, value: str) -> str:
        if not _HANDLE.fullmatch(value):
            raise ValueError("must be the account's name without @: 1-15 of A-Z a-z 0-9 _")
        return value

    @field_validator("hashtag")
    @classmethod
    def _is_a_word(cls, value: str) -> str:
        if not re.fullmatch(r"\w{0,100}", value):
            raise ValueError("must be one word without #")
        return value

    @field_validator("media_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_HOST.fullmatch(host) for host in value):
            raise ValueError('must be host names, like ["media.example.go.id"]')
        return tuple(host.lower() for host in value)

    @model_validator(mode="after")
    def _has_its_secrets(self) -> Self:
        if not self.enabled:
            return self
        for name in SECRETS:
            secret: SecretStr | None = getattr(self, name)
            if secret is None or not _fits_a_header(secret.get_secret_value()):
                raise ValueError(f"{name}: set it to the one of your app in the developer console of X")
        if not self.own_id:
            raise ValueError("access_token: set it to the account's own, which begins with its number and a hyphen")
        return self

    @property
    def own_id(self) -> str:
        """The account's numeric id, the part of the access token before the hyphen; empty without a token."""
        found = _TOKEN.fullmatch(self.access_token.get_secret_value()) if self.access_token else None
        return found[1] if found else ""


def _fits_a_header(secret: str) -> bool:
    return secret.isascii() and secret.isprintable() and " " not in secret


def address_of(written: str, settings: Settings) -> str | None:  # noqa: ARG001
    """A person's number at X, the only name that stays; None if it is none."""
    digits = written.strip()
    return digits if re.fullmatch(r"[0-9]{1,20}", digits) else None


def build(
    settings: Settings,
    around: Surroundings = AT_REST,
    *,
    now: Callable[[], datetime] = utc_now,
    name: str = "twitter",
) -> Channel:
    """The channel, at rest: no thread and no connection until it listens, sends or fetches."""
    from bots.twitter.adapter import Twitter

    capabilities = replace(
        CAPABILITIES,
        public_name=f"@{settings.handle}",
        messages_per_second=settings.messages_per_second,
        seconds_between=settings.seconds_between,
    )
    return Twitter(settings, capabilities, keep=around.keep, zone=around.zone, now=now, name=name)
