"""What a file really is. Nothing is believed: not the sender's word, not the name, for images not even the first bytes.

Everything calls `GIF89a<script>` a GIF, so an image must decode. What is on no list stays bytes without a type
(`application/octet-stream`): kept, downloadable, never shown.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import puremagic
from PIL import Image

UNKNOWN_TYPE = "application/octet-stream"

_IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "MPO": "image/jpeg"}
_OTHERS = {
    "application/pdf": "application/pdf",
    "video/mp4": "video/mp4",
    "video/quicktime": "video/quicktime",
    "video/webm": "video/webm",
    "video/3gpp": "video/3gpp",
    "audio/ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "video/ogg": "audio/ogg",
    "audio/mpeg": "audio/mpeg",
    "audio/mp4": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/wav": "audio/wav",
    "audio/x-wav": "audio/wav",
    "application/zip": "application/zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    "application/msword": "application/msword",
    "application/vnd.ms-excel": "application/vnd.ms-excel",
}
_FULL_DECODE_PIXELS = 25_000_000  # 100 MB as RGBA
_MOST_PIXELS = 250_000_000
_FAMILIES = {"photo": ("image",), "video": ("video",), "voice": ("audio", "video"), "audio": ("audio", "video")}


def sniff(path: Path) -> str:
    """The MIME type of what lies there; `UNKNOWN_TYPE` for whatever is not on the list or does not decode."""
    image = _image(path)
    if image is not None:
        return image
    try:
        guesses = puremagic.magic_file(path)
    except Exception:  # whatever a stranger's bytes make of it: they have no type
        return UNKNOWN_TYPE
    for guess in guesses:
        if guess.mime_type in _OTHERS:
            return _OTHERS[guess.mime_type]
    return UNKNOWN_TYPE


def fits(kind: str, said_mime: str | None, mime: str) -> bool:
    """Are the bytes what the sender called them? A document may be anything unless it claimed to be an image."""
    family = mime.partition("/")[0]
    if kind in _FAMILIES:
        return family in _FAMILIES[kind]
    return not (said_mime or "").startswith("image/") or family == "image"


def _image(path: Path) -> str | None:
    """The type of an image that decodes; large ones are decoded small or only checked, so that none fills the memory."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large image is judged by the numbers below
            with Image.open(path, formats=tuple(_IMAGES)) as image:
                pixels = image.width * image.height
                if image.format not in _IMAGES or pixels > _MOST_PIXELS:
                    return None
                if image.format in ("JPEG", "MPO"):
                    image.draft("RGB", (image.width // 8, image.height // 8))
                    image.load()
                elif pixels <= _FULL_DECODE_PIXELS:
                    image.load()
                else:
                    image.verify()
                return _IMAGES[image.format]
    except Exception:  # Pillow raises of every kind on a stranger's bytes (struct.error, zlib.error, MemoryError, …)
        return None
