"""Webhooks in plain words: a request, an answer, a path on the ingress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook's request in plain words. Header names are lower-case. `remote` is the peer's address.

    `query_bytes`: what stood behind the question mark, as it came: signatures cover it, and its charset is the sender's.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str
    query_bytes: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """A path on the ingress. `handle` commits through the `Accept` it was built with before it answers 200.

    `StorageUnavailable` may be raised: the ingress answers 503 so that the sender repeats.
    """

    method: str
    path: str
    handle: Callable[[Request], Response]
