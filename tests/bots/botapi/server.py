"""The server itself: a thread with an event loop, the Bot API on one side, the tests' hands on the other."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bots.botapi.methods import METHODS, Polling, Wrong
from tests.bots.botapi.people import People
from tests.bots.botapi.world import Fault, Json, Sent, World
from tests.bots.loopback import Loopback, hands
from tests.bots.plainhttp import Call, Reply, post

TOKEN = "7000001:AAfakeTokenOfTheTestsNeverInALog-0123456"
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_TOKEN_SHAPE = re.compile(r"[0-9]+:[A-Za-z0-9_-]{8,}")


class BotApi(Loopback[World]):
    """Start with `with BotApi() as server`. All methods may be called from any thread."""

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        first_update_id: int = 500_000,
        log: Path | None = None,
        webhook_retry_seconds: float = 0.1,
    ) -> None:
        self.token = token
        self._first, self._log, self._retry = first_update_id, log, webhook_retry_seconds
        super().__init__("botapi", port)

    # --- what a test sees and asks

    def sent(self, chat: int | None = None) -> list[Sent]:
        """What bots sent (to `chat`), oldest first."""
        return self.do(lambda world: [message for message in world.sent if chat in (None, message.chat)])

    def wait_sent(self, chat: int | None = None, count: int = 1, seconds: float = 10.0) -> list[Sent]:
        """As `sent`, once there are `count`; AssertionError if they do not come."""
        return self.wait(lambda: messages if len(messages := self.sent(chat)) >= count else None, seconds)

    def calls(self, method: str | None = None) -> list[tuple[float, str, dict[str, str]]]:
        """Every call that arrived: (seconds since 1970, method, fields)."""
        return self.do(lambda world: [call for call in world.calls if method in (None, call[1])])

    def pending(self) -> list[int]:
        """Ids of updates that no bot has confirmed yet."""
        return self.do(lambda world: [update["update_id"] for update in world.updates])

    def fault(self, method: str, **how: Any) -> None:
        """See `Fault`: `server.fault("sendMessage", status=429, parameters={"retry_after": 3})`."""
        self.do(lambda world: world.faults.append(Fault(method, **how)))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """What people do: `say`, `press`, `send_photo`, `send_album`, `edit`, `block`, … (see `People`)."""
        if name.startswith("_") or not hasattr(People, name):
            raise AttributeError(name)
        return lambda *args, **how: self.do(lambda world: getattr(People(world), name)(*args, **how))

    # --- inside

    def _begin(self) -> World:
        world = World(self.token, first_update_id=self._first, log_path=self._log)
        self._polling = Polling(world)
        return world

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator[None]:
        pusher = asyncio.create_task(self._push())
        yield
        pusher.cancel()
        await asyncio.gather(pusher, return_exceptions=True)

    def _answer(self, call: Call) -> Reply | Awaitable[Reply]:
        path = call.path.partition("?")[0]
        if path.startswith("/bot"):
            token, _, method = path[4:].partition("/")
            return self._called(token, method, *call.parameters())
        if path.startswith("/file/bot"):
            token, _, name = path[9:].partition("/")
            return self._download(token, name)
        if path.startswith("/control/"):
            return self._control(path[9:], call.body)
        return Reply(404, b"{}")

    def _called(self, token: str, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Reply | Awaitable[Reply]:
        world = self.world
        if token != world.token or world.revoked:  # bots/api#authorizing-your-bot
            well_formed = _TOKEN_SHAPE.fullmatch(token) is not None
            return _error(Wrong(401, "Unauthorized") if well_formed else Wrong(404, "Not Found"))
        world.heard(method, fields)
        fault = world.fault_for(method, fields)
        if fault is not None and fault.seconds:
            return self._slowly(fault, method, fields, files)
        if fault is not None:
            return self._fail(fault, method, fields, files)
        if method.lower() == "getupdates":
            return self._updates(fields)
        return self._perform(method, fields, files)

    async def _slowly(self, fault: Fault, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Reply:
        await asyncio.sleep(fault.seconds)
        return self._perform(method, fields, files)

    def _fail(self, fault: Fault, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Reply:
        if fault.carried_out:
            self._perform(method, fields, files)
        if fault.hang or fault.drop:
            return Reply(hang=fault.hang, drop=fault.drop)
        if fault.html:
            return Reply(fault.status or 502, _PAGE, "text/html")
        return _error(Wrong(fault.status, fault.description, fault.parameters))

    def _perform(self, method: str, fields: dict[str, str], files: dict[str, bytes]) -> Reply:
        perform = METHODS.get(method.lower())
        if perform is None:
            return _error(Wrong(404, "Not Found"))
        try:
            return _ok(perform(self.world, fields, files))
        except Wrong as wrong:
            return _error(wrong)

    async def _updates(self, fields: dict[str, str]) -> Reply:
        try:
            return _ok(await self._polling.get_updates(fields))
        except Wrong as wrong:
            return _error(wrong)

    def _download(self, token: str, name: str) -> Reply:
        """bots/api#getfile: https://api.telegram.org/file/bot<token>/<file_path>"""
        world = self.world
        fault = world.fault_for("download", {})
        if fault is not None:
            return self._fail(fault, "download", {}, {})
        for file in world.files.values():
            if token == world.token and not world.revoked and file.path == name and not file.expired:
                return Reply(200, file.content, "application/octet-stream")
        return _error(Wrong(404, "Not Found"))

    async def _push(self) -> None:
        """bots/api#setwebhook: each update is posted until a 2XX comes back, with the secret in the header."""
        world = self.world
        while True:
            url = world.webhook["url"]
            if not url or not world.updates:
                world.arrived.clear()
                await world.arrived.wait()
                continue
            update = world.updates[0]
            headers = {"Content-Type": "application/json"}
            if secret := world.webhook.get("secret"):
                headers["X-Telegram-Bot-Api-Secret-Token"] = secret
            status = await post(url, json.dumps(update).encode(), headers)
            world.pushed.append((update["update_id"], status))
            if 200 <= status <= 299:
                world.confirmed.append(update["update_id"])
                world.updates = [waiting for waiting in world.updates if waiting is not update]
            else:
                await asyncio.sleep(self._retry)

    def _control(self, name: str, body: bytes) -> Reply:
        """The tests' hands for other processes: POST /control/<name> with keyword arguments as JSON; bytes as base64."""
        how = hands(body)
        world = self.world
        if name == "sent":
            return _ok([asdict(message) for message in world.sent if how.get("chat") in (None, message.chat)])
        if name == "fault":
            world.faults.append(Fault(**how))
            return _ok(True)
        if name == "state":
            waiting = [update["update_id"] for update in world.updates]
            return _ok(
                {"pending": waiting, "confirmed": world.confirmed, "answered": world.answered, "calls": len(world.calls)}
            )
        if name.startswith("_") or not hasattr(People, name):
            return _error(Wrong(404, "Not Found"))
        return _ok(getattr(People(world), name)(**how))


def _ok(result: object) -> Reply:
    return Reply(200, json.dumps({"ok": True, "result": result}).encode())


def _error(wrong: Wrong) -> Reply:
    code: int = wrong.answer["error_code"]
    return Reply(code, json.dumps(wrong.answer).encode())


__all__ = ["TOKEN", "BotApi", "Json"]
