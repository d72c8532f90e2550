"""What we say: public posts and direct messages."""

from __future__ import annotations

import json
import re
import unicodedata

from tests.bots.plainhttp import Call
from tests.bots.xapi.people import conversation
from tests.bots.xapi.problems import Json, Problem, forbidden, invalid, named
from tests.bots.xapi.render import mentioned
from tests.bots.xapi.world import Event, Post, Sent, Tweet, World

DM_CHARACTERS = 10_000  # docs.x.com/x-api/direct-messages/manage/introduction
POST_WEIGHT = 280  # docs.x.com/fundamentals/counting-characters
DUPLICATE_SECONDS = 86_400
_URL = re.compile(r"(https?://|www\.)\S+|\b[\w-]+\.(com|id|org|net|go\.id)\b\S*", re.IGNORECASE)
_PICTURE = "[\U0001f000-\U0001faff\u2600-\u27bf]"
_EMOJI = re.compile(rf"{_PICTURE}(?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d{_PICTURE})*")
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def weight(text: str) -> int:
    """docs.x.com/fundamentals/counting-characters: a URL weighs 23, an emoji 2, most scripts beyond Latin 2 each."""
    text, urls = _URL.subn("", unicodedata.normalize("NFC", text))
    text, emoji = _EMOJI.subn("", text)
    rest = sum(1 if any(first <= ord(one) <= last for first, last in _LIGHT) else 2 for one in text)
    return urls * 23 + emoji * 2 + rest


def post(world: World, call: Call, _: str) -> Json:
    """docs.x.com/x-api/posts/create-post"""
    asked = _json(call)
    text, media = asked.get("text", ""), tuple(asked.get("media", {}).get("media_ids", ()))
    reply_to = asked.get("reply", {}).get("in_reply_to_tweet_id")
    if not text.strip() and not media:
        raise invalid("text", text, "One of text or media must be given")
    if weight(text) > POST_WEIGHT:
        raise forbidden("Your Tweet text is too long. For more information on how Twitter determines text length see …")
    parent = world.tweets.get(reply_to) if reply_to else None
    if reply_to:
        _may_reply(world, parent)
    since = world.now() - DUPLICATE_SECONDS
    for earlier in world.posts:
        same_author = reply_to and earlier.reply_to and parent and parent.author == world.tweets[earlier.reply_to].author
        if earlier.at > since and earlier.text == text and (same_author or earlier.reply_to == reply_to):
            raise named("duplicate")
    _take(world, media, "tweet_")
    number, at = world.new_id(), world.now()
    world.tweets[number] = Tweet(
        number, world.us.id, text, parent.conversation if parent else number, at, (), replied_to=reply_to
    )
    world.posts.append(Post(number, text, reply_to, media, at))
    world.write(at=at, post=number, reply_to=reply_to, text=text)
    return {"data": {"edit_history_tweet_ids": [number], "id": number, "text": text}}


def _may_reply(world: World, parent: Tweet | None) -> None:
    """Since February 2026 a program may answer only a post whose author mentions or quotes it."""
    if parent is None or parent.deleted:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    quoted = world.tweets.get(parent.quoted or "")
    if world.us not in mentioned(world, parent.text) and (quoted is None or quoted.author != world.us.id):
        raise forbidden(
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
            "of the post you are replying to."
        )


def message(world: World, call: Call, to: str) -> Json:
    """docs.x.com/x-api/direct-messages/create-dm-message-by-participant-id"""
    asked = _json(call)
    text = asked.get("text", "")
    media = tuple(str(one["media_id"]) for one in asked.get("attachments", []))
    if not text and not media:
        raise invalid("text", "", "One of text or attachments must be given")
    if len(text) > DM_CHARACTERS:
        raise invalid("text", "…", f"text length must be between 1 and {DM_CHARACTERS} characters")
    if len(media) > 1:
        raise invalid("attachments", len(media), "only one attachment is supported")
    if not to.isdigit():
        raise invalid("participant_id", to, f"The `participant_id` query parameter value [{to}] does not match ^[0-9]{{1,19}}$")
    try:
        person = world.user(to)
    except KeyError:
        raise named("dm_forbidden") from None
    both = conversation(person.id, world.us.id)
    if not world.takes_dms(person):
        raise named("dm_forbidden")
    sizes = _take(world, media, "dm_")
    number, at = world.new_id(), world.now()
    world.add_event(Event(number, "MessageCreate", world.us.id, both, (person.id, world.us.id), text, at))
    world.sent.append(Sent(number, person.id, text, sizes, at))
    world.write(at=at, sent=number, to=person.id, text=text, files=sizes)
    return {"data": {"dm_conversation_id": both, "dm_event_id": number}}


def _take(world: World, media: tuple[str, ...], category: str) -> tuple[int, ...]:
    """Sizes of the uploads, which are used up."""
    for number in media:
        upload = world.uploads.get(number)
        if upload is None or not upload.finished or upload.ready_at > world.now():
            raise invalid("media_id", number, "Your media IDs are invalid.")
        if upload.category and not upload.category.startswith(category):
            raise forbidden("You are not permitted to attach this media to a DM event.")
    return tuple(len(world.uploads.pop(number).content) for number in media)


def _json(call: Call) -> Json:
    try:
        asked = json.loads(call.body)
    except ValueError:
        raise Problem(400, "Invalid Request", "The request body is not JSON.") from None
    if not isinstance(asked, dict):
        raise Problem(400, "Invalid Request", "The request body is not an object.")
    return asked
