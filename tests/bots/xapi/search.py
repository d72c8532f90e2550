"""Queries of recent search, as many of the operators as a channel needs (docs.x.com/x-api/posts/search/integrate/operators)."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.bots.xapi.problems import invalid
from tests.bots.xapi.render import mentioned
from tests.bots.xapi.world import Tweet, World

MOST_CHARACTERS = 512  # docs.x.com/x-api/posts/search/introduction: for recent search
Rule = Callable[[Tweet], bool]
_TOKEN = re.compile(r'\(|\)|-?"[^"]*"|-?[^\s()]+')


def rule(world: World, query: str) -> Rule:
    """What a query asks for. Raises Problem(400): too long, or not to be understood."""
    if not query or len(query) > MOST_CHARACTERS:
        raise invalid("query", query, f"query length must be between 1 and {MOST_CHARACTERS} characters")
    tokens = _TOKEN.findall(query)
    found = _either(world, query, tokens)
    if tokens:
        raise invalid("query", query, f"Unexpected token [{tokens[0]}]")
    return found


def _either(world: World, query: str, tokens: list[str]) -> Rule:
    rules = [_both(world, query, tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        rules.append(_both(world, query, tokens))
    return lambda tweet: any(one(tweet) for one in rules)


def _both(world: World, query: str, tokens: list[str]) -> Rule:
    """Side by side means and; it binds closer than OR."""
    rules: list[Rule] = []
    while tokens and tokens[0] not in (")", "OR"):
        token = tokens.pop(0)
        if token == "(":
            rules.append(_either(world, query, tokens))
            if not tokens or tokens.pop(0) != ")":
                raise invalid("query", query, "Missing closing parenthesis")
        elif token != "AND":
            rules.append(_one(world, query, token))
    if not rules:
        raise invalid("query", query, "Rules must contain an operator")
    return lambda tweet: all(one(tweet) for one in rules)


def _one(world: World, query: str, token: str) -> Rule:
    bare = token.removeprefix("-")
    name, mark, value = bare.partition(":")
    if not mark:
        word = bare.strip('"').lower()
        found: Rule = lambda tweet: word in tweet.text.lower()  # noqa: E731
    elif name == "conversation_id":
        found = lambda tweet: tweet.conversation == value  # noqa: E731
    elif name == "from":
        found = lambda tweet: value.lower() in (tweet.author, world.users[tweet.author].username.lower())  # noqa: E731
    elif name == "to":
        found = lambda tweet: any(value.lower() in (user.id, user.username.lower()) for user in mentioned(world, tweet.text))  # noqa: E731
    elif (name, value) == ("is", "retweet"):
        found = lambda tweet: tweet.retweeted is not None  # noqa: E731
    elif (name, value) == ("is", "quote"):
        found = lambda tweet: tweet.quoted is not None  # noqa: E731
    elif (name, value) == ("is", "reply"):
        found = lambda tweet: tweet.replied_to is not None  # noqa: E731
    else:
        raise invalid("query", query, f"Reference to invalid operator '{name}'")
    return found if bare == token else lambda tweet: not found(tweet)
