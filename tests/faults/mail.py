"""Mail under siege: other mail servers bring stories, photos and answers; a relay writes down what reached which mailbox."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar

from bots import email
from core.channels import Capabilities
from core.office import now_utc
from core.steps import Step
from tests.faults.couriers import Letter, Postman
from tests.faults.front import ACCEPT, FETCH, HANDLE, SEND, SWEEP, Citizen, Front, picture
from tests.faults.log import Reading, VendorProcess

OURS = "lapor@kota.test"
PHOTO_BYTES = 200_000
POSTMEN = 8
POISON = "racun@warga.test"

SCRIPTS: dict[str, tuple[str, ...]] = {
    "levy": (
        "kemarin di puskesmas sukamaju kota contoh saya disuruh bayar 20rb buat kartu, ga ada kuitansi",
        "Tidak ada bukti lain. Petugasnya memakai baju batik dan duduk di loket dua.",
    ),
    "lamp": (
        "lampu jl melati kelurahan melati kota contoh mati sudah 2 minggu, fotonya saya lampirkan",
        "Ternyata lampu di depan sekolah juga mati sejak Senin.",
    ),
}
"""A story, and an answer to the receipt. The lamp's story comes with a photo."""


class Mail(Front):
    """`port`: where our SMTP server listens."""

    channel = "email"
    arrived = "accepted"  # delivered only after 24 hours without a bounce
    repeatable = True
    moments: ClassVar[Mapping[str, str]] = {Postman.HALFWAY: "email", Postman.DOT: "email"}
    loads = (
        "aiosmtpd.smtp",
        "dkim",
        "inscriptis",
        *(f"bots.email.{name}" for name in ("adapter", "attachments", "html", "listen", "parse", "reception", "send")),
    )

    def __init__(self, folder: Path, chance: random.Random, port: int) -> None:
        super().__init__(folder, chance)
        self._port = port
        self._relay = VendorProcess("tests.faults.relay", folder)
        self._log = Reading(folder)
        self._mailboxes: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # address → Message-ID → first copy
        self._copies: dict[str, list[tuple[str, ...]]] = defaultdict(list)  # Message-ID → recipient and words of each copy
        self._postmen = [Postman(port, random.Random(number)) for number in range(POSTMEN)]
        self._letters: dict[str, Letter] = {}
        self._numbers = itertools.count(1)

    @property
    def roads(self) -> Mapping[str, tuple[Step, ...]]:
        return {"worker": HANDLE + SWEEP, "email": ACCEPT + SEND + FETCH}

    @property
    def capabilities(self) -> Capabilities:
        return email.build(email.Settings.model_validate(self.settings())).capabilities

    @property
    def poison(self) -> str:
        return f"{POISON}#"

    def settings(self) -> dict[str, Any]:
        return {
            "enabled": True,
            "listen": f"127.0.0.1:{self._port}",
            "address": OURS,
            "relay": {"host": "127.0.0.1", "port": int(self._relay.said), "answer_timeout_seconds": 10},
            "authenticity": {"dkim": False},
            "messages_per_second": 500,
            "mails_per_minute": 100_000,
        }

    def open(self, public_url: str) -> None:
        """People find us by our port."""

    @property
    def talking(self) -> int:
        """Those who have an answer to answer to, or wait for none yet."""
        return sum(not one.done and bool(self._mailboxes[one.address]) for one in self.citizens) + self.backlog()

    def comes(self, matter: str, *, hasty: bool = False) -> Citizen:
        """`hasty` people cannot be: the answer needs our receipt."""
        del hasty
        citizen = Citizen(f"warga{len(self.citizens)}@warga.test", matter, SCRIPTS[matter])
        self.citizens.append(citizen)
        self._writes(citizen, OURS, None)
        return citizen

    def tick(self, *, repeating: bool) -> None:
        for entry in self._log.more():
            self._copies[entry["id"]].append((*entry["to"], entry["text"]))
            for address in entry["to"]:
                self._mailboxes[address].setdefault(entry["id"], entry)
        for citizen in self.citizens:
            if not citizen.done and (mails := self._mailboxes[citizen.address]):
                receipt = next(iter(mails.values()))
                self._writes(citizen, receipt["reply_to"], receipt)
        had_a_yes = self.chance.choice(self._postmen).acknowledged[-5:]
        if repeating and had_a_yes and self.chance.random() < 0.1:
            name = self.chance.choice(had_a_yes)
            if name in self._letters:
                self.repeats += 1
                self.chance.choice(self._postmen).take(name, self._letters[name])

    def heard(self, citizen: Citizen) -> list[str]:
        """Copies of one Message-ID are one mail in a mailbox."""
        return [entry["text"] for entry in self._mailboxes[citizen.address].values()]

    def shown(self) -> int:
        return sum(map(len, self._copies.values()))

    def backlog(self) -> int:
        return sum(postman.waiting for postman in self._postmen)

    def ask_for_the_code(self, citizen: Citizen) -> None:
        """Nobody can have to: a mail of which nothing is known is sent again."""

    def send_poison(self) -> None:
        mail = self._letter(POISON, f"<{POISON}>", OURS, "halo")
        self._postmen[0].take(POISON, Letter(POISON, OURS, mail.as_bytes()))

    def misbehave(self, on: bool) -> None:
        self._relay.misbehave(on)

    def moment(self) -> str | None:
        return next((postman.moment for postman in self._postmen if postman.moment), None)

    def name_of(self, source_id: str) -> str:
        return source_id.partition("#")[0]

    def remarks(self) -> str:
        doubled = sum(len(copies) - 1 for copies in self._copies.values())
        tries = sum(postman.tries for postman in self._postmen)
        return f"{tries} times DATA tried, {doubled} copies of mails with the same Message-ID, "

    def complaints(self, texts: Mapping[str, str]) -> list[str]:
        wrong = [refusal for postman in self._postmen for refusal in postman.refused]
        had_a_yes = {name for postman in self._postmen for name in postman.acknowledged} - {POISON}
        if had_a_yes != set(self.names):
            wrong.append(f"{len(set(self.names) - had_a_yes)} mails without a yes")
        ids = {f"{key}@kota.test": text for key, text in texts.items()}
        wrong += [f"{one} never reached the relay" for one in ids.keys() - self._copies.keys()]
        wrong += [f"{one} is no mail of ours" for one in self._copies.keys() - ids.keys()]
        wrong += [f"copies of {one} differ" for one, copies in self._copies.items() if len(set(copies)) > 1]
        return wrong

    def close(self) -> None:
        for postman in self._postmen:
            postman.close()
        self._relay.close()
        self._log.close()

    def _writes(self, citizen: Citizen, to: str, answered: Mapping[str, Any] | None) -> None:
        name = f"{next(self._numbers)}.{citizen.address}"
        mail = self._letter(citizen.address, f"<{name}>", to, citizen.script[citizen.said], answered)
        if citizen.matter == "lamp" and answered is None:
            content = picture().ljust(PHOTO_BYTES - 64, b"\0") + self.chance.randbytes(64)
            citizen.photo = hashlib.sha256(content).hexdigest()
            mail.add_attachment(content, maintype="image", subtype="jpeg", filename="lampu.jpg")
        citizen.said += 1
        letter = Letter(citizen.address, to, mail.as_bytes())
        self.names.append(name)
        self._letters[name] = letter
        min(self._postmen, key=lambda postman: postman.waiting).take(name, letter)

    @staticmethod
    def _letter(author: str, message_id: str, to: str, text: str, answered: Mapping[str, Any] | None = None) -> EmailMessage:
        mail = EmailMessage(SMTP.clone(max_line_length=998))
        mail["From"], mail["To"] = author, to
        mail["Subject"] = "Laporan warga" if answered is None else f"Re: {answered['subject']}"
        mail["Date"] = format_datetime(now_utc())
        mail["Message-ID"] = message_id
        quoted = ""
        if answered is not None:
            mail["In-Reply-To"] = f"<{answered['id']}>"
            lines = "\n".join(f"> {line}".rstrip() for line in answered["text"].split("\n"))
            quoted = f"\nPada Sen, 23 Nov 2026 pukul 09.00 {OURS} menulis:\n\n{lines}\n"
        mail.set_content(f"{text}\n{quoted}")
        return mail
