"""From a post to the rating, on X alone: in public the invitation, in private everything else (sop.md §3, §5, §7)."""

from __future__ import annotations

from datetime import timedelta

from tests.acceptance.conftest import XCities
from tests.acceptance.xworld import CODE, Citizen, XCity, wib

STORY = "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut"
INVITATION = "Terima kasih sudah bersuara. Supaya data Anda aman, lanjut lewat DM ke @lapor1708, ya."  # sop.md §7
QUESTION = "Jam berapa kejadiannya dan di loket berapa?"
RESPONSE = "Bidan Sari memeriksa loket kartu hari ini juga dan memberi kabar hari Senin."
SETTLEMENT = "Uang Rp20.000 sudah dikembalikan dan petugas loket ditegur."
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(2000)


def at_the_clinic(city: XCity, citizen: Citizen) -> str:
    """A complaint that has gone down to the puskesmas; its code. What was said about it has been read."""
    code = citizen.reports(STORY)
    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    city.on(city.clock() + timedelta(minutes=3))
    citizen.reads()
    return code


def test_from_the_post_to_the_rating(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    siti.tweets("@lapor1708 " + STORY)
    assert city.public() == [INVITATION]
    assert siti.reads() == "", "whoever only wrote in public is not written to in private"
    heard = siti.says("lapor")
    assert "demam" in heard
    assert "(/data)" in heard
    assert "1. Sembunyikan\n2. Boleh" in heard  # no buttons: numbers
    assert "bukti" in siti.says("1")
    assert "1 foto" in siti.says("ini kartunya, yang minta uang petugas berkacamata", [siti.person.photo(PICTURE)])
    (code,) = CODE.findall(siti.says("kirim"))
    report = city.report(code)
    assert (report["state"], report["privacy"]) == ("received", "hidden")
    assert [row["state"] for row in city.rows("attachments")] == ["stored"]

    city.does("nasional", "dispose", code, category="complaint", office_name="Pemerintah Kota Contoh")
    assert siti.reads() == "", "each message costs: what only tells of a move waits for more"
    city.does("kota", "dispose", code, office_name="Puskesmas Sukamaju")
    city.on(city.clock() + timedelta(minutes=3))
    heard = siti.reads()
    assert "Puskesmas Sukamaju" in heard
    assert "Jumat, 27 Maret" in heard  # five working days over Nyepi and Idulfitri
    city.does("puskesmas", "ask", code, words=QUESTION)
    assert QUESTION in siti.reads()
    assert code in siti.says("jam 9 pagi di loket 2")
    assert "jam 9 pagi di loket 2" in city.page("puskesmas", f"/laporan/{code}")
    city.does("puskesmas", "respond", code, words=RESPONSE, promised_on="2026-03-16")
    assert RESPONSE in siti.reads()
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    heard = siti.reads()
    assert SETTLEMENT in heard
    assert "1. Beres\n2. Belum" in heard
    assert code in siti.says("1")
    assert city.report(code)["state"] == "closed"
    siti.says("5")
    assert city.report(code)["rating"] == 5

    assert city.public() == [INVITATION]
    assert len(city.rows("reports")) == 1
    assert {row["state"] for row in city.rows("outbox")} == {"delivered"}
    assert {row["state"] for row in city.rows("inbox")} == {"handled"}
    page = city.page("puskesmas", f"/laporan/{code}")
    assert "cerita · di depan umum" in page
    assert "petugas berkacamata" in page
    assert "siti" not in page.lower()


def test_belum_and_a_dispute_in_private_open_it_again_and_a_word_in_public_does_nothing(x_city: XCity) -> None:
    city, siti = x_city, x_city.citizen("siti")
    code = at_the_clinic(city, siti)
    city.does("puskesmas", "settle", code, words=SETTLEMENT)
    siti.reads()
    siti.tweets("@lapor1708 beres min, makasih")
    assert city.report(code)["state"] == "in_progress", "a case moves in private only"
    siti.says("2")
    siti.says("uangnya belum saya terima")
    report = city.report(code)
    assert (report["state"], report["not_settled"]) == ("in_progress", 1)
    assert "uangnya belum saya terima" in city.page("puskesmas", f"/laporan/{code}")
    city.does("puskesmas", "settle", code, words="Uangnya kami antar hari ini, dengan kuitansi.")
    siti.reads()
    siti.says("beres")
    assert city.report(code)["state"] == "closed"
    city.on(wib(4, 6, 20))  # the tenth working day: the window is open until it ends
    siti.says("belum beres, uangnya ternyata kurang 10rb")
    report = city.report(code)
    assert (report["state"], report["disputes"]) == ("in_progress", 1)
    assert len(city.rows("reports")) == 1
    assert city.public() == [INVITATION]


def test_a_thread_with_its_pictures_is_one_story_and_one_invitation(x_cities: XCities) -> None:
    with x_cities(thread_seconds=0.6) as city:
        siti = city.citizen("siti")
        first = siti.posts("@lapor1708 lampu Jl Melati kota Contoh mati 2 minggu 1/3", [siti.person.photo(PICTURE)])
        siti.person.replies(first, "2/3 kemarin ada yang dijambret di depan nomor 12", [], carried=False)
        third = siti.person.replies(first, "3/3 sudah lapor RT belum ada hasil", [siti.person.photo(PICTURE)], carried=False)
        city.vendor.brings(f"tweet:{third}")
        city.quiet()
        assert city.public() == [INVITATION]
        assert city.x.public_posts()[0].reply_to == first
        heard = siti.says("lapor")
        assert "lampu jl melati" in heard.lower()
        assert "2 foto" in siti.says("sembunyikan")
        (code,) = CODE.findall(siti.says("kirim"))
        page = city.page("nasional", f"/laporan/{code}")
        assert "depan nomor 12" in page
        assert "sudah lapor RT" in page
        assert len(city.rows("reports")) == 1
        assert [row["state"] for row in city.rows("attachments")] == ["stored", "stored"]
        assert city.public() == [INVITATION]
