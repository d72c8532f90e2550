"""Files by content."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from core.errors import StorageUnavailable
from core.storage.files import FileStore

CONTENT = b"\xff\xd8\xff a photograph"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def test_a_file_lies_under_its_hash_whatever_way_it_came(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(CONTENT)
    blobs = {store.put(CONTENT), store.put(BytesIO(CONTENT)), store.put(tmp_path / "given")}
    assert {blob.sha256 for blob in blobs} == {sha256(CONTENT).hexdigest()}
    blob = blobs.pop()
    assert blob.size_bytes == len(CONTENT)
    assert store.path(blob.sha256).read_bytes() == CONTENT


def test_nothing_is_left_behind_in_incoming(store: FileStore) -> None:
    store.put(CONTENT)
    assert list((store.root / "incoming").iterdir()) == []


def test_a_sealed_file_is_unreadable_on_disk(store: FileStore) -> None:
    name = store.put_sealed(CONTENT)
    assert store.read_sealed(name) == CONTENT
    on_disk = b"".join(file.read_bytes() for file in store.root.rglob("*") if file.is_file())
    assert CONTENT not in on_disk
    store.delete(name, sealed=True)
    with pytest.raises(FileNotFoundError):
        store.read_sealed(name)


def test_deleting_twice_is_harmless(store: FileStore) -> None:
    blob = store.put(CONTENT)
    store.delete(blob.sha256)
    store.delete(blob.sha256)
    assert not store.path(blob.sha256).exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "/" * 64])
def test_a_name_that_is_no_hash_opens_nothing(store: FileStore, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(name)


def test_a_disk_that_takes_nothing_is_said_as_such(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable):
        FileStore(tmp_path / "files").put(CONTENT)
