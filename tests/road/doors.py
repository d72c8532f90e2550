"""An office with several doors in memory, and one citizen who stands at all of them. Nothing is sent: what waits is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from core.channels import Capabilities
from core.handling import handle_next
from core.office import Office
from core.storage import tables
from core.storage.outbox import part_of
from tests.road.postbox import CAPABILITIES, Postbox, raw
from tests.road.world import World

STORY = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."
OTHER = "Sampah di Pasar Baru kota Contoh menumpuk sejak hari Senin, baunya menyengat sekali."
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b(?!-)")
CHAT = replace(CAPABILITIES, label="Obrolan")
PAPER = replace(CAPABILITIES, label="Surat", buttons=0, button_label_limit=0)
TEXT = replace(
    CAPABILITIES,
    label="SMS",
    buttons=0,
    text_limit=612,
    receives_at_once=True,
    costs=True,
    segmented=True,
    receipts=True,
)


@dataclass
class Street:
    """`say` at a door, and read what comes back there; each message is handled at once."""

    office: Office
    boxes: Mapping[str, Postbox]
    world: World
    now: datetime
    count: int = 0
    read: dict[str, int] = field(default_factory=dict)

    def say(self, door: str, text: str = "", *, sender: str = "budi", **more: Any) -> str:
        """What this door's citizen hears to it, all messages joined by an empty line."""
        self.drop(door, text, sender=sender, **more)
        self.settle()
        return self.heard(door)

    def drop(self, door: str, text: str = "", *, sender: str = "budi", **more: Any) -> str:
        """Only puts it into the box; its source id."""
        self.count += 1
        source_id = f"{door}{self.count}"
        self.world.now = self.now
        self.world.accept(raw(source_id, text, channel=door, sender=f"{sender}@{door}", **more))
        return source_id

    def settle(self) -> None:
        while handle_next(self.office, self.boxes, owner="street", now=self.now):
            pass

    def arrive(self) -> None:
        """Everything that was written has arrived."""
        with self.office.database.write() as connection:
            connection.execute(update(tables.outbox).values(state="delivered", done_at=self.now))

    def heard(self, door: str) -> str:
        """What was written to this door since it was asked last."""
        texts = self.texts(door)
        before, self.read[door] = self.read.get(door, 0), len(texts)
        return "\n\n".join(texts[before:])

    def texts(self, door: str) -> list[str]:
        """Everything that was written to this door."""
        return [part_of(row["payload"]).text if row["payload"] else "" for row in self.rows("outbox", channel=door)]

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        return self.world.rows(table, **where)


def street_of(world: World, **doors: Capabilities) -> Street:
    """The same office with these doors."""
    given = doors or {"chat": CHAT, "paper": PAPER, "text": TEXT}
    boxes = {name: Postbox(name=name, capabilities=each) for name, each in given.items()}
    office = replace(world.office, channels=dict(given))
    return Street(office, boxes, replace(world, office=office), world.now)


def code_at(street: Street, door: str, **more: str) -> str:
    found = CODE.search(street.say(door, "SAMBUNG", **more))
    assert found is not None
    return found[0]


def link(street: Street, given: str, entered: str) -> str:
    """What the door where it was entered hears; the other one's word stays unread."""
    assert "sendiri yang" in street.say(entered, f"sambung {code_at(street, given)}")
    return street.say(entered, "1")


def file_report(street: Street, door: str, story: str = STORY) -> str:
    """Its tracking code."""
    street.say(door, story)
    for answer in ("sembunyikan", "tidak ada", "kirim"):
        street.say(door, answer)
    return str(street.rows("reports")[-1]["code"])
