"""X under siege: people write in public and in private, pages repeat and break off, the server notes what was said to whom."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bots import twitter
from core.channels import Capabilities
from core.steps import Step
from core.storage import tables
from core.storage.engine import Database
from tests.bots.xapi import KEYS
from tests.bots.xapi.remote import Remote
from tests.faults.front import ACCEPT, FETCH, HANDLE, SEND, SWEEP, Citizen, Front, picture
from tests.faults.log import Reading
from tests.faults.processes import ROOT

PATIENCE_SECONDS = 12.0
PHOTO = "(photo)"
IN_PUBLIC = "@lapor1708"
POISONED = "poisoned"
FAULTS = ("html", "cut", "half", "repeat", "repeat", "slow")
VENDOR = "from tests.faults.victim import die_with_parent; die_with_parent(); from tests.bots.xapi.__main__ import main; main()"

SCRIPTS: dict[str, tuple[str, ...]] = {
    "levy": (
        "kemarin di puskesmas sukamaju kota contoh saya disuruh bayar 20rb buat kartu, ga ada kuitansi",
        "Sembunyikan",
        "Tidak ada",
        "Kirim",
    ),
    "lamp": (
        f"{IN_PUBLIC} lampu jl melati kelurahan melati kota contoh mati sudah 2 minggu #lapor",
        "lapor",
        "Sembunyikan",
        PHOTO,
        "Kirim",
    ),
}
"""What each matter needs from the first word to the code; what begins with our name is said in public."""


class Twitter(Front):
    """Nothing is brought: the channel asks for it, so that the inbox alone tells what has come."""

    channel = "twitter"
    loads = (
        "tweepy",
        *(f"bots.twitter.{name}" for name in ("adapter", "budget", "client", "fetch", "listen", "pictures", "send", "upload")),
    )

    def __init__(self, folder: Path, chance: random.Random) -> None:
        super().__init__(folder, chance)
        self._log = Reading(folder)
        self._server = subprocess.Popen(
            [sys.executable, "-c", VENDOR, "--log", str(folder / "vendor.log")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._server.stdout is not None
        self._url = self._server.stdout.readline().decode().strip()
        self.vendor = Remote(self._url)
        self._shown: dict[str, list[str]] = defaultdict(list)
        self._authors: dict[str, str] = {}  # post → the one who wrote it
        self._private: list[str] = []
        self._in_public: dict[str, str] = {}  # person → the latest thing said in public
        self._poison = POISONED
        self._database: Database | None = None
        self._stored: set[str] = set()
        self._seen = 0
        self._misbehaves = False

    @property
    def roads(self) -> Mapping[str, tuple[Step, ...]]:
        return {"worker": HANDLE + SWEEP, "twitter": SEND + FETCH + ACCEPT}

    @property
    def capabilities(self) -> Capabilities:
        return twitter.CAPABILITIES

    @property
    def poison(self) -> str:
        return self._poison

    def settings(self) -> dict[str, Any]:
        return {
            "enabled": True,
            "api_url": self._url,
            **KEYS.settings(),
            "poll_seconds": 0.2,
            "thread_seconds": 0,
            "budget_usd_per_day": 1_000_000,
            "connect_timeout_seconds": 1,
            "answer_timeout_seconds": 1.5,
            "messages_per_second": 500,
            "seconds_between": 0,
        }

    def look(self, database: Database) -> None:
        self._database = database

    def open(self, public_url: str) -> None:
        """X never calls: the service asks."""

    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        """Hasty only in private: what is said here and there at one moment has no order."""
        number = self.vendor.call("person", who=f"warga{len(self.citizens)}")
        citizen = Citizen(number, matter, SCRIPTS[matter], hasty and matter == "levy")
        self.citizens.append(citizen)
        return citizen

    def tick(self, *, repeating: bool) -> None:
        self._read()
        for citizen in self.citizens:
            while not citizen.done and self._wants_to_speak(citizen):
                self._says(citizen)
        if repeating and self._private and self.chance.random() < 0.1:
            self.repeats += 1
            self.vendor.call("repeat_dm", number=self.chance.choice(self._private[-20:]))
        if self._misbehaves and self.chance.random() < 0.01:
            how, endpoint = self.chance.choice(FAULTS), self.chance.choice(("events", "mentions"))
            self.vendor.call("fault", endpoint=endpoint, how=how, seconds=0.5)

    def heard(self, citizen: Citizen) -> list[str]:
        return list(self._shown[citizen.address])

    def shown(self) -> int:
        return sum(len(texts) for texts in self._shown.values())

    def backlog(self) -> int:
        self._see_what_is_stored()
        return sum(name not in self._stored for name in self.names)

    def _see_what_is_stored(self) -> None:
        if self._database is None:
            return
        inbox = tables.inbox.c
        query = select(inbox.id, inbox.source_id).where(inbox.id > self._seen).order_by(inbox.id)
        with self._database.read() as connection:
            for row in connection.execute(query):
                self._stored.add(row.source_id)
                self._seen = row.id

    def ask_for_the_code(self, citizen: Citizen) -> None:
        citizen.asked_again += 1
        self._dm(citizen, "laporan saya")

    def send_poison(self) -> None:
        self.vendor.call("person", who="racun")
        self._poison = f"dm:{self.vendor.call('dm', who='racun', text='halo')}"

    def misbehave(self, on: bool) -> None:
        self._misbehaves = on
        if not on:
            self.vendor.call("recover")

    def complaints(self, texts: Mapping[str, str]) -> list[str]:
        """The ledger never forgets money: what X showed and what it handed out was booked, whoever died when."""
        del texts
        prices = twitter.Prices()
        posts = sum(name.startswith("tweet:") for name in self.names)
        bought = {
            ("answers", "invitations"): self.shown() * prices.dm_create_usd,
            ("directs",): (len(self.names) - posts) * prices.dm_read_usd,
            ("mentions",): posts * prices.post_read_usd,
        }
        return [
            f"the ledger knows {booked} micro-USD of {usd * 1_000_000:.0f} for {', '.join(purposes)}"
            for purposes, usd in bought.items()
            if (booked := self._booked(purposes)) < round(usd * 1_000_000)
        ]

    def _booked(self, purposes: Collection[str]) -> int:
        assert self._database is not None
        spent = tables.spendings.c
        query = select(func.sum(spent.micro_usd)).where(spent.channel == self.channel, spent.purpose.in_(purposes))
        with self._database.read() as connection:
            return connection.execute(query).scalar() or 0

    def close(self) -> None:
        self.vendor.close()
        self._server.terminate()
        self._server.wait(10)
        if self._server.stdout is not None:
            self._server.stdout.close()
        self._log.close()

    def _read(self) -> None:
        for entry in self._log.more():
            if "sent" in entry:
                self._shown[entry["to"]].append(entry["text"])
            elif "post" in entry:
                self._shown[self._authors[entry["reply_to"]]].append(entry["text"])

    def _wants_to_speak(self, citizen: Citizen) -> bool:
        answered = len(self._shown[citizen.address]) > citizen.heard_before
        patient = time.monotonic() - citizen.spoke_at < PATIENCE_SECONDS
        return not citizen.said or citizen.hasty or answered or not (patient or self._unread_in_public(citizen))

    def _unread_in_public(self, citizen: Citizen) -> bool:
        """What is said in public and what is said in private come by two lists: only who waits says them in an order."""
        said = self._in_public.get(citizen.address)
        if said is not None and said not in self._stored:
            self._see_what_is_stored()
        return said is not None and said not in self._stored

    def _says(self, citizen: Citizen) -> None:
        word = citizen.script[citizen.said]
        if word.startswith(IN_PUBLIC):
            number = self.vendor.call("tweet", who=citizen.address, text=word)
            self._authors[number] = citizen.address
            self._in_public[citizen.address] = f"tweet:{number}"
            self.names.append(f"tweet:{number}")
        else:
            self._dm(citizen, word)
        citizen.said += 1
        citizen.spoke_at, citizen.heard_before = time.monotonic(), len(self._shown[citizen.address])

    def _dm(self, citizen: Citizen, word: str) -> None:
        media = []
        if word == PHOTO:
            content = picture() + self.chance.randbytes(8_000)
            citizen.photo = hashlib.sha256(content).hexdigest()
            media = [self.vendor.call("media", content=content)]
            word = ""
        number = self.vendor.call("dm", who=citizen.address, text=word, media=media)
        self._private.append(number)
        self.names.append(f"dm:{number}")
