"""One sign at a time: which make a mail a machine's, and which people's programs leave as well."""

import pytest

from bots.email import bounces, machines, parts, wire
from bots.email.bounces import Bounce, Fate
from bots.email.parse import parse
from bots.email.wire import UNKNOWN
from core.channels import InboundKind
from tests.bots.email.corpus import DIRECT, NULL, OURS, SITI, STORY, TO_BOUNCE, VENDOR_ID, mail, part, several


def wrote(
    head: str = "", *, subject: str = "Jalan rusak", sender: str = SITI, envelope=DIRECT, answers_ours: bool = False
) -> bool:
    root = parts.tree(mail(STORY, head, subject=subject, sender=sender))
    return machines.wrote(root, envelope, sender, answers_ours=answers_ours)


@pytest.mark.parametrize(
    "local",
    [
        "noreply",
        "no-reply",
        "no_reply",
        "no.reply",
        "noreply+abc",
        "donotreply",
        "do-not-reply",
        "mailer-daemon",
        "MAILER_DAEMON",
        "postmaster",
        "bounce",
        "bounces",
        "bounces+siti=warga",
        "bounce-17",
        "owner-warga",
        "warga-owner",
        "warga-request",
        "warga-bounces",
        "listserv",
        "majordomo",
        "autoreply",
        "auto-confirm",
        "tidak-dibalas",
        "tidakuntukdibalas",
        "jangan-balas",
        "drive-shares-noreply",
        "info.no-reply",
    ],
)
def test_addresses_of_machines(local):
    assert wrote(sender=f"{local.lower()}@x.example")


@pytest.mark.parametrize(
    "local",
    [
        "siti",
        "budi.noreplyanto",
        "reply",
        "ownership",
        "ownersiti",
        "requestia",
        "bouncer",
        "balas",
        "admin",
        "root",
        "info",
        "lapor.noreply1",
    ],
)
def test_addresses_of_people(local):
    assert not wrote(sender=f"{local}@x.example")


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: x",
        "Auto-Reply: x",
        "Auto: saya di luar",
        "AUTORESPONSE",
        "Out of the office until Monday",
        "Out of Office",
        "Re: Balasan otomatis: x",
        "Balasan Otomatis",
        "Pesan otomatis dari Siti",
        "Jawaban otomatis",
        "Vacation reply",
    ],
)
def test_subjects_of_machines(subject):
    assert wrote(subject=subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Sedang cuti, petugas tidak diganti",
        "Di luar kantor ada pungli",
        "Cuti bersama tetap buka?",
        "Out of office hours nobody answers",
        "Automobil dinas parkir liar",
        "Pesan otomatisasi",
        "Laporan: balasan otomatis terus",
        "Otomatis ditolak sistem",
    ],
)
def test_subjects_of_people(subject):
    assert not wrote(subject=subject)


@pytest.mark.parametrize(
    "subject", ["Sedang cuti", "Saya sedang cuti s.d. 5 Maret", "Di luar kantor", "Bls: Tidak di tempat", "OOO"]
)
def test_absence_counts_in_answer_to_our_mail_only(subject):
    assert wrote(subject=subject, answers_ours=True)
    assert not wrote(subject=subject)


def test_the_null_sender_is_known_from_the_envelope_or_else_from_return_path():
    assert wrote(envelope=NULL)
    assert wrote("Return-Path: <>", envelope=UNKNOWN)
    assert not wrote(envelope=UNKNOWN)
    assert not wrote("Return-Path: <>"), "what the sender wrote himself counts less than the envelope"


@pytest.mark.parametrize("value", ["no", "No", "no; x=y", ""])
def test_auto_submitted_no_is_a_person(value):
    assert not wrote(f"Auto-Submitted: {value}")


@pytest.mark.parametrize("value", ["auto-replied", "auto-generated", "AUTO-NOTIFIED; owner-email=x", "yes"])
def test_auto_submitted_anything_else_is_a_machine(value):
    assert wrote(f"Auto-Submitted: {value}")


def bounced(subject: str, text: str) -> Bounce:
    raw = mail(text, subject=subject, sender="MAILER-DAEMON@mx.example")
    return bounces.read(raw, parts.tree(raw))


@pytest.mark.parametrize(
    "subject, text, fate",
    [
        ("Delivery Status Notification (Delay)", "Delivery to x has been delayed", Fate.DELAYED),
        ("Delivery Status Notification (Failure)", "Delivery to x failed permanently: 550 5.1.1", Fate.FAILED),
        ("Undeliverable: Laporan", "Your message couldn't be delivered.", Fate.FAILED),
        ("Pesan tertunda", "Pesan belum terkirim", Fate.DELAYED),
        ("Warning: could not send message for past 4 hours", "You do not need to resend", Fate.DELAYED),
        ("failure notice", "temporary failure; I'm not going to try again", Fate.FAILED),
        ("Returned mail", "mailbox does not exist", Fate.FAILED),
        ("Mail status", "will retry later", Fate.DELAYED),
    ],
)
def test_bounces_without_fields_are_read_by_their_words(subject, text, fate):
    assert bounced(subject, text).fate is fate


@pytest.mark.parametrize(
    "text, status",
    [
        ("550 5.1.1 unknown", "5.1.1"),
        ("(#5.7.1)", "5.7.1"),
        ("552 too large", "552"),
        ("ver 15.1.12 at 10.5.1.1", ""),
        ("sorry", ""),
    ],
)
def test_the_status_is_found_in_words(text, status):
    assert bounced("failure notice", text).status == status


def test_a_person_who_forwards_a_bounce_is_a_person():
    inner = part(f"Message-ID: <{VENDOR_ID}>\nSubject: x", "Content-Type: message/rfc822")
    got = parse(wire.pack(DIRECT, several(part("Kenapa surat saya kembali?"), inner)), "x", ours=OURS)
    assert got.kind is InboundKind.MESSAGE


def test_a_bounce_that_is_quoted_in_words_by_a_person_fails_nothing():
    got = parse(wire.pack(DIRECT, mail(f"Message-ID: <{VENDOR_ID}>\n550 5.1.1", subject="failure notice")), "x", ours=OURS)
    assert got.kind is InboundKind.MESSAGE


def test_a_report_from_a_person_to_a_bounce_address_fails_nothing():
    envelope = wire.Envelope(SITI, (TO_BOUNCE,), auth="pass")
    got = parse(wire.pack(envelope, mail("550 5.1.1")), "x", ours=OURS)
    assert got.kind is InboundKind.AUTOMATIC
