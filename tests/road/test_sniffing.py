"""A stranger's bytes: bombs, liars and broken pictures get no type, little memory and never an exception."""

from __future__ import annotations

import random
import resource
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.sniffing import UNKNOWN_TYPE, sniff


def png(width: int, height: int, lines: int) -> bytes:
    """A PNG that says it is so large and holds so many lines of zeros, packed a thousandfold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * (width * 4 + 1)) for _ in range(lines)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def picture(kind: str) -> bytes:
    held = BytesIO()
    Image.effect_noise((64, 48), 40).convert("RGB").save(held, kind)
    return held.getvalue()


def test_a_picture_that_says_it_is_enormous_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(png(60_000, 60_000, 10))
    assert sniff(path) == UNKNOWN_TYPE


def test_a_packed_picture_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(png(12_000, 12_000, 12_000))
    assert path.stat().st_size < 2_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sniff(path) in ("image/png", UNKNOWN_TYPE)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024  # KiB; unpacked it is 550 MiB


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_broken_pictures_never_raise(tmp_path: Path, kind: str) -> None:
    chance = random.Random(1708)
    whole = picture(kind)
    path = tmp_path / "broken"
    for _ in range(150):
        broken = bytearray(whole[: chance.randrange(8, len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        assert "/" in sniff(path)


def test_nineteen_megabytes_of_script_are_no_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"<script>alert(1)</script>" * 800_000)
    assert sniff(path) == UNKNOWN_TYPE


def test_nothing_and_a_few_bytes_have_no_type(tmp_path: Path) -> None:
    for content in (b"", b"\0", b"PK", b"GIF89a", b"\xff\xd8\xff", b"%PDF", b"RIFF\xff\xff\xff\xffWEBP"):
        path = tmp_path / "few"
        path.write_bytes(content)
        assert not sniff(path).startswith("image/")
