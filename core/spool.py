"""What must wait on disk: deliveries of senders that do not repeat, while the database is away (design.md, the road, 1).

One encrypted file each, in a folder per channel, safe on disk before anybody says yes. Names follow the order of arrival, so
that processes of one machine share the folder; `core/spooling.py` brings the files to the inbox. What cannot be read is set
aside as `.bad`, hinders nobody, and comes back at a later start that can read it (the right key is there again).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.channels import Raw
from core.errors import ConfigurationError, StorageUnavailable
from core.steps import SpoolStep, passed
from core.storage import crypto
from core.storage.files import make_durably, sync_folder

SUFFIX, BAD, UNFINISHED = ".raw", ".bad", ".tmp"
_ABANDONED_SECONDS = 600
_STAMP_DIGITS = 20
_PASSING = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.EAGAIN}
"""Errors that are the machine's at this moment, not the file's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries wait, since when (aware UTC), and how many were set aside because nobody can read them."""

    count: int = 0
    oldest_at: datetime | None = None
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Spooled:
    """One delivery that waited, and when it arrived (aware UTC)."""

    raw: Raw
    at: datetime


class Unreadable(Exception):
    """The file is damaged, was written with a key that is not here, or the disk does not give it back."""


class Spool:
    """The folder, for one process. Every method is safe to call from several threads and processes of a machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._owner = secrets.token_hex(4)
        self._naming = threading.Lock()
        self._latest: dict[str, int] = {}

    def put(self, raws: Sequence[Raw], *, at: datetime) -> None:
        """Keeps them; safe on disk when it returns. Raises StorageUnavailable where the disk does not take them."""
        made: list[tuple[Path, Path]] = []
        try:
            made.extend(self._write(raw, at) for raw in raws)
            passed(SpoolStep.WRITTEN)
            for temporary, place in made:
                temporary.rename(place)
            passed(SpoolStep.NAMED)
            for folder in {place.parent for _, place in made}:
                sync_folder(folder)
        except OSError as error:
            for temporary, _ in made:
                with suppress(OSError):
                    temporary.unlink()
            raise StorageUnavailable("neither the database nor the spool takes it now: look at the disk") from error
        passed(SpoolStep.KEPT)

    def anything(self, channel: str) -> bool:
        """Does something of this channel wait? Then what comes now must go behind it."""
        return next(_names(self.folder / channel, SUFFIX), None) is not None

    def channels(self) -> list[str]:
        """Channels that have a folder here."""
        with suppress(OSError), os.scandir(self.folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
        return []

    def names(self, channel: str) -> list[str]:
        """What waits, in the order of arrival."""
        return sorted(_names(self.folder / channel, SUFFIX))

    def read(self, channel: str, name: str) -> Spooled:
        """Raises FileNotFoundError, Unreadable, or StorageUnavailable where the machine has no room to read just now."""
        return self._read(self.folder / channel / name)

    def remove(self, channel: str, name: str) -> None:
        """It is in the inbox. A file that a power cut brings back is recognised there by its source id."""
        (self.folder / channel / name).unlink(missing_ok=True)
        passed(SpoolStep.CLEARED)

    def set_aside(self, channel: str, name: str) -> None:
        """Nobody can read it now: it waits for an operator as `.bad`."""
        place = self.folder / channel / name
        with suppress(FileNotFoundError):
            place.rename(place.with_suffix(BAD))

    def tidy(self) -> None:
        """What was set aside and can be read again is put back in its place; what was never acknowledged goes."""
        for channel in self.channels():
            folder = self.folder / channel
            for name in list(_names(folder, BAD)):
                with suppress(Unreadable, FileNotFoundError, StorageUnavailable):
                    self._read(folder / name)
                    (folder / name).rename((folder / name).with_suffix(SUFFIX))
            for name in list(_names(folder, UNFINISHED)):
                with suppress(FileNotFoundError):
                    if time.time() - (folder / name).stat().st_mtime > _ABANDONED_SECONDS:
                        (folder / name).unlink()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """True: until the end no other process of this machine brings these files in. A killed one lets go at once."""
        try:
            opened = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        except (FileNotFoundError, NotADirectoryError):
            yield False  # nothing was ever put here
            return
        try:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(opened)

    def _write(self, raw: Raw, at: datetime) -> tuple[Path, Path]:
        folder = self.folder / raw.channel
        if not folder.exists():
            make_durably(folder, self.folder.parent.parent)
        place = folder / self._name(folder)
        temporary = place.with_suffix(UNFINISHED)
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(opened, "wb") as file:
                file.write(crypto.encrypt(_packed(raw, at)))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        return temporary, place

    def _name(self, folder: Path) -> str:
        """Later than every earlier one of this process and than what lies there, even if the clock was put back."""
        with self._naming:
            latest = self._latest.get(folder.name)
            if latest is None:
                latest = max((_stamp(name) for name in _names(folder, SUFFIX)), default=0)
            self._latest[folder.name] = max(latest + 1, time.time_ns())
            return f"{self._latest[folder.name]:0{_STAMP_DIGITS}d}-{self._owner}{SUFFIX}"

    @staticmethod
    def _read(place: Path) -> Spooled:
        try:
            return _unpacked(crypto.decrypt(place.read_bytes()))
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in _PASSING:
                raise StorageUnavailable("the spool cannot be read at this moment: try again") from error
            raise Unreadable(place.name) from error
        except (ConfigurationError, ValueError, KeyError, TypeError) as error:
            raise Unreadable(place.name) from error


def waiting(folder: Path) -> Waiting:
    """The numbers of a spool's folder, for `/readyz`, `lapor check` and the desk. Needs neither key nor database."""
    names: list[str] = []
    bad = 0
    for channel in Spool(folder).channels():
        names += _names(folder / channel, SUFFIX)
        bad += sum(1 for _ in _names(folder / channel, BAD))
    oldest = min((_stamp(name) for name in names), default=0)
    return Waiting(len(names), datetime.fromtimestamp(oldest // 10**9, UTC) if oldest else None, bad)


def _names(folder: Path, suffix: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:  # `lapor check` says if it cannot be looked into
        for entry in entries:
            if entry.name.endswith(suffix):
                yield entry.name


def _stamp(name: str) -> int:
    """Nanoseconds since 1970; 0 for a name that is not ours."""
    digits = name.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) == _STAMP_DIGITS else 0


def _packed(raw: Raw, at: datetime) -> bytes:
    told = {
        "channel": raw.channel,
        "source_id": raw.source_id,
        "lane": raw.lane,
        "group": raw.group,
        "ready_at": raw.ready_at and raw.ready_at.isoformat(),
        "at": at.isoformat(),
    }
    return json.dumps(told).encode() + b"\n" + raw.body


def _unpacked(plain: bytes) -> Spooled:
    line, _, body = plain.partition(b"\n")
    told = json.loads(line)
    raw = Raw(
        channel=told["channel"],
        source_id=told["source_id"],
        lane=told["lane"],
        body=body,
        group=told["group"],
        ready_at=told["ready_at"] and datetime.fromisoformat(told["ready_at"]),
    )
    return Spooled(raw, datetime.fromisoformat(told["at"]))
