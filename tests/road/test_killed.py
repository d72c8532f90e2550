"""The process dies at every moment of linking two doors, of parting them, and of forgetting a person: never half of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import update

from core import erasing
from core.office import now_utc
from core.storage import tables
from core.sweep import orphans
from tests.dying import COMMIT, COMMITTED, deaths, kept
from tests.road.doors import CHAT, PAPER, Street, code_at, file_report, link, street_of
from tests.road.test_erasing import NAME, WHO, Citizen, deliver, everything
from tests.road.world import World


def street(world: World) -> Street:
    return street_of(world, chat=CHAT, paper=PAPER)


def left_by_the_dead(world: World) -> None:
    """Its leases have run out, and its attempts are not counted: the third would be the last."""
    with world.office.database.write() as connection:
        connection.execute(update(tables.lanes).values(lease_owner=None, lease_until=None))
        connection.execute(update(tables.inbox).values(attempts=0))


def handled_through_deaths(street: Street) -> list[str]:
    """What waits is handled by processes that die; at which moments, up to the one with which everything changed at once."""
    database = street.office.database
    before, moments = kept(database), []
    for moment in deaths(database, street.settle):
        moments.append(moment)
        left_by_the_dead(street.world)
        if kept(database) != before:
            break
    return moments


CLAIM_AND_WORK = [COMMIT, COMMITTED, COMMIT, COMMITTED]


def test_a_code_is_used_up_with_the_link_that_it_makes_or_not_at_all(world: World) -> None:
    town = street(world)
    file_report(town, "chat")
    assert "sendiri yang" in town.say("paper", f"sambung {code_at(town, 'chat')}")
    town.heard("chat")
    town.drop("paper", "1")
    assert handled_through_deaths(town) == CLAIM_AND_WORK
    assert [row["used_at"] for row in town.rows("link_codes")] == [town.now]
    assert [row["undone_at"] for row in town.rows("links")] == [None]
    first, second = town.rows("people")
    assert (first["same_as"], second["same_as"]) == (None, first["id"])
    town.settle()
    assert town.heard("paper").count("Tersambung dengan Obrolan.") == 1
    assert town.heard("chat").count("tersambung dengan Surat") == 1
    assert "Lampu" in town.say("paper", "laporan saya")


def test_doors_part_whole_or_not_at_all(world: World) -> None:
    town = street(world)
    file_report(town, "chat")
    link(town, "chat", "paper")
    town.say("paper", "pisah")
    town.drop("paper", "1")
    assert handled_through_deaths(town) == CLAIM_AND_WORK
    assert [row["same_as"] for row in town.rows("people")] == [None, None]
    assert [row["undone_at"] for row in town.rows("links")] == [town.now]
    assert "Lampu" not in town.say("paper", "laporan saya")


def test_who_is_being_forgotten_is_known_or_forgotten_and_no_file_is_left(sqlite_world: World) -> None:
    world = sqlite_world
    citizen = Citizen(world)
    citizen.say("halo " + "x" * 100_000, "batal")
    citizen.files()
    citizen.say("hapus data saya")
    deliver(world)
    town = Street(world.office, world.doors, world, world.now)
    world.accept(citizen.raw("2"))
    assert handled_through_deaths(town) == CLAIM_AND_WORK
    assert NAME not in everything(world)
    assert len(_files(world)) == 1  # it died before it could delete what nothing refers to any more
    orphans.sweep(world.office, now=now_utc() + timedelta(days=2))
    assert _files(world) == []

    deliver(world)
    before = kept(world.office.database)
    moments = []
    for moment in deaths(world.office.database, lambda: erasing.finish(world.office, world.now)):
        moments.append(moment)
        if kept(world.office.database) != before:
            break
    assert moments == [COMMIT, COMMITTED]
    assert WHO not in everything(world).replace(f"{WHO}:", "")  # source ids know a vendor's repetition
    assert len(world.rows("audit", action="erase_address")) == 1
    assert erasing.finish(world.office, world.now) == 0


def test_a_last_message_whose_sender_died_keeps_the_address_three_days_at_the_most(world: World) -> None:
    citizen = Citizen(world)
    citizen.files()
    citizen.say("hapus data saya")
    deliver(world)
    citizen.say("2")
    assert list(islice(deaths(world.office.database, lambda: deliver(world)), 2)) == [COMMIT, COMMITTED]
    assert world.rows("outbox")[-1]["state"] == "sending"
    assert erasing.finish(world.office, world.now + timedelta(days=2, hours=23)) == 0
    assert erasing.finish(world.office, world.now + timedelta(days=3, minutes=1)) == 1
    assert WHO not in str([row["address"] for row in world.rows("addresses")])
    assert {row["payload"] for row in world.rows("outbox")} == {None}


def _files(world: World) -> list[Path]:
    return [path for path in world.office.files.root.rglob("*") if path.is_file()]
