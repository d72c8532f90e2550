"""Our mail goes out, its reader answers, and the answer is known: the round trip between two real mail servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bots.email import wire
from bots.email.parse import Ours, parse
from core.channels import Fault, Inbound, InboundKind, Outcome
from tests.acceptance.post import Correspondent
from tests.bots.email.postoffice import PostOffice
from tests.bots.email.sending import MESSAGE_ID, MONDAY, OURS, SITI, TOKENS, message, sender

BUDI = "budi@contoh.test"
OURSELVES = Ours("email", OURS, TOKENS)


@dataclass
class Town:
    """A post office that holds the citizens' mailboxes, and one in place of our own door."""

    office: PostOffice
    door: PostOffice

    def citizen(self, address: str) -> Correspondent:
        return Correspondent(address, ("127.0.0.1", self.door.port), self.office, to=OURS, now=lambda: MONDAY)

    def read(self, auth: str = "none") -> Inbound:
        """The newest mail at our door, as the channel reads it."""
        came = self.door.delivered[-1]
        envelope = wire.Envelope(came.mail_from, came.rcpt_to, "127.0.0.1", auth=auth, received_at=MONDAY)
        return parse(wire.pack(envelope, came.raw), "x#0", ours=OURSELVES)


@pytest.fixture
def town() -> Iterator[Town]:
    with PostOffice() as office, PostOffice() as door:
        made = sender(office)
        made.send(
            message("Di mana tepatnya?\n1. Jalan apa?\n2. Nomor berapa?", subject="[K7M4-2QXT-9] Laporan Anda", thread="7")
        )
        made.close()
        yield Town(office, door)


def test_an_answer_proves_its_sender_and_names_our_mail(town: Town):
    siti = town.citizen(SITI)
    (question,) = siti.waits()
    siti.answers(question, "Jalan Mawar\nnomor 7")
    answer = town.read()
    assert (answer.kind, answer.sender.address, answer.sender.verified) == (InboundKind.MESSAGE, SITI, True)
    assert answer.reply_to == MESSAGE_ID
    assert answer.text == "Jalan Mawar\nnomor 7"
    assert "Di mana tepatnya?" in (answer.whole or "")


def test_the_same_answer_from_another_address_proves_nothing(town: Town):
    (question,) = town.citizen(SITI).waits()
    town.citizen(SITI).answers(question, "Saya bukan Siti", as_another=BUDI)
    answer = town.read()
    assert (answer.sender.address, answer.sender.verified, answer.reply_to) == (BUDI, False, None)


def test_a_new_mail_proves_nothing_and_answers_nothing(town: Town):
    town.citizen(SITI).writes("Lampu jalan mati sejak Senin di Jalan Mawar.", subject="Lampu mati")
    mail = town.read()
    assert (mail.kind, mail.sender.verified, mail.reply_to) == (InboundKind.MESSAGE, False, None)
    assert mail.subject == "Lampu mati"


def test_a_bounce_names_the_mail_that_failed(town: Town):
    siti = town.citizen(SITI)
    (question,) = siti.waits()
    siti.bounces(siti.delivered(question))
    note = town.read()
    assert note.kind is InboundKind.RECEIPT
    assert note.receipt is not None
    assert (note.receipt.vendor_id, note.receipt.outcome) == (MESSAGE_ID, Outcome.FAILED)
    assert (note.receipt.detail, note.receipt.fault) == ("5.1.1", Fault.RECIPIENT_GONE)


def test_a_delay_is_no_failure(town: Town):
    siti = town.citizen(SITI)
    (question,) = siti.waits()
    siti.bounces(siti.delivered(question), "4.4.1", "delayed")
    note = town.read()
    assert note.kind in (InboundKind.AUTOMATIC, InboundKind.IGNORED)
    assert note.receipt is None


def test_an_out_of_office_note_is_a_machines(town: Town):
    siti = town.citizen(SITI)
    (question,) = siti.waits()
    siti.is_away(question)
    assert town.read().kind is InboundKind.AUTOMATIC


def test_our_own_mail_that_comes_back_is_a_machines(town: Town):
    siti = town.citizen(SITI)
    siti.waits()
    siti._hand_in(town.office.delivered[0].raw, SITI, [OURS])
    assert town.read().kind is InboundKind.AUTOMATIC
