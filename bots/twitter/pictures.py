"""Photos, videos and GIFs of a post or message as files to fetch. Pure.

A file's `ref` is one line: how to ask for it (`plain`, or `signed` with our own OAuth 1.0a signature, as media of messages want
it), then its addresses separated by spaces, the best one first. `gone <media key>`: X named it without any address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bots.twitter.wire import Media
from core.channels import FileRef, MediaKind

_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,2000}")
_KINDS = {"photo": MediaKind.PHOTO, "video": MediaKind.VIDEO, "animated_gif": MediaKind.VIDEO}
_MIMES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_MOST_VARIANTS = 6


def files(keys: Sequence[str], media: Sequence[Media], *, signed: bool) -> tuple[FileRef, ...]:
    """One file for each key, in this order, also where X told nothing about it: then it is known to be lost."""
    known = {one.media_key: one for one in media}
    return tuple(_file(key, known.get(key), "signed" if signed else "plain") for key in dict.fromkeys(keys))


def _file(key: str, media: Media | None, how: str) -> FileRef:
    safe = re.sub(r"\s", "_", key)
    if media is None:
        return FileRef(f"gone {safe}", MediaKind.PHOTO, unique=key)
    kind = _KINDS.get(media.type, MediaKind.DOCUMENT)
    if kind is MediaKind.PHOTO:
        addresses = [media.url] if media.url and _ADDRESS.fullmatch(media.url) else []
        mime = _MIMES.get((media.url or "").partition("?")[0].rpartition(".")[2].lower())
    else:
        addresses, mime = list(_films(media)), "video/mp4"
    ref = " ".join((how, *addresses)) if addresses else f"gone {safe}"
    return FileRef(ref, kind, mime=mime if addresses else None, unique=key)


def _films(media: Media) -> Iterator[str]:
    """MP4 only (a playlist is no file), the finest first."""
    variants = [one for one in media.variants if one.content_type == "video/mp4" and one.url]
    for one in sorted(variants, key=lambda one: -(one.bit_rate or 0))[:_MOST_VARIANTS]:
        if one.url and _ADDRESS.fullmatch(one.url):
            yield one.url
