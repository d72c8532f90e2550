"""Our reading side against the X API server: a channel that listens, and the inbox that it fills."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bots import twitter
from bots.twitter.wire import Kind, pack
from core.channels import Channel, Inbound, InboundKind, InMemory, Keepsakes, Surroundings
from core.channels.settings import utc_now
from tests.bots.contract import Inbox
from tests.bots.xapi import XApi

QUICK = {"poll_seconds": 0.03, "thread_seconds": 0.0, "deletions_days": 0, "budget_usd_per_day": 100_000}
OWN, SITI, BUDI = "1708000000000000001", "7001", "7002"
NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@dataclass
class Reader:
    """One listening channel. `inbounds`: what it has stored so far, as the core would read it."""

    channel: Channel
    inbox: Inbox = field(default_factory=Inbox)

    def inbounds(self) -> list[Inbound]:
        return self.inbox.inbounds(self.channel)

    def said(self, kind: InboundKind = InboundKind.PUBLIC) -> list[str]:
        """The words of one kind, in the order in which they were stored."""
        return [one.text for one in self.inbounds() if one.kind is kind]

    def wait(self, count: int, kind: InboundKind = InboundKind.PUBLIC, seconds: float = 5.0) -> list[Inbound]:
        """Once so many of this kind are stored."""
        return XApi.wait(lambda: found if len(found := self.of(kind)) >= count else None, seconds)

    def of(self, kind: InboundKind) -> list[Inbound]:
        return [one for one in self.inbounds() if one.kind is kind]


@contextmanager
def listening(
    x: XApi,
    keep: Keepsakes | None = None,
    *,
    inbox: Inbox | None = None,
    accept: Callable[..., Any] | None = None,
    now: Callable[[], datetime] = utc_now,
    **settings: Any,
) -> Iterator[Reader]:
    """Listens until the block ends; AssertionError if it does not stop then."""
    chosen = twitter.Settings.model_validate(x.settings(**QUICK | settings))
    reader = Reader(twitter.build(chosen, Surroundings(keep=keep or InMemory()), now=now), inbox or Inbox())
    stop = threading.Event()
    thread = threading.Thread(target=reader.channel.listen, args=(accept or reader.inbox, stop), daemon=True)
    thread.start()
    try:
        yield reader
    finally:
        stop.set()
        thread.join(5)
        reader.channel.close()
        assert not thread.is_alive(), "a stop ends the listening"


def tweet(text: str, number: int = 2_000_000_000_000_000_000, author: str = SITI, **more: Any) -> dict[str, Any]:
    """A post as X shows it; names in it are entities as well."""
    shown: dict[str, Any] = {
        "id": str(number),
        "text": text,
        "author_id": author,
        "conversation_id": str(number),
        "created_at": "2026-03-02T05:00:00.000Z",
        "edit_history_tweet_ids": [str(number)],
        "lang": "in",
    }
    if "@lapor1708" in text.lower():
        shown["entities"] = {"mentions": [{"start": 0, "end": 10, "username": "lapor1708", "id": OWN}]}
    return shown | more


def reply(text: str, parent: Mapping[str, Any], author: str = SITI, number: int = 2_000_000_000_000_000_500) -> dict[str, Any]:
    """Under a post."""
    return tweet(
        text,
        number,
        author,
        conversation_id=parent["conversation_id"],
        in_reply_to_user_id=parent["author_id"],
        referenced_tweets=[{"type": "replied_to", "id": parent["id"]}],
    )


def stored(one: Mapping[str, Any], *referenced: Mapping[str, Any], kind: Kind = Kind.TWEET, **beside: Any) -> bytes:
    """As the listener stores it."""
    author = {"id": one.get("author_id", SITI), "username": "siti", "name": "Siti"}
    return pack(kind, OWN, {"tweet": one, "author": author, "media": [], "referenced": list(referenced), **beside})


def read(body: bytes, source_id: str = "tweet:2000000000000000000") -> Inbound:
    return twitter_parse(body, source_id)


def twitter_parse(body: bytes, source_id: str) -> Inbound:
    from bots.twitter.parse import parse

    return parse(body, source_id, channel="twitter", handle="lapor1708", hashtag="lapor")


def texts(found: Sequence[Inbound]) -> list[str]:
    return [one.text for one in found]
