"""A picture drawn anew: bounded in pixels, without EXIF, without whatever else was in the file."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from core.errors import LaporError

MOST_PIXELS = 50_000_000
MOST_FILE_BYTES = 30 * 1024 * 1024
SIDES = {"small": 480, "large": 1600}
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class NoPreview(LaporError):
    """This file cannot be shown: download it."""


def preview(path: Path, side: int) -> bytes:
    """The picture as a JPEG of at most `side` pixels each way, upright. Raises NoPreview for what is none or too large."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise NoPreview("too large to be shown: download it")
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _drawn(path, side)
    except NoPreview:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        OverflowError,
        Image.DecompressionBombError,
        Warning,
    ) as error:
        raise NoPreview("not a picture that can be shown: download it") from error


def _drawn(path: Path, side: int) -> bytes:
    with Image.open(path, formats=FORMATS) as image:
        width, height = image.size  # known from the header, before a pixel is decoded
        if width * height > MOST_PIXELS:
            raise NoPreview("too many pixels to be shown: download it")
        image.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        plain = Image.new("RGB", upright.size, "white")
        layer = upright.convert("RGBA")
        plain.paste(layer, mask=layer.getchannel("A"))
    out = BytesIO()
    plain.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
