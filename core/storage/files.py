"""Files by their content: original bytes under their SHA-256; temp, fsync, rename, and only then a reference."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from core.errors import StorageUnavailable
from core.storage import crypto

_CHUNK_BYTES = 256 * 1024
_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: its SHA-256 (hex) and size."""

    sha256: str
    size_bytes: int


class FileStore:
    """A folder of content-addressed files, `aa/bb/<sha256>`, and of sealed (encrypted) ones under `sealed/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes | Path | BinaryIO) -> Blob:
        """Keeps the bytes; safe on disk when it returns. Raises StorageUnavailable where the disk does not take them."""
        if isinstance(content, Path):
            with content.open("rb") as file:
                return self._put(file, self.root)
        return self._put(BytesIO(content) if isinstance(content, bytes) else content, self.root)

    def put_sealed(self, content: bytes) -> str:
        """Keeps the bytes encrypted; the name that `read_sealed` wants."""
        return self._put(BytesIO(crypto.encrypt(content)), self.root / "sealed").sha256

    def read_sealed(self, name: str) -> bytes:
        """Raises FileNotFoundError if it is gone."""
        return crypto.decrypt(self._place(self.root / "sealed", name).read_bytes())

    def path(self, name: str) -> Path:
        """Where the file of this SHA-256 lies."""
        return self._place(self.root, name)

    def open(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError if it is gone."""
        return self.path(name).open("rb")

    def delete(self, name: str, *, sealed: bool = False) -> None:
        """Removes the bytes; nothing happens if they are gone already."""
        with suppress(FileNotFoundError):
            self._place(self.root / "sealed" if sealed else self.root, name).unlink()

    def temporary(self) -> Path:
        """A fresh path on the same disk for a download; whoever asks removes it. Raises StorageUnavailable."""
        folder = self.root / "incoming"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageUnavailable("the file store cannot be written to: look at the disk and the folder's rights") from error
        return folder / secrets.token_hex(12)

    def abandoned(self, before: datetime) -> int:
        """Deletes downloads that were begun before `before` and never ended; how many."""
        gone = 0
        for path in (self.root / "incoming").glob("*"):
            if _older(path, before):
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def names(self, before: datetime, *, sealed: bool = False) -> Iterator[str]:
        """Names of files that were kept before `before`."""
        folder = self.root / "sealed" if sealed else self.root
        for path in folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if len(path.name) == _NAME_CHARACTERS and _older(path, before):
                yield path.name

    @staticmethod
    def _place(root: Path, name: str) -> Path:
        if len(name) != _NAME_CHARACTERS or not name.isalnum():
            raise FileNotFoundError("not the name of a stored file")
        return root / name[:2] / name[2:4] / name

    def _put(self, source: BinaryIO, root: Path) -> Blob:
        digest, size = sha256(), 0
        temporary = self.temporary()
        try:
            with temporary.open("xb") as file:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            place = self._place(root, digest.hexdigest())
            make_durably(place.parent, self.root)
            temporary.replace(place)
            sync_folder(place.parent)
        except OSError as error:
            raise StorageUnavailable("the file store does not take this file now: look at the disk") from error
        finally:
            with suppress(OSError):
                temporary.unlink()
        return Blob(digest.hexdigest(), size)


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def free_bytes(root: Path) -> int:
    """Free space on the disk of the file store, for `lapor check`."""
    return shutil.disk_usage(root if root.exists() else root.parent).free


def make_durably(folder: Path, stop: Path) -> None:
    """Makes a folder and those above it that are missing; their names are safe on disk up to `stop`."""
    if folder.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for parent in folder.parents:
        sync_folder(parent)
        if parent == stop:
            break


def sync_folder(folder: Path) -> None:
    """What was made or renamed in it stays so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
