"""Whose word a post is: the beginning of a report, a part of one, or nothing for us (issue: Twitter/X). Pure.

X carries the names of everybody before along at the head of a reply, so that a name there says nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bots.twitter.wire import Kind, Package, Tweet

LEADING = re.compile(r"\A(?:[\s\u200b\u2066-\u2069]*@[A-Za-z0-9_]{1,50})+")
"""The names at the head of a text."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ours`: somebody says this to us. `why`: a code for the desk where there is something to say about it."""

    ours: bool
    why: str | None = None


OURS = Judgement(True)


def judge(package: Package, handle: str) -> Judgement:
    """Is the post a report's beginning or a part of one? Raises ValueError if there is none in `package`."""
    tweet = package.tweet
    if tweet is None:
        raise ValueError("no post in it")
    author, own = tweet.author_id, package.own
    if author is None or author == own:
        return Judgement(False, "own" if author else "no_author")
    if tweet.refers("retweeted"):
        return Judgement(False, "retweet")
    known = {one.id: one for one in package.referenced}
    quoted = tweet.refers("quoted")
    if quoted and _author_of(known.get(quoted)) != author:
        return Judgement(False, "quote")
    if package.kind is Kind.THREAD:
        return _part(tweet)
    return _mention(tweet, known, handle, own)


def group_of(tweet: Tweet) -> str:
    """All that one author says in one conversation is one story."""
    return f"thread:{tweet.conversation_id or tweet.first_id}:{tweet.author_id}"


def _part(tweet: Tweet) -> Judgement:
    """Beside a mention: the beginning of the conversation, or the author's answer to the own post before."""
    replied = tweet.refers("replied_to") is not None or tweet.in_reply_to_user_id is not None
    return OURS if not replied or tweet.in_reply_to_user_id == tweet.author_id else Judgement(False, "aside")


def _mention(tweet: Tweet, known: Mapping[str, Tweet], handle: str, own: str) -> Judgement:
    parent_id = tweet.refers("replied_to")
    if parent_id is None:
        return OURS if _named(tweet, handle, own) else Judgement(False, "not_named")
    if _named_in_words(tweet, handle, own):
        return OURS  # typed by hand, wherever it stands
    parent, answered = known.get(parent_id), tweet.in_reply_to_user_id
    if answered == tweet.author_id:
        return OURS  # goes on with the own post; whether that was an aside is not to be seen, and no word of a story is lost
    if parent is None:
        return Judgement(False, "parent_missing")
    if answered == own or parent.author_id == own:
        return OURS if parent.in_reply_to_user_id in (None, own, tweet.author_id) else Judgement(False, "carried_along")
    if _named(parent, handle, own):
        return Judgement(False, "carried_along")
    return OURS if _named(tweet, handle, own) else Judgement(False, "not_named")


def _author_of(tweet: Tweet | None) -> str | None:
    return tweet.author_id if tweet else None


def _named(tweet: Tweet, handle: str, own: str) -> bool:
    """Does the post name us anywhere?"""
    if any(one.id == own or one.username.lower() == handle.lower() for one in tweet.mentions):
        return True
    return naming(handle).search(tweet.words) is not None


def _named_in_words(tweet: Tweet, handle: str, own: str) -> bool:
    """Does it name us behind the names at its head?"""
    words = tweet.words
    head = LEADING.match(words)
    rest = words[head.end() :] if head else words
    names = {handle, *(one.username for one in tweet.mentions if one.id == own and one.username)}
    return any(naming(name).search(rest) for name in names)


def naming(handle: str) -> re.Pattern[str]:
    """Where a text names this account: not inside a longer name, not in an address."""
    return re.compile(rf"(?<![\w@/.])[@\uff20]{re.escape(handle)}(?![A-Za-z0-9_@])", re.IGNORECASE)
