"""The channel as the tests of its outward side use it: built from settings that lead to the server, with its ledger in hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bots import twitter
from core.channels import Channel, InMemory, Keepsakes, Outbound, Surroundings
from tests.bots.xapi import XApi

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


def channel_to(url: str, keys: dict[str, Any], *, keep: Keepsakes | None = None, clock: Clock = now, **more: Any) -> Channel:
    """A channel at rest. `keep`: its ledger, by default a fresh one."""
    settings = twitter.Settings.model_validate({**keys, "api_url": url, "answer_timeout_seconds": 1.0, **more})
    return twitter.build(settings, Surroundings(keep=keep or InMemory()), now=clock)


def door(x: XApi, *, keep: Keepsakes | None = None, clock: Clock = now, **more: Any) -> Channel:
    """A channel to the server."""
    return channel_to(x.url, x.settings(), keep=keep, clock=clock, **more)


def message(to: str, text: str = "Sudah saya catat.", **more: Any) -> Outbound:
    return Outbound(key="k", address=to, text=text, **more)


def answer(tweet: str, to: str = "7", text: str = "Lanjut lewat pesan pribadi, ya.", **more: Any) -> Outbound:
    """A public answer to a post."""
    return Outbound(key="p", address=to, text=text, public=True, in_reply_to=f"tweet:{tweet}", **more)
