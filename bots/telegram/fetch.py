"""A file that a person sent: getFile, then the bytes as a stream (core.telegram.org/bots/api#getfile)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
from telegram.error import TelegramError

from bots.telegram.client import Answered, code_of
from bots.telegram.direct import Direct, drive
from core.channels import Fetched, FetchState

_LATER_SECONDS = 30.0


def locate(direct: Direct, file_id: str) -> str | Fetched:
    """The file's path at the vendor, without host and token; or why there is none."""
    try:
        file = drive(direct.bot.get_file(file_id))
    except Answered as error:
        return _no_file(error)
    except TelegramError as error:
        return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=code_of(error))
    path = file.file_path or ""
    if not path.startswith(direct.file_url):  # a Bot API server in local mode names a file of its own disk
        return Fetched(FetchState.REFUSED, detail="foreign_path")
    return path.removeprefix(direct.file_url)


def _no_file(error: Answered) -> Fetched:
    if error.code == 429:
        wait = error.parameters.get("retry_after")
        seconds = float(wait) if isinstance(wait, int | float) else _LATER_SECONDS
        return Fetched(FetchState.PENDING, retry_after_seconds=seconds, detail="answered_429")
    if "file is too big" in error.description:
        return Fetched(FetchState.TOO_LARGE, detail="file_is_too_big")
    if error.code == 400 and "temporarily" not in error.description:
        return Fetched(FetchState.GONE, detail="answered_400")
    return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=code_of(error))


def download(
    http: httpx.Client, url: str, into: Path, *, limit_bytes: int, seconds: float, clock: Callable[[], float]
) -> Fetched:
    """Streams `url` into `into`; stops at the limit, and after `seconds` of a sender that only drips."""
    deadline, size = clock() + seconds, 0
    try:
        with http.stream("GET", url) as response:
            if response.status_code == 404:
                return Fetched(FetchState.GONE, detail="http_404")
            if response.status_code != 200:
                detail = f"http_{response.status_code}"
                return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=detail)
            with into.open("wb") as target:
                for chunk in response.iter_bytes(64 * 1024):
                    size += len(chunk)
                    if size > limit_bytes:
                        return Fetched(FetchState.TOO_LARGE, size_bytes=size, detail="over_the_limit")
                    if clock() > deadline:
                        return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail="too_slow")
                    target.write(chunk)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # OSError: our own disk is full
        return Fetched(FetchState.PENDING, retry_after_seconds=_LATER_SECONDS, detail=type(error).__name__)
    return Fetched(FetchState.STORED, size_bytes=size)
