"""Wrong charsets, broken encodings, missing and bombed headers, bodies of every strange kind."""

from __future__ import annotations

import base64

from bots.email.reading import MOST_CHARACTERS
from bots.email.wire import UNKNOWN
from tests.bots.email.corpus import SITI, STORY, Awkward, Want, branch, file, lines, mail, part, several, tied

QUOTES = "“Pungli” di loket – Rp50.000…"


def words(name: str, body: bytes, kind: str, text: str, encoding: str = "8bit") -> Awkward:
    """One text part with that Content-Type."""
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}" if kind else f"Content-Transfer-Encoding: {encoding}"
    raw = mail("", head).removesuffix(b"\r\n") + b"\r\n" + body
    if not kind:
        raw = raw.replace(b"Content-Type: text/plain; charset=utf-8\r\n", b"")
    return Awkward(name, raw, Want(text))


def titled(name: str, subject: str | bytes, text: str | None) -> Awkward:
    """That Subject line."""
    line = subject if isinstance(subject, bytes) else subject.encode()
    return Awkward(name, mail(subject="@@").replace(b"@@", line), Want(STORY, subject=text))


MAILS = (
    words("windows-1252 labelled us-ascii", QUOTES.encode("cp1252"), "text/plain; charset=us-ascii", QUOTES),
    words("utf-8 labelled latin1", QUOTES.encode(), "text/plain; charset=iso-8859-1", QUOTES),
    words("utf-8 without a label", QUOTES.encode(), "text/plain", QUOTES),
    words("no content type at all", QUOTES.encode(), "", QUOTES),
    words(
        "gb2312 with letters beyond it", "道路損壞 朱镕基".encode("gb18030"), "text/plain; charset=gb2312", "道路損壞 朱镕基"
    ),
    words("utf-7", "Jalan é rusak".encode("utf-7"), "text/plain; charset=utf-7", "Jalan é rusak"),
    words("unknown charset", QUOTES.encode(), "text/plain; charset=x-unknown", QUOTES),
    words("charset that is a codec and no charset", b"Jalan rusak", "text/plain; charset=zlib", "Jalan rusak"),
    words("punycode as a charset", b"Jalan rusak-" + b"a" * 3000, "text/plain; charset=punycode", "Jalan rusak-" + "a" * 3000),
    words("utf-16 with a byte order mark", QUOTES.encode("utf-16"), "text/plain; charset=utf-16", QUOTES),
    words("utf-8 byte order mark", b"\xef\xbb\xbfJalan rusak", "text/plain; charset=utf-8", "Jalan rusak"),
    words("labelled utf-16 and plain ascii", b"Jalan rusak", "text/plain; charset=utf-16", "Jalan rusak"),
    words("NUL and control characters", b"Jalan\x00 ru\x01sak\x1b[31m", "text/plain; charset=utf-8", "Jalan rusak[31m"),
    words("bytes that are nothing", b"Jalan \xff\xfe\x81 rusak", "text/plain; charset=utf-8", "Jalan ��� rusak"),
    words("bare carriage returns", b"satu\rdua\r\n\r\ntiga", "text/plain", "satu\ndua\n\ntiga"),
    words(
        "broken quoted-printable",
        b"Jalan =C3=A9 =XY =\r\nrusak =E2=80",
        "text/plain; charset=utf-8",
        "Jalan é =XY rusak �",
        "quoted-printable",
    ),
    words("base64 cut in the middle", base64.b64encode(b"Jalan rusak parah")[:-3], "text/plain", "Jalan rusak par", "base64"),
    words("base64 with rubbish in it", b"SmFs*YW4g!!\r\ncnVzYWs=\r\n--", "text/plain", "Jalan rusak", "BASE64"),
    words("unknown transfer encoding", b"Jalan rusak", "text/plain", "Jalan rusak", "x-mystery"),
    words("content type that is no type", b"Jalan rusak", "text", "Jalan rusak"),
    titled("no subject words", "=?utf-8?B??=", None),
    titled("only Re and tags", "Re: Fwd: [warga] Bls:", None),
    titled(
        "subject in two encoded words that cut a letter", "=?utf-8?Q?Pung=C3?=\r\n =?utf-8?Q?=A9_li?= loket", "Pungé li loket"
    ),
    titled("raw 8-bit subject", "Pungli “loket”".encode(), "Pungli “loket”"),
    titled("raw windows-1252 subject", "Pungli “loket”".encode("cp1252"), "Pungli “loket”"),
    titled("encoded word with an unknown charset", "=?x-foo?Q?Jalan_rusak?=", "Jalan rusak"),
    titled("encoded word that is broken", "=?utf-8?B?SmFsYW4?= =?utf-8?B?!?=", "Jalan"),
    titled("header injection in an encoded word", "=?utf-8?Q?Jalan=0D=0ABcc:_x@y.z?=", "Jalan Bcc: x@y.z"),
    titled("endless subject", "Jalan " + "rusak " * 2000, ("Jalan " + "rusak " * 2000)[:300]),
    titled("list tag and words", "[RT4] Re: Jalan rusak", "[RT4] Re: Jalan rusak"),
    Awkward("no subject", mail(subject=None), Want(STORY, subject=None)),
    Awkward("no body", mail(""), Want("")),
    Awkward("headers and nothing else", mail("").rstrip(b"\r\n"), Want("")),
    Awkward("line feeds alone", mail().replace(b"\r\n", b"\n"), Want(STORY)),
    Awkward(
        "a line that is no header", mail().replace(b"To: ", b"ini bukan kepala\r\nTo: ", 1), Want(subject=None, verified=False)
    ),
    Awkward("header bomb", mail("x", "X-Bom: " + "a" * 600_000), Want(subject="Jalan rusak")),
    Awkward("ten thousand headers", mail(head="\n".join(f"X-{n}: y" for n in range(10_000))), Want(STORY)),
    Awkward(
        "html only",
        mail("<p>Jalan <a href='http://x.example'>Mawar</a> rusak</p><script>alert(1)</script>", "Content-Type: text/html"),
        Want("Jalan Mawar rusak"),
    ),
    Awkward(
        "html nested ten thousand deep", mail("<div>" * 10_000 + "Jalan rusak", "Content-Type: text/html"), Want("Jalan rusak")
    ),
    Awkward("html that is not", mail("Jalan < 3 meter & rusak", "Content-Type: text/html"), Want("Jalan < 3 meter & rusak")),
    Awkward(
        "empty plain beside html",
        several(part(" \n"), part("<b>Jalan rusak</b>", "Content-Type: text/html"), kind="alternative"),
        Want("Jalan rusak"),
    ),
    Awkward(
        "plain that only says html",
        several(
            part("Lihat pesan ini dalam HTML."), part(f"<p>{STORY * 12}</p>", "Content-Type: text/html"), kind="alternative"
        ),
        Want(STORY * 12),
    ),
    Awkward("multipart without a boundary", mail(tied(part(STORY)), "Content-Type: multipart/mixed"), Want(STORY)),
    Awkward(
        "multipart with the wrong boundary",
        mail(tied(part(STORY)), 'Content-Type: multipart/mixed; boundary="lain"'),
        Want(STORY),
    ),
    Awkward(
        "multipart without parts", mail("Jalan rusak", 'Content-Type: multipart/mixed; boundary="=_b"'), Want("Jalan rusak")
    ),
    Awkward(
        "multipart that never ends",
        several(part(STORY), file("a.pdf")).removesuffix(b"--=_b--\r\n"),
        Want(STORY, files=("a.pdf",)),
    ),
    Awkward(
        "preamble and epilogue",
        mail(b"kata mesin\r\n" + tied(part(STORY)) + b"kata mesin\r\n", 'Content-Type: multipart/mixed; boundary="=_b"'),
        Want(STORY),
    ),
    Awkward(
        "boundary that begins another",
        mail(
            tied(part(STORY), branch(part("dua"), kind="mixed", boundary="=_b2")),
            'Content-Type: multipart/mixed; boundary="=_b"',
        ),
        Want(f"{STORY}\n\ndua"),
    ),
    Awkward(
        "ten thousand parts",
        several(part(STORY), *(file(f"{n}.pdf") for n in range(10_000))),
        Want(STORY, files=("0.pdf", "1.pdf", "2.pdf", "3.pdf", "4.pdf"), left_out=999),
    ),
    Awkward(
        "multiparts nested two hundred deep",
        lines(f"From: <{SITI}>\nSubject: Jalan rusak\n")
        + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(200))
        + b"\r\nJalan rusak",
        Want(verified=False),
    ),
    Awkward(
        "a megabyte of words",
        mail("Jalan rusak. " * 100_000),
        Want(("Jalan rusak. " * 100_000)[:MOST_CHARACTERS], notes=("truncated",)),
    ),
    Awkward("a text of quote marks", mail(">\n" * 30_000, subject="Re: Jalan rusak"), Want(subject="Re: Jalan rusak")),
    Awkward("empty message", b"", Want("", subject=None, verified=False)),
    Awkward("empty message of which nothing is known", b"", Want(quarantine=True), UNKNOWN),
    Awkward("bytes that are no mail", bytes(range(256)) * 40, Want(quarantine=True), UNKNOWN),
)
