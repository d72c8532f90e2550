"""Requests to the gateway over persistent connections: one attempt each, and an honest word on whether it may have left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from bots.sms.model import Answer, Ask, Silence
from core.channels import Fetched, FetchState

MOST_BYTES = 64 * 1024
_LATER_SECONDS, _MOST_HOPS = 30.0, 3
_NOTHING_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    UnicodeError,
)
_HEADERS = {"User-Agent": "lapor", "Accept-Encoding": "identity"}


class Line:
    """The connections; safe to use from several threads."""

    def __init__(self, *, connections: int, connect_seconds: float, answer_seconds: float) -> None:
        for name in ("httpx", "httpcore"):  # they log whole addresses, and a password stands in some
            logging.getLogger(name).setLevel(logging.WARNING)
        self._seconds = answer_seconds
        self._http = httpx.Client(
            timeout=httpx.Timeout(answer_seconds, connect=connect_seconds),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers=_HEADERS,
            follow_redirects=False,
        )

    def ask(self, ask: Ask, clock: Callable[[], float]) -> Answer | Silence:
        """One attempt. A gateway that drips its answer is heard for as long as one that is silent."""
        deadline = clock() + self._seconds
        try:
            with self._http.stream(
                ask.method, ask.url, params=ask.query or None, data=ask.form, json=ask.json, auth=ask.auth
            ) as response:
                return Answer(response.status_code, _text(response, clock, deadline), _wait(response))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            return Silence(not isinstance(error, _NOTHING_LEFT), type(error).__name__)
        except RuntimeError:  # the client says so before it begins
            return Silence(False, "closed")

    def download(self, ask: Ask, into: Path, *, limit_bytes: int, seconds: float, clock: Callable[[], float]) -> Fetched:
        """Streams a file. Where it is moved to another host it is followed there, without our credentials."""
        url, auth = ask.url, ask.auth
        try:
            for _ in range(_MOST_HOPS + 1):
                with self._http.stream("GET", url, auth=auth) as response:
                    if response.is_redirect:
                        further = urljoin(url, response.headers.get("location", ""))
                        if urlsplit(further).scheme not in ("https", urlsplit(url).scheme):
                            return Fetched(FetchState.REFUSED, detail="foreign_scheme")
                        url, auth = further, None
                        continue
                    return _keep(response, into, limit_bytes, clock, clock() + seconds)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, RuntimeError) as error:
            return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=type(error).__name__)
        return Fetched(FetchState.REFUSED, detail="too_many_redirects")

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()


def _text(response: httpx.Response, clock: Callable[[], float], deadline: float) -> str:
    """The first of the body. The status has been said: what breaks after it takes nothing back."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) >= MOST_BYTES or clock() > deadline:
                break
    except httpx.HTTPError:
        pass
    return body[:MOST_BYTES].decode("utf-8", "replace")


def _wait(response: httpx.Response) -> float | None:
    """Retry-After in seconds (RFC 9110 §10.2.3); a date is no help to a clock that may differ."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _keep(response: httpx.Response, into: Path, limit_bytes: int, clock: Callable[[], float], deadline: float) -> Fetched:
    if response.status_code in (404, 410):
        return Fetched(FetchState.GONE, detail=f"http_{response.status_code}")
    if response.status_code != 200:
        return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=f"http_{response.status_code}")
    size = 0
    with into.open("wb") as target:
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > limit_bytes:
                return Fetched(FetchState.TOO_LARGE, size_bytes=size, detail="over_the_limit")
            if clock() > deadline:
                return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail="too_slow")
            target.write(chunk)
    return Fetched(FetchState.STORED, size_bytes=size)
