"""Bytes are written before their reference and deleted after it: a crash leaves a file too many, never one too few."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from core.channels import Fetched, FetchState
from core.errors import StorageUnavailable
from core.fetching import MOST_ATTEMPTS, STORAGE_PAUSE, fetch_next
from core.office import now_utc
from core.storage import attachments
from core.sweep import orphans
from tests.road.postbox import raw
from tests.road.world import World

LONG_AGO = now_utc() - orphans.KEPT - timedelta(hours=1)


def kept(world: World) -> set[str]:
    return {path.name for path in world.office.files.root.rglob("*") if path.is_file()}


def send_photo(world: World, source_id: str, content: bytes, sender: str = "budi") -> None:
    world.door.contents[source_id] = content
    world.accept(raw(source_id, "jalan rusak pak", sender=sender, files=[[source_id, "document", "a.txt", False]]))
    world.handle_all()


def fetch(world: World) -> int:
    return fetch_next(world.office, world.door, now=world.now)


def age(path: Path) -> None:
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


def drop(world: World, source_id: str) -> list[str]:
    with world.office.database.write() as connection:
        (row,) = [each for each in world.rows("attachments") if each["source_id"] == source_id]
        return attachments.erase_draft(connection, row["conversation_id"], [source_id])


def test_a_cancelled_draft_takes_its_files_along(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    fetch(world)
    assert len(kept(world)) == 1
    world.accept(raw("m2", "batal"), raw("m3", "ya"))
    world.handle_all()
    assert world.rows("attachments") == []
    assert world.rows("blobs") == []
    assert kept(world) == set()


def test_a_cancellation_that_is_rolled_back_leaves_the_files(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    fetch(world)
    world.accept(raw("m2", "batal"), raw("m3", "ya"))
    committing = world.database.write

    @contextmanager
    def failing() -> Iterator[Connection]:
        with committing() as connection:
            yield connection
            if "m1" not in {row["source_id"] for row in _attachments(connection)}:
                raise StorageUnavailable("cut off at the commit")

    world.database.write = failing  # type: ignore[method-assign]
    with pytest.raises(StorageUnavailable):
        world.handle_all()
    world.database.write = committing  # type: ignore[method-assign]
    assert len(kept(world)) == 1
    assert [row["source_id"] for row in world.rows("attachments")] == ["m1"]


def _attachments(connection: Connection) -> list[dict[str, object]]:
    from core.storage.tables import attachments as table

    return [dict(row._mapping) for row in connection.execute(table.select())]


def test_the_same_bytes_stay_while_somebody_else_needs_them(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    send_photo(world, "a1", b"bukti", sender="ani")
    fetch(world)
    fetch(world)
    gone = drop(world, "m1")
    assert attachments.erase_files(world.office.database, world.office.files, gone, now=world.now) == 0
    assert len(kept(world)) == len(world.rows("blobs")) == 1
    gone = drop(world, "a1")
    assert attachments.erase_files(world.office.database, world.office.files, gone, now=world.now) == 1
    assert kept(world) == set()
    assert world.rows("blobs") == []


def test_what_a_crash_left_in_the_file_store_goes_after_a_day(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    fetch(world)
    world.accept(raw("large", "x" * 70_000, sender="ani"))
    known = kept(world)
    files = world.office.files
    (files.root / "incoming").mkdir(exist_ok=True)
    download = files.root / "incoming" / "half"
    download.write_bytes(b"half a fil")
    blob, sealed = files.put(b"nobody's"), files.put_sealed(b"nobody's either")
    old = [download, files.path(blob.sha256), files.root / "sealed" / sealed[:2] / sealed[2:4] / sealed]
    for path in old:
        age(path)
    for name in known:
        age(next(files.root.rglob(name)))
    fresh = files.put(b"being stored right now")
    assert orphans.sweep(world.office, now=now_utc()) == 3
    assert kept(world) == {*known, fresh.sha256}
    assert orphans.sweep(world.office, now=now_utc() + timedelta(minutes=1)) == 0


def test_a_row_whose_last_reference_went_in_a_crash_goes_too(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    fetch(world)
    drop(world, "m1")  # and then the process died
    assert len(world.rows("blobs")) == 1
    assert orphans.sweep(world.office, now=world.now + timedelta(days=2)) == 1
    assert world.rows("blobs") == []
    assert kept(world) == set()


def test_a_disk_that_takes_nothing_costs_no_attempt(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    incoming = world.office.files.root / "incoming"
    incoming.parent.mkdir(parents=True)
    incoming.write_bytes(b"in the way: no download can be begun")
    for _ in range(MOST_ATTEMPTS + 2):
        with pytest.raises(StorageUnavailable):
            fetch(world)
        assert world.rows("attachments")[0]["attempts"] == 0
        world.later(seconds=STORAGE_PAUSE.total_seconds())
    incoming.unlink()
    assert fetch(world) == 1
    assert world.rows("attachments")[0]["state"] == "stored"


def test_a_disk_that_is_full_in_the_middle_of_a_download_costs_no_attempt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_photo(world, "m1", b"bukti")

    def full(*_: object) -> Fetched:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(world.door, "fetch", full)
        for _ in range(MOST_ATTEMPTS + 2):
            with pytest.raises(StorageUnavailable):
                fetch(world)
            world.later(seconds=STORAGE_PAUSE.total_seconds())
    assert fetch(world) == 1
    assert world.rows("attachments")[0]["state"] == "stored"


def test_whoever_comes_late_with_a_file_takes_nothing_back(world: World) -> None:
    send_photo(world, "m1", b"bukti")
    with world.office.database.write() as connection:
        (slow,) = attachments.claim(
            connection, world.door.name, now=world.now, until=world.now + timedelta(minutes=10), limit=1
        )
    world.later(minutes=11)
    assert fetch(world) == 1
    with world.office.database.write() as connection:
        attachments.later(connection, slow.id, world.now)
        assert not attachments.lost(connection, slow.id, FetchState.GONE)
    assert world.rows("attachments")[0]["state"] == "stored"
    assert fetch(world) == 0


def test_two_lost_files_of_one_message_are_told_once(world: World) -> None:
    world.accept(raw("m1", "jalan rusak pak", files=[["f1", "photo", None, False], ["f2", "photo", None, False]]))
    world.handle_all()
    before = len(world.rows("outbox"))
    for ref in ("f1", "f2"):
        world.door.fetches[ref].append(Fetched(FetchState.GONE))
        fetch(world)
    assert [row["state"] for row in world.rows("attachments")] == ["gone", "gone"]
    assert len(world.rows("outbox")) == before + 1


def test_bytes_that_cannot_be_decrypted_are_one_messages_trouble(world: World) -> None:
    world.accept(raw("bad", "halo"), raw("next", "halo"), raw("other", "halo", sender="ani"))
    with world.office.database.write() as connection:
        connection.exec_driver_sql("UPDATE inbox SET body = " + _altered(world) + " WHERE source_id = 'bad'")
    world.handle_all()
    for seconds in (5, 30):
        world.later(seconds=seconds)
        world.handle_all()
    assert _states(world) == {"bad": "quarantined", "next": "handled", "other": "handled"}


def _altered(world: World) -> str:
    return "X'00'" if world.database.dialect == "sqlite" else "'\\x00'::bytea"


def _states(world: World) -> dict[str, str]:
    with world.database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(text("SELECT source_id, state FROM inbox"))}
