"""X's answers taken apart: each post and message as one self-contained object with its lane, group and source id.

Pure and total: what cannot be read gets a lane of its own and is judged later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.twitter.judging import group_of, judge
from bots.twitter.wire import Kind, Package, moment, pack, unpack
from core.channels import Raw

TWEET_FIELDS = (
    "id,text,author_id,conversation_id,created_at,in_reply_to_user_id,referenced_tweets,edit_history_tweet_ids,"
    "entities,attachments,note_tweet,geo,lang"
)
TWEET_EXPANSIONS = "author_id,attachments.media_keys,referenced_tweets.id"
EVENT_FIELDS = "id,event_type,text,sender_id,dm_conversation_id,created_at,entities,attachments,referenced_tweets"
EVENT_EXPANSIONS = "sender_id,attachments.media_keys"
MEDIA_FIELDS = "media_key,type,url,variants"
USER_FIELDS = "id,name,username"
CAN_BE_WRITTEN_TO = "receives_your_dm"
"""A field of users that is told to the account itself only."""

_ID = re.compile(r"[0-9]{1,19}")
_PAIR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")  # docs.x.com: a conversation of two; groups have one number


@dataclass(frozen=True, slots=True)
class Found:
    """One post or message of an answer. `raw` None: nothing to store (our own message, somebody else's group).

    `number`: its id, which grows with time; `at`: aware UTC, if told. `starts`: it is a report's beginning or a part of one.
    `edit`: besides, what to store if an earlier version is stored already. `conversation`, `author`: of a post that starts.
    """

    number: int
    raw: Raw | None
    at: datetime | None = None
    starts: bool = False
    edit: Raw | None = None
    conversation: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """Ids of what an answer brought, as X counts it for the bill."""

    items: tuple[str, ...]
    users: tuple[str, ...]
    media: tuple[str, ...]
    others: tuple[str, ...]


def tweets(content: Mapping[str, object], *, channel: str, own_id: str, handle: str, kind: Kind = Kind.TWEET) -> list[Found]:
    """The posts of an answer, in its order. `kind`: THREAD for posts that were searched beside a mention."""
    beside = _Beside(content)
    return [_tweet(one, beside, channel, own_id, handle, kind) for one in _list(content.get("data"))]


def events(content: Mapping[str, object], *, channel: str, own_id: str) -> list[Found]:
    """The direct messages of an answer, in its order."""
    beside = _Beside(content)
    return [_event(one, beside, channel, own_id) for one in _list(content.get("data"))]


def deletion(number: str, *, channel: str, own_id: str, now: datetime) -> Raw:
    """A post that is not there any more, in a lane of its own: nobody's id is kept with what is watched."""
    source_id = f"deleted:{number}"
    body = pack(Kind.DELETED, own_id, {"id": number, "found_at": now.isoformat()})
    return Raw(channel, source_id, source_id, body)


def charged(content: Mapping[str, object]) -> Charged:
    """What the answer is charged for."""
    includes = _mapping(content.get("includes"))
    return Charged(
        tuple(_ids(content.get("data"), "id")),
        tuple(_ids(includes.get("users"), "id")),
        tuple(_ids(includes.get("media"), "media_key")),
        tuple(_ids(includes.get("tweets"), "id")),
    )


def next_token(content: Mapping[str, object]) -> str | None:
    """Where the older ones stand."""
    token = _mapping(content.get("meta")).get("next_token")
    return token if isinstance(token, str) and 0 < len(token) <= 1000 else None


def gone(content: Mapping[str, object], asked: Sequence[str]) -> list[str]:
    """Of the posts that were asked for: those that do not exist any more.

    A protected or suspended account's are told as "not authorised" and stay there
    (docs.x.com/x-api/fundamentals/response-codes-and-errors).
    """
    missing = {
        str(error.get("resource_id") or error.get("value"))
        for error in _list(content.get("errors"))
        if str(error.get("type", "")).rpartition("/")[2] == "resource-not-found"
    }
    there = set(_ids(content.get("data"), "id"))
    return [number for number in asked if number in missing and number not in there]


class _Beside:
    """What an answer brought besides, by its key."""

    def __init__(self, content: Mapping[str, object]) -> None:
        includes = _mapping(content.get("includes"))
        self.users = _by(includes.get("users"), "id")
        self.media = _by(includes.get("media"), "media_key")
        self.tweets = _by(includes.get("tweets"), "id")

    def of(self, one: Mapping[str, object], author: str | None) -> dict[str, object]:
        """The author, the media and the posts that `one` names."""
        keys = _texts(_mapping(one.get("attachments")).get("media_keys"))
        links = [link for holder in (one, _mapping(one.get("note_tweet"))) for link in _links(holder)]
        keys += [key for link in links if isinstance(key := link.get("media_key"), str)]
        wanted = [name for name in _ids(one.get("referenced_tweets"), "id") if name in self.tweets]
        return {
            "author": self.users.get(author or ""),
            "media": [self.media[key] for key in dict.fromkeys(keys) if key in self.media],
            "referenced": [self.tweets[name] for name in dict.fromkeys(wanted)],
        }


def _tweet(one: Mapping[str, object], beside: _Beside, channel: str, own_id: str, handle: str, kind: Kind) -> Found:
    number, author = _id(one.get("id")), _id(one.get("author_id"))
    content = {"tweet": one, **beside.of(one, author)}
    body = pack(kind, own_id, content)
    if number is None or author is None:
        return Found(int(number or 0), _other(channel, body))
    package = _readable(body)
    if package is None or package.tweet is None:
        return Found(int(number), Raw(channel, f"tweet:{number}", author, body))
    tweet, at = package.tweet, moment(package.tweet.created_at, number)
    if not judge(package, handle).ours:
        return Found(int(number), Raw(channel, f"tweet:{tweet.first_id}", author, body), at)
    raw = Raw(channel, f"tweet:{tweet.first_id}", author, body, group=group_of(tweet))
    edit = Raw(channel, f"edit:{number}", author, pack(Kind.EDIT, own_id, content)) if tweet.first_id != number else None
    return Found(int(number), raw, at, True, edit, tweet.conversation_id or tweet.first_id, author)


def _event(one: Mapping[str, object], beside: _Beside, channel: str, own_id: str) -> Found:
    number, sender = _id(one.get("id")), _id(one.get("sender_id"))
    body = pack(Kind.DM, own_id, {"event": one, **beside.of(one, sender)})
    if number is None:
        return Found(0, _other(channel, body))
    created = one.get("created_at")
    at = moment(created if isinstance(created, str) else None, number)
    if sender == own_id or one.get("event_type", "MessageCreate") != "MessageCreate" or not _is_ours(one, sender, own_id):
        return Found(int(number), None, at)
    return Found(int(number), Raw(channel, f"dm:{number}", sender or f"dm:{number}", body), at)


def _is_ours(event: Mapping[str, object], sender: str | None, own_id: str) -> bool:
    """Between the sender and us alone; a conversation that is not told is taken for one."""
    conversation = event.get("dm_conversation_id")
    if not isinstance(conversation, str) or sender is None:
        return conversation is None
    pair = _PAIR.fullmatch(conversation)
    return pair is not None and own_id in pair.groups() and sender in pair.groups()


def _other(channel: str, body: bytes) -> Raw:
    """What has no id of its own: the same content is the same thing."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Raw(channel, f"other:{digest}", f"other:{digest}", body)


def _readable(body: bytes) -> Package | None:
    try:
        return unpack(body)
    except ValueError:
        return None


def _links(holder: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    return _list(_mapping(holder.get("entities")).get("urls"))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _by(value: object, key: str) -> dict[str, Mapping[str, object]]:
    return {name: one for one in _list(value) if isinstance(name := one.get(key), str)}


def _ids(value: object, key: str) -> Iterator[str]:
    yield from (name for one in _list(value) if isinstance(name := one.get(key), str))


def _id(value: object) -> str | None:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None
