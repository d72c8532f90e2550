"""Where the X API v2 answers, how often it may be asked, and what does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bots.plainhttp import Call
from tests.bots.xapi import reads, uploads, writes
from tests.bots.xapi.problems import Json
from tests.bots.xapi.world import World


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`per_window`: calls in 15 minutes by user and by app (docs.x.com/x-api/fundamentals/rate-limits); 0: not for an app."""

    name: str
    method: str
    path: re.Pattern[str]
    per_user: int
    per_app: int
    read: reads.Read | None = None
    write: Callable[[World, Call, str], Json] | None = None
    done: int = 200


def _at(name: str, method: str, path: str, limits: tuple[int, int], **how: Any) -> Endpoint:
    return Endpoint(name, method, re.compile(path), *limits, **how)


ENDPOINTS = (
    _at("me", "GET", r"/2/users/me", (75, 0), read=reads.me),
    _at("user", "GET", r"/2/users/(\d+)", (900, 300), read=reads.user),
    _at("mentions", "GET", r"/2/users/(\d+)/mentions", (300, 450), read=reads.mentions),
    _at("lookup", "GET", r"/2/tweets", (5000, 3500), read=reads.lookup),
    _at("search", "GET", r"/2/tweets/search/recent", (300, 450), read=reads.recent),
    _at("post", "POST", r"/2/tweets", (100, 0), write=writes.post, done=201),
    _at("events", "GET", r"/2/dm_events", (15, 0), read=reads.events),
    _at("events_with", "GET", r"/2/dm_conversations/with/(\d+)/dm_events", (15, 0), read=reads.events),
    _at("dm", "POST", r"/2/dm_conversations/with/(\w+)/messages", (15, 0), write=writes.message, done=201),
    _at("upload", "POST", r"/2/media/upload", (500, 0), write=uploads.once),
    _at("initialize", "POST", r"/2/media/upload/initialize", (1875, 0), write=uploads.initialize),
    _at("append", "POST", r"/2/media/upload/(\d+)/append", (1875, 0), write=uploads.append),
    _at("finalize", "POST", r"/2/media/upload/(\d+)/finalize", (1875, 0), write=uploads.finalize),
    _at("upload_status", "GET", r"/2/media/upload", (1000, 0), read=uploads.status),
)
"""Their names are those of faults, limits and `calls`; downloads are `media` and `dm-media`."""
