"""From a citizen's first message to the closed report, by the people who have a part in it (sop.md §2, §5, §7)."""

from __future__ import annotations

from tests.acceptance.world import CODE, Citizen, City, wib

STORY = "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut"
ANSWER = "Bidan Sari memeriksa loket kartu hari ini juga dan memberi kabar hari Senin."
SETTLEMENT = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."


def at_the_clinic(city: City, citizen: Citizen) -> str:
    """A complaint that has gone down to the puskesmas; its code. What was said about it has been read."""
    code = citizen.reports(STORY)
    city.does("nasional", "reclassify", code, category="complaint")
    city.does("nasional", "dispose", code, office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    citizen.reads()
    return code


def test_from_the_first_message_to_the_closed_report(any_city: City) -> None:
    city, siti = any_city, any_city.citizen(7)

    assert "(/data)" in siti.says(STORY)  # the notice stands in the first reply (sop.md §3)
    assert siti.labels() == ["Sembunyikan", "Boleh"]
    assert "bukti" in siti.presses("Sembunyikan")
    assert "Puskesmas Sukamaju" in siti.presses("Tidak ada")
    assert siti.labels() == ["Kirim", "Ubah", "Batal"]
    thanks = siti.presses("Kirim")
    (code,) = CODE.findall(thanks)
    assert "Selasa, 17 Maret" in thanks  # two working days from Friday the 13th (sop.md §4)

    # One press confirms the category and disposes: not before an official has classified (sop.md §5).
    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    heard = siti.reads()
    assert code in heard
    assert "Pemerintah Kota Contoh" in heard
    assert "Rabu, 25 Maret" in heard  # sop.md §6: 2026-03-13 and 3 days

    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    heard = siti.reads()
    assert "Puskesmas Sukamaju" in heard
    assert "Jumat, 27 Maret" in heard  # five working days over Nyepi and Idulfitri
    assert city.official("balai").open(f"/laporan/{code}") == 404  # another agency's unit: as if there were none

    city.does("puskesmas", "respond", code, words=ANSWER, promised_on="2026-03-16")
    assert ANSWER in siti.reads()
    assert city.report(code)["state"] == "in_progress"

    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    heard = siti.reads()
    assert SETTLEMENT in heard
    assert siti.labels() == ["Beres", "Belum"]

    assert code in siti.presses("Beres")
    assert city.report(code)["state"] == "closed"
    assert siti.labels() == ["1", "2", "3", "4", "5"]
    siti.presses("5")
    assert city.report(code)["rating"] == 5
    assert city.official("puskesmas").offered(code) <= {"note", "add", "retitle", "record_delivery"}  # what ended is not moved
    assert {row["state"] for row in city.rows("outbox")} == {"delivered"}
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}


def test_a_question_goes_to_the_chat_and_its_answer_back_to_where_the_report_was(city: City) -> None:
    siti = city.citizen(7)
    code = at_the_clinic(city, siti)

    city.does("puskesmas", "ask", code, words="Jam berapa kejadiannya dan di loket berapa?")
    assert "Jam berapa kejadiannya dan di loket berapa?" in siti.reads()
    assert city.report(code)["state"] == "awaiting_reporter"
    assert "respond" not in city.official("puskesmas").offered(code)

    heard = siti.says("jam 9 pagi loket 2, petugasnya pakai kacamata")
    assert code in heard
    assert city.report(code)["state"] == "at_unit"
    desk = city.official("puskesmas")
    assert "respond" in desk.offered(code)
    assert "jam 9 pagi loket 2" in desk.text()


def test_reports_go_back_up_with_a_reason_and_the_next_disposition_after_the_second_return_binds(city: City) -> None:
    siti = city.citizen(7)
    code = siti.reports(STORY)
    city.does("nasional", "reclassify", code, category="complaint")
    city.does("nasional", "dispose", code, office_name="Kementerian Pelayanan Contoh")
    assert "Kementerian Pelayanan Contoh" in siti.reads()

    city.does("kementerian", "return", code, reason="Puskesmas adalah kewenangan pemerintah kota.")
    assert code in siti.reads()  # the reporter hears of it (sop.md §7)
    assert city.report(code)["state"] == "received"

    city.does("nasional", "dispose", code, office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Dinas Kesehatan Kota Contoh")
    assert "Dinas Kesehatan Kota Contoh" in siti.reads()
    city.does("dinkes", "return", code, reason="Ini urusan puskesmas itu sendiri.")
    assert city.report(code)["state"] == "at_agency"
    assert "Pemerintah Kota Contoh" in siti.reads()
    assert not city.report(code)["flagged"]  # one return by an agency, one by a unit

    city.does("kota", "return", code, reason="Kami tidak menangani pungutan di loket.")
    assert city.report(code)["flagged"]  # the second by agencies
    siti.reads()

    city.does("nasional", "dispose", code, office_name="Pemerintah Kota Contoh")  # confirms: it was returned from there
    assert city.report(code)["binding"]
    assert "Pemerintah Kota Contoh" in siti.reads()
    assert "return" not in city.official("kota").offered(code)
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    assert "Puskesmas Sukamaju" in siti.reads()
    assert "return" not in city.official("puskesmas").offered(code)


def test_belum_sends_it_on_and_a_dispute_inside_the_window_opens_it_again(city: City) -> None:
    siti = city.citizen(7)
    code = at_the_clinic(city, siti)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    siti.reads()

    siti.presses("Belum")
    siti.says("uangnya belum saya terima")
    report = city.report(code)
    assert (report["state"], report["not_settled"]) == ("in_progress", 1)
    assert "uangnya belum saya terima" in _page(city, "puskesmas", code)

    city.does("puskesmas", "settle", code, words="Uangnya kami antar ke rumah Ibu hari ini, dengan kuitansi.")
    siti.reads()
    siti.presses("Beres")
    assert city.report(code)["state"] == "closed"

    city.on(wib(4, 6, 20))  # the tenth working day: the window is open until it ends
    siti.says("belum beres, uangnya ternyata kurang 10rb")
    report = city.report(code)
    assert (report["state"], report["disputes"]) == ("in_progress", 1)
    assert len(city.rows("reports")) == 1
    assert "ternyata kurang 10rb" in _page(city, "puskesmas", code)


def _page(city: City, login: str, code: str) -> str:
    official = city.official(login)
    assert official.open(f"/laporan/{code}") == 200
    return official.text()
