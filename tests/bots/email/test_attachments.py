"""Bytes of attachments come out as they went in, and no further than the limit."""

import base64
import quopri

import pytest

from bots.email import attachments, parts, wire
from bots.email.attachments import bring, safe_name
from bots.email.parse import parse
from core.channels import Fetched, FetchState, FileRef, MediaKind
from tests.bots.email.corpus import DIRECT, OURS, STORY, file, lines, mail, part, several

CONTENT = bytes(set(range(256)) - set(b"\r\n")) * 40
"""Without line breaks, which unencoded parts do not keep."""
ENCODINGS = {
    "base64": base64.encodebytes(CONTENT).replace(b"\n", b"\r\n"),
    "quoted-printable": quopri.encodestring(CONTENT, quotetabs=True),
    "BASE64": base64.b64encode(CONTENT),
}


def with_file(content: bytes, encoding: str) -> bytes:
    head = f"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: {encoding}"
    return wire.pack(DIRECT, several(part(STORY), lines(head) + b"\r\n\r\n" + content))


def only_file(body: bytes) -> FileRef:
    (found,) = parse(body, "x", ours=OURS).files
    return found


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_bytes_are_those_that_were_attached(tmp_path, encoding):
    body = with_file(ENCODINGS[encoding], encoding)
    found = only_file(body)
    fetched = bring(found, body, tmp_path / "file", 1_000_000)
    brought = (tmp_path / "file").read_bytes()
    assert brought == CONTENT
    assert fetched == Fetched(FetchState.STORED, len(brought))
    assert found.size_bytes == len(brought)


@pytest.mark.parametrize("encoding", ["8bit", "binary", "7bit", "x-unknown"])
def test_unencoded_bytes_come_as_they_are(tmp_path, encoding):
    body = with_file(CONTENT, encoding)
    assert bring(only_file(body), body, tmp_path / "file", 1_000_000).state is FetchState.STORED
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_an_old_uuencoded_file_is_decoded(tmp_path):
    text = b"begin 644 a.pdf\r\n#86)C\r\n`\r\nend\r\n"
    body = with_file(text, "x-uuencode")
    bring(only_file(body), body, tmp_path / "file", 1_000_000)
    assert (tmp_path / "file").read_bytes() == b"abc"


def test_a_large_file_is_brought_piece_by_piece(tmp_path):
    content = bytes(range(251)) * 20_000
    body = wire.pack(DIRECT, several(part(STORY), file("besar.bin", content)))
    ref = FileRef("0.1", MediaKind.DOCUMENT, inline=True)
    assert bring(ref, body, tmp_path / "file", 10_000_000) == Fetched(FetchState.STORED, len(content))
    assert (tmp_path / "file").read_bytes() == content


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(tmp_path):
    body = wire.pack(DIRECT, several(part(STORY), file("a.pdf", b"x" * 3_000)))
    found = only_file(body)
    assert bring(found, body, tmp_path / "file", 2_999) == Fetched(FetchState.TOO_LARGE)
    assert not (tmp_path / "file").exists()
    assert bring(found, body, tmp_path / "file", 3_000).state is FetchState.STORED


@pytest.mark.parametrize("ref", ["0.7", "9", "", "0.1.1.1", "0"])
def test_a_part_that_is_not_there_is_gone(tmp_path, ref):
    body = wire.pack(DIRECT, several(part(STORY), file("a.pdf")))
    assert bring(FileRef(ref, MediaKind.DOCUMENT, inline=True), body, tmp_path / "file", 1_000).state is FetchState.GONE
    assert bring(FileRef("0.1", MediaKind.DOCUMENT, inline=True), None, tmp_path / "file", 1_000).state is FetchState.GONE


def test_a_forwarded_message_is_kept_whole(tmp_path):
    inner = mail("Surat lama")
    body = wire.pack(DIRECT, several(part(STORY), lines("Content-Type: message/rfc822") + b"\r\n\r\n" + inner))
    bring(only_file(body), body, tmp_path / "file", 10_000)
    assert (tmp_path / "file").read_bytes() == inner


def test_a_mail_that_is_nothing_but_a_file_is_that_file(tmp_path):
    head = "Content-Type: application/pdf; name=surat.pdf\nContent-Transfer-Encoding: base64"
    body = wire.pack(DIRECT, mail(base64.encodebytes(CONTENT), head))
    bring(only_file(body), body, tmp_path / "file", 100_000)
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_locators_find_the_same_part_again(tmp_path):
    many = [file(f"{number}.pdf", f"isi {number}".encode()) for number in range(5)]
    body = wire.pack(DIRECT, several(part(STORY), *many))
    for number, found in enumerate(parse(body, "x", ours=OURS).files):
        bring(found, body, tmp_path / "file", 1_000)
        assert (tmp_path / "file").read_text() == f"isi {number}"


@pytest.mark.parametrize(
    "name, safe",
    [
        ("bukti.pdf", "bukti.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.doc", "y.doc"),
        ('a<b>:c"|?*.pdf', "a_b_c_.pdf"),
        ("  .hidden  ", "hidden"),
        ("nama\u200b\u202egpj.exe", "namagpj.exe"),
        ("foto\u0301.jpg", "fotó.jpg"),
        ("dua   kata\t.pdf", "dua kata.pdf"),
        ("x" * 300 + ".tar.gz", "x" * 97 + ".gz"),
        ("x" * 300, "x" * 100),
        ("", None),
        ("/", None),
        ("...", None),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    "name, mime, kind",
    [
        ("a.jpg", "image/jpeg", MediaKind.PHOTO),
        ("a.heic", "image/heic", MediaKind.PHOTO),
        ("a.svg", "image/svg+xml", MediaKind.DOCUMENT),
        ("a.mp4", "video/mp4", MediaKind.VIDEO),
        ("a.amr", "audio/amr", MediaKind.AUDIO),
        ("a.PNG", "application/octet-stream", MediaKind.PHOTO),
        ("a.3gp", "application/octet-stream", MediaKind.VIDEO),
        ("a.exe", "application/octet-stream", MediaKind.DOCUMENT),
        ("a.zip", "application/zip", MediaKind.DOCUMENT),
    ],
)
def test_kinds_are_what_the_sender_says_until_they_are_sniffed(name, mime, kind):
    body = wire.pack(DIRECT, several(part(STORY), file(name, b"x" * 5_000, mime)))
    found = only_file(body)
    assert (found.kind, found.mime, found.inline) == (kind, mime, True)


def test_a_tiny_picture_is_decoration_only_where_html_shows_it():
    def files(length: int, placed: bytes) -> int:
        logo = file("l.png", b"x" * length, "image/png", "Content-ID: <l>").replace(b"attachment", placed)
        return len(parse(wire.pack(DIRECT, several(part(STORY), logo)), "x", ours=OURS).files)

    assert files(4_095, b"inline") == 0
    assert files(4_096, b"inline") == 1
    assert files(10, b"attachment") == 1


def test_every_size_is_exact_without_decoding():
    for length in range(12):
        raw = several(file("a.bin", b"x" * length))
        (_, only) = parts.tree(raw).walk()
        assert parts.size_of(raw, only) == length == len(parts.content(raw, only))
        assert attachments.name_of(only) == "a.bin"
