"""Files: originals only as downloads, previews drawn anew, nothing that a browser would run."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from admin_web.attachments.images import MOST_PIXELS, NoPreview, preview
from core.storage.tables import audit
from tests.web.house import House, photo


def test_a_preview_is_drawn_anew_without_exif(house: House) -> None:
    original = photo((1200, 900), exif=True)
    assert b"Kamera Rahasia" in original
    number = house.attach(house.at_clinic(), original, mime="image/jpeg")
    answer = house.browser("puskesmas").get(f"/lampiran/{number}/pratinjau/small")
    assert answer.mimetype == "image/jpeg"
    assert b"Kamera Rahasia" not in answer.get_data()
    with Image.open(BytesIO(answer.get_data())) as shown:
        assert max(shown.size) == 480
        assert not shown.getexif()


def test_the_original_leaves_only_as_a_download_and_on_record(house: House) -> None:
    html = b"<html><script>alert(1)</script></html>"
    number = house.attach(
        house.at_clinic(), html, mime="text/html", name='../../etc/"halo"\r\nX: y\u202egpj.html', kind="document"
    )
    answer = house.browser("puskesmas").get(f"/lampiran/{number}/unduh")
    assert answer.get_data() == html
    assert answer.mimetype == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    for bad in ("..", "/", "\r", "\n", "\u202e", '"halo"'):
        assert bad not in disposition.removeprefix("attachment; ")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with house.office.database.read() as conn:
        row = conn.execute(select(audit).where(audit.c.action == "attachment_downloaded")).one()
        assert (row.account_id, row.subject_id) == (house.account_ids["puskesmas"], number)


@pytest.mark.parametrize(
    "content, mime",
    [
        (b"GIF89a<script>alert(1)</script>", "image/gif"),
        (b"\xff\xd8\xff\xe0 no picture at all", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        (b"%PDF-1.7", "application/pdf"),
        (b"", "image/png"),
    ],
)
def test_what_is_no_picture_has_no_preview(house: House, content: bytes, mime: str) -> None:
    number = house.attach(house.at_clinic(), content, mime=mime)
    assert house.browser("puskesmas").get(f"/lampiran/{number}/pratinjau/small").status_code == 404


def _bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it is `side` by `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    for side in (8_000, 12_000, 60_000):
        assert side * side > MOST_PIXELS
        file = tmp_path / f"{side}.png"
        file.write_bytes(_bomb(side))
        with pytest.raises(NoPreview):
            preview(file, 480)


def test_pictures_with_transparency_and_palettes_are_drawn(tmp_path: Path) -> None:
    for mode, kind in (("RGBA", "PNG"), ("P", "GIF"), ("LA", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("RGBA", "WEBP")):
        file = tmp_path / f"{mode}.{kind}"
        Image.new(mode, (30, 20)).save(file, kind)
        with Image.open(BytesIO(preview(file, 480))) as shown:
            assert (shown.format, shown.size) == ("JPEG", (30, 20))


def test_a_file_that_lies_about_itself_is_marked_and_not_previewed(house: House) -> None:
    report = house.at_clinic()
    number = house.attach(report, photo(), mime="image/jpeg", name="surat.pdf", kind="document")
    with house.office.database.write() as conn:
        from core.storage.tables import attachments

        conn.execute(attachments.update().where(attachments.c.id == number).values(suspect=True))
    browser = house.browser("puskesmas")
    browser.get(f"/laporan/{report.code}")
    assert "Isi tidak sesuai namanya" in browser.text()
    assert browser.get(f"/lampiran/{number}/pratinjau/small").status_code == 404


def test_a_file_whose_bytes_are_gone_is_not_found(house: House) -> None:
    report = house.at_clinic()
    number = house.attach(report, b"hilang", mime="text/plain", kind="document")
    for file in (Path(house.office.files.root)).rglob("*"):
        if file.is_file():
            file.unlink()
    assert house.browser("puskesmas").get(f"/lampiran/{number}/unduh").status_code == 404
