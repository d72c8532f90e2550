"""design.md, the road, 2: files are fetched apart; one that is lost is told once; nothing is believed about their type."""

import io
from collections import deque
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text

from core.channels import Fetched, FetchState
from core.fetching import LEASE, MOST_ATTEMPTS, fetch_next
from core.sniffing import UNKNOWN_TYPE, fits, sniff
from core.storage import attachments
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities


def picture(kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, kind)
    return made.getvalue()


def fetch(world: World, limit: int = 10) -> int:
    return fetch_next(world.office, world.door, now=world.now, limit=limit)


def send_file(world: World, ref: str = "f1", kind: str = "photo", content: bytes = b"", source_id: str = "m1") -> None:
    world.door.contents[ref] = content
    world.accept(raw(source_id, "lampu jalan mati dua minggu", files=[[ref, kind, "foto.jpg", False]]))
    world.handle_all()


def test_a_photo_is_stored_as_it_came_and_its_type_is_seen(world: World) -> None:
    send_file(world, content=picture())
    assert fetch(world) == 1
    (row,) = world.rows("attachments")
    assert (row["state"], row["suspect"], row["next_at"]) == ("stored", False, None)
    assert world.rows("blobs")[0]["mime"] == "image/jpeg"
    assert world.office.files.path(row["sha256"]).read_bytes() == picture()
    assert fetch(world) == 0


def test_the_conversation_does_not_wait_for_the_file(world: World) -> None:
    send_file(world, content=picture())
    assert world.states() == {"m1": "handled"}
    assert world.rows("attachments")[0]["state"] == "pending"


def test_a_photo_that_is_a_script_is_kept_without_a_type_and_marked(world: World) -> None:
    send_file(world, content=b"#!/bin/sh\nrm -rf /\n" * 1000)
    fetch(world)
    (row,) = world.rows("attachments")
    assert (row["state"], row["suspect"]) == ("stored", True)
    assert world.rows("blobs")[0]["mime"] == UNKNOWN_TYPE


def test_the_same_bytes_are_stored_once(world: World) -> None:
    send_file(world, "f1", content=picture())
    send_file(world, "f2", content=picture(), source_id="m2")
    assert fetch(world) == 2
    assert len(world.rows("blobs")) == 1


@pytest.mark.parametrize("state", [FetchState.GONE, FetchState.TOO_LARGE, FetchState.REFUSED])
def test_a_lost_file_is_told_once(world: World, state: FetchState) -> None:
    send_file(world)
    before = len(world.rows("outbox"))
    world.door.fetches["f1"] = deque([Fetched(state)])
    fetch(world)
    assert world.rows("attachments")[0]["state"] == state.value
    assert len(world.rows("outbox")) == before + 1
    world.later(days=1)
    assert fetch(world) == 0


def test_of_an_album_that_is_lost_the_person_hears_once(world: World) -> None:
    files = [[f"f{number}", "photo", None, False] for number in range(3)]
    world.accept(raw("m1", "lampu jalan mati dua minggu", files=files))
    world.handle_all()
    before = len(world.rows("outbox"))
    for number in range(3):
        world.door.fetches[f"f{number}"] = deque([Fetched(FetchState.GONE)])
    assert fetch(world) == 3
    assert len(world.rows("outbox")) == before + 1


def test_a_file_that_is_larger_than_the_channel_may_bring_is_not_even_fetched(world: World) -> None:
    world = with_capabilities(world, max_file_bytes=100)
    send_file(world, content=b"x" * 101)
    fetch(world)
    assert world.rows("attachments")[0]["state"] == "too_large"
    assert world.rows("blobs") == []


def test_a_fetch_that_fails_for_now_is_tried_again_and_at_last_given_up(world: World) -> None:
    send_file(world, content=picture())
    world.door.fetches["f1"] = deque([Fetched(FetchState.PENDING, retry_after_seconds=7)] * 99)
    fetch(world)
    assert (world.rows("attachments")[0]["next_at"] - world.now).total_seconds() == 7
    for _ in range(MOST_ATTEMPTS):
        world.later(days=1)
        fetch(world)
    assert world.rows("attachments")[0]["state"] == "gone"


def test_a_fetcher_that_died_leaves_the_job_to_the_next_when_its_lease_ends(world: World) -> None:
    send_file(world, content=picture())
    with world.office.database.write() as connection:
        assert len(attachments.claim(connection, "postbox", now=world.now, until=world.now + LEASE, limit=5)) == 1
    assert fetch(world) == 0
    world.later(seconds=LEASE.total_seconds() + 1)
    assert fetch(world) == 1
    assert world.rows("attachments")[0]["state"] == "stored"


def test_bytes_that_stand_in_the_message_come_from_the_inbox(world: World) -> None:
    world.accept(raw("m1", "surat terlampir", files=[["part-2", "document", "surat.txt", True]]))
    world.handle_all()
    assert fetch(world) == 1
    (row,) = world.rows("attachments")
    assert b"surat terlampir" in world.office.files.path(row["sha256"]).read_bytes()


def test_a_fetch_that_breaks_leaves_nothing_lying_about(world: World) -> None:
    send_file(world)
    del world.door.contents["f1"]
    assert fetch(world) == 1
    assert world.rows("attachments")[0]["state"] == "pending"
    assert list((world.office.files.root / "incoming").iterdir()) == []


def test_handles_and_names_are_unreadable_in_the_database(world: World) -> None:
    send_file(world, ref="secret-handle", content=picture())
    with world.office.database.read() as connection:
        for stored in connection.execute(text("SELECT ref, name FROM attachments")).one():
            assert b"secret" not in bytes(stored)
            assert b"foto" not in bytes(stored)


@pytest.mark.parametrize(
    "content, mime",
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (b"GIF89a<script>alert(1)</script>", UNKNOWN_TYPE),
        (b"<html><script>alert(1)</script></html>", UNKNOWN_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UNKNOWN_TYPE),
        (picture("PNG")[:40], UNKNOWN_TYPE),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "application/pdf"),
        (b"OggS\0\2" + b"\0" * 22 + b"\1\x13OpusHead" + b"\0" * 40, "audio/ogg"),
        (b"MZ\x90\0" + b"\0" * 200, UNKNOWN_TYPE),
        (b"", UNKNOWN_TYPE),
        (b"\0", UNKNOWN_TYPE),
    ],
)
def test_a_type_is_what_the_bytes_are(tmp_path: Path, content: bytes, mime: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert sniff(file) == mime


@pytest.mark.parametrize(
    "kind, said, mime, fit",
    [
        ("photo", None, "image/jpeg", True),
        ("photo", None, UNKNOWN_TYPE, False),
        ("photo", "image/png", "application/pdf", False),
        ("document", "image/png", UNKNOWN_TYPE, False),
        ("document", "text/plain", UNKNOWN_TYPE, True),
        ("voice", "audio/ogg", "audio/ogg", True),
        ("video", None, "audio/mpeg", False),
    ],
)
def test_a_file_that_is_not_what_it_was_called_is_noticed(kind: str, said: str | None, mime: str, fit: bool) -> None:
    assert fits(kind, said, mime) is fit
