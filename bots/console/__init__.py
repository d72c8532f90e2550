"""The terminal as a door (`lapor chat`): the same road as every other channel, without an account anywhere."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from core.channels import AT_REST, Capabilities, Channel, Outbound, Surroundings

CAPABILITIES = Capabilities(
    label="terminal",
    text_limit=4096,
    buttons=9,  # one typed digit each
    button_label_limit=60,
    media_in=True,
    media_out=True,
    may_start=True,
    messages_per_second=10_000.0,
    max_file_bytes=20 * 1024 * 1024,
    instant=True,
)

Deliver = Callable[[Outbound], bool]
"""Shows a message to the person at the terminal; False if it is for somebody who does not sit here."""


class Settings(BaseModel):
    """`channels.console` of config.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    language: str = Field(default="id", pattern=r"^[a-z]{2}$")


def nobody(outbound: Outbound) -> bool:  # noqa: ARG001
    """No terminal here: a process that only handles."""
    return False


def build(
    settings: Settings,
    around: Surroundings = AT_REST,  # noqa: ARG001 - every channel is built alike
    *,
    deliver: Deliver = nobody,
    name: str = "console",
) -> Channel:
    """The channel. `deliver` is called from the delivery threads."""
    from bots.console.adapter import Console

    return Console(settings, CAPABILITIES, deliver=deliver, name=name)
