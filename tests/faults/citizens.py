"""Citizens who report: each says the same things as everybody with the same matter, answered or not, and reads what comes."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from core import trackingcode
from tests.bots.botapi import TOKEN
from tests.bots.botapi.remote import Remote

BOT = TOKEN.partition(":")[0]
PATIENCE_SECONDS = 12.0
PHOTO = "(photo)"

SCRIPTS: dict[str, tuple[str, ...]] = {
    "levy": (
        "kemarin di puskesmas sukamaju kota contoh saya disuruh bayar 20rb buat kartu, ga ada kuitansi",
        "Sembunyikan",
        "Tidak ada",
        "Kirim",
    ),
    "lamp": ("lampu jl melati kelurahan melati kota contoh mati sudah 2 minggu", "Sembunyikan", PHOTO, "Kirim"),
}
"""What each matter needs from the first message to the code. Words that are a button's label are pressed where there is one."""

Update = tuple[str, dict[str, Any]]


@cache
def _picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return out.getvalue()


@dataclass
class Heard:
    """One message that the vendor showed to a person."""

    message_id: int
    text: str
    buttons: dict[str, str]


class Mailbag:
    """What the vendor's server wrote down of all that was sent, read on as it grows."""

    def __init__(self, log: Path) -> None:
        self._file = log.open(encoding="utf-8")
        self._rest = ""
        self.by_chat: dict[int, list[Heard]] = defaultdict(list)

    def read(self) -> None:
        lines = (self._rest + self._file.read()).split("\n")
        self._rest = lines.pop()
        for line in lines:
            entry = json.loads(line)
            if "sent" in entry:
                buttons = dict(entry["buttons"])
                self.by_chat[entry["chat"]].append(Heard(entry["sent"], entry["text"], buttons))

    def codes(self, chat: int) -> set[str]:
        """Tracking codes that this person has read."""
        return {code for heard in self.by_chat[chat] for code in trackingcode.find(heard.text)}

    def close(self) -> None:
        self._file.close()


@dataclass
class Citizen:
    """One person with one matter."""

    chat: int
    matter: str
    hasty: bool = False  # says everything at once
    said: int = 0
    spoke_at: float = 0.0
    heard_before: int = 0
    photo: str = ""  # SHA-256 of what was sent
    asked_again: int = 0

    @property
    def script(self) -> tuple[str, ...]:
        return SCRIPTS[self.matter]

    @property
    def done(self) -> bool:
        return self.said == len(self.script)


@dataclass
class Crowd:
    """All of them, and every message that they sent. `shuffled`: updates of one moment come in any order."""

    vendor: Remote
    mailbag: Mailbag
    chance: random.Random
    shuffled: bool
    citizens: list[Citizen] = field(default_factory=list)
    source_ids: list[str] = field(default_factory=list)
    repeats: int = 0
    _recent: list[Update] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_000))
    _chats: Iterator[int] = field(default_factory=lambda: itertools.count(1_001))

    @property
    def messages(self) -> int:
        return len(self.source_ids)

    @property
    def talking(self) -> int:
        return sum(not one.done for one in self.citizens)

    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        """A new person enters."""
        citizen = Citizen(next(self._chats), matter, hasty)
        self.vendor.call("person", chat=citizen.chat, first_name="Siti")
        self.citizens.append(citizen)
        return citizen

    def tick(self, *, repeating: bool) -> None:
        """Everybody who wants to say something says it; now and then an update comes a second time."""
        self.mailbag.read()
        for citizen in self.citizens:
            if not citizen.done:
                self._speak(citizen)
        if repeating and self._recent and self.chance.random() < 0.1:
            self.repeats += 1
            self._send([self.chance.choice(self._recent)])

    def ask_for_the_code(self, citizen: Citizen) -> None:
        """Who never read a code asks, as people do."""
        citizen.asked_again += 1
        self._send([self._message(citizen, "laporan saya", 0)])

    def poison(self, chat: int, message_id: int) -> str:
        """Sends a message with this number; its source id."""
        self.vendor.call("person", chat=chat, first_name="Racun")
        self._send([("message", self._envelope(chat, message_id, 0) | {"text": "halo"})])
        return f"{BOT}:message:{chat}:{message_id}"

    def _speak(self, citizen: Citizen) -> None:
        now = time.monotonic()
        if citizen.hasty:
            self._rush(citizen)
            return
        heard = self.mailbag.by_chat[citizen.chat]
        answered = len(heard) > citizen.heard_before
        if citizen.said and not answered and now - citizen.spoke_at < PATIENCE_SECONDS:
            return
        word = citizen.script[citizen.said]
        latest = heard[-1] if heard else None
        if answered and latest is not None and word in latest.buttons:
            self._send([self._press(citizen, latest, word)])
        else:
            self._send([self._word(citizen, word, 0)])
        citizen.said += 1
        citizen.spoke_at, citizen.heard_before = now, len(heard)

    def _rush(self, citizen: Citizen) -> None:
        updates = [self._word(citizen, word, second) for second, word in enumerate(citizen.script)]
        if self.shuffled:
            self.chance.shuffle(updates)
        self._send(updates)
        citizen.said = len(citizen.script)

    def _send(self, updates: Sequence[Update]) -> None:
        self.vendor.call("rush", updates=updates)
        self._recent = (self._recent + list(updates))[-50:]

    def _word(self, citizen: Citizen, word: str, second: int) -> Update:
        return self._photo(citizen, second) if word == PHOTO else self._message(citizen, word, second)

    def _message(self, citizen: Citizen, text: str, second: int) -> Update:
        return "message", self._counted(citizen.chat, second) | {"text": text}

    def _photo(self, citizen: Citizen, second: int) -> Update:
        content = _picture() + self.chance.randbytes(8_000)
        citizen.photo = hashlib.sha256(content).hexdigest()
        file_id = self.vendor.call("file", content=content)
        size = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content), "width": 1280, "height": 960}
        return "message", self._counted(citizen.chat, second) | {"photo": [size]}

    def _press(self, citizen: Citizen, heard: Heard, label: str) -> Update:
        query = f"{BOT}{next(self._numbers)}"
        self.source_ids.append(f"{BOT}:press:{query}")
        message = self._envelope(citizen.chat, heard.message_id, 0)
        return "callback_query", {
            "id": query,
            "from": message["from"],
            "message": message,
            "chat_instance": str(citizen.chat),
            "data": heard.buttons[label],
        }

    def _counted(self, chat: int, second: int) -> dict[str, Any]:
        number = next(self._numbers)
        self.source_ids.append(f"{BOT}:message:{chat}:{number}")
        return self._envelope(chat, number, second)

    @staticmethod
    def _envelope(chat: int, number: int, second: int) -> dict[str, Any]:
        person = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
        return {
            "message_id": number,
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": "Siti"},
            "date": int(time.time()) - 10 + second,
        }
