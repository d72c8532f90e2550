"""Telegram under siege: people chat and press buttons, and the vendor's server writes down what it showed to whom."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots import telegram
from core.channels import Capabilities
from core.steps import Step
from tests.bots.botapi import TOKEN
from tests.bots.botapi.remote import Remote
from tests.faults.front import ACCEPT, FETCH, HANDLE, SEND, SWEEP, Citizen, Front, picture
from tests.faults.processes import ROOT

BOT = TOKEN.partition(":")[0]
SECRET = "secret-of-the-siege"
PATIENCE_SECONDS = 12.0
PHOTO = "(photo)"
POISON_CHAT, POISON_MESSAGE = 666, 999_999
VENDOR = (
    "from tests.faults.victim import die_with_parent; die_with_parent(); from tests.bots.botapi.__main__ import main; main()"
)

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

    def close(self) -> None:
        self._file.close()


class Telegram(Front):
    """`mode`: polling or webhook. While polling, updates of one moment come in any order."""

    channel = "telegram"
    orderly = False
    loads = tuple(f"bots.telegram.{name}" for name in ("adapter", "direct", "fetch", "listen", "menu", "send", "webhook"))

    def __init__(self, folder: Path, chance: random.Random, mode: str) -> None:
        super().__init__(folder, chance)
        self.mode = mode
        self.server = subprocess.Popen(
            [sys.executable, "-c", VENDOR, "--log", str(folder / "vendor.log")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.server.stdout is not None
        self._url = self.server.stdout.readline().decode().strip()
        self.vendor = Remote(self._url)
        self.mailbag = Mailbag(folder / "vendor.log")
        self._recent: list[Update] = []
        self._numbers: Iterator[int] = itertools.count(1_000_000)
        self._chats: Iterator[int] = itertools.count(1_001)

    @property
    def roads(self) -> Mapping[str, tuple[Step, ...]]:
        road = {"worker": HANDLE + SWEEP, "telegram": SEND + FETCH}
        return road | ({"ingress": ACCEPT} if self.mode == "webhook" else {"telegram": SEND + FETCH + ACCEPT})

    @property
    def capabilities(self) -> Capabilities:
        return telegram.CAPABILITIES

    @property
    def poison(self) -> str:
        return f"{BOT}:message:{POISON_CHAT}:{POISON_MESSAGE}"

    def settings(self) -> dict[str, Any]:
        return {
            "enabled": True,
            "token": TOKEN,
            "api_url": self._url,
            "mode": self.mode,
            "webhook_secret": SECRET,
            "poll_seconds": 2,
            "messages_per_second": 500,
            "seconds_between": 0,
        }

    def open(self, public_url: str) -> None:
        """The service tells the vendor itself where it is."""

    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        citizen = Citizen(str(next(self._chats)), matter, SCRIPTS[matter], hasty)
        self.vendor.call("person", chat=int(citizen.address), first_name="Siti")
        self.citizens.append(citizen)
        return citizen

    def tick(self, *, repeating: bool) -> None:
        self.mailbag.read()
        for citizen in self.citizens:
            if not citizen.done:
                self._speak(citizen)
        if repeating and self._recent and self.chance.random() < 0.1:
            self.repeats += 1
            self._send([self.chance.choice(self._recent)])

    def heard(self, citizen: Citizen) -> list[str]:
        return [heard.text for heard in self.mailbag.by_chat[int(citizen.address)]]

    def shown(self) -> int:
        return sum(len(heard) for heard in self.mailbag.by_chat.values())

    def backlog(self) -> int:
        return len(self.vendor.call("state")["pending"])

    def ask_for_the_code(self, citizen: Citizen) -> None:
        citizen.asked_again += 1
        self._send([self._message(citizen, "laporan saya", 0)])

    def send_poison(self) -> None:
        self.vendor.call("person", chat=POISON_CHAT, first_name="Racun")
        self._send([("message", self._envelope(POISON_CHAT, POISON_MESSAGE, 0) | {"text": "halo"})])

    def misbehave(self, on: bool) -> None:
        """It always behaves: what a break would leave unknown, the deaths do."""

    def close(self) -> None:
        self.vendor.close()
        self.server.terminate()
        self.server.wait(10)
        if self.server.stdout is not None:
            self.server.stdout.close()
        self.mailbag.close()

    def _speak(self, citizen: Citizen) -> None:
        now = time.monotonic()
        if citizen.hasty:
            self._rush(citizen)
            return
        heard = self.mailbag.by_chat[int(citizen.address)]
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
        if self.mode == "polling":
            self.chance.shuffle(updates)
        self._send(updates)
        citizen.said = len(citizen.script)

    def _send(self, updates: Sequence[Update]) -> None:
        self.vendor.call("rush", updates=updates)
        self._recent = (self._recent + list(updates))[-50:]

    def _word(self, citizen: Citizen, word: str, second: int) -> Update:
        return self._photo(citizen, second) if word == PHOTO else self._message(citizen, word, second)

    def _message(self, citizen: Citizen, text: str, second: int) -> Update:
        return "message", self._counted(citizen, second) | {"text": text}

    def _photo(self, citizen: Citizen, second: int) -> Update:
        content = picture() + self.chance.randbytes(8_000)
        citizen.photo = hashlib.sha256(content).hexdigest()
        file_id = self.vendor.call("file", content=content)
        size = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content), "width": 1280, "height": 960}
        return "message", self._counted(citizen, second) | {"photo": [size]}

    def _press(self, citizen: Citizen, heard: Heard, label: str) -> Update:
        query = f"{BOT}{next(self._numbers)}"
        self.names.append(f"{BOT}:press:{query}")
        message = self._envelope(int(citizen.address), heard.message_id, 0)
        return "callback_query", {
            "id": query,
            "from": message["from"],
            "message": message,
            "chat_instance": citizen.address,
            "data": heard.buttons[label],
        }

    def _counted(self, citizen: Citizen, second: int) -> dict[str, Any]:
        number = next(self._numbers)
        self.names.append(f"{BOT}:message:{citizen.address}:{number}")
        return self._envelope(int(citizen.address), number, second)

    @staticmethod
    def _envelope(chat: int, number: int, second: int) -> dict[str, Any]:
        person = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
        return {
            "message_id": number,
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": "Siti"},
            "date": int(time.time()) - 10 + second,
        }
