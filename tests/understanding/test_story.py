"""Stories, titles, cleaning, language and identifying words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.dialogue.understanding.offices import Directory, Entry
from core.dialogue.understanding.reading import read
from core.dialogue.understanding.story import clean, is_thin, language_of, tells_story, title_from, words_that_identify
from core.procedure.vocabulary import Category, OfficeKind


@pytest.mark.parametrize(
    "text",
    [
        "min anak sy demam td pagi disuruh bayar 20rb",
        "jalan rusak pak",
        "tidak ada air",
        "lampu jl melati mati 2 minggu",
        "bagaimana cara urus KTP?",
        "usul dibangun jembatan",
        "LAPOR diminta 20rb buat kartu di puskesmas",
        "kemarin saya ke kantor desa tapi kepala desanya malah pergi",
        "kebakaran!",
        "the road is broken",
        "dasar anjing pegawai minta uang rokok",
    ],
)
def test_a_message_that_tells_what_happened_is_a_story(text: str) -> None:
    assert tells_story(text)


@pytest.mark.parametrize(
    "text",
    [
        "pln",
        "halo min",
        "di puskesmas sukamaju kemarin",
        "mau lapor pak",
        "saya mau lapor",
        "ga ada",
        "Jl Melati no 3 kota contoh",
        "kmrn sore jam 3",
        "terima kasih banyak ya min",
        "",
        "2",
        "😭😭😭",
        "nama saya Budi",
        "test",
        "ga tau",
        "sembunyikan",
        "sdh beres makasih",
        "?",
        "p",
    ],
)
def test_an_answer_or_a_greeting_is_no_story(text: str) -> None:
    assert not tells_story(text)


def test_jalan_rusak_pak_is_a_story_but_thin() -> None:
    assert tells_story("jalan rusak pak")
    assert is_thin("jalan rusak pak")
    assert not is_thin("min anak sy demam td pagi di puskesmas sukamaju disuruh bayar 20rb")


@pytest.mark.parametrize(
    "text,title",
    [
        ("jalan rusak pak", "Jalan rusak"),
        ("min tolong dong lampu jalan mati di Jl. Melati", "Lampu jalan mati di Jl. Melati"),
        ("dasar anjing pegawai kelurahan minta uang rokok", "Pegawai kelurahan minta uang rokok"),
        ("Assalamualaikum. Selamat pagi pak. air pdam ga ngalir 3 hari", "Air pdam tidak ngalir 3 hari"),
        ("saya mau lapor sampah numpuk depan pasar, tolong min", "Sampah numpuk depan pasar"),
        ("LAPOR diminta 20rb buat kartu", "Diminta 20rb buat kartu"),
        ("ada anjing liar gigit warga", "Ada anjing liar gigit warga"),
        ("terima kasih banyak buat perawat ruang mawar", "Terima kasih banyak buat perawat ruang mawar"),
        ("sampah ga diangkut2 udah seminggu", "Sampah tidak diangkut-angkut sudah seminggu"),
        ("Yth. Bapak Bupati. Jalan desa kami rusak parah.", "Jalan desa kami rusak parah"),
        ("Saya warga RT 2, ingin melaporkan bahwa lampu jalan padam", "Lampu jalan padam"),
    ],
)
def test_a_title_is_clean_and_starts_with_a_capital(text: str, title: str) -> None:
    assert title_from(text, "id") == title


def test_a_title_never_carries_a_phone_number_or_a_name() -> None:
    title = title_from("nama saya Budi hp 081234567890 lampu jalan mati di gang melati", "id")
    assert "Budi" not in title
    assert "0812" not in title
    assert "lampu jalan mati" in title.lower()


def test_a_long_title_ends_at_a_word_within_eighty_characters() -> None:
    title = title_from("jalan rusak " * 30, "id")
    assert len(title) <= 80
    assert title.endswith("…")


@pytest.mark.parametrize(
    "raw,cleaned",
    [
        ("jalan\x00 rusak", "jalan rusak"),
        ("\u202ejalan rusak", "jalan rusak"),
        ("ja\u200blan", "jalan"),
        ("a\u0301", "á"),
        ("🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥 kebakaran", "🔥🔥🔥🔥🔥 kebakaran"),
        ("⭐⭐⭐⭐⭐", "⭐⭐⭐⭐⭐"),
        ("a \t b\r\n\r\n\r\nc", "a b\n\nc"),
        ("tolo" + "\u0301" * 50 + "ng", "tol" + "ó\u0301" + "ng"),
        ("\ud800x", "x"),
        ("  ", ""),
    ],
)
def test_cleaning_keeps_the_words_and_drops_what_hides_them(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    "text,language",
    [
        ("lampu jalan mati", "id"),
        ("ga ada pak", "id"),
        ("the street light is broken", "en"),
        ("how do i report", "en"),
        ("xyz", None),
        ("", None),
        ("123", None),
        ("makasih ya", "id"),
    ],
)
def test_the_language_is_told_by_small_words(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text,kinds",
    [
        ("nama saya Budi Santoso, jalan rusak", ["name"]),
        ("nik 3201010101010001", ["nik"]),
        ("hubungi 0812-3456-7890", ["phone"]),
        ("wa +62 812 3456 7890 ya", ["phone"]),
        ("email budi@contoh.id", ["email"]),
        ("saya anak pak RT", ["relation"]),
        ("saya perawat di puskesmas itu", ["relation"]),
        ("rumah saya di jl melati no 3", ["address"]),
        ("saya tinggal di gang mawar", ["address"]),
        ("my name is John", ["name"]),
        ("nama saya jangan disebut", []),
        ("lampu jl melati mati", []),
        ("bayar 150000", []),
    ],
)
def test_words_that_show_who_wrote_are_found(text: str, kinds: list[str]) -> None:
    found = words_that_identify(text)
    assert [one.kind for one in found] == kinds
    assert all(text[slice(*one.span)] == one.words for one in found)


def test_the_example_of_the_procedure_is_read_whole() -> None:
    text = "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut"
    directory = Directory([Entry(5, "Puskesmas Sukamaju", OfficeKind.UNIT, 2, (), ("Pemerintah Kota Contoh",))])
    reading = read(text, now=datetime(2026, 3, 13, 3, tzinfo=UTC), zone="Asia/Jakarta", language=None, directory=directory)
    assert (reading.is_story, reading.is_thin, reading.language) == (True, False, "id")
    assert reading.moment is not None
    assert (reading.moment.words, str(reading.moment.start)) == ("td pagi", "2026-03-13")
    assert reading.place is not None
    assert reading.place.words == "di puskesmas sukamaju kota contoh"
    assert (reading.offices[0].entry.id, reading.offices[0].confident) == (5, True)
    assert reading.category is not None
    assert reading.category.category is Category.COMPLAINT
    assert [amount.text for amount in reading.amounts] == ["Rp20.000"]
    assert (reading.danger, reading.child, reading.identifying) == (None, None, ())
