"""Silence by mail closes only what arrived: accepted by the relay, and no bounce within 24 hours (design.md, the road, 3).

Settled on Friday 2026-03-13 at 09.00; it counts as delivered on Saturday the 14th. By hand from sop.md §6, over Nyepi,
Idulfitri and their joint leave (18 to 24 March) and Good Friday (3 April): working days are 16, 17, 25, 26, 27, 30, 31 March,
1, 2 and 6 April. The 7th is 31 March, the 10th is 6 April.
"""

from __future__ import annotations

from dataclasses import replace

from tests.acceptance.mailworld import US, MailCity, Reader
from tests.acceptance.test_mail_first_to_last import SETTLEMENT, settled
from tests.acceptance.world import wib


def test_a_settlement_counts_after_a_day_without_a_bounce_and_closes_after_ten_working_days(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    city.on(wib(3, 14, 8, 30))
    assert _settlement(city, code)["state"] == "accepted"
    assert _silence(city, code) is None
    city.on(wib(3, 14, 9, 30))
    assert _settlement(city, code)["state"] == "delivered"
    assert _silence(city, code) is not None

    city.on(wib(3, 31, 23, 50))
    assert siti.reads() == ""
    city.on(wib(4, 1, 8))
    reminder = siti.reads()
    assert code in reminder
    assert "Senin, 6 April" in reminder
    city.on(wib(4, 2, 9))  # the reminder counts by now, too
    assert siti.reads() == ""  # once
    city.on(wib(4, 6, 23, 50))
    assert city.report(code)["state"] == "in_progress"
    city.on(wib(4, 7, 0, 5))
    report = city.report(code)
    assert (report["state"], report["closing"]) == ("closed", "silence")
    assert code in siti.reads()


def test_a_settlement_that_bounces_within_the_day_starts_no_clock_and_closes_nothing(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    city.on(wib(3, 13, 20))
    siti.post.bounces(siti.post.delivered(siti.last()))
    city.quiet()
    assert _settlement(city, code)["state"] == "failed"
    assert _address(city)["gone_at"] is not None
    page = city.page("puskesmas", f"/laporan/{code}")
    assert "Pelapor tidak terjangkau" in page
    assert "Alamatnya tidak menerima pesan lagi" in page

    for moment in (wib(3, 14, 9, 30), wib(4, 1, 8), wib(4, 7, 0, 5), wib(4, 30, 8)):
        city.on(moment)
    assert "Sudah beres?" not in siti.reads()  # an overdue notice was tried again at the most
    assert city.report(code)["state"] == "in_progress"
    assert _silence(city, code) is None
    assert "close_unreachable" in city.official("puskesmas").offered(code)  # a person may (sop.md §5)


def test_a_note_that_a_mail_is_only_delayed_changes_nothing(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    siti.post.bounces(siti.post.delivered(siti.last()), status="4.4.1", action="delayed")
    city.quiet()
    assert _settlement(city, code)["state"] == "accepted"
    assert _address(city)["gone_at"] is None
    city.in_a_day()
    assert _silence(city, code) is not None


def test_a_person_whose_mails_came_back_writes_again_and_is_reached_again(mail_city: MailCity) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    settlement = siti.last()
    siti.post.bounces(siti.post.delivered(settlement), status="5.2.2")  # her mailbox was full
    city.quiet()
    assert _settlement(city, code)["state"] == "failed"
    siti.answers("Belum, uangnya belum saya terima.", to=settlement)
    assert city.report(code)["not_settled"] == 1
    city.does("puskesmas", "settle", code, words=SETTLEMENT + " Kuitansinya ada di loket.")
    assert "Kuitansinya ada di loket" in siti.reads()


def test_a_bounce_that_comes_after_the_day_is_on_record_and_nobodys_report_is_closed_over_a_dead_address(
    mail_city: MailCity,
) -> None:
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    settlement = siti.post.delivered(siti.last())
    city.in_a_day()
    assert _silence(city, code) is not None
    siti.post.bounces(settlement)
    city.quiet()
    assert _settlement(city, code)["state"] == "delivered"  # a delivery never goes backwards (design.md, the road, 3)
    assert _address(city)["gone_at"] is not None

    city.relay.answer("rcpt", "550 5.1.1 No such user")  # the reminder fails openly
    for moment in (wib(4, 1, 8), wib(4, 2, 9), wib(4, 7, 0, 5), wib(4, 30, 8)):
        city.on(moment)
    assert city.report(code)["state"] == "in_progress"


def test_a_bounce_to_our_plain_address_is_known_by_the_mail_that_it_returns(mail_city: MailCity) -> None:
    """A relay that puts its own envelope sender in place of ours."""
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    siti.post.bounces(replace(siti.post.delivered(siti.last()), mail_from=US))
    city.quiet()
    assert _settlement(city, code)["state"] == "failed"
    assert city.inbox()[-1]["state"] == "handled"
    assert len(city.rows("reports")) == 1


def test_a_reply_within_the_day_stops_the_silence_that_has_not_begun(mail_city: MailCity) -> None:
    """Any other reply than Beres (sop.md §5): the holder answers within five working days, and nothing is closed."""
    city, siti = mail_city, mail_city.citizen()
    code = settled(city, siti)
    siti.answers("Uangnya sudah kembali, tapi petugasnya masih minta uang ke pasien lain.")
    for moment in (wib(3, 14, 9, 30), wib(4, 1, 8), wib(4, 2, 9), wib(4, 7, 0, 5)):
        city.on(moment)
    assert _silence(city, code) is None
    assert city.report(code)["state"] == "in_progress"


def _settlement(city: MailCity, code: str) -> dict[str, object]:
    return next(row for row in city.out(code) if row["clock"] == "silence")


def _silence(city: MailCity, code: str) -> dict[str, object] | None:
    report_id = city.report(code)["id"]
    return next((row for row in city.rows("clocks") if row["report_id"] == report_id and row["kind"] == "silence"), None)


def _address(city: MailCity, of: Reader | None = None) -> dict[str, object]:
    return next(row for row in city.rows("addresses") if of is None or row["address"] == of.post.address)
