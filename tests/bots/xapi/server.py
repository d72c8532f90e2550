"""The server itself: a thread with an event loop, the X API on one side, the tests' hands on the other."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tests.bots.loopback import Loopback, hands
from tests.bots.plainhttp import Call, Reply
from tests.bots.xapi import uploads
from tests.bots.xapi.endpoints import ENDPOINTS, Endpoint
from tests.bots.xapi.keys import KEYS, Guard, Keys, Who
from tests.bots.xapi.people import People
from tests.bots.xapi.person import Person
from tests.bots.xapi.problems import Problem, named, throttled, unauthorised, user_context_only
from tests.bots.xapi.spoiling import refusal, spoiled
from tests.bots.xapi.world import HANDS, Fault, Post, Sent, World

WINDOW_SECONDS = 900.0


class XApi(Loopback[World]):
    """Start with `with XApi() as x`. All methods may be called from any thread.

    Limits are generous until `limit` or `documented_limits` sets them; the headers are always there. `clock`: seconds since
    1970 as X has them, for tests that move time.
    """

    def __init__(
        self,
        keys: Keys = KEYS,
        *,
        handle: str = "lapor1708",
        port: int = 0,
        log: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keys = keys
        self._clock = clock
        self._handle_name, self._log = handle, log
        super().__init__("xapi", port)

    # --- what a test sees and asks

    def settings(self, **more: Any) -> dict[str, Any]:
        """The keys of `channels.twitter` that lead here."""
        return {"enabled": True, "api_url": self.url, "handle": self._handle_name, **self.keys.settings(), **more}

    def person(self, who: str, **facts: Any) -> Person:
        """Somebody on X; see `people.People.person` for the facts."""
        return Person(self.act, who, **facts)

    def act(self, name: str, /, **how: Any) -> Any:
        """What people do, by its name in `People`."""
        return self.do(lambda world: getattr(People(world), name)(**how))

    def public_posts(self) -> list[Post]:
        """What we said in public, oldest first."""
        return self.do(lambda world: list(world.posts))

    def sent(self, who: str | None = None) -> list[Sent]:
        """What we said in private (to `who`), oldest first."""
        number = self.act("person", who=who) if who else None
        return self.do(lambda world: [message for message in world.sent if number in (None, message.to)])

    def wait_sent(self, who: str | None = None, count: int = 1, seconds: float = 10.0) -> list[Sent]:
        """As `sent`, once there are `count`; AssertionError if they do not come."""
        return self.wait(lambda: messages if len(messages := self.sent(who)) >= count else None, seconds)

    def wait_posts(self, count: int = 1, seconds: float = 10.0) -> list[Post]:
        """As `public_posts`, once there are `count`."""
        return self.wait(lambda: posts if len(posts := self.public_posts()) >= count else None, seconds)

    def calls(self, endpoint: str | None = None) -> list[tuple[float, str, dict[str, str]]]:
        """Every call that arrived with good keys: (seconds since 1970, endpoint, query)."""
        return self.do(lambda world: [call for call in world.calls if endpoint in (None, call[1])])

    def fault(self, endpoint: str, how: str, times: int = 1, seconds: float = 0.0, to: str | None = None) -> None:
        """See `world.Fault`: `x.fault("events", "html", times=3)`."""
        self.do(lambda world: world.faults.append(Fault(endpoint, how, times, seconds, to)))

    def recover(self) -> None:
        """No more faults."""
        self.do(lambda world: world.recover())

    def limit(self, endpoint: str, calls: int, seconds: float = WINDOW_SECONDS) -> None:
        """So many calls in a window of so many seconds, which begins with the first."""
        self.do(lambda world: world.limit(endpoint, calls, seconds))

    def documented_limits(self) -> None:
        """The numbers of docs.x.com."""
        self.do(lambda world: world.limits.update({"*": (0, WINDOW_SECONDS)}))

    def have_credits(self, calls: int | None) -> None:
        """So many calls are paid for, then 402; None: no end."""
        self.do(lambda world: world.have_credits(calls))

    def page_by_count(self, by_count: bool = True) -> None:
        """Pages count from the newest: what comes while somebody pages shifts them."""
        self.do(lambda world: world.page_by_count(by_count))

    def pass_time(self, seconds: float) -> None:
        """It is later at X."""
        self.do(lambda world: world.pass_time(seconds))

    def processing(self, seconds: float) -> None:
        """An uploaded video is ready after so many seconds."""
        self.do(lambda world: setattr(world, "processing_seconds", seconds))

    # --- inside

    def _begin(self) -> World:
        self._guard = Guard(self.keys)
        return World(handle=self._handle_name, log_path=self._log, clock=self._clock)

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator[None]:
        self.world.url = self.url
        yield

    def _answer(self, call: Call) -> Reply | Awaitable[Reply]:
        path = call.path.partition("?")[0]
        if path.startswith("/control/"):
            return self._control(path[9:], call.body)
        for kind in ("media", "dm-media"):
            if path.startswith(f"/{kind}/") and call.method == "GET":
                return self._guarded(
                    kind, call, lambda who: self._download(path.rpartition("/")[2], who), self._guard.who(call)
                )
        for endpoint in ENDPOINTS:
            if endpoint.method == call.method and (match := endpoint.path.fullmatch(path)):
                about = match.groups()[0] if match.groups() else ""
                return self._call(endpoint, call, about)
        if path.startswith("/1.1/"):
            return Reply(410, json.dumps({"errors": [{"code": 251, "message": "This endpoint has been retired."}]}).encode())
        return Reply(404, b"")

    def _call(self, endpoint: Endpoint, call: Call, about: str) -> Reply | Awaitable[Reply]:
        who = self._guard.who(call)
        if who is Who.NOBODY:
            return refusal(unauthorised())
        if who is Who.APP and not endpoint.per_app:
            return refusal(user_context_only())
        query = dict(parse_qsl(call.path.partition("?")[2], keep_blank_values=True))
        self.world.heard(endpoint.name, query)
        headers, left = self._count(endpoint, who)
        if not left:
            return refusal(throttled(), headers)
        if self.world.credits is not None:
            self.world.credits -= 1
            if self.world.credits < 0:
                return refusal(named("credits"), headers)

        def perform(_: Who) -> Reply:
            if endpoint.read is not None:
                answer = endpoint.read(self.world, query, about)
            else:
                assert endpoint.write is not None
                answer = endpoint.write(self.world, call, about)
            return Reply(endpoint.done, json.dumps(answer).encode(), headers=headers)

        return self._guarded(endpoint.name, call, perform, who, about, headers)

    def _count(self, endpoint: Endpoint, who: Who) -> tuple[tuple[tuple[str, str], ...], bool]:
        """The headers, and whether this call is within the limit."""
        world = self.world
        most, seconds = world.limits.get(endpoint.name, (100_000, WINDOW_SECONDS))
        if "*" in world.limits and endpoint.name not in world.limits:
            most = endpoint.per_user if who is Who.USER else endpoint.per_app
        began, used = world.windows.get((endpoint.name, who), (world.now(), 0))
        if world.now() >= began + seconds:
            began, used = world.now(), 0
        left = most - used
        world.windows[endpoint.name, who] = (began, used + 1 if left > 0 else used)
        headers = (
            ("x-rate-limit-limit", str(most)),
            ("x-rate-limit-remaining", str(max(0, left - 1))),
            ("x-rate-limit-reset", str(int(began + seconds + 0.999))),
        )
        return headers, left > 0

    def _guarded(
        self,
        name: str,
        call: Call,
        perform: Callable[[Who], Reply],
        who: Who,
        about: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Reply | Awaitable[Reply]:
        """Carries it out, or lets go wrong what was asked to go wrong."""

        def safely() -> Reply:
            try:
                return perform(who)
            except Problem as problem:
                return refusal(problem, headers)

        fault = self.world.fault_for(name, about)
        if fault is None:
            return safely()
        return spoiled(fault, call, safely, headers, self.world.now())

    def _download(self, name: str, who: Who) -> Reply:
        content, mime = uploads.download(self.world, name, signed=who is Who.USER)
        return Reply(200, content, mime)

    def _control(self, name: str, body: bytes) -> Reply:
        """The tests' hands for other processes: POST /control/<name> with keyword arguments as JSON; bytes as base64."""
        how = hands(body)
        world = self.world
        if name == "state":
            return _ok({"calls": len(world.calls), "posts": len(world.posts), "sent": len(world.sent)})
        if name == "sent":
            return _ok([asdict(message) for message in world.sent])
        if name == "posts":
            return _ok([asdict(one) for one in world.posts])
        if name == "fault":
            world.faults.append(Fault(**how))
            return _ok(True)
        if name in HANDS:
            return _ok(getattr(world, name)(**how))
        if name.startswith("_") or not hasattr(People, name):
            return Reply(404, json.dumps({"ok": False, "description": "Not Found"}).encode())
        return _ok(getattr(People(world), name)(**how))


def _ok(result: object) -> Reply:
    return Reply(200, json.dumps({"ok": True, "result": result}).encode())


__all__ = ["ENDPOINTS", "KEYS", "XApi"]
