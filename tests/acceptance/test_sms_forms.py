"""What people text, however they text it, and who else texts us (issue: SMS; sop.md §3): through a real Kannel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.alphabet import segments
from tests.acceptance.smsworld import BUDI, CODE, SITI, SmsCity
from tests.acceptance.test_sms_first_to_last import STORY

pytestmark = pytest.mark.needs("kannel")

LAMP = "lampu jalan di Jl Melati Kota Contoh mati sejak Senin, tidak ada foto"
LONG = (
    "Pak, sejak tiga bulan lalu air PDAM di perumahan Griya Anggrek blok C Kota Contoh mati setiap pagi dan baru menyala"
    " tengah malam, kami sudah tiga kali lapor ke kantor tetapi hanya dijanjikan petugas akan datang, anak-anak kami tidak bisa"
    " mandi sebelum sekolah dan harus beli air galon. Tidak ada foto."
)
MARKED = "Terima kasih 🙏 “petugas” kami – Pak Andi – datang besok… 👍"
RUSSIAN = "Дорога отремонтирована."


def test_the_words_that_people_know(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    help_text = siti.says("BANTUAN")
    for word in ("STATUS", "BATAL", "INFO", "STOP"):
        assert word in help_text
    code = siti.reports(LAMP)  # no keyword at all
    assert siti.says(f"status#{code[:4].lower()}-{code[4:8]}-{code[8:]}").startswith(f"{code}: Belum diverifikasi")

    stopped = siti.says("Berhenti!")
    assert "berhenti mengirim" in stopped
    city.does("nasional", "dispose", code, category="grievance", office_name="Pemerintah Kota Contoh")
    city.on(city.clock().replace(hour=3, minute=0))
    assert siti.reads() == "", "silence until they write again"
    assert city.report(code)["state"] == "at_agency", "the report goes on"
    assert "Diteruskan ke instansi" in siti.says("status")
    city.does("kota", "dispose", code, office_name="Dinas Pekerjaan Umum Kota Contoh")
    city.on(city.clock() + timedelta(minutes=3))
    assert "Dinas Pekerjaan Umum" in siti.reads()

    asked = siti.says("batal")
    assert asked.endswith("1 Ya, cabut 2 Tidak")
    siti.says("1")
    assert city.report(code)["state"] == "archived"

    other = siti.says("DINKES: obat di puskesmas sukamaju kosong sejak Senin")
    (code,) = CODE.findall(other)
    page = city.page("nasional", f"/laporan/{code}")
    assert "Dinas Kesehatan Kota Contoh" in page
    assert "dibatalkan" in siti.says("BATAL")  # at once, in answer to the receipt
    assert city.report(code)["state"] == "archived"
    assert [segments(text) for text in siti.texts()] == [1] * siti.segments()


def test_long_texts_and_other_letters_both_ways(sms_city: SmsCity) -> None:
    city, siti, budi = sms_city, sms_city.phone(), sms_city.phone(BUDI)
    assert len(LONG) > 300
    code = siti.reports(LONG)
    assert LONG in city.page("nasional", f"/laporan/{code}")
    emoji = budi.reports("😡 “jalan” rusak parah di Jl Kartini Kota Contoh — sejak Januari 🙏 tidak ada foto")
    assert "😡 “jalan” rusak parah di Jl Kartini Kota Contoh — sejak Januari 🙏" in city.page("nasional", f"/laporan/{emoji}")

    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    siti.reads()
    city.does("kota", "respond", code, words=MARKED, promised_on="2026-03-16")
    heard = siti.reads()
    assert '"petugas" kami - Pak Andi - datang besok...' in heard, "no mark or picture makes a text cost triple"
    assert segments(heard) == 1
    city.does("kota", "progress", code, words=RUSSIAN, promised_on="2026-03-25")
    assert RUSSIAN in siti.reads()
    words = "Pipa utama diganti. " * 25
    city.does("kota", "settle", code, words=words)
    assert segments(siti.reads()) == 1
    assert words.strip() in siti.says("info")
    assert siti.segments() == sum(segments(text) for text in siti.texts())


def test_one_person_has_one_conversation_however_the_network_writes_the_number(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    code = siti.reports(STORY)
    city.phone(SITI.replace("0", "62", 1)).says("1 kemarin pagi 2 x")
    assert city.phone(SITI.replace("0", "+62", 1)).says("STATUS").splitlines()[-1].startswith(f"{code}: ")
    assert len(city.rows("conversations")) == len(city.rows("reports")) == 1
    assert siti.segments() == 3


def test_the_same_text_twice_is_kept_twice_and_answered_once(sms_city: SmsCity) -> None:
    city, siti = sms_city, sms_city.phone()
    siti.sends(LAMP)
    siti.sends(LAMP)
    siti.sends(LAMP.upper())
    assert len(CODE.findall(siti.reads())) == 1
    assert siti.segments() == 1
    assert len(city.kept()) == 3
    assert len(city.rows("reports")) == 1


def test_machines_and_our_own_number_get_no_answer(sms_city: SmsCity) -> None:
    city = sms_city
    for sender in ("1212", "500", "INFOBANK", "1708", "+1708", "Pulsa-Promo", "0", "08001234567"):
        city.vendor.said += 1
        city.kannel.say(sender, LAMP)
    assert sms_city.phone().says("BANTUAN")
    assert len(city.kept()) == 9
    assert city.rows("reports") == []
    assert len(city.kannel.lines()) == len(city.rows("outbox")) == 1
    assert {row["reason"] for row in city.kept()} == {"automatic", None}


def test_a_flood_gets_one_reply_an_hour_is_kept_and_holds_nobody_up(sms_city: SmsCity) -> None:
    city, siti, budi = sms_city, sms_city.phone(), sms_city.phone(BUDI)
    city.vendor.said += 200
    city.kannel.flood(SITI, "lampu jalan rusak lagi nomor ", 200)
    code = budi.reports(LAMP)
    city.vendor.wait(lambda: len(city.kept()) == 201, 20)
    city.quiet()
    assert len(city.kept()) == 201
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    answered, paid = len(siti.texts()), siti.segments()
    assert answered <= 22, "before a flood shows, each is answered; then one"
    siti.says("lampu jalan rusak lagi nomor seribu")
    assert siti.segments() == paid, "one reply an hour"
    assert "Melati" in city.page("nasional", f"/laporan/{code}")
    assert len(city.rows("reports")) <= 22, "what comes inside a flood is kept with the last one"


def test_pieces_that_the_gateway_did_not_join_are_one_report_and_a_lost_one_holds_nothing_up(sms_city: SmsCity) -> None:
    city, siti, budi = sms_city, sms_city.phone(), sms_city.phone(BUDI)
    pieces = ("lampu jalan di Jl Melati ", "Kota Contoh mati sejak Senin, ", "tidak ada foto")
    for number in (3, 1, 2):
        fields = {"id": f"s-{number}", "from": SITI, "udh": f"0500032a03{number:02}", "text": pieces[number - 1]}
        assert city.calls("/sms/kannel", **fields) == 200
    fields = {"id": "b-1", "from": BUDI, "udh": "0500032a0301", "text": "jalan rusak parah di Jl Kartini Kota Contoh"}
    assert city.calls("/sms/kannel", **fields) == 200
    assert city.rows("reports") == []
    city.clock.set(city.clock() + timedelta(minutes=1))
    city.quiet()
    codes = [code for phone in (siti, budi) for code in CODE.findall(phone.reads())]
    assert len(codes) == len(city.rows("reports")) == 2
    assert "".join(pieces) in city.page("nasional", f"/laporan/{codes[0]}")
    assert "Jl Kartini" in city.page("nasional", f"/laporan/{codes[1]}")
    assert city.calls("/sms/kannel", **fields | {"id": "b-2", "udh": "0500032a0302", "text": " sejak Januari"}) == 200
    city.clock.set(city.clock() + timedelta(minutes=1))
    city.quiet()
    assert "sejak Januari" in city.page("nasional", f"/laporan/{codes[1]}"), "what comes late is not lost"
