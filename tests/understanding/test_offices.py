"""The directory searched with people's own words."""

from __future__ import annotations

import pytest

from core.dialogue.understanding.offices import Directory, Entry
from core.procedure.vocabulary import OfficeKind

CITY = ("Pemerintah Kota Contoh",)
HEALTH = (*CITY, "Dinas Kesehatan Kota Contoh")
DIRECTORY = Directory(
    [
        Entry(1, "Kementerian Kesehatan", OfficeKind.AGENCY, 1, ("kemenkes",)),
        Entry(2, "Pemerintah Kota Contoh", OfficeKind.AGENCY, 2, ("pemkot contoh",)),
        Entry(3, "Dinas Kesehatan Kota Contoh", OfficeKind.UNIT, 2, ("dinkes",), CITY),
        Entry(4, "RSUD Kota Contoh", OfficeKind.UNIT, 2, ("rsud contoh",), HEALTH),
        Entry(5, "Puskesmas Sukamaju", OfficeKind.UNIT, 2, (), HEALTH),
        Entry(6, "SDN 2 Contoh", OfficeKind.UNIT, 2, (), (*CITY, "Dinas Pendidikan Kota Contoh")),
        Entry(7, "Kecamatan Melati", OfficeKind.UNIT, 2, (), CITY),
        Entry(8, "Desa Sukamaju", OfficeKind.UNIT, 2, (), (*CITY, "Kecamatan Melati")),
        Entry(9, "Dinas Kependudukan dan Pencatatan Sipil", OfficeKind.UNIT, 2, ("disdukcapil",), CITY),
    ]
)


@pytest.mark.parametrize(
    "query,office_id",
    [
        ("puskesmas sukamaju", 5),
        ("pkm sukamaju", 5),
        ("puskesmas sukamju", 5),
        ("pusksmas sukamaju", 5),
        ("dinkes", 3),
        ("dinas kesehatan", 3),
        ("kemenkes", 1),
        ("disdukcapil", 9),
        ("dukcapil", 9),
        ("capil", 9),
        ("kec melati", 7),
        ("sd 2", 6),
        ("SDN 2 Contoh", 6),
        ("pemkot contoh", 2),
        ("desa sukamaju", 8),
        ("rsud contoh", 4),
        ("PUSKESMAS SUKAMAJU KOTA CONTOH", 5),
    ],
)
def test_the_office_meant_comes_first(query: str, office_id: int) -> None:
    assert DIRECTORY.search(query)[0].entry.id == office_id


@pytest.mark.parametrize(
    "story,office_id",
    [
        (
            "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut",
            5,
        ),
        ("ktp saya lama banget jadinya di dukcapil", 9),
        ("kepala desa sukamaju motong bansos", 8),
    ],
)
def test_an_office_named_by_the_story_is_taken(story: str, office_id: int) -> None:
    first = DIRECTORY.mentioned_in(story)[0]
    assert (first.entry.id, first.confident) == (office_id, True)


@pytest.mark.parametrize(
    "story", ["lampu jl melati mati", "di sukamaju jalan rusak", "kelurahan melati pungli", "halo min", "", "puskesmas", "!!!"]
)
def test_what_the_words_do_not_name_is_a_guess_at_most(story: str) -> None:
    assert not any(hit.confident for hit in DIRECTORY.mentioned_in(story))


def test_a_unit_beside_its_own_agency_is_named_and_a_rough_spelling_is_offered_only() -> None:
    assert DIRECTORY.mentioned_in("puskesmas sukamaju dinas kesehatan kota contoh")[0].confident
    assert not DIRECTORY.mentioned_in("puskesmas sukamaya")[0].confident


def test_results_are_ranked_and_limited() -> None:
    hits = DIRECTORY.search("contoh sukamaju puskesmas", limit=2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score
    assert DIRECTORY.search("puskesmas", limit=0) == ()


def test_an_empty_directory_finds_nothing() -> None:
    assert Directory([]).search("puskesmas sukamaju") == ()


def test_twenty_thousand_offices_are_searched_by_their_words_and_not_one_by_one() -> None:
    many = Directory(Entry(number, f"Puskesmas Desa{number}", OfficeKind.UNIT, 1) for number in range(20_000))
    with_one_more = Directory([*many.entries, Entry(20_000, "Puskesmas Sukamaju", OfficeKind.UNIT, 1)])
    assert with_one_more.mentioned_in("antri di pkm sukamaju")[0].entry.id == 20_000
    assert len(many.search("puskesmas " * 400)) <= 5
