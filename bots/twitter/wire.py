"""What is stored of X, and the parts of it that we read, as frozen values (docs.x.com/x-api: posts, direct messages).

Stored is one JSON object that needs nothing else to be understood: `{"x": 1, "kind": …, "own": our user id, …}` with the post
or event as it came and, beside it, its author, media and the posts it refers to. Fields that we do not know are passed over;
a known field of a wrong type makes the whole message unreadable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

VERSION = 1
_SNOWFLAKE_SINCE_MS = 1_288_834_974_657  # docs.x.com/x-api/fundamentals/x-ids: the upper bits are milliseconds since then
_FIRST_SNOWFLAKE = 1 << 41  # smaller ids were counted, and tell no time
_TEXT_DIGITS = re.compile(r"[0-9]{1,19}")


class Kind(StrEnum):
    """What a stored object is."""

    TWEET = "tweet"  # found among the mentions
    THREAD = "thread"  # found beside a mention: the same author's post of the same conversation
    EDIT = "edit"  # a newer version of a post that is stored already
    DM = "dm"
    DELETED = "deleted"


def clean(value: object) -> object:
    """Words that every database can hold: no NUL, no half of a surrogate pair. Anything else stays as the person wrote it."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def whole(value: object) -> object:
    """X sends ids as text; a number is taken for its digits."""
    return str(value) if type(value) is int else value


Words = Annotated[str, BeforeValidator(clean)]
Name = Annotated[str, BeforeValidator(clean), Field(max_length=512)]
Id = Annotated[str, BeforeValidator(whole), Field(pattern=r"^[0-9]{1,19}$")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class User(Wire):
    id: Id
    username: Name | None = None
    name: Name | None = None
    receives_your_dm: bool | None = None


class Mention(Wire):
    username: Name = ""
    id: Id | None = None


class Link(Wire):
    """docs.x.com: `url` is the t.co link in the text; one to a post's own media has `media_key`."""

    url: Words = ""
    expanded_url: Words | None = None
    unwound_url: Words | None = None
    media_key: Name | None = None


class Entities(Wire):
    mentions: tuple[Mention, ...] = ()
    urls: tuple[Link, ...] = ()


class Note(Wire):
    """The whole of a post that is longer than 280 characters."""

    text: Words
    entities: Entities = Entities()


class Reference(Wire):
    type: Name
    id: Id


class Attachments(Wire):
    media_keys: tuple[Name, ...] = ()


class Point(Wire):
    coordinates: tuple[float, float] | None = None  # longitude, latitude


class Geo(Wire):
    coordinates: Point | None = None


class Variant(Wire):
    url: Words | None = None
    content_type: Name | None = None
    bit_rate: int | None = None


class Media(Wire):
    media_key: Name
    type: Name = ""
    url: Words | None = None
    variants: tuple[Variant, ...] = ()


class Tweet(Wire):
    id: Id
    text: Words = ""
    author_id: Id | None = None
    conversation_id: Id | None = None
    created_at: Name | None = None
    in_reply_to_user_id: Id | None = None
    referenced_tweets: tuple[Reference, ...] = ()
    edit_history_tweet_ids: tuple[Id, ...] = ()
    entities: Entities = Entities()
    attachments: Attachments = Attachments()
    note_tweet: Note | None = None
    geo: Geo | None = None
    lang: Name | None = None

    def refers(self, how: str) -> str | None:
        """Id of the post that this one retweets, quotes or replies to (`retweeted`, `quoted`, `replied_to`)."""
        return next((one.id for one in self.referenced_tweets if one.type == how), None)

    @property
    def words(self) -> str:
        return self.note_tweet.text if self.note_tweet else self.text

    @property
    def links(self) -> tuple[Link, ...]:
        """Of the short and the whole text: media stand only among those of the short one."""
        return self.entities.urls + (self.note_tweet.entities.urls if self.note_tweet else ())

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return self.entities.mentions + (self.note_tweet.entities.mentions if self.note_tweet else ())

    @property
    def first_id(self) -> str:
        """Id of the first version: each edit has an id of its own (docs.x.com/x-api/fundamentals/edit-posts)."""
        return min((*self.edit_history_tweet_ids, self.id), key=int)


class Event(Wire):
    id: Id
    event_type: Name = "MessageCreate"
    text: Words = ""
    sender_id: Id | None = None
    dm_conversation_id: Name | None = None
    created_at: Name | None = None
    entities: Entities = Entities()
    attachments: Attachments = Attachments()


class Package(Wire):
    """One stored object. `tweet` or `event` is there according to `kind`; a deletion has only `id`."""

    x: int
    kind: Kind
    own: Id
    tweet: Tweet | None = None
    event: Event | None = None
    author: User | None = None
    media: tuple[Media, ...] = ()
    referenced: tuple[Tweet, ...] = ()
    id: Id | None = None
    found_at: Name | None = None


def pack(kind: Kind, own_id: str, content: Mapping[str, object]) -> bytes:
    """The bytes to store; without the content where that is nested too deeply to be written, so that the rest goes on."""
    told: dict[str, object] = {"x": VERSION, "kind": kind.value, "own": own_id}
    try:
        return json.dumps({**told, **content}, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    except RecursionError:
        return json.dumps(told).encode("ascii")


def unpack(body: bytes) -> Package:
    """Raises ValueError for bytes that `pack` did not make, or that hold something else than X documents."""
    try:
        content = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict) or content.get("x") != VERSION:
        raise ValueError("not from X")
    return Package.model_validate(content)


def moment(text: str | None, number: str | int | None = None) -> datetime | None:
    """`created_at` as aware UTC; where it is missing or strange, the moment that the id itself tells."""
    try:
        said = datetime.fromisoformat(text) if text else None
        if said is not None and said.tzinfo is not None:
            return said.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return time_of(number)


def time_of(number: str | int | None) -> datetime | None:
    """When an id was given out; None for ids that tell no time."""
    if isinstance(number, str):
        number = int(number) if _TEXT_DIGITS.fullmatch(number) else None
    if number is None or not _FIRST_SNOWFLAKE <= number < 2**63:
        return None
    return datetime.fromtimestamp(((number >> 22) + _SNOWFLAKE_SINCE_MS) / 1000, UTC)


def earlier(number: int, seconds: float) -> int:
    """The id of so many seconds before; ids that tell no time stay as they are."""
    if number < _FIRST_SNOWFLAKE:
        return number
    return max(number - (int(seconds * 1000) << 22), 1)
