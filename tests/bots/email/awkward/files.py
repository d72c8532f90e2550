"""What is attached: names, kinds, numbers, sizes, and what only looks like an attachment."""

from __future__ import annotations

from tests.bots.email.corpus import STORY, VENDOR_ID, Awkward, Want, branch, file, lines, mail, part, several

HTML = "Content-Type: text/html; charset=utf-8"
PIXEL = b"GIF89a" + b"\0" * 60
PHOTO = b"\xff\xd8\xff" + b"x" * 9_000


def cited(name: str, content: bytes, cid: str, mime: str = "image/png") -> bytes:
    """An image that HTML shows."""
    return file(name, content, mime, f"Content-ID: <{cid}>").replace(b"attachment;", b"inline;")


def named(name: str, head: str, want: str | None) -> Awkward:
    """A file with that Content-Disposition or Content-Type line."""
    top = head if "ontent-Type" in head else f"Content-Type: application/pdf\n{head}"
    return Awkward(name, several(part(STORY), part("isi", top)), Want(STORY, files=(want,)))


MAILS = (
    Awkward("one file", several(part(STORY), file("bukti.pdf")), Want(STORY, files=("bukti.pdf",))),
    Awkward("only an attachment", several(file("foto.jpg", PHOTO, "image/jpeg")), Want("", files=("foto.jpg",))),
    Awkward(
        "the mail itself is a file",
        mail(b"%PDF-1.4", 'Content-Type: application/pdf; name="surat.pdf"'),
        Want("", files=("surat.pdf",)),
    ),
    Awkward(
        "a text file is a file",
        several(part(STORY), part("catatan", 'Content-Type: text/plain; name="catatan.txt"')),
        Want(STORY, files=("catatan.txt",)),
    ),
    Awkward(
        "words before and after a photo",
        several(part("Sebelum"), file("a.jpg", PHOTO, "image/jpeg"), part("Sesudah")),
        Want("Sebelum\n\nSesudah", files=("a.jpg",)),
    ),
    Awkward(
        "words with a file's name",
        several(part(STORY, 'Content-Type: text/plain; name="text_0.txt"'), file("a.jpg", PHOTO, "image/jpeg")),
        Want(STORY, files=("a.jpg",)),
    ),
    Awkward(
        "the words attached as a file",
        several(part(STORY, "Content-Disposition: attachment; filename=a.txt")),
        Want("", files=("a.txt",)),
    ),
    Awkward(
        "half of a Macintosh file",
        several(part(STORY), file("._a.pdf", b"x", "application/applefile"), file("a.pdf")),
        Want(STORY, files=("a.pdf",)),
    ),
    Awkward(
        "a file in uuencode, a line of it too long and one broken",
        several(
            part(STORY),
            part(
                "begin 644 a.pdf\n#86)C\n#86)C====\n\n~~~\n`\nend",
                "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: x-uuencode",
            ),
        ),
        Want(STORY, files=("a.pdf",)),
    ),
    named("path in a name", 'Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
    named("windows path in a name", r'Content-Disposition: attachment; filename="C:\\Users\\siti\\bukti.pdf"', "bukti.pdf"),
    named("name in RFC 2231", "Content-Disposition: attachment; filename*=utf-8''f%C3%B6to%20jalan.pdf", "föto jalan.pdf"),
    named(
        "name in RFC 2231 pieces",
        "Content-Disposition: attachment; filename*0*=utf-8''laporan%20; filename*1*=jalan; filename*2=.pdf",
        "laporan jalan.pdf",
    ),
    named("name in RFC 2047", 'Content-Disposition: attachment; filename="=?utf-8?B?YnVrdGkg8J+ToS5wZGY=?="', "bukti 📡.pdf"),
    named("name in a charset nobody knows", "Content-Disposition: attachment; filename*=x-foo''bukti.pdf", "bukti.pdf"),
    named(
        "direction turned round in a name",
        "Content-Disposition: attachment; filename*=utf-8''foto%E2%80%AEgpj.exe",
        "fotogpj.exe",
    ),
    named("control characters in a name", "Content-Disposition: attachment; filename*=utf-8''a%00b%0D%0Ac.pdf", "abc.pdf"),
    named(
        "a name of a thousand letters keeps its ending",
        f'Content-Disposition: attachment; filename="{"a" * 1000}.pdf"',
        "a" * 96 + ".pdf",
    ),
    named("a name of dots", 'Content-Disposition: attachment; filename="...."', None),
    named("no name", "Content-Disposition: attachment", None),
    named("name only in the type", 'Content-Type: application/zip; name="arsip.zip"', "arsip.zip"),
    named("hostile parameters", "Content-Disposition: attachment; filename*99999999999999999999=x; filename=a.pdf", "x"),
    Awkward(
        "an archive stays closed",
        several(part(STORY), file("bukti.zip", b"PK\3\4" + b"\0" * 40, "application/zip")),
        Want(STORY, files=("bukti.zip",)),
    ),
    Awkward(
        "winmail.dat is named as such",
        several(part(STORY), file("WINMAIL.DAT", b"\x78\x9f\x3e\x22", "application/ms-tnef")),
        Want(STORY, files=("winmail.dat",), notes=("tnef",)),
    ),
    Awkward(
        "too many files",
        several(part(STORY), *(file(f"{n}.jpg", PHOTO, "image/jpeg") for n in range(9))),
        Want(STORY, files=tuple(f"{n}.jpg" for n in range(5)), left_out=4),
    ),
    Awkward(
        "a file that is too large is left out, the next is taken",
        several(part(STORY), file("besar.mp4", b"x" * 100_001, "video/mp4"), file("kecil.pdf")),
        Want(STORY, files=("kecil.pdf",), left_out=1),
    ),
    Awkward(
        "an empty file without a name is nothing",
        several(part(STORY), part("", "Content-Type: application/octet-stream")),
        Want(STORY),
    ),
    Awkward(
        "calendar and signatures are no evidence",
        several(
            part(STORY),
            part("BEGIN:VCALENDAR", 'Content-Type: text/calendar; name="undangan.ics"'),
            file("smime.p7s", b"x", "application/pkcs7-signature"),
            file("signature.asc", b"x", "application/pgp-signature"),
        ),
        Want(STORY),
    ),
    Awkward(
        "signed mail",
        several(
            branch(part(STORY), file("bukti.pdf"), kind="mixed", boundary="=_dalam"),
            file("smime.p7s", b"x", "application/x-pkcs7-signature"),
            kind="signed",
        ),
        Want(STORY, files=("bukti.pdf",)),
    ),
    Awkward(
        "encrypted mail",
        several(
            part("Version: 1", "Content-Type: application/pgp-encrypted"),
            file("encrypted.asc", b"x", "application/octet-stream"),
            kind="encrypted",
        ),
        Want("", files=("encrypted.asc",), notes=("encrypted",)),
    ),
    Awkward(
        "a counting pixel and a small logo are left out",
        several(
            part(f'<p>{STORY}</p><img src="cid:p"><img src="cid:l">', HTML),
            cited("p.gif", PIXEL, "p", "image/gif"),
            cited("l.png", b"x" * 900, "l"),
            kind="related",
        ),
        Want(STORY),
    ),
    Awkward(
        "a photo within the text is evidence",
        several(part(f'<p>{STORY}</p><img src="cid:f">', HTML), cited("foto.jpg", PHOTO, "f", "image/jpeg"), kind="related"),
        Want(STORY, files=("foto.jpg",)),
    ),
    Awkward(
        "a picture of the quoted mail is not",
        several(
            part('<p>Belum</p><div class="gmail_quote">x <img src="cid:kop"></div>', HTML),
            cited("kop.png", b"x" * 20_000, "kop"),
            kind="related",
            head=f"In-Reply-To: <{VENDOR_ID}>",
            subject="Re: x",
        ),
        Want("Belum", subject="Re: x", about=VENDOR_ID),
    ),
    Awkward(
        "a small png that was attached on purpose is",
        several(part(STORY), file("bukti.png", b"x" * 500, "image/png", "Content-ID: <f_1>")),
        Want(STORY, files=("bukti.png",)),
    ),
    Awkward(
        "files below the form of the text that is not read",
        several(
            part(STORY * 5),
            branch(part("<p>kaya</p>", HTML), file("skema.pdf"), kind="mixed", boundary="=_dalam"),
            kind="alternative",
        ),
        Want(STORY * 5, files=("skema.pdf",)),
    ),
    Awkward(
        "a forwarded message is a file",
        several(part(STORY), lines("Content-Type: message/rfc822") + b"\r\n\r\n" + mail("Surat lama")),
        Want(STORY, files=("pesan terusan.eml",)),
    ),
    Awkward(
        "a forwarded message without own words is the story",
        several(lines("Content-Type: message/rfc822") + b"\r\n\r\n" + mail(STORY), subject="Fwd: Jalan rusak"),
        Want(STORY, subject="Fwd: Jalan rusak", files=("pesan terusan.eml",), notes=("forwarded",)),
    ),
    Awkward(
        "messages nested ten deep",
        several(lines("Content-Type: message/rfc822\n\n" * 10) + mail("dalam sekali")),
        Want("", files=("pesan terusan.eml",)),
    ),
    Awkward(
        "phones call everything octet-stream",
        several(part(STORY), file("IMG_1.JPG", PHOTO, "application/octet-stream")),
        Want(STORY, files=("IMG_1.JPG",)),
    ),
)
