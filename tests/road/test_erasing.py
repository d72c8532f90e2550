"""Forgetting on the road: what is left in the tables, the last message, and whoever writes from there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from core import erasing
from core.channels import Delivery, Fault, Outcome, Raw
from core.delivery import Deliverer, deliver_next
from core.dialogue.model import NoticeKind
from core.errors import StorageUnavailable
from core.handling import Handler, handle_next
from core.storage import inbox, links, tables
from core.storage.crypto import lookup
from core.sweep import housekeeping
from tests.road.conftest import _world as opened_world
from tests.road.postbox import raw
from tests.road.test_converse import STORY, notify, submitted
from tests.road.world import World, with_capabilities

WHO = "chat-628123456789"
NAME = "Siti Aminah"


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[World]:
    """On SQLite and on PostgreSQL."""
    yield from opened_world(database_url, tmp_path)


class Citizen:
    """Somebody who writes from one address; every source id holds it, as some vendors' do."""

    def __init__(self, world: World, address: str = WHO) -> None:
        self.world, self.address, self.count = world, address, 0

    def raw(self, text: str, **more: Any) -> Raw:
        self.count += 1
        return raw(f"{self.address}:{self.count}", text, sender=self.address, **more)

    def say(self, *texts: str, **more: Any) -> None:
        for text in texts:
            self.world.accept(self.raw(text, **more))
            self.world.handle_all()

    def files(self, *, photo: bool = False) -> int:
        """An open report; its id."""
        if photo:
            self.say(STORY, files=[["f1", "photo", f"{self.address}.jpg", False]])
        self.say(*((STORY,) if not photo else ()), "sembunyikan", *(("tidak ada",) if not photo else ()), "kirim")
        return int(self.world.rows("reports")[-1]["id"])


def everything(world: World) -> str:
    """Every value of every table, readable: what a thief with the database and its key finds."""
    return "\n".join(f"{table}: {row}" for table in tables.metadata.tables for row in world.rows(table))


def deliver(world: World) -> None:
    while deliver_next(world.office, world.door, owner="d", now=world.now):
        pass


def fetched(world: World) -> None:
    with world.office.database.write() as connection:
        connection.execute(update(tables.attachments).values(state="refused", next_at=None))


def named(world: World, name: str = NAME) -> None:
    with world.office.database.write() as connection:
        connection.execute(update(tables.people).values(name=name))
        connection.execute(
            update(tables.messages).where(tables.messages.c.kind == "story").values(whole=f"{STORY}\n-- \n{name}")
        )


def test_after_the_last_message_nothing_leads_to_the_person_and_the_case_is_whole(either: World) -> None:
    world = either
    citizen = Citizen(world)
    report_id = citizen.files(photo=True)
    fetched(world)
    named(world)
    notify(world, report_id, words=f"Terima kasih, {NAME}.")
    deliver(world)
    before = world.rows("report_words")
    citizen.say("hapus data saya", "2")
    assert lookup("postbox", WHO) not in str([world.rows("addresses"), world.rows("lanes")])
    deliver(world)
    assert "sudah dihapus" in world.door.sent[-1].text
    assert world.door.sent[-1].address == WHO
    assert erasing.finish(world.office, world.now) == 1
    world.later(days=31)
    housekeeping.run(world.office, at=world.now)
    left = everything(world)
    for trace in (WHO, NAME, lookup("postbox", WHO)):
        assert trace not in left
    assert world.rows("report_words") == before
    assert STORY in [row["words"] for row in world.rows("messages", direction="in")]
    assert len(world.rows("attachments", report_id=report_id)) == 1
    assert erasing.finish(world.office, world.now) == 0


def test_the_trail_says_who_by_number_only_and_the_national_admins_read_it(world: World) -> None:
    citizen = Citizen(world)
    citizen.files()
    named(world)
    citizen.say("hapus data saya", "1")
    (row,) = world.rows("audit", action="erase_identity")
    (person,) = world.rows("people")
    assert (row["subject"], row["subject_id"], row["role"]) == ("person", person["id"], "reporter")
    assert row["details"] == {"people": [person["id"]], "addresses": 1, "open": 0, "withdrawn": True}
    assert person["erased_at"] is not None
    assert world.rows("reports")[0]["state"] == "archived"


def test_who_writes_from_there_again_is_somebody_new_without_reports(world: World) -> None:
    citizen = Citizen(world)
    citizen.files()
    code = world.rows("reports")[0]["code"]
    citizen.say("hapus data saya", "2")
    citizen.say("laporan saya", f"status {code}")
    deliver(world)
    assert len(world.rows("people")) == 2
    told = world.door.sent[-2:]
    assert "belum" in told[0].text.lower()
    assert "Belum diverifikasi" in told[1].text
    assert "Puskesmas" not in told[1].text
    citizen.say(f"tambahan untuk {code}: petugasnya pakai seragam biru")
    assert [row["kind"] for row in world.rows("messages", report_id=world.rows("reports")[0]["id"])].count("addition") == 0


def test_a_second_wish_forgets_the_second_person_too(world: World) -> None:
    citizen = Citizen(world)
    citizen.say("hapus data saya", "ya", "halo", "hapus data saya", "ya")
    deliver(world)
    assert [row["erased_at"] is not None for row in world.rows("people")] == [True, True]
    assert erasing.finish(world.office, world.now) == 2
    assert {row["address"] for row in world.rows("addresses")} == {""}


def test_what_was_accepted_before_but_handled_after_is_somebody_new(either: World) -> None:
    world = either
    citizen = Citizen(world)
    citizen.files()
    citizen.say("hapus data saya")
    world.accept(citizen.raw("2"), citizen.raw("lampu jalan di Jl Melati mati sejak senin"))
    world.handle_all()
    assert set(world.states().values()) == {"handled"}
    assert len(world.rows("people")) == 2
    old, new = world.rows("conversations")
    assert old["lane_id"] != new["lane_id"]
    assert old["address_id"] != new["address_id"]
    assert old["session"] is not None
    assert "Melati" in new["session"]
    assert "Melati" not in old["session"]


def test_a_redelivered_message_is_still_known_as_one_that_came_before(world: World) -> None:
    citizen = Citizen(world)
    citizen.files()
    again = raw(f"{WHO}:1", STORY, sender=WHO)
    citizen.say("hapus data saya", "2")
    count = len(world.rows("inbox"))
    world.accept(again)
    world.handle_all()
    assert len(world.rows("inbox")) == count
    assert len(world.rows("people")) == 1


def test_a_file_that_is_still_on_its_way_becomes_part_of_the_case_first(either: World) -> None:
    world = either
    citizen = Citizen(world)
    citizen.files(photo=True)
    (pending,) = world.rows("attachments")
    assert pending["state"] == "pending"
    citizen.say("hapus data saya", "2")
    deliver(world)
    assert world.rows("attachments")[0]["ref"] == "f1"
    assert erasing.finish(world.office, world.now) == 0
    fetched(world)
    assert erasing.finish(world.office, world.now) == 1
    (kept,) = world.rows("attachments")
    assert (kept["ref"], kept["name"], kept["source_id"], kept["inbox_id"]) == (None, None, None, None)
    assert kept["report_id"] is not None


def test_what_waits_for_the_person_is_called_off_and_only_the_last_word_leaves(world: World) -> None:
    citizen = Citizen(world)
    report_id = citizen.files()
    deliver(world)
    world.door.sent.clear()
    notify(world, report_id, words="Petugas kami sudah ke lokasi.")
    citizen.say("hapus data saya", "2")
    deliver(world)
    assert [sent.text for sent in world.door.sent if "Petugas kami" in sent.text] == []
    assert "pesan terakhir" in world.door.sent[-1].text


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_database_that_goes_away_in_between_leaves_all_or_nothing(world: World, writes: int) -> None:
    citizen = Citizen(world)
    citizen.files()
    citizen.say("hapus data saya")
    deliver(world)
    world.accept(citizen.raw("2"))
    world.database.writes_left = writes  # claiming, deciding, the housekeeping
    with suppress(StorageUnavailable):
        handle_next(world.office, world.doors, owner="first", now=world.now)
    with pytest.raises(StorageUnavailable):
        erasing.finish(world.office, world.now)
    world.database.writes_left = None
    world.later(minutes=3)
    world.handle_all()
    deliver(world)
    assert erasing.finish(world.office, world.now) == 1
    assert [sent.text for sent in world.door.sent].count(world.office.text("id", "erase.done.going_on")) == 1
    assert [row["address"] for row in world.rows("addresses")] == [""]
    assert len(world.rows("audit", action="erase_identity")) == 1


def test_a_sender_who_dies_with_the_last_word_leaves_no_address_behind(world: World) -> None:
    Citizen(world).say("hapus data saya", "ya")
    with world.office.database.write() as connection:
        connection.execute(update(tables.outbox).values(state="sending", lease_until=world.now, lease_owner="dead"))
    assert erasing.finish(world.office, world.now) == 0
    world.later(minutes=2)
    deliver(world)
    assert {row["state"] for row in world.rows("outbox")} == {"unknown"}
    assert erasing.finish(world.office, world.now) == 1


def test_the_last_word_may_take_three_days_then_the_address_goes_without_it(world: World) -> None:
    citizen = Citizen(world)
    citizen.say("hapus data saya")
    deliver(world)
    away = Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, retry_after_seconds=3600.0)
    world.door.outcomes[world.office.text("id", "erase.done")].append(away)
    citizen.say("ya")
    deliver(world)
    assert erasing.finish(world.office, world.now + timedelta(days=2, hours=23)) == 0
    assert erasing.finish(world.office, world.now + timedelta(days=3, minutes=1)) == 1
    (address,) = world.rows("addresses")
    assert address["address"] == ""
    assert world.rows("outbox")[-1]["state"] == "failed"
    assert {row["payload"] for row in world.rows("outbox")} == {None}


def test_a_receipt_is_waited_for_before_the_address_goes(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    citizen = Citizen(world)
    citizen.say("hapus data saya", "ya")
    deliver(world)
    assert world.rows("outbox")[-1]["state"] == "accepted"
    assert erasing.finish(world.office, world.now) == 0
    with world.office.database.write() as connection:
        connection.execute(update(tables.outbox).values(state="delivered", done_at=world.now))
    assert erasing.finish(world.office, world.now) == 1
    assert {row["vendor_id"] for row in world.rows("outbox")} == {None}


def test_a_vendor_who_names_a_new_address_brings_nobody_back(world: World) -> None:
    citizen = Citizen(world)
    citizen.say("hapus data saya")
    deliver(world)
    moved = Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_MOVED, moved_to="chat-new")
    world.door.outcomes[world.office.text("id", "erase.done")].append(moved)
    citizen.say("ya")
    deliver(world)
    assert world.door.sent[-1].address == "chat-new"
    assert erasing.finish(world.office, world.now) == 1
    (address,) = world.rows("addresses")
    assert (address["address"], address["lookup"]) == ("", f"erased:{address['id']}")
    assert address["gone_at"] is not None


def test_a_terminal_that_reaches_one_address_alone_still_gets_its_last_word(world: World) -> None:
    Citizen(world, "somebody-else").say("hapus data saya", "ya")
    Citizen(world).say("hapus data saya", "ya")
    deliverer = Deliverer(world.office, world.door, owner="d", to=WHO)
    while deliverer.step(world.now) or deliverer.flying:
        deliverer.wait(1.0)
    deliverer.finish(lambda: world.now, 1.0)
    assert {sent.address for sent in world.door.sent} == {WHO}
    assert "pesan terakhir" in world.door.sent[-1].text


def test_every_linked_door_is_forgotten_from_any_of_them(either: World) -> None:
    world = either
    first, second, other = Citizen(world), Citizen(world, "chat-2"), Citizen(world, "chat-3")
    report_id = first.files()
    for citizen in (second, other):
        citizen.say("air pdam keruh di jl anggrek")
    one, two, _ = world.rows("addresses")
    with world.office.database.write() as connection:
        links.give(connection, code="K7M42QXT", address_id=one["id"], conversation_id=1, now=world.now)
        links.join(
            connection,
            address_id=two["id"],
            person_id=two["person_id"],
            other_address_id=one["id"],
            other_id=one["person_id"],
            at=world.now,
        )
    second.say("hapus data saya", "2")
    deliver(world)
    assert world.rows("links") == []
    assert world.rows("link_codes") == []
    assert [row["erased_at"] is not None for row in world.rows("people")] == [True, True, False]
    assert {row["same_as"] for row in world.rows("people")} == {None}
    assert erasing.finish(world.office, world.now) == 2
    assert [row["address"] for row in world.rows("addresses")] == ["", "", "chat-3"]
    assert world.rows("reports", id=report_id)[0]["address_id"] is None
    first.say("status")
    deliver(world)
    assert "belum" in world.door.sent[-1].text.lower()
    assert "Anggrek" in "".join(row["session"] or "" for row in world.rows("conversations")).title()  # of the third alone


def test_who_spoke_at_another_linked_door_in_that_moment_begins_again_as_somebody_new(postgres_world: World) -> None:
    """Another worker has read the second door's message already when the first door's yes is committed."""
    world = postgres_world
    first, second = Citizen(world), Citizen(world, "chat-2")
    first.files()
    second.say("halo")
    one, two = world.rows("addresses")
    with world.office.database.write() as connection:
        join = {"address_id": two["id"], "person_id": two["person_id"]}
        links.join(connection, **join, other_address_id=one["id"], other_id=one["person_id"], at=world.now)
    first.say("hapus data saya")
    world.accept(second.raw("lampu jalan di jl melati mati sejak senin"))
    claims, *_ = Handler(world.office, world.doors, owner="slow")._claim(world.now, 1, suspects=False)
    first.say("2")
    slow = Handler(world.office, world.doors, owner="slow")
    assert slow._handle(claims[0], world.now)
    world.handle_all()
    assert set(world.states().values()) == {"handled"}
    assert [row["erased_at"] is not None for row in world.rows("people")] == [True, True, False]
    assert "melati" in (world.rows("conversations")[-1]["session"] or "").lower()


def test_what_lies_in_quarantine_of_this_person_goes_too(world: World) -> None:
    citizen = Citizen(world)
    citizen.say("halo")
    world.accept(citizen.raw("rahasia", poison=True))
    for _ in range(4):
        world.later(minutes=5)
        world.handle_all()
    assert "quarantined" in world.states().values()
    citizen.say("hapus data saya", "ya")
    assert "quarantined" not in world.states().values()
    assert [row["body"] for row in world.rows("inbox")] == [b""] * len(world.rows("inbox"))


def test_raw_files_of_long_messages_are_deleted(world: World) -> None:
    citizen = Citizen(world)
    citizen.say("halo " + "x" * 100_000)
    with world.office.database.read() as connection:
        names = inbox.kept_files(connection)
    assert len(names) == 1
    citizen.say("batal", "hapus data saya", "ya")
    with world.office.database.read() as connection:
        assert inbox.kept_files(connection) == set()
    assert [path for path in world.office.files.root.rglob("*") if path.is_file()] == []


def test_notices_have_nobody_to_go_to_afterwards(world: World) -> None:
    citizen = Citizen(world)
    report_id = citizen.files()
    citizen.say("hapus data saya", "2")
    deliver(world)
    erasing.finish(world.office, world.now)
    count = len(world.rows("outbox"))
    notify(world, report_id, words="Petugas kami sudah ke lokasi.")
    assert len(world.rows("outbox")) == count
    assert world.rows("reports")[0]["last_notice"] in (None, NoticeKind.RECEIVED)


def test_nothing_is_forgotten_of_others(world: World) -> None:
    other_report = submitted(world, sender="budi")
    before = [
        world.rows("conversations"),
        world.rows("messages", report_id=other_report),
        world.rows("reports", id=other_report),
    ]
    Citizen(world).say("hapus data saya", "ya")
    after = [
        world.rows("conversations")[:1],
        world.rows("messages", report_id=other_report),
        world.rows("reports", id=other_report),
    ]
    assert after == before
    assert b"" not in [row["body"] for row in world.rows("inbox") if row["source_id"].startswith("m")]


def test_both_doors_of_one_person_say_yes_in_the_same_moment(postgres_world: World) -> None:
    world = postgres_world
    first, second = Citizen(world), Citizen(world, "chat-2")
    first.files()
    second.say("halo")
    one, two = world.rows("addresses")
    with world.office.database.write() as connection:
        join = {"address_id": two["id"], "person_id": two["person_id"]}
        links.join(connection, **join, other_address_id=one["id"], other_id=one["person_id"], at=world.now)
    first.say("hapus data saya")
    second.say("hapus data saya")
    world.accept(first.raw("2"), second.raw("2"))
    together = Barrier(2)

    def handle(owner: str) -> None:
        handler = Handler(world.office, world.doors, owner=owner)
        together.wait()
        with suppress(StorageUnavailable):  # chosen as the victim of a deadlock: it is given back
            handler.step(world.now, lanes_at_once=1)
        handler.finish()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(handle, ("a", "b")))
    world.later(minutes=3)
    world.handle_all()
    deliver(world)
    assert set(world.states().values()) == {"handled"}
    assert len(world.rows("audit", action="erase_identity")) == 1
    while erasing.finish(world.office, world.now):
        pass
    assert [row["address"] for row in world.rows("addresses", person_id=one["person_id"])] == [""]
    assert [row["address"] for row in world.rows("addresses", person_id=two["person_id"])] == [""]
