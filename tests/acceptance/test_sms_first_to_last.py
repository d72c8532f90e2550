"""From a plain phone's first text to the rating, through a real Kannel both ways (sop.md §3, §5, §7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.alphabet import segments
from tests.acceptance.smsworld import BUDI, CODE, Phone, SmsCity

pytestmark = pytest.mark.needs("kannel")

STORY = "LAPOR diminta 20rb buat kartu di puskesmas sukamaju"
GAPS = "1 kemarin pagi 2 x"
QUESTION = "Jam berapa kejadiannya dan di loket berapa?"
SETTLEMENT = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."
LONG = (
    "Uang Rp20.000 sudah dikembalikan kepada Ibu Siti hari ini pukul 10.00 di loket 2, petugas loket sudah ditegur secara"
    " tertulis, dan mulai besok di depan loket dipasang papan bahwa kartu berobat tidak dipungut biaya apa pun."
)


def at_the_clinic(city: SmsCity, phone: Phone) -> str:
    """A complaint that has gone down to the puskesmas; its code. What was said about it has been read."""
    code = phone.reports(STORY)
    phone.says(GAPS)
    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    phone.reads()
    return code


def test_from_the_first_text_to_the_rating(any_sms_city: SmsCity) -> None:
    city, siti = any_sms_city, any_sms_city.phone()

    receipt = siti.says(STORY)
    (code,) = CODE.findall(receipt)
    assert "1 kapan 2 ada bukti?" in receipt  # the clinic of the words is known: its city need not be asked
    assert "Data hanya utk laporan ini" in receipt
    assert siti.segments() == 1, "receipt, code, gaps, notice and the way out in one"
    assert "lengkap" in siti.says(GAPS)
    assert siti.segments() == 2, "a complete report costs two segments; sop and issue allow four"
    assert "kemarin pagi" in city.page("nasional", f"/laporan/{code}")

    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    assert siti.reads() == "", "what only tells of a move waits three minutes for more"
    city.on(city.clock() + timedelta(minutes=3))
    heard = siti.reads()
    assert "Pemerintah Kota Contoh" in heard
    assert "Rabu, 25 Maret" in heard  # sop.md §6: 2026-03-13 and 3 days
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")

    city.does("puskesmas", "ask", code, words=QUESTION)
    heard = siti.reads()
    assert QUESTION in heard
    assert "Puskesmas Sukamaju" in heard, "the question says who holds it: one text less"
    assert city.report(code)["state"] == "awaiting_reporter"
    assert QUESTION in siti.says("STATUS")
    assert "sudah diteruskan" in siti.says("jam 9 pagi di loket 2")
    assert city.report(code)["state"] == "at_unit"
    assert "jam 9 pagi di loket 2" in city.page("puskesmas", f"/laporan/{code}")

    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    heard = siti.reads()
    assert SETTLEMENT in heard
    assert heard.endswith("1 Beres 2 Belum")
    assert code in siti.says("1 beres")
    assert city.report(code)["state"] == "closed"
    siti.says("5")
    assert city.report(code)["rating"] == 5

    assert [segments(text) for text in siti.texts()] == [1] * len(siti.texts())
    assert siti.segments() == len(siti.texts()) == 9
    assert {row["state"] for row in city.rows("outbox")} == {"delivered"}
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}


def test_a_long_settlement_is_one_segment_and_info_brings_the_rest(sms_city: SmsCity) -> None:
    siti = sms_city.phone()
    code = at_the_clinic(sms_city, siti)
    before = siti.segments()
    sms_city.does("puskesmas", "settle", code, words=LONG)
    heard = siti.reads()
    assert siti.segments() == before + 1
    assert "INFO" in heard
    assert heard.endswith("1 Beres 2 Belum")
    assert LONG in siti.says("info")
    assert code in siti.says("BERES")
    assert sms_city.report(code)["state"] == "closed"


def test_belum_sends_it_on_and_a_dispute_inside_the_window_opens_it_again(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    code = at_the_clinic(city, siti)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    siti.reads()
    siti.says("2")
    siti.says("uangnya belum saya terima")
    report = city.report(code)
    assert (report["state"], report["not_settled"]) == ("in_progress", 1)
    assert "uangnya belum saya terima" in city.page("puskesmas", f"/laporan/{code}")
    city.does("puskesmas", "settle", code, words="Uangnya kami antar hari ini.")
    siti.reads()
    siti.says("beres pak makasih")
    assert city.report(code)["state"] == "closed"
    siti.says("belum beres, uangnya ternyata kurang 10rb")
    report = city.report(code)
    assert (report["state"], report["disputes"]) == ("in_progress", 1)
    assert len(city.rows("reports")) == 1


def test_two_open_reports_are_told_apart_by_number_and_by_code(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    lamp = siti.reports("LAPOR lampu jalan di Jl Melati Kota Contoh mati sejak Senin, tidak ada foto")
    pipe = siti.reports("LAPOR air pdam di Jl Anggrek Kota Contoh keruh sejak kemarin, tidak ada foto")
    assert lamp != pipe
    asked = siti.says("sampai sekarang belum ada petugas yang datang")
    assert segments(asked) == 1
    assert "1 Air pdam" in asked
    assert "2 Lampu" in asked
    siti.says("2")
    assert "belum ada petugas" in city.page("nasional", f"/laporan/{lamp}")
    siti.says(f"{pipe.lower()} sekarang berbau juga")
    assert "berbau juga" in city.page("nasional", f"/laporan/{pipe}")
    listed = siti.says("status")
    assert lamp in listed
    assert pipe in listed
    assert siti.says(f"status {lamp.lower()}").startswith(f"{lamp}: Belum diverifikasi")


def test_english_danger_and_a_stranger_with_a_code(sms_city: SmsCity) -> None:
    city, siti, budi = sms_city, sms_city.phone(), sms_city.phone(BUDI)
    receipt = siti.says("the street light on Jl Melati has been broken since Monday")
    (code,) = CODE.findall(receipt)
    assert "your name is hidden" in receipt
    assert siti.says("STATUS").startswith(f"{code}: Not yet verified.")

    alarm = budi.says("tolong ada kebakaran di pasar sukamaju sekarang")
    assert segments(alarm) == 1
    assert alarm.startswith("BUKAN layanan darurat")
    assert "112" in alarm
    assert "113" in alarm
    (urgent,) = CODE.findall(alarm)
    assert city.report(urgent)["urgent"]

    seen = budi.says(f"STATUS {code}")  # a code alone shows label and dates (sop.md §7)
    assert "Belum diverifikasi" in seen
    assert "Melati" not in seen
    budi.says(f"{code} ini sudah beres")
    assert city.report(code)["state"] == "received"
    assert "sudah beres" not in city.page("nasional", f"/laporan/{code}")
