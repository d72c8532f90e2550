"""What goes wrong when a test asks for it: see `world.Fault`."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from tests.bots.plainhttp import Call, Reply
from tests.bots.xapi.problems import BY_NAME, PAGE, Problem, named, throttled
from tests.bots.xapi.world import Fault

Headers = tuple[tuple[str, str], ...]


def refusal(problem: Problem, headers: Headers = ()) -> Reply:
    """An error as an answer."""
    return Reply(problem.status, json.dumps(problem.body).encode(), "application/problem+json", headers=headers)


def spoiled(fault: Fault, call: Call, perform: Callable[[], Reply], headers: Headers, now: float) -> Reply | Awaitable[Reply]:
    """What comes back instead; `perform` does what was asked."""
    if fault.how == "slow":
        return _slowly(fault.seconds, perform)
    if fault.how == "throttled":
        reset = ("x-rate-limit-reset", str(int(now + fault.seconds + 0.999)))
        return refusal(throttled(), (("x-rate-limit-limit", "15"), ("x-rate-limit-remaining", "0"), reset))
    if fault.how == "repeat":
        return _repeating(call, perform())
    if fault.how in BY_NAME:
        return refusal(named(fault.how), headers)
    if fault.how in ("cut_after", "half"):
        reply = perform()
        return Reply(drop=True) if fault.how == "cut_after" else Reply(reply.status, reply.body, half=True)
    return {
        "cut": Reply(drop=True),
        "hang": Reply(hang=True),
        "html": Reply(503, PAGE, "text/html; charset=utf-8"),
        "garbage": Reply(200, b"<html>not JSON", "application/json"),
        "redirect": Reply(302, b"", headers=(("Location", "http://127.0.0.2:9/elsewhere"),)),
    }[fault.how]


def _repeating(call: Call, reply: Reply) -> Reply:
    answer = json.loads(reply.body)
    if "next_token" in answer.get("meta", {}):
        query = dict(parse_qsl(call.path.partition("?")[2]))
        given = query.get("pagination_token") or query.get("next_token")
        answer["meta"]["next_token"] = given or base64.b32encode(b"skip:0").decode().rstrip("=").lower()
    return Reply(reply.status, json.dumps(answer).encode(), headers=reply.headers)


async def _slowly(seconds: float, perform: Callable[[], Reply]) -> Reply:
    await asyncio.sleep(seconds)
    return perform()
