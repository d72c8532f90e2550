"""`lapor check`: do both sets of keys work, are they the account's, may it write, and what has today cost?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import requests
import tweepy

from bots.twitter import Settings
from bots.twitter.budget import Budget, Purpose
from bots.twitter.client import Answer, Client
from bots.twitter.faults import REMEDIES, Kind, Trouble
from core.channels import Check
from core.errors import StorageUnavailable

_MAY_WRITE = "read-write-directmessages"


def lines(client: Client, budget: Budget, settings: Settings, name: str) -> Iterator[Check]:
    """At most two calls, which read the account's own name: charged once a day."""
    mine = _asked(client, "users_me", lambda api: api.get_me(user_auth=True))
    if isinstance(mine, Trouble):
        yield Check(name, False, _remedy(mine, name))
    else:
        yield _account(mine, settings, name)
        open_to_all = _asked(client, "users", lambda api: api.get_user(id=settings.own_id, user_auth=False))
        if isinstance(open_to_all, Trouble):
            what = _remedy(open_to_all, name)
            if open_to_all.kind is Kind.UNAUTHORISED:
                what = f"channels.{name}.bearer_token is refused: take the app's own from the developer console"
            yield Check("reading", False, what)
        else:
            yield Check("reading", True, "the bearer token reads what is public")
    try:
        if not isinstance(mine, Trouble):
            budget.read(Purpose.CHECK, users=[settings.own_id])
        yield _money(budget, name)
    except StorageUnavailable:
        yield Check("budget", False, "the ledger cannot be read while the database is away")


def _asked(client: Client, endpoint: str, call: Callable[[tweepy.Client], requests.Response]) -> Answer | Trouble:
    try:
        return client.ask(endpoint, call)
    except Trouble as trouble:
        return trouble


def _account(answer: Answer, settings: Settings, name: str) -> Check:
    about = answer.content.get("data")
    mine = about if isinstance(about, dict) else {}
    handle = mine.get("username")
    if not isinstance(handle, str):
        return Check(name, False, f"what answers is not the X API: look at channels.{name}.api_url")
    if handle.lower() != settings.handle.lower():
        return Check(name, False, f"the access token is @{handle}'s, but channels.{name}.handle is {settings.handle}")
    if str(mine.get("id")) != settings.own_id:
        return Check(name, False, f"channels.{name}.access_token does not begin with the number of @{handle}")
    if answer.access is not None and answer.access != _MAY_WRITE:
        what = f"may only {answer.access}: give the app the right to read, write and send direct messages"
        return Check(name, False, f"@{handle} {what}, then make the access token anew")
    return Check(name, True, f"the account @{handle} answers; news are asked for every {settings.poll_seconds:g} seconds")


def _money(budget: Budget, name: str) -> Check:
    told = budget.told()
    stands = f"{told['spent']} of {told['limit']} US dollars spent today, forecast {told['forecast']}"
    if budget.wait(Purpose.ANSWERS) > 0:
        return Check("budget", False, f"{stands}: raise channels.{name}.budget_usd_per_day, or wait until tomorrow")
    return Check("budget", True, stands)


def _remedy(trouble: Trouble, name: str) -> str:
    what = REMEDIES.get(trouble.kind, "X refuses to answer: look at the app in the developer console")
    return f"{what.format(name=name)} ({trouble.code})"
