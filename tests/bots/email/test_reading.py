"""Which words are new, what the clock says, and bombs that must not take long."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from bots.email import headers, parts, wire
from bots.email.parse import Ours, moment, parse, says_something
from bots.email.wire import Envelope
from core.channels import Inbound
from tests.bots.email.corpus import ADDRESS, DIRECT, OURS, SITI, STORY, TOKENS, UNPROVEN, file, lines, mail, part, several

MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def read(raw: bytes, envelope: Envelope = DIRECT, ours: Ours = OURS) -> Inbound:
    return parse(wire.pack(envelope, raw), "x", ours=ours)


def test_the_whole_text_stays_beside_the_new_one():
    got = read(mail(f"{STORY}\n\n-- \nSiti Aminah\nJalan Mawar 3\n"))
    assert got.text == STORY
    assert got.whole is not None
    assert got.whole.startswith(STORY)
    assert "Jalan Mawar 3" in got.whole


def test_without_quotes_there_is_one_text():
    assert read(mail(STORY)).whole is None


def test_where_no_proof_is_required_every_sender_is_believed():
    believing = Ours("email", ADDRESS, TOKENS, require=False)
    assert read(mail(), UNPROVEN, believing).sender.verified
    assert not read(mail(), UNPROVEN).sender.verified


@pytest.mark.parametrize(
    "written, received, taken",
    [
        (MONDAY, MONDAY + timedelta(minutes=1), MONDAY),
        (MONDAY, MONDAY + timedelta(days=5), MONDAY),
        (MONDAY - timedelta(days=7), MONDAY, MONDAY),
        (MONDAY + timedelta(hours=2), MONDAY, MONDAY),
        (MONDAY + timedelta(minutes=59), MONDAY, MONDAY + timedelta(minutes=59)),
        (None, MONDAY, MONDAY),
        (MONDAY, None, MONDAY),
        (None, None, None),
    ],
)
def test_the_senders_clock_counts_where_it_can_be_right(written, received, taken):
    assert moment(written, received) == taken


@pytest.mark.parametrize(
    "value, moment",
    [
        ("Mon, 2 Mar 2026 10:00:00 +0700", MONDAY),
        ("2 Mar 2026 03:00:00 -0000", MONDAY),
        ("Mon, 2 Mar 2026 10:00:00 +0700 (WIB)", MONDAY),
        ("kemarin", None),
        ("", None),
        ("Mon, 99 Mar 2026 10:00:00 +0700", None),
        ("Mon, 2 Mar 99999 10:00:00 +0700", None),
        ("Mon, 2 Mar 2026 10:00:00 +999999999999", None),
    ],
)
def test_dates_are_read_or_left_out(value, moment):
    assert headers.date_of(headers.read(lines(f"Date: {value}\n\n"))) == moment


@pytest.mark.parametrize("subject", ["", "Re:", "RE: Fwd:", "Bls: [warga]", "…", "Re[2]:", "[tag][tag]", "- -"])
def test_a_subject_of_tags_says_nothing(subject):
    assert not says_something(subject)


@pytest.mark.parametrize("subject", ["Jalan", "Re: jalan", "[RT] 5", "Reformasi", "Fw jalan"])
def test_a_subject_with_a_word_says_something(subject):
    assert says_something(subject)


def test_references_come_nearest_first():
    head = headers.read(lines("In-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>\n\n"))
    assert headers.references(head) == ("c@x", "b@x", "a@x")


def test_a_thousand_references_are_cut_at_the_far_end():
    head = headers.read(lines("References: " + "\n ".join(f"<{number}@x>" for number in range(1000)) + "\n\n"))
    assert headers.references(head)[0] == "999@x"
    assert len(headers.references(head)) == headers.MOST_REFERENCES


HTML = "Content-Type: text/html"
BOMBS = {
    "a hundred thousand parts": several(*(part("x") for _ in range(100_000))),
    "lines that look like boundaries": mail("--=_bX\n" * 2_000_000, 'Content-Type: multipart/mixed; boundary="=_b"'),
    "twenty megabytes of headers": b"A: b\n" * 4_000_000,
    "sixty pages of HTML": several(*[part("<p>a" * 20_000, HTML)] * 60),
    "sixty pages of pictures": several(*[part("<img src=cid:a>" * 26_000, HTML)] * 60),
    "sixty forwarded pages without a word": several(
        *[part(f"{HTML}\n\n" + "<img src=cid:a>" * 26_000, "Content-Type: message/rfc822")] * 60
    ),
    "a report that returns five hundred mails": several(
        *[part("a: b\n" * 8_000, "Content-Type: message/rfc822")] * 490, kind="report"
    ),
    "parts of headers": several(*(b"A:b\r\n" * 50_000 + b"\r\n" for _ in range(60))),
    "five thousand nested multiparts": lines(f"From: {SITI}\n")
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000)),
    "twenty megabytes of text": mail(b"Jalan rusak. " * 1_600_000),
    "twenty megabytes in one file": several(part(STORY), file("a.bin", b"x" * 15_000_000)),
    "one line without end": mail(b"x" * 20_000_000),
    "a subject without end": mail(subject="=?" * 1_000_000),
    "a sender without end": mail(sender="(" * 1_000_000 + SITI),
    "recipients without end": mail(head="Cc: " + "a@b.c, " * 200_000),
    "parameters without end": mail(head="Content-Type: text/plain" + ';a="' * 200_000),
    "encoded words without end": mail(subject="=?utf-8?Q?=E2=80?= " * 50_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_longer_than_a_breath(name):
    body = wire.pack(DIRECT, BOMBS[name])
    begun = time.process_time()
    with suppress(ValueError):
        parse(body, "x", ours=OURS)
    assert time.process_time() - begun < 4


def test_the_tree_of_a_bomb_is_small():
    root = parts.tree(BOMBS["a hundred thousand parts"])
    assert sum(1 for _ in root.walk()) <= parts.MOST_PARTS
    assert root.beyond > 90_000
