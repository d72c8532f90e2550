"""Whatever bytes arrive: an Inbound or ValueError, soon, and nothing that cannot be stored."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.email import headers, html, quotes, wire
from bots.email.charsets import decoded
from tests.bots.email.corpus import SITI, corpus, lines, tied
from tests.bots.promises import keep_for_mail

FAST = settings(max_examples=200, deadline=2_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
BODIES = [mail.body for mail in corpus() if len(mail.body) < 20_000]
WORDS = (
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"--=_b\r\n",
    b"--=_b--",
    b"Content-Type: multipart/mixed; boundary==_b\r\n",
    b"\0",
    b"\xff",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"=?utf-8?Q?",
    b"?=",
    b"<",
    b">",
    b"> ",
    b"Content-Type: text/html; charset=utf-16\r\n",
    b"Pada 2 Mar 2026 10.00, a <a@b.c> menulis:\r\n",
    b"Dari: a@b.c\r\n",
    b"From: a@b.c, d@e.f\r\n",
    b"Auto-Submitted: x\r\n",
    b"(",
    b'"',
    b";",
    b"filename*0*=utf-8''%",
    b"\x1b$B",
    b"+AAA-",
)
VALUES = st.one_of(
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=60),
    st.sampled_from(
        (
            b"multipart/mixed; boundary=a",
            b"multipart/alternative; boundary=a",
            b"text/html; charset=x",
            b"message/rfc822",
            b"base64",
            b"quoted-printable",
            b"x-uuencode",
            SITI.encode(),
            b"=?gb2312?B?/////w==?=",
            b"attachment; filename=a/b",
        )
    ),
)
NAMES = st.sampled_from(
    (
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"References",
        b"Content-Type",
        b"Content-Transfer-Encoding",
        b"Content-Disposition",
        b"Content-ID",
        b"Precedence",
        b"Auto-Submitted",
        b"Delivered-To",
        b"\xe9",
    )
)
HEADS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
    lambda pairs: b"".join(name + b": " + value + b"\r\n" for name, value in pairs) + b"\r\n"
)
PARTS = st.recursive(
    st.tuples(HEADS, st.binary(max_size=200)).map(b"".join),
    lambda inner: st.tuples(HEADS, st.lists(inner, max_size=4).map(lambda parts: tied(*parts, boundary="a"))).map(b"".join),
    max_leaves=8,
)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A mail of the corpus, cut, doubled, spliced and sprinkled."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        until = min(len(body), at + draw(st.integers(0, 300)))
        match draw(st.integers(0, 4)):
            case 0:
                del body[at:until]
            case 1:
                body[at:at] = draw(st.sampled_from(WORDS)) * draw(st.integers(1, 30))
            case 2:
                body[at:at] = body[at:until] * draw(st.integers(1, 5))
            case 3:
                other = draw(st.sampled_from(BODIES))
                body[at:until] = other[len(other) // 2 :][:500]
            case _:
                body[at : at + 1] = draw(st.binary(max_size=4))
    return bytes(body)


@FAST
@given(mutations())
def test_a_mutated_mail_keeps_every_promise(body):
    keep_for_mail(body)


@FAST
@given(PARTS)
def test_a_made_up_mail_keeps_every_promise(tmp_path_factory, raw):
    keep_for_mail(wire.pack(wire.Envelope(SITI, ("lapor@contoh.go.id",)), raw), tmp_path_factory.getbasetemp() / "made-up")


@FAST
@given(st.binary(max_size=2_000))
def test_any_bytes_keep_every_promise(body):
    keep_for_mail(body)


@FAST
@given(
    st.binary(max_size=300),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-7", "hz", "utf-16", "gb2312", "big5"])),
)
def test_any_bytes_under_any_label_are_text(data, label):
    text = decoded(data, label)
    text.encode("utf-8")
    assert "\0" not in text
    assert "\r" not in text


@FAST
@given(st.text(alphabet=st.sampled_from('<>@.,;:"()[]\\=?utf-8QB_ aé\n\r\0\u202e'), max_size=200))
def test_any_header_line_can_be_asked(value):
    message = headers.read(b"From: " + lines(value) + b"\r\nSubject: " + lines(value) + b"\r\n\r\n")
    sender = headers.sender_of(message)
    assert sender is None or headers.address_of(sender) == sender
    assert headers.words(value).splitlines() in ([], [headers.words(value)])
    assert "@" not in (headers.name_of(message) or "")


HOSTILE = {
    "angle brackets": "<" * 400_000,
    "comments": "<!--" * 100_000,
    "scripts": "<script>" * 50_000,
    "a table": "<table>" + "<tr><td>x" * 20_000,
    "a wide table": "<table><tr><td>" + "w" * 200_000 + "<tr><td>x" * 10_000,
    "lists": "<ul>" * 50 + "<li>x" * 60_000,
    "nested tables": "<table><tr><td>" * 20_000,
    "indentation": '<p style="margin:9999999em;padding-left:9999999em">x',
    "spans": '<table><tr><td colspan="999999999" rowspan="999999999">x',
    "entities": "&amp;" * 80_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_is_read_in_bounded_time_and_space(name):
    begun = time.thread_time()
    page = html.read(HOSTILE[name])
    assert time.thread_time() - begun < 5
    assert len(page.whole) < 10_000_000


LINES = {
    "quotes": "> " * 200 + "\n",
    "attributions": "Pada 2026 10.00 " + "a" * 380 + "\n",
    "attributions that never end": "Pada 2 Mar 2026 pukul 10.00\n",
    "brackets": "<" * 390 + "\n",
    "blanks": " " * 390 + "x\n",
    "blocks": "Dari: a@b.c\n",
    "rules": "_" * 300 + "\n",
    "phones": "dikirim dari " + "hp " * 60 + "\n",
    "dashes": "-- \n",
    "one endless line": "Pada 2026 ",
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("answers", [True, False], ids=["answers", "first"])
def test_stripping_quotes_takes_time_in_proportion_to_the_text(name, answers):
    def seconds(size: int) -> float:
        text = LINES[name] * (size // len(LINES[name]))
        begun = time.thread_time()
        quotes.own(text, answers=answers)
        return time.thread_time() - begun

    small, large = min(seconds(50_000) for _ in range(3)), seconds(400_000)
    assert large < 30 * small + 0.5
