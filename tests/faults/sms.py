"""SMS under siege: a gateway brings texts over eight connections, again until it has its yes; a network reports on ours."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bots import sms
from core.channels import Capabilities
from core.steps import Step
from tests.bots.sms.smsbox import PASSWORD, SECRET, USER
from tests.faults.couriers import Call, Caller
from tests.faults.front import ACCEPT, HANDLE, SEND, SWEEP, Citizen, Front
from tests.faults.log import Reading, VendorProcess

CALLERS = 8
PATIENCE_SECONDS = 4.0
POISON = "racun-1708"

SCRIPTS: dict[str, tuple[str, ...]] = {
    "levy": (
        "kemarin di puskesmas sukamaju kota contoh saya disuruh bayar 20rb buat kartu, ga ada kuitansi",
        "tidak ada bukti lain, petugasnya memakai baju batik dan duduk di loket dua",
    ),
    "lamp": (
        "lampu jl melati kelurahan melati kota contoh mati sudah 2 minggu",
        "ternyata lampu di depan sekolah juga mati sejak senin",
    ),
}
"""A story, and what is said after the receipt."""


class Sms(Front):
    channel = "sms"
    loads = ("httpx", "phonenumbers", "waitress", "bots.sms.adapter", "bots.sms.gateways.kannel", "bots.sms.http")

    def __init__(self, folder: Path, chance: random.Random) -> None:
        super().__init__(folder, chance)
        self._network = VendorProcess("tests.faults.network", folder)
        self._log = Reading(folder)
        self._phones: dict[str, list[str]] = defaultdict(list)
        self._sent: Counter[str] = Counter()  # outbox key → how often the network had it
        self._reports = 0
        self._known: set[str] = set()  # reports that had their yes
        self._refused: list[str] = []
        self._callers: list[Caller] = []
        self._calls: dict[str, Call] = {}
        self._numbers = itertools.count(1)
        self._url = ""

    @property
    def roads(self) -> Mapping[str, tuple[Step, ...]]:
        return {"worker": HANDLE + SWEEP, "sms": SEND, "ingress": ACCEPT}

    @property
    def capabilities(self) -> Capabilities:
        return sms.build(sms.Settings.model_validate(self.settings())).capabilities

    @property
    def poison(self) -> str:
        return POISON

    def settings(self) -> dict[str, Any]:
        return {
            "enabled": True,
            "gateway": "kannel",
            "number": "1708",
            "send_url": self._network.said,
            "username": USER,
            "password": PASSWORD,
            "secret": SECRET,
            "messages_per_second": 500,
            "seconds_between": 0,
        }

    def open(self, public_url: str) -> None:
        self._url = f"{public_url}/sms/kannel"
        self._callers = [Caller() for _ in range(CALLERS)]

    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        citizen = Citizen(f"+62812{len(self.citizens):08d}", matter, SCRIPTS[matter], hasty)
        self.citizens.append(citizen)
        return citizen

    def tick(self, *, repeating: bool) -> None:
        for entry in self._log.more():
            if "sent" in entry:
                self._sent[entry["sent"]] += 1
                self._reports += entry["reports"]
                self._phones[entry["to"]].append(entry["text"])
            else:
                self._reports -= 1
                self._refused += [entry["refused"]] * bool(entry["refused"])
                if entry["reported"] not in self._known:
                    self._known.add(entry["reported"])
                    self.names.append(entry["reported"])
        for citizen in self.citizens:
            while not citizen.done and self._wants_to_speak(citizen):
                self._says(citizen)
        had_a_yes = self.chance.choice(self._callers).acknowledged[-5:]
        if repeating and had_a_yes and self.chance.random() < 0.1:
            name = self.chance.choice(had_a_yes)
            if name in self._calls:
                self.repeats += 1
                self.chance.choice(self._callers).take(name, self._calls[name])

    def heard(self, citizen: Citizen) -> list[str]:
        return list(self._phones[citizen.address])

    def shown(self) -> int:
        return self._sent.total()

    def backlog(self) -> int:
        return sum(caller.waiting for caller in self._callers) + self._reports

    def ask_for_the_code(self, citizen: Citizen) -> None:
        citizen.asked_again += 1
        self._text(citizen, "laporan saya")

    def send_poison(self) -> None:
        self._callers[0].take(POISON, self._call("+6281199999999", "halo", POISON))

    def misbehave(self, on: bool) -> None:
        self._network.misbehave(on)

    def remarks(self) -> str:
        tries = sum(caller.tries for caller in self._callers)
        return f"{tries} calls tried, {len(self._known)} different reports back, "

    def complaints(self, texts: Mapping[str, str]) -> list[str]:
        wrong = [refusal for caller in self._callers for refusal in caller.refused] + self._refused
        had_a_yes = {name for caller in self._callers for name in caller.acknowledged} - {POISON}
        said = set(self.names) - self._known
        if had_a_yes != said:
            wrong.append(f"{len(said - had_a_yes)} texts without a yes")
        wrong += [f"{key} is no text of ours" for key in self._sent.keys() - texts.keys()]
        return wrong

    def close(self) -> None:
        for caller in self._callers:
            caller.close()
        self._network.close()
        self._log.close()

    def _wants_to_speak(self, citizen: Citizen) -> bool:
        answered = len(self._phones[citizen.address]) > citizen.heard_before
        patient = time.monotonic() - citizen.spoke_at < PATIENCE_SECONDS
        return not citizen.said or citizen.hasty or answered or not patient

    def _says(self, citizen: Citizen) -> None:
        self._text(citizen, citizen.script[citizen.said])
        citizen.said += 1
        citizen.spoke_at, citizen.heard_before = time.monotonic(), len(self._phones[citizen.address])

    def _text(self, citizen: Citizen, text: str) -> None:
        """A phone's texts go one after the other."""
        name = f"mo-{next(self._numbers)}"
        call = self._call(citizen.address, text, name)
        self.names.append(name)
        self._calls[name] = call
        self._callers[int(citizen.address) % CALLERS].take(name, call)

    def _call(self, number: str, text: str, name: str) -> Call:
        query = {"id": name, "from": number, "to": "1708", "text": text, "charset": "UTF-8", "coding": "0"}
        return Call(self._url, query, ("kannel", SECRET))
