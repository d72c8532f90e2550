"""Every mail gets an answer or a place in quarantine, and never holds up the next one (issue: bad input)."""

from __future__ import annotations

import io
import re
import smtplib
import zipfile
from email.message import EmailMessage

import pytest

from tests.acceptance.mailworld import BUDI, SITI, US, MailCity
from tests.acceptance.world import CODE
from tests.bots.email.postoffice import words

STORY = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali dan kemarin ada yang dijambret di sana."
HEAD = f"From: Orang <orang@warga.test>\r\nTo: {US}\r\nSubject: Lampu mati\r\nMessage-ID: <a@warga.test>\r\n".encode()
STORY_PART = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + STORY.encode() + b"\r\n"
MIXED = HEAD + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'


def _zip_bomb() -> bytes:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("foto.jpg", bytes(100_000_000))
    return packed.getvalue()


def _nested(depth: int) -> bytes:
    opening = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (number, number + 1) for number in range(depth)
    )
    return HEAD + b'Content-Type: multipart/mixed; boundary="b0"\r\n\r\n' + opening + STORY_PART


STRANGE: dict[str, bytes] = {
    "empty": b"",
    "only headers": HEAD,
    "no headers": STORY.encode() + b"\r\n",
    "no body": HEAD + b"\r\n",
    "no author": HEAD.replace(b"From: Orang <orang@warga.test>\r\n", b"") + b"\r\n" + STORY.encode(),
    "author is nonsense": HEAD.replace(b"<orang@warga.test>", b"<<@@>>") + b"\r\n" + STORY.encode(),
    "two authors": HEAD.replace(b"<orang@warga.test>", b"<orang@warga.test>, <dua@warga.test>") + b"\r\n" + STORY.encode(),
    "ten thousand parts": MIXED + STORY_PART + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000 + b"--b--\r\n",
    "a thousand levels": _nested(1000),
    "boundary never comes": MIXED + STORY.encode(),
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!=\r\n\xff\xfe",
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=klingon\r\n\r\n" + STORY.encode("utf-16"),
    "nul and escape": HEAD + b"\r\nja\0lan \x1b[2Jrusak di Jl Melati Kota Contoh sejak Senin \x00\r\n",
    "raw eight bit in headers": HEAD.replace(b"Lampu mati", b"L\xe4mpu m\xffti") + b"\r\n" + STORY.encode("latin-1"),
    "script": HEAD + b"Content-Type: text/html\r\n\r\n<script>alert(1)</script><p>" + STORY.encode() + b"</p>",
    "tag soup": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div><table>" * 20_000 + STORY.encode(),
    "endless line": HEAD + b"\r\n" + b"lampu jalan mati " * 60_000,
    "a million quotes": HEAD + b"\r\n" + b">" * 500_000 + b"\r\n" + STORY.encode(),
}


def test_whatever_comes_is_answered_or_kept_aside_and_the_next_mail_is_handled(mail_city: MailCity) -> None:
    city, budi = mail_city, mail_city.citizen(BUDI, "Budi")
    lost: list[str] = []
    for name, raw in STRANGE.items():
        before = (len(city.relay.delivered), _aside(city))
        with city.client() as client:
            client.sendmail("orang@warga.test", [US], raw)
        city.quiet()
        if (len(city.relay.delivered), _aside(city)) == before:
            lost.append(name)
    assert lost == []
    assert CODE.search(budi.writes(STORY, "Lampu mati"))
    assert len(city.inbox()) == len(STRANGE) + 1
    page = city.official("nasional")
    assert page.open("/karantina") == 200
    assert "alert(1)" not in page.html


def test_a_poison_mail_is_downloadable_as_it_came(mail_city: MailCity) -> None:
    city = mail_city
    raw = STRANGE["author is nonsense"]
    with city.client() as client:
        client.sendmail("bukan-alamat", [US], raw)
    city.quiet()
    (row,) = [row for row in city.rows("inbox") if row["state"] == "quarantined"]
    desk = city.official("nasional")
    assert desk.open("/karantina") == 200
    (way,) = set(re.findall(rf'href="(/karantina/{row["id"]}/[^"]+)"', desk.html))
    assert raw.rstrip() in desk.download(way)
    assert city.official("puskesmas").open(way) in (403, 404)


def test_what_is_too_long_is_refused_before_it_is_read_and_the_next_is_taken(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    raw = HEAD + b"\r\n" + (b"x" * 76 + b"\r\n") * (30 * 1024 * 1024 // 78)
    with city.client() as client:
        client.ehlo()
        assert int(client.esmtp_features["size"]) == 25 * 1024 * 1024
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.sendmail(SITI, [US], raw)
        assert refused.value.smtp_code == 552
    with city.client() as client:  # one that does not say how long it is
        client.helo()
        with pytest.raises(smtplib.SMTPDataError) as cut:
            client.sendmail(SITI, [US], raw)
        assert cut.value.smtp_code == 552
    assert city.inbox() == []
    assert CODE.search(siti.writes(STORY, "Lampu mati"))


def test_of_forty_attachments_twenty_are_kept_and_the_rest_is_named_politely(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    files = [(f"foto{number}.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes([number]) * 500) for number in range(40)]
    answer = siti.writes(STORY, "Lampu mati", files=files)
    assert CODE.search(answer)
    assert "20 lampiran tidak bisa kami terima" in answer
    assert [row["state"] for row in city.rows("attachments")] == ["stored"] * 20


def test_an_archive_stays_closed(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    bomb = _zip_bomb()
    code = siti.reports(STORY, files=[("bukti.zip", "application/zip", bomb)])
    (file,) = city.rows("attachments")
    assert file["state"] == "stored"
    assert city.service.office.files.path(file["sha256"]).read_bytes() == bomb
    assert "bukti.zip" in city.page("nasional", f"/laporan/{code}")


def test_what_outlook_hides_in_winmail_dat_is_kept_and_said(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    tnef = b"\x78\x9f\x3e\x22" + bytes(400)
    code = siti.reports(STORY, files=[("winmail.dat", "application/ms-tnef", tnef)])
    assert "winmail.dat" in city.page("nasional", f"/laporan/{code}")


def test_a_name_and_a_subject_made_of_header_lines_stay_where_they_are(mail_city: MailCity) -> None:
    city = mail_city
    eve = city.citizen("eve@warga.test", 'Eve"\\ <x@y.test>, ')
    mail = EmailMessage()
    mail["From"], mail["To"] = "eve@warga.test", US
    mail["Subject"] = "=?utf-8?q?Lampu=0D=0ABcc:_korban@warga.test=0D=0A?= mati"
    mail.set_content(STORY)
    heard = eve.hands_in(mail.as_bytes())
    assert CODE.search(heard)
    assert {one.rcpt_to for one in city.relay.delivered} == {("eve@warga.test",)}
    assert b"korban" not in city.relay.delivered[-1].raw.partition(b"\r\n\r\n")[0]
    assert words(eve.last())


def _aside(city: MailCity) -> int:
    return sum(row["state"] == "quarantined" for row in city.rows("inbox"))
