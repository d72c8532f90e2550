"""One stored object → Inbound. Pure; `ValueError` for bytes that we did not store, which the core quarantines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bots.twitter import words
from bots.twitter.judging import judge
from bots.twitter.pictures import files
from bots.twitter.wire import Kind, Package, Tweet, moment, unpack
from core.channels import Inbound, InboundKind, Place, Sender

THREAD = "thread"
"""Note on a part that does not name us: it was found beside one that does."""

NO_PRIVATE = "no_private"
"""Note on a post whose author takes no direct messages from us: the answer names the other doors."""

_NOBODY = Sender("", verified=False)
_LANGUAGES = {"id": "id", "in": "id", "en": "en"}  # X says "in" for Indonesian


def parse(body: bytes, source_id: str, *, channel: str, handle: str, hashtag: str = "") -> Inbound:
    """What a person said or did. Raises ValueError if `body` is nothing that this channel stores."""
    package = unpack(body)
    if package.kind is Kind.DELETED:
        return _deleted(package, source_id, channel)
    if package.kind is Kind.DM:
        return _direct(package, source_id, channel)
    return _tweet(package, source_id, channel, handle, hashtag)


def join(parts: Sequence[Inbound]) -> Inbound:
    """A thread as one message, in the order of its posts. It answers to the first post that names us: only that one may be
    answered in public."""
    ordered = sorted((part for part in parts if part.kind is not InboundKind.IGNORED), key=lambda part: _number(part.source_id))
    if not ordered:
        return parts[0]
    first = next((part for part in ordered if THREAD not in part.notes), ordered[0])
    texts = words.unnumbered([part.text for part in ordered]) if len(ordered) > 1 else [ordered[0].text]
    sent = [part.sent_at for part in ordered if part.sent_at is not None]
    return replace(
        first,
        text="\n".join(text for text in texts if text),
        files=tuple({file.unique or file.ref: file for part in ordered for file in part.files}.values()),
        place=next((part.place for part in ordered if part.place), None),
        sent_at=min(sent, default=None),
        notes=tuple(dict.fromkeys(note for part in ordered for note in part.notes if note != THREAD)),
        files_left_out=sum(part.files_left_out for part in ordered),
    )


def _number(source_id: str) -> int:
    """The id in `tweet:<id>`; parts without one keep their place at the end."""
    last = source_id.rpartition(":")[2]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 20 else 2**63


def _deleted(package: Package, source_id: str, channel: str) -> Inbound:
    """Whose it was is not kept in the watch list: the core finds the message by `edits` alone."""
    if package.id is None:
        raise ValueError("no id of what was deleted")
    when = moment(package.found_at)
    return Inbound(channel, source_id, _NOBODY, InboundKind.DELETED, sent_at=when, edits=f"tweet:{package.id}")


def _direct(package: Package, source_id: str, channel: str) -> Inbound:
    event = package.event
    if event is None:
        raise ValueError("no message in it")
    if event.sender_id is None or event.sender_id == package.own or event.event_type != "MessageCreate":
        return Inbound(channel, source_id, _NOBODY, InboundKind.IGNORED)
    text, attached = words.of_event(event), files(event.attachments.media_keys, package.media, signed=True)
    return Inbound(
        channel,
        source_id,
        _sender(package, event.sender_id, None),
        InboundKind.MESSAGE if text or attached else InboundKind.IGNORED,
        text=text,
        files=attached,
        sent_at=moment(event.created_at, event.id),
    )


def _tweet(package: Package, source_id: str, channel: str, handle: str, hashtag: str) -> Inbound:
    judgement, tweet = judge(package, handle), package.tweet
    if tweet is None or not judgement.ours:
        return Inbound(channel, source_id, _NOBODY, InboundKind.IGNORED, notes=(judgement.why,) if judgement.why else ())
    edited = package.kind is Kind.EDIT
    keys = [*tweet.attachments.media_keys, *(link.media_key for link in tweet.links if link.media_key)]
    return Inbound(
        channel,
        source_id,
        _sender(package, tweet.author_id or "", tweet.lang),
        InboundKind.EDIT if edited else InboundKind.PUBLIC,
        text=words.of_tweet(tweet, handle=handle, hashtag=hashtag),
        files=files(keys, package.media, signed=False),
        place=_place(tweet),
        sent_at=moment(tweet.created_at, tweet.id),
        edits=f"tweet:{tweet.first_id}" if edited else None,
        notes=tuple(_notes(package)),
    )


def _notes(package: Package) -> Iterator[str]:
    if package.kind is Kind.THREAD:
        yield THREAD
    if package.author is not None and package.author.receives_your_dm is False:
        yield NO_PRIVATE


def _sender(package: Package, address: str, language: str | None) -> Sender:
    """The person; name and handle where X told them."""
    author = package.author if package.author is not None and package.author.id == address else None
    return Sender(
        address,
        (author.name or "")[:256] or None if author else None,
        author.username or None if author else None,
        _LANGUAGES.get((language or "").lower()),
    )


def _place(tweet: Tweet) -> Place | None:
    """Exact coordinates only: the middle of a city that somebody tagged is not where it happened."""
    point = tweet.geo.coordinates.coordinates if tweet.geo and tweet.geo.coordinates else None
    if point is None or not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
        return None
    return Place(point[1], point[0])
