"""SMS as a door: what it can carry, what an office sets, and how to build it. Imports no vendor library.

Which gateway stands between us and the phone network is one setting; each has its own file under `gateways/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.channels import AT_REST, Capabilities, Channel, Surroundings
from core.channels.settings import BaseUrl, OptionalBaseUrl, OptionalSecret, OptionalText, utc_now

CAPABILITIES = Capabilities(
    label="SMS",
    text_limit=612,  # four joined segments of GSM-7 (3GPP TS 23.038); a reply is meant to fit one
    may_start=True,
    receipts=True,
    receives_at_once=True,  # sop.md §3: a first message that tells a story has its code with the first answer
    costs=True,
    gathers_seconds=180.0,  # ours: a desk that classifies, hands down and hands down again is one message
    segmented=True,
    messages_per_second=10.0,
    seconds_between=1.0,  # two texts sent in one breath may overtake each other on the way to a phone
    max_file_bytes=5 * 1024 * 1024,  # the largest MMS that carriers pass on
)


class Settings(BaseModel):
    """`channels.sms` of config.yaml. Keys of one gateway are looked at for that gateway only."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True)

    enabled: bool = False
    gateway: str = "kannel"
    number: str = "1708"
    country: str = Field(default="ID", pattern=r"^[A-Z]{2}$")
    receipts: bool = True
    join_seconds: float = Field(default=20.0, ge=0, le=600)
    callback_url: OptionalBaseUrl = None
    send_url: BaseUrl = "http://127.0.0.1:13013/cgi-bin/sendsms"
    username: OptionalText = None
    password: OptionalSecret = None
    secret: OptionalSecret = None
    account_sid: OptionalText = None
    auth_token: OptionalSecret = None
    api_url: BaseUrl = "https://api.twilio.com"
    connections: int = Field(default=16, ge=1, le=256)
    connect_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    answer_timeout_seconds: float = Field(default=15.0, gt=0, le=120)
    messages_per_second: float = Field(default=CAPABILITIES.messages_per_second, gt=0)
    seconds_between: float = Field(default=CAPABILITIES.seconds_between, ge=0)
    price_per_segment: float = Field(default=400.0, ge=0)  # for reckoning what reports cost; nobody is billed by it
    currency: str = Field(default="IDR", pattern=r"^[A-Z]{3}$")

    @field_validator("number")
    @classmethod
    def _is_a_number(cls, value: str) -> str:
        if not re.fullmatch(r"\+?[0-9]{2,15}|[A-Za-z0-9 ]{2,11}|MG[0-9a-f]{32}", value):
            raise ValueError('must be the number that people write to, in quotes: "1708" or "+628111708"')
        return value

    @model_validator(mode="after")
    def _has_what_its_gateway_needs(self) -> Self:
        from bots.sms.gateway import GATEWAYS, find

        if self.gateway not in GATEWAYS:
            raise ValueError(f"gateway: must be one of {', '.join(sorted(GATEWAYS))}")
        if not self.enabled:
            return self
        from bots.sms.numbers import is_country

        if not is_country(self.country):
            raise ValueError("country: must be a country's two letters, like ID")
        if complaint := find(self.gateway).complaint(self):
            raise ValueError(complaint)
        return self


def address_of(written: str, settings: Settings) -> str | None:
    """A person's number as it is kept here, "+62812…", however it was written; None if it is none."""
    from bots.sms.numbers import person

    return person(written, settings.country)


def build(
    settings: Settings,
    around: Surroundings = AT_REST,
    *,
    now: Callable[[], datetime] = utc_now,
    name: str = "sms",
) -> Channel:
    """The channel, at rest: no connection until it sends or fetches."""
    from bots.sms.adapter import Sms
    from bots.sms.gateway import find

    gateway = find(settings.gateway)
    capabilities = replace(
        CAPABILITIES,
        media_in=gateway.media_in,
        receipts=settings.receipts,
        sender_repeats=gateway.sender_repeats,
        messages_per_second=settings.messages_per_second,
        seconds_between=settings.seconds_between,
    )
    return Sms(settings, capabilities, gateway(settings, settings.callback_url or around.public_url), now=now, name=name)
