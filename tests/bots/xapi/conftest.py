"""The X API server asked with the vendor's client library, one server for all of its own tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import tweepy

from tests.bots.xapi import KEYS, XApi

Connect = Callable[..., tweepy.Client]


class _There(requests.Session):
    """The library's hosts are fixed: its requests go to ours."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *args: Any, **how: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, f"{self._url}{urlsplit(url).path}", *args, **{"timeout": 5, **how})


@pytest.fixture(scope="package")
def server() -> Iterator[XApi]:
    with XApi() as started:
        yield started


@pytest.fixture
def x(server: XApi) -> XApi:
    """As it was in the beginning, save for people."""
    server.recover()
    server.page_by_count(False)
    server.do(lambda world: [things.clear() for things in (world.limits, world.windows, world.calls, world.mentions)])
    server.do(lambda world: world.events.clear())
    return server


@pytest.fixture
def client(x: XApi) -> Iterator[Connect]:
    """The library's client with our keys, or with wrong ones: `client(access_token="…")`."""
    opened: list[requests.Session] = []

    def connect(**wrong: str) -> tweepy.Client:
        keys = KEYS.settings() | wrong
        user = [keys[name] for name in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")]
        made = tweepy.Client(keys["bearer_token"], *user, return_type=dict)
        made.session.close()
        made.session = _There(x.url)
        opened.append(made.session)
        return made

    yield connect
    for session in opened:
        session.close()
