"""The vendor's library, tamed: any host, time-outs, its answers judged by us, its logs silent.

Nothing here or above logs an exception's text or an address: tokens, handles and people's ids stand in them.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NameResolutionError, NewConnectionError

from bots.twitter import Settings
from bots.twitter.faults import Kind, Refusal, Trouble, judge, wait_seconds
from bots.twitter.lasting import Lasting, answering_within

MOST_BYTES = 16 * 1024 * 1024
"""A page of a hundred messages with everything about them is far smaller."""
_CHUNK_BYTES = 64 * 1024
_NEVER_LEFT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"answered {refusal.status}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. `remaining` calls are left in this endpoint's window, which ends in `reset_seconds`; None where not said."""

    content: dict[str, Any]
    remaining: int | None = None
    reset_seconds: float | None = None
    access: str | None = None


class Wire(requests.Session):
    """Connections that many threads share. Whatever host the library names, calls go to `base`, and nowhere else from there."""

    def __init__(self, base: str, sign: Any, *, connections: int, connect_seconds: float, answer_seconds: float) -> None:
        super().__init__()
        self.base, self._sign = base, sign
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._connect_seconds, self._answer_seconds = connect_seconds, answer_seconds
        adapter = Lasting(pool_connections=4, pool_maxsize=connections, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        """One call, its whole answer read. Raises Refused for anything but a success that is JSON."""
        asked = urlsplit(str(url))
        more |= {"timeout": (self._connect_seconds, self._answer_seconds), "allow_redirects": False, "stream": True}
        more["auth"] = more.get("auth") or _as_it_is
        with (
            answering_within(self._answer_seconds),
            super().request(method, f"{self.base}{asked.path}", *args, **more) as response,
        ):
            body = _read(response)
        vars(response).update(_content=body, _content_consumed=True)  # as its `content` does it
        content = _object(body)
        if not 200 <= response.status_code <= 299:
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise Refused(Refusal(response.status_code, content, headers))
        if content is None and body:
            raise requests.exceptions.ContentDecodingError("not the API")
        return response

    def open_file(self, url: str, *, signed: bool, seconds: float) -> requests.Response:
        """A file's bytes, from exactly this address, in so many seconds; the caller reads and closes it, and follows where it
        moved."""
        timeout = (self._connect_seconds, self._answer_seconds)
        auth = self._sign if signed else _as_it_is
        headers = {"Accept-Encoding": "identity"}
        how: dict[str, Any] = {"headers": headers, "auth": auth, "timeout": timeout, "allow_redirects": False, "stream": True}
        with answering_within(seconds):
            return super().request("GET", url, **how)


class Client:
    """A `tweepy.Client`, and what is known of each endpoint's limit. Safe to use from several threads."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        hush()
        keys = [_told(settings.consumer_key), _told(settings.consumer_secret)]
        keys += [_told(settings.access_token), _told(settings.access_token_secret)]
        self.api = tweepy.Client(_told(settings.bearer_token), *keys, return_type=requests.Response, wait_on_rate_limit=False)
        self.api.session.close()
        self.signature = tweepy.OAuth1UserHandler(*keys).apply_auth()
        self.wire = Wire(
            settings.api_url,
            self.signature,
            connections=settings.connections,
            connect_seconds=settings.connect_timeout_seconds,
            answer_seconds=settings.answer_timeout_seconds,
        )
        self.api.session = self.wire
        self._now = now
        self._lock = threading.Lock()
        self._paused: dict[str, float] = {}  # endpoint → monotonic seconds

    def pause_seconds(self, endpoint: str) -> float:
        """How long this endpoint is still closed by its limit; 0: it is open."""
        with self._lock:
            return max(0.0, self._paused.get(endpoint, 0.0) - time.monotonic())

    def ask(
        self,
        endpoint: str,
        call: Callable[[tweepy.Client], requests.Response],
        *,
        writes: bool = False,
        private: bool = False,
    ) -> Answer:
        """One call of `endpoint` (a name of ours for what has a limit of its own). Raises Trouble.

        `writes`: it changes something, so that an answer that got lost is uncertain. `private`: to one person.
        """
        pause = self.pause_seconds(endpoint)
        if pause > 0:
            raise Trouble(Kind.THROTTLED, "own_limit", pause)
        try:
            response = call(self.api)
        except Refused as error:
            trouble = judge(error.refusal, writes=writes, private=private, now=self._now())
            if trouble.kind is Kind.THROTTLED:
                self._pause(endpoint, trouble.retry_after_seconds or 0.0)
            raise trouble from None
        except (requests.exceptions.RequestException, HTTPError, OSError, ValueError) as error:
            kind = Kind.UNCERTAIN if writes and left_the_house(error) else Kind.UNAVAILABLE
            raise Trouble(kind, type(error).__name__) from None
        return self._heard(endpoint, response)

    def _heard(self, endpoint: str, response: requests.Response) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        left = headers.get("x-rate-limit-remaining", "")
        remaining = int(left) if left.isascii() and left.isdigit() and len(left) < 10 else None
        reset = wait_seconds(headers, self._now()) if "x-rate-limit-reset" in headers else None
        if remaining == 0 and reset is not None:
            self._pause(endpoint, reset)
        return Answer(_object(response.content) or {}, remaining, reset, headers.get("x-access-level"))

    def _pause(self, endpoint: str, seconds: float) -> None:
        with self._lock:
            self._paused[endpoint] = time.monotonic() + seconds

    def close(self) -> None:
        """Lets go of the connections."""
        self.wire.close()


def left_the_house(error: BaseException) -> bool:
    """Whether the request may have reached X, by what broke underneath. In doubt it may have."""
    if isinstance(error, _NEVER_LEFT):
        return False
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError):
        return False
    if isinstance(error, requests.exceptions.SSLError):
        broken = getattr(reason, "args", (None,))[0]
        return isinstance(broken, ssl.SSLEOFError | ssl.SSLZeroReturnError)  # else the two never agreed on a secret
    return True


def hush() -> None:
    """The libraries log whole requests, with tokens and words in them, at DEBUG, and people's ids in addresses."""
    for name in ("tweepy", "requests_oauthlib", "oauthlib", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials but what stands in the headers: without this a .netrc would take the bearer token's place."""
    return request


def _read(response: requests.Response) -> bytes:
    """The body, of a size that answers have."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError("too much")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _told(secret: Any) -> str:
    return str(secret.get_secret_value()) if secret is not None else ""
