"""A file on its way to X: uploaded first, then named by its media id (docs.x.com/x-api/media/introduction).

Images go in one request, GIFs and videos in pieces and are then prepared by X for a while. Nobody waits for that in a thread:
the message comes again later, and what was uploaded by then is remembered here.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.twitter.client import Answer, Client
from bots.twitter.faults import Kind, Trouble
from core.channels import OutFile

ENDPOINT = "upload"
_PIECE_BYTES = 4 * 1024 * 1024
_MIB = 1024 * 1024
_MOST_REMEMBERED = 500
_KEPT_SECONDS = 12 * 3600.0  # X keeps an upload for a day
_USUAL_SECONDS, _LONGEST_SECONDS = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of file that direct messages carry. `whole`: it goes in one request."""

    category: str
    most_bytes: int
    whole: bool = False


SORTS: Mapping[str, Sort] = {
    "image/jpeg": Sort("dm_image", 5 * _MIB, whole=True),
    "image/png": Sort("dm_image", 5 * _MIB, whole=True),
    "image/webp": Sort("dm_image", 5 * _MIB, whole=True),
    "image/gif": Sort("dm_gif", 15 * _MIB),
    "video/mp4": Sort("dm_video", 512 * _MIB),
    "video/quicktime": Sort("dm_video", 512 * _MIB),
}
"""docs.x.com/x-api/media/quickstart/best-practices"""


@dataclass(frozen=True, slots=True)
class Begun:
    """What was uploaded for a message that has not gone yet. `at`: monotonic seconds."""

    media_id: str
    ready: bool
    at: float


class Preparing(Exception):
    """X is still preparing the file: the message may go in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__("preparing")
        self.seconds = seconds


def refusal(file: OutFile) -> str | None:
    """Why a direct message can never carry this file, or None. Raises OSError where it is not there."""
    sort = SORTS.get(file.mime)
    if sort is None:
        return "file_kind"
    size = file.path.stat().st_size
    if size == 0:
        return "file_empty"
    return "file_too_large" if size > sort.most_bytes else None


class Uploads:
    """Safe to use from several threads; the core sends one message of an address at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, Begun] = OrderedDict()  # by outbox key

    def knows(self, key: str) -> bool:
        """Has the file of this message been uploaded already, and is it still there?"""
        return self._known(key) is not None

    def media_id(self, key: str, file: OutFile) -> str:
        """The media id of `file`, which goes with the message `key`.

        Raises Preparing, Trouble; OSError where the file is not there.
        """
        begun = self._known(key)
        if begun is None:
            sort = SORTS[file.mime]
            return self._whole(key, file, sort) if sort.whole else self._in_pieces(key, file, sort)
        if begun.ready:
            return begun.media_id
        answer = self._call("GET", "/2/media/upload", params={"command": "STATUS", "media_id": begun.media_id})
        return self._when_ready(key, answer)

    def _known(self, key: str) -> Begun | None:
        with self._lock:
            begun = self._begun.get(key)
        return begun if begun is not None and time.monotonic() - begun.at < _KEPT_SECONDS else None

    def _remember(self, key: str, media_id: str, *, ready: bool) -> None:
        with self._lock:
            self._begun[key] = Begun(media_id, ready, time.monotonic())
            while len(self._begun) > _MOST_REMEMBERED:
                self._begun.popitem(last=False)

    def done(self, key: str) -> None:
        """The message is gone, one way or the other."""
        with self._lock:
            self._begun.pop(key, None)

    def _whole(self, key: str, file: OutFile, sort: Sort) -> str:
        answer = self._call(
            "POST",
            "/2/media/upload",
            data={"media_category": sort.category, "media_type": file.mime},
            files={"media": ("file", file.path.read_bytes(), file.mime)},
        )
        self._remember(key, media_id := _id(answer), ready=True)
        return media_id

    def _in_pieces(self, key: str, file: OutFile, sort: Sort) -> str:
        total = file.path.stat().st_size
        described = {"media_type": file.mime, "media_category": sort.category, "total_bytes": total}
        media_id = _id(self._call("POST", "/2/media/upload/initialize", json=described))
        for index, piece in enumerate(_pieces(file.path)):
            self._call(
                "POST",
                f"/2/media/upload/{media_id}/append",
                data={"segment_index": str(index)},
                files={"media": ("piece", piece, "application/octet-stream")},
            )
        answer = self._call("POST", f"/2/media/upload/{media_id}/finalize")
        self._remember(key, media_id, ready=False)
        return self._when_ready(key, answer)

    def _when_ready(self, key: str, answer: Answer) -> str:
        about = answer.content.get("data")
        preparing = about.get("processing_info") if isinstance(about, dict) else None
        state = preparing.get("state") if isinstance(preparing, dict) else "succeeded"
        if state == "succeeded":
            self._remember(key, media_id := _id(answer), ready=True)
            return media_id
        if state == "failed":
            self.done(key)
            raise Trouble(Kind.REFUSED, "file_unreadable")
        asked = preparing.get("check_after_secs") if isinstance(preparing, dict) else None
        seconds = float(asked) if isinstance(asked, int | float) else _USUAL_SECONDS
        raise Preparing(min(max(seconds, 1.0), _LONGEST_SECONDS))

    def _call(self, method: str, path: str, **what: Any) -> Answer:
        """Signed like the library's own calls; uploads are not among those. An upload that got lost is begun anew."""
        client = self._client
        return client.ask(ENDPOINT, lambda _: client.wire.request(method, path, auth=client.signature, **what))


def _pieces(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)]


def _id(answer: Answer) -> str:
    about = answer.content.get("data")
    found = about.get("id") if isinstance(about, dict) else None
    if not isinstance(found, str) or not found.isascii() or not found.isdigit():
        raise Trouble(Kind.UNAVAILABLE, "no_media_id")
    return found
