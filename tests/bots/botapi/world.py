"""What the server knows: people, waiting updates, files, what bots sent, and which faults were asked for."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a bot really sent: what the person sees. `at`: seconds since 1970."""

    message_id: int
    chat: int
    text: str
    buttons: tuple[tuple[str, str], ...]  # (label, callback data)
    files: tuple[int, ...]  # sizes in bytes
    method: str
    at: float
    silent: bool = False
    reply_to: int | None = None


@dataclass
class Fault:
    """What shall go wrong with the next `times` calls of `method` (and of `chat`, if given).

    `hang`/`drop`: the call is carried out (`carried_out`), then no answer comes / the connection breaks.
    `status` with `description`: an error answer of the Bot API; `html`: a proxy's page instead. `seconds`: only late.
    """

    method: str
    times: int = 1
    chat: int | None = None
    status: int = 0
    description: str = ""
    parameters: Json = field(default_factory=dict)
    html: bool = False
    hang: bool = False
    drop: bool = False
    carried_out: bool = False
    seconds: float = 0.0


@dataclass
class Held:
    """A file at the vendor. `size` may be claimed without keeping so many bytes."""

    file_id: str
    path: str
    content: bytes
    size: int
    expired: bool = False


class World:
    """All state; touched on the event loop only."""

    def __init__(self, token: str, *, first_update_id: int, log_path: Path | None) -> None:
        self.token = token
        self.bot_id = int(token.partition(":")[0])
        self.revoked = False
        self.any_chat = False
        self.people: dict[int, Json] = {}
        self.chats: dict[int, Json] = {}
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.update_id = first_update_id
        self.updates: list[Json] = []
        self.confirmed: list[int] = []
        self.allowed: frozenset[str] | None = None
        self.arrived = asyncio.Event()
        self.webhook: Json = {"url": ""}
        self.pushed: list[tuple[int, int]] = []  # (update id, status that the webhook answered)
        self.sent: list[Sent] = []
        self.messages: dict[tuple[int, int], Json] = {}
        self.edits: list[tuple[int, int]] = []
        self.callbacks: dict[str, bool] = {}  # id → may still be answered
        self.answered: list[str] = []
        self.files: dict[str, Held] = {}
        self.commands: dict[str, list[Json]] = {}
        self.faults: list[Fault] = []
        self.calls: list[tuple[float, str, dict[str, str]]] = []
        self.message_ids = itertools.count(1)
        self.serial = itertools.count(1)
        self._log = log_path.open("a", encoding="utf-8") if log_path else None

    def heard(self, method: str, fields: dict[str, str]) -> None:
        """Keeps what a bot asked for, in the log file too if there is one."""
        at = time.time()
        self.calls.append((at, method, fields))
        self.write(at=at, method=method, fields=fields)

    def write(self, **entry: Any) -> None:
        if self._log is not None:
            self._log.write(json.dumps(entry) + "\n")
            self._log.flush()

    def close(self) -> None:
        if self._log is not None:
            self._log.close()

    def person(self, chat: int, **facts: Any) -> Json:
        known = self.people.setdefault(chat, {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"})
        known.update(facts)
        self.chats.setdefault(chat, {"id": chat, "type": "private", "first_name": known["first_name"]})
        return known

    def push(self, kind: str, content: Json) -> int:
        """A new update; ids rise by one (core.telegram.org/bots/api#update). 0 if the bot did not ask for this kind."""
        if self.allowed is not None and kind not in self.allowed:
            return 0
        self.update_id += 1
        self.updates.append({"update_id": self.update_id, kind: content})
        self.arrived.set()
        return self.update_id

    def fault_for(self, method: str, fields: dict[str, str]) -> Fault | None:
        """The first matching fault, used up by one."""
        for fault in self.faults:
            if fault.method not in (method, "*") or (fault.chat is not None and fields.get("chat_id") != str(fault.chat)):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None
