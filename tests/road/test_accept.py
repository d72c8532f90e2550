"""design.md, the road, 1: everything is committed, unread and once, before anybody says yes."""

import threading

import pytest

from core.channels import Raw, Stored
from core.errors import StorageUnavailable
from core.intake import IN_ROW_BYTES
from core.storage import inbox
from core.storage.crypto import lookup
from tests.road.postbox import raw
from tests.road.world import World


def test_a_second_delivery_of_the_same_message_is_the_same_row(world: World) -> None:
    assert world.accept(raw("m1", "halo")) == [Stored.NEW]
    assert world.accept(raw("m1", "halo"), raw("m2", "lagi")) == [Stored.DUPLICATE, Stored.NEW]
    assert [row["source_id"] for row in world.rows("inbox")] == ["m1", "m2"]


def test_a_message_that_stands_twice_in_one_batch_is_kept_once(world: World) -> None:
    assert world.accept(raw("m1"), raw("m1"), raw("m2")) == [Stored.NEW, Stored.DUPLICATE, Stored.NEW]


def test_the_same_id_on_another_channel_is_another_message(world: World) -> None:
    assert world.accept(raw("m1"), raw("m1", channel="other")) == [Stored.NEW, Stored.NEW]


def test_an_empty_batch_stores_nothing(world: World) -> None:
    assert list(world.accept()) == []


def test_where_the_database_is_away_nothing_is_stored_and_the_transport_hears_no(world: World) -> None:
    world.database.away = True
    with pytest.raises(StorageUnavailable):
        world.accept(raw("m1"))
    world.database.away = False
    assert world.rows("inbox") == []


def test_bodies_are_unreadable_in_the_database_and_come_back_unchanged(world: World) -> None:
    body = b"\x00\xff not json"
    world.accept(Raw("postbox", "m1", "budi", body))
    with world.office.database.read() as connection:
        stored = connection.exec_driver_sql("SELECT body FROM inbox").scalar_one()
        assert b"not json" not in bytes(stored)
        assert inbox.raw_of(connection, world.office.files, 1) == body


def test_a_large_body_lies_in_a_sealed_file_and_a_repeated_one_leaves_no_file_behind(world: World) -> None:
    body = b"x" * (IN_ROW_BYTES + 1)
    world.accept(Raw("postbox", "m1", "budi", body))
    world.accept(Raw("postbox", "m1", "budi", body))
    row = world.rows("inbox")[0]
    assert row["body"] is None
    assert row["size_bytes"] == len(body)
    kept = [path for path in (world.office.files.root / "sealed").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [row["body_file"]]
    with world.office.database.read() as connection:
        assert inbox.raw_of(connection, world.office.files, row["id"]) == body


def test_ids_that_a_database_cannot_hold_are_still_unique(world: World) -> None:
    long = "m" * 300
    answers = world.accept(raw(long + "1"), raw(long + "2"), raw("nul\0"), raw("nul"), raw("half\ud800"))
    assert answers == [Stored.NEW] * 5
    assert world.accept(raw(long + "1"), raw("nul\0"), raw("half\ud800")) == [Stored.DUPLICATE] * 3


def test_a_lane_is_ready_with_its_earliest_message(world: World) -> None:
    soon, now = world.later(seconds=5), world.now
    world.accept(raw("album", group="g", ready_at=soon))
    world.now = now
    world.accept(raw("text"))
    (lane,) = world.rows("lanes")
    assert lane["ready_at"] == now
    assert lane["lookup"] == lookup("postbox", "budi")
    assert "budi" not in str(lane)


def test_many_senders_at_once_lose_nothing(world: World) -> None:
    def send(number: int) -> None:
        for index in range(10):
            world.accept(*(raw(f"{number}-{index}-{sender}", sender=sender) for sender in ("a", "b", "c")))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.rows("inbox")) == 120
    assert len(world.rows("lanes")) == 3
