"""While there is no relay, mails are kept as files for whoever looks after the service."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path


def keep(content: bytes, folder: Path, key: str, now: Callable[[], datetime]) -> Path:
    """Writes `YYYYmmddTHHMMSSZ-key.eml`, complete or not at all; a repeat takes the place of the same key's file.

    Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _before(folder, key) or folder / f"{now().astimezone(UTC):%Y%m%dT%H%M%SZ}-{key}.eml"
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(folder)
    return path


def _before(folder: Path, key: str) -> Path | None:
    ending = f"-{key}.eml"
    with os.scandir(folder) as entries:
        return next((folder / entry.name for entry in entries if entry.name.endswith(ending)), None)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
