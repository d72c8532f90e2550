"""Places and sums of money in people's own words."""

from __future__ import annotations

import pytest

from core.dialogue.understanding.amounts import find_amounts
from core.dialogue.understanding.places import find_place


@pytest.mark.parametrize(
    "text,place",
    [
        ("lampu jl melati rt 3 mati", "jl melati rt 3"),
        ("anak sy demam di puskesmas sukamaju kota contoh disuruh bayar", "di puskesmas sukamaju kota contoh"),
        ("dekat pasar", "dekat pasar"),
        ("depan SD 2", "depan SD 2"),
        ("kel. Sukamaju kec. Baru", "kel. Sukamaju kec. Baru"),
        ("di rumah sy", "di rumah sy"),
        ("Desa Sukasari RT 02/RW 05, Kecamatan Cibiru sudah 3 bulan ga ada air", "Desa Sukasari RT 02/RW 05, Kecamatan Cibiru"),
        ("jln raya bogor km 12 berlubang", "jln raya bogor km 12"),
        ("Jl. Sudirman No. 12, Bandung", "Jl. Sudirman No. 12, Bandung"),
        ("di SMPN 3 kota contoh guru minta uang", "di SMPN 3 kota contoh"),
        ("antri lama di kantor kecamatan", "di kantor kecamatan"),
        ("Kota Contoh", "Kota Contoh"),
        ("the street light at Jalan Merdeka has been broken", "at Jalan Merdeka"),
        ("near the market", "near the market"),
        ("lampu jalan di jl melati mati dari senin", "di jl melati"),
        ("air pdam di jl anggrek keruh sejak kemarin", "di jl anggrek"),
        ("saya usul di taman kota dikasih lampu", "di taman kota"),
        ("syarat akta di kelurahan melati apa aja", "di kelurahan melati"),
        ("perawat di RSUD Contoh baik banget", "di RSUD Contoh"),
        ("dana desa sukamaju dikorupsi kades", "desa sukamaju"),
        ("kelurahan melati pegawainya jutek", "kelurahan melati"),
        ("kami warga rt 05 keberatan pabrik tahu buang limbah", "rt 05"),
        ("jl pattimura rambu ketutup pohon", "jl pattimura"),
        ("di kampung yoka distrik heram su lama", "di kampung yoka distrik heram"),
    ],
)
def test_a_place_is_found_with_its_words(text: str, place: str) -> None:
    found = find_place(text)
    assert found is not None
    assert found.words == place
    assert text[slice(*found.span)] == place


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak pak",
        "di sini mati lampu",
        "saya jalan kaki",
        "ga tau",
        "",
        "3 kali bayar",
        "di mana ya",
        "belum jadi",
        "nomor 0812345678",
        "saya liat di twitter katanya bansos cair",
        "di fb rame soal jalan rusak",
        "The village office every day closes at 1 pm",
        "pak rt tilep dana bansos",
    ],
)
def test_words_that_are_no_place_give_none(text: str) -> None:
    assert find_place(text) is None


def test_the_own_home_is_marked_because_it_may_show_who_wrote() -> None:
    assert find_place("banjir di rumah saya").is_home  # type: ignore[union-attr]
    assert not find_place("banjir di rumah sakit umum").is_home  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text,shown",
    [
        ("disuruh bayar 20rb buat kartu", ["Rp20.000"]),
        ("1,5 jt", ["Rp1.500.000"]),
        ("1.5 juta", ["Rp1.500.000"]),
        ("Rp 50.000", ["Rp50.000"]),
        ("Rp. 50.000,-", ["Rp50.000"]),
        ("rp50000", ["Rp50.000"]),
        ("dua puluh ribu", ["Rp20.000"]),
        ("lima ratus ribu rupiah", ["Rp500.000"]),
        ("diminta 150000 sama petugas", ["Rp150.000"]),
        ("50k", ["Rp50.000"]),
        ("goceng", ["Rp5.000"]),
        ("awalnya 20rb terus jadi 100 ribu", ["Rp20.000", "Rp100.000"]),
        ("sejuta", ["Rp1.000.000"]),
        ("hp 081234567890", []),
        ("rt 3 rw 5", []),
        ("tahun 2024", []),
        ("sudah 2 minggu", []),
    ],
)
def test_money_is_written_one_way_and_other_numbers_are_none(text: str, shown: list[str]) -> None:
    assert [amount.text for amount in find_amounts(text)] == shown
