"""A relay that is not always kind: greylisting, refusal, a line that breaks after the mail has left, a day away."""

from __future__ import annotations

from datetime import timedelta

from tests.acceptance.mailworld import BUDI, SITI, MailCity
from tests.acceptance.test_mail_first_to_last import SETTLEMENT, at_the_clinic, settled
from tests.acceptance.world import CODE
from tests.bots.email.postoffice import DROP, TAKE_AND_DROP, words

STORY = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, gelap sekali dan kemarin ada yang dijambret di sana."


def test_a_greylisted_mail_is_sent_once_later(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    city.relay.answer("rcpt", "451 4.7.1 Greylisted, come back later")
    assert siti.writes(STORY) == ""
    city.on(city.clock() + timedelta(minutes=6))
    assert CODE.search(siti.reads())
    city.on(city.clock() + timedelta(minutes=30))
    assert siti.reads() == ""
    assert [row["outcome"] for row in city.rows("delivery_attempts")] == ["again", "accepted"]


def test_while_one_is_greylisted_the_others_are_served(mail_city: MailCity) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen(BUDI, "Budi")
    city.relay.answer("rcpt", "450 4.2.0 Mailbox busy")
    assert siti.writes(STORY) == ""
    assert CODE.search(budi.writes(STORY))


def test_a_refused_address_fails_at_once_and_shows_on_the_desk(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = at_the_clinic(city, siti)
    city.relay.answer("rcpt", "550 5.1.1 No such user")
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    assert siti.reads() == ""
    assert city.out(code)[-1]["state"] == "failed"
    page = city.page("puskesmas", f"/laporan/{code}")
    assert "Pelapor tidak terjangkau" in page
    city.in_a_day()
    assert city.report(code)["settled_at"] is None


def test_a_mail_of_which_nobody_knows_whether_it_arrived_is_sent_again_as_the_same_mail(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = at_the_clinic(city, siti)
    city.relay.answer("end", TAKE_AND_DROP)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    city.on(city.clock() + timedelta(minutes=6))
    heard = siti.reads()
    assert SETTLEMENT in heard
    first, second = siti.mails[-2:]
    assert first["Message-ID"] == second["Message-ID"]
    assert words(first) == words(second)  # its mailbox shows one: nothing is marked as a possible repeat
    city.in_a_day()
    assert city.report(code)["settled_at"] is not None
    assert len([row for row in city.out(code) if row["clock"] == "silence"]) == 1


def test_a_line_that_breaks_before_the_mail_has_left_costs_nothing(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    city.relay.answer("body", DROP)
    assert siti.writes(STORY) == ""
    city.on(city.clock() + timedelta(minutes=6))
    assert len(CODE.findall(siti.reads())) == 1
    assert len(city.relay.mails(SITI)) == 1


def test_a_relay_that_is_away_for_a_day_gets_everything_afterwards_in_order_and_once(mail_city: MailCity) -> None:
    city, siti, budi = mail_city, mail_city.citizen(), mail_city.citizen(BUDI, "Budi")
    first = settled(city, siti)
    city.relay.leave()
    siti.post.answers(siti.last(), "Belum, uangnya belum saya terima.")
    budi.post.writes(STORY, subject="Lampu jalan mati")
    city.handled()
    puskesmas = city.official("puskesmas")
    puskesmas.does("progress", first, words="Uangnya sedang kami siapkan.", promised_on="2026-03-17")
    puskesmas.does("settle", first, words="Uangnya sudah kami antar ke rumah.")
    for _ in range(3):
        city.clock.set(city.clock() + timedelta(hours=8))
        city.tried()
    assert siti.post.reads() == budi.post.reads() == []
    city.relay.come_back()
    city.on(city.clock() + timedelta(hours=1))
    heard = siti.reads()
    assert heard.index("siapkan") < heard.index("antar ke rumah")
    assert heard.count("siapkan") == heard.count("antar ke rumah") == 1
    assert len(CODE.findall(budi.reads())) == 1
    ids = [str(mail["Message-ID"]) for mail in city.relay.mails()]
    assert len(ids) == len(set(ids))
    settlement = [row for row in city.out(first) if row["clock"] == "silence"][-1]
    assert settlement["state"] == "accepted"  # a day of waiting was no delivery
    city.in_a_day()
    assert city.report(first)["settled_at"] is not None


def test_a_relay_that_refuses_the_sender_is_everybodys_trouble_and_fails_nobodys_mail(mail_city: MailCity) -> None:
    """An operator forgot to let us in: the relay says no to every sender of ours until somebody mends it."""
    city, siti = mail_city, mail_city.citizen()
    city.relay.answer("mail", *["550 5.7.1 Sender not allowed"] * 3)
    assert siti.writes(STORY) == ""
    assert city.service.channels["email"].health.trouble == "unauthorised"
    for _ in range(4):
        city.on(city.clock() + timedelta(minutes=20))
    assert CODE.search(siti.reads())
    assert city.service.channels["email"].health.trouble is None
    assert [row["gone_at"] for row in city.rows("addresses")] == [None]
