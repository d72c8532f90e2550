"""Each mail of the corpus becomes what the table says."""

import time
from collections import Counter

import pytest

from bots.email import headers
from bots.email.parse import parse
from core.channels import InboundKind
from tests.bots.email.corpus import OURS, SITI, VENDOR_ID, corpus

SLOWEST_SECONDS = 3.0
MAILS = corpus()


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_an_awkward_mail_becomes_what_the_table_says(mail):
    want = mail.want
    begun = time.thread_time()
    if want.quarantine:
        with pytest.raises(ValueError, match="address"):
            parse(mail.body, "x#y", ours=OURS)
        return
    got = parse(mail.body, "x#y", ours=OURS)
    assert time.thread_time() - begun < SLOWEST_SECONDS
    assert (got.kind, got.channel, got.source_id) == (want.kind, "email", "x#y")
    if want.sender is not None:
        assert got.sender.address == want.sender
    if want.text is not None:
        assert got.text == want.text
    if want.kind is InboundKind.RECEIPT:
        assert got.receipt is not None
        assert (got.receipt.vendor_id, got.receipt.outcome) == (VENDOR_ID, want.outcome)
        assert (got.receipt.detail, got.receipt.fault) == (want.status, want.fault)
    if want.kind is not InboundKind.MESSAGE:
        assert (got.text, got.files, got.reply_to, got.sender.verified) == ("", (), None, False)
        return
    assert got.subject == want.subject
    assert tuple(file.name for file in got.files) == want.files
    assert got.files_left_out == want.left_out
    assert got.sender.verified is want.verified
    assert got.reply_to == want.about
    assert got.notes == want.notes
    assert want.whole_has is None or want.whole_has in (got.whole or "")
    assert got.whole is None or got.whole != got.text


READABLE = [mail for mail in MAILS if mail.want.kind is InboundKind.MESSAGE and not mail.want.quarantine]


@pytest.mark.parametrize("mail", READABLE, ids=lambda mail: mail.name)
def test_what_comes_out_can_be_stored(mail):
    got = parse(mail.body, "x#y", ours=OURS)
    said = [got.text, got.whole or "", got.subject or "", got.sender.name or "", *(file.name or "" for file in got.files)]
    for text in said:
        text.encode("utf-8")
        assert "\0" not in text
    for file in got.files:
        assert file.inline
        assert file.size_bytes is not None
        assert "/" not in (file.name or "")


def test_the_lane_is_the_sender_of_every_message():
    for mail in READABLE:
        lane = headers.sender_of(headers.read(mail.raw), mail.envelope.mail_from)
        assert parse(mail.body, "x#y", ours=OURS).sender.address == lane, mail.name


def test_no_two_mails_of_the_corpus_have_one_name():
    assert [name for name, count in Counter(mail.name for mail in MAILS).items() if count > 1] == []
    assert len(MAILS) >= 60


def test_a_name_is_shown_but_never_an_address_in_its_place():
    names = {mail.name: parse(mail.body, "x#y", ours=OURS).sender.name for mail in MAILS if not mail.want.quarantine}
    assert names["capitals"] == "Siti"
    assert names["an address as a name"] is None
    assert names["an encoded address as a name"] is None
    assert names["raw bytes in the name"] == "Siti é"
    assert SITI not in names.values()
