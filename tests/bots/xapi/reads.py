"""What is read: who we are, mentions, tweets by id, recent search, direct messages. Each rule names its page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from tests.bots.xapi.people import conversation
from tests.bots.xapi.problems import Json, invalid, missing, not_shown
from tests.bots.xapi.render import Page, Wanted
from tests.bots.xapi.search import rule
from tests.bots.xapi.world import Event, Tweet, World

MENTIONS_REACH = 800  # docs.x.com/x-api/posts/timelines/introduction
EVENTS_REACH_SECONDS = 30 * 86_400  # docs.x.com/x-api/direct-messages/lookup/introduction
SEARCH_REACH_SECONDS = 7 * 86_400  # docs.x.com/x-api/posts/search/introduction
Thing = TypeVar("Thing", Tweet, Event)
Fields = dict[str, str]


def me(world: World, fields: Fields, _: str) -> Json:
    """docs.x.com/x-api/users/get-my-user"""
    page = Page(world, Wanted(fields))
    return page.body(page.user(world.us))


def user(world: World, fields: Fields, number: str) -> Json:
    """docs.x.com/x-api/users/get-user-by-id"""
    page = Page(world, Wanted(fields))
    try:
        return page.body(page.user(world.user(number)))
    except KeyError:
        return {"errors": [missing("user", number, "id")]}


def mentions(world: World, fields: Fields, number: str) -> Json:
    """docs.x.com/x-api/users/get-mentions: newest first, the 800 latest, 5 to 100 on a page."""
    if number != world.us.id:
        return Page(world, Wanted(fields)).body(None, {"result_count": 0})
    latest = [world.tweets[one] for one in world.mentions[-MENTIONS_REACH:]]
    return _tweets(world, fields, latest, least=5)


def recent(world: World, fields: Fields, _: str) -> Json:
    """docs.x.com/x-api/posts/search-recent-posts: seven days, 10 to 100 on a page."""
    asked, since = rule(world, fields.get("query", "")), world.now() - SEARCH_REACH_SECONDS
    found = [tweet for tweet in world.tweets.values() if tweet.at >= since and asked(tweet)]
    return _tweets(world, fields, sorted(found, key=lambda tweet: int(tweet.id)), least=10, token="next_token")


def lookup(world: World, fields: Fields, _: str) -> Json:
    """docs.x.com/x-api/posts/get-posts-by-ids: up to 100; what is not there stands in `errors`, and the answer is a 200."""
    ids = fields.get("ids", "").split(",")
    if not 1 <= len(ids) <= 100 or not all(number.isdigit() for number in ids):
        raise invalid("ids", fields.get("ids", "")[:60], "size must be between 1 and 100")
    page = Page(world, Wanted(fields))
    found = []
    for number in dict.fromkeys(ids):
        tweet = world.tweets.get(number)
        if tweet is None or tweet.deleted or world.users[tweet.author].suspended:
            page.errors.append(missing("tweet", number, "ids"))
        elif world.users[tweet.author].protected:
            page.errors.append(not_shown("tweet", number, "ids"))
        else:
            found.append(page.tweet(tweet))
    return page.body(found)


def events(world: World, fields: Fields, with_whom: str) -> Json:
    """docs.x.com/x-api/direct-messages/get-dm-events: ours and theirs, newest first, 30 days, 1 to 100 on a page."""
    since = world.now() - EVENTS_REACH_SECONDS
    kinds = set(fields.get("event_types", "MessageCreate,ParticipantsJoin,ParticipantsLeave").split(","))
    between = conversation(with_whom, world.us.id) if with_whom else None
    found = [
        event for event in world.events if event.at >= since and event.kind in kinds and between in (None, event.conversation)
    ]
    size = _between(fields, "max_results", 1, 100, 100)
    page = Page(world, Wanted(fields, events=True))
    shown, meta = _cut(world, fields, found, size, "pagination_token")
    return page.body([page.event(event) for event in shown], meta)


def _tweets(world: World, fields: Fields, found: list[Tweet], *, least: int, token: str = "pagination_token") -> Json:
    since, until = (_number(fields, name) for name in ("since_id", "until_id"))
    begins, ends = (_moment(fields, name) for name in ("start_time", "end_time"))
    size = _between(fields, "max_results", least, 100, 10)
    visible = [
        tweet
        for tweet in found
        if not tweet.deleted
        and not world.users[tweet.author].protected
        and not world.users[tweet.author].suspended
        and (since is None or int(tweet.id) > since)
        and (until is None or int(tweet.id) < until)
        and (begins is None or tweet.at >= begins)
        and (ends is None or tweet.at < ends)
    ]
    page = Page(world, Wanted(fields))
    given = dict(fields) | ({"next_token": fields["pagination_token"]} if "pagination_token" in fields else {})
    shown, meta = _cut(world, given if token == "next_token" else fields, visible, size, token)
    if shown:
        meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
    return page.body([page.tweet(tweet) for tweet in shown], meta)


def _cut(world: World, fields: Fields, found: Sequence[Thing], size: int, parameter: str) -> tuple[list[Thing], Json]:
    """One page of what is there, newest first, and its meta. A token says before which id, or after how many."""
    newest = list(reversed(found))
    start = 0
    if token := fields.get(parameter, ""):
        kind, mark = _read(token, parameter)
        start = mark if kind == "skip" else next((i for i, one in enumerate(newest) if int(one.id) < mark), len(newest))
    shown = newest[start : start + size]
    meta: Json = {"result_count": len(shown)}
    if start + size < len(newest):
        following = f"skip:{start + size}" if world.offsets else f"before:{shown[-1].id}"
        meta["next_token"] = base64.b32encode(following.encode()).decode().rstrip("=").lower()
    if start:
        meta["previous_token"] = base64.b32encode(b"before:0").decode().rstrip("=").lower()
    return shown, meta


def _read(token: str, parameter: str) -> tuple[str, int]:
    try:
        kind, _, mark = base64.b32decode(token.upper() + "=" * (-len(token) % 8)).decode().partition(":")
        return kind, int(mark)
    except ValueError:
        raise invalid(parameter, token, f"The `{parameter}` query parameter value [{token}] is not valid") from None


def _number(fields: Fields, name: str) -> int | None:
    value = fields.get(name)
    if value is not None and not value.isdigit():
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not a valid Tweet ID")
    return None if value is None else int(value)


def _moment(fields: Fields, name: str) -> float | None:
    """YYYY-MM-DDTHH:mm:ssZ"""
    value = fields.get(name)
    try:
        return None if value is None else datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not a valid date") from None


def _between(fields: Fields, name: str, least: int, most: int, usual: int) -> int:
    value = fields.get(name, str(usual))
    if not value.isdigit() or not least <= int(value) <= most:
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not between {least} and {most}")
    return int(value)


Read = Callable[[World, Fields, str], Json]
