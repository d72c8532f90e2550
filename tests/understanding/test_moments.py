"""Dates as people say them; the expected days are counted by hand from Friday, 13 March 2026, 10:00 in Jakarta (sop.md §3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from core.dialogue.understanding.moments import Moment, MomentKind, Precision, find_moment

FRIDAY_MORNING = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)


def said(words: str, now: datetime = FRIDAY_MORNING, language: str = "id", zone: str = "Asia/Jakarta") -> Moment | None:
    return find_moment(words, now=now, zone=zone, language=language)


@pytest.mark.parametrize(
    "words,day",
    [
        ("kemarin", "2026-03-12"),
        ("kmrn", "2026-03-12"),
        ("kemaren siang", "2026-03-12"),
        ("tadi pagi", "2026-03-13"),
        ("td pagi", "2026-03-13"),
        ("tadi", "2026-03-13"),
        ("hari ini", "2026-03-13"),
        ("barusan", "2026-03-13"),
        ("baru aja kejadian", "2026-03-13"),
        ("semalem", "2026-03-12"),
        ("tadi malam", "2026-03-12"),
        ("td mlm", "2026-03-12"),
        ("kemarin lusa", "2026-03-11"),
        ("3 hari yg lalu", "2026-03-10"),
        ("tiga hari lalu", "2026-03-10"),
        ("hari senin", "2026-03-09"),
        ("senin kemarin", "2026-03-09"),
        ("rabu lalu", "2026-03-11"),
        ("hari minggu kemarin", "2026-03-08"),
        ("senin minggu lalu", "2026-03-02"),
        ("jumat", "2026-03-06"),
        ("3 Maret", "2026-03-03"),
        ("tgl 3/3", "2026-03-03"),
        ("tanggal 3", "2026-03-03"),
        ("tgl 20", "2026-02-20"),
        ("12-03-2026", "2026-03-12"),
        ("12/03/26", "2026-03-12"),
        ("2026-03-12", "2026-03-12"),
        ("5 Nopember 2025", "2025-11-05"),
        ("5 Des", "2025-12-05"),
        ("Senin, 9 Maret 2026", "2026-03-09"),
        ("12 Marett 2026", "2026-03-12"),
        ("tanggal 3 bulan 3", "2026-03-03"),
        ("kejadiannya kmrn pas saya ke puskesmas", "2026-03-12"),
        ("yesterday", "2026-03-12"),
        ("last night", "2026-03-12"),
        ("this morning", "2026-03-13"),
        ("2 days ago", "2026-03-11"),
        ("March 3rd, 2026", "2026-03-03"),
        ("3rd of March", "2026-03-03"),
        ("on Monday", "2026-03-09"),
        ("just now", "2026-03-13"),
    ],
)
def test_a_day_is_understood_as_people_say_it(words: str, day: str) -> None:
    moment = said(words)
    assert moment is not None
    assert (moment.kind, moment.start, moment.end) == (MomentKind.MOMENT, date.fromisoformat(day), date.fromisoformat(day))
    assert not moment.is_future


@pytest.mark.parametrize(
    "words,start",
    [
        ("sejak Jumat", "2026-03-06"),
        ("dari senin", "2026-03-09"),
        ("sejak kemarin", "2026-03-12"),
        ("sejak 3 Maret", "2026-03-03"),
        ("mulai tgl 3 maret 2026", "2026-03-03"),
        ("udah 3 bulan", "2025-12-13"),
        ("sdh 2 minggu", "2026-02-27"),
        ("sudah 2 minggu lebih", "2026-02-27"),
        ("hampir setahun", "2025-03-13"),
        ("seminggu ini", "2026-03-06"),
        ("lampu mati 2 minggu", "2026-02-27"),
        ("selama 5 hari", "2026-03-08"),
        ("sejak 2019", "2019-01-01"),
        ("sejak bulan januari", "2026-01-01"),
        ("dari senin sampai sekarang", "2026-03-09"),
        ("sejak minggu lalu", "2026-03-02"),
        ("since Friday", "2026-03-06"),
        ("for 3 months", "2025-12-13"),
        ("since yesterday", "2026-03-12"),
        ("for two weeks", "2026-02-27"),
    ],
)
def test_what_goes_on_since_then_is_open_at_its_end(words: str, start: str) -> None:
    moment = said(words)
    assert moment is not None
    assert (moment.kind, moment.start, moment.end) == (MomentKind.SINCE, date.fromisoformat(start), None)


@pytest.mark.parametrize(
    "words,start,end",
    [
        ("minggu lalu", "2026-03-02", "2026-03-08"),
        ("bulan lalu", "2026-02-01", "2026-02-28"),
        ("tahun lalu", "2025-01-01", "2025-12-31"),
        ("bulan maret 2025", "2025-03-01", "2025-03-31"),
        ("tahun 2024", "2024-01-01", "2024-12-31"),
        ("2 bulan lalu", "2026-01-01", "2026-01-31"),
        ("bulan ini", "2026-03-01", "2026-03-13"),
        ("last week", "2026-03-02", "2026-03-08"),
        ("antara senin dan rabu", "2026-03-09", "2026-03-11"),
        ("dari senin sampai rabu", "2026-03-09", "2026-03-11"),
        ("3-5 maret", "2026-03-03", "2026-03-05"),
        ("dari tanggal 3 sampai 5 maret", "2026-03-03", "2026-03-05"),
        ("between Monday and Wednesday", "2026-03-09", "2026-03-11"),
    ],
)
def test_a_span_of_days_has_both_edges(words: str, start: str, end: str) -> None:
    moment = said(words)
    assert moment is not None
    assert (moment.start, moment.end) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "words,at",
    [
        ("kmrn sore jam 3", time(15, 0)),
        ("kemarin jam 3 sore", time(15, 0)),
        ("tadi jam 9 pagi", time(9, 0)),
        ("kemarin jam 2 siang", time(14, 0)),
        ("kemarin malam jam 8", time(20, 0)),
        ("Senin, 9 Maret 2026 pukul 14.30 WIB", time(14, 30)),
        ("kemarin jam 2", time(14, 0)),
        ("kemarin pukul 07:15", time(7, 15)),
        ("yesterday at 3 pm", time(15, 0)),
    ],
)
def test_the_hour_is_understood_with_its_part_of_the_day(words: str, at: time) -> None:
    moment = said(words)
    assert moment is not None
    assert (moment.at, moment.precision) == (at, Precision.HOUR)


@pytest.mark.parametrize(
    "words", ["31 Februari", "tgl 32/13", "29 februari 2025", "31/04/2026", "tanggal 35", "0 maret 2026", "12-13-2026"]
)
def test_an_impossible_date_is_said_to_be_impossible_and_stays_empty(words: str) -> None:
    moment = said(words)
    assert moment is not None
    assert moment.impossible
    assert moment.start is None


@pytest.mark.parametrize(
    "words", ["besok", "lusa", "minggu depan", "20 Maret", "senin depan", "25/12/2030", "tomorrow", "3 hari lagi"]
)
def test_a_future_day_is_marked(words: str) -> None:
    moment = said(words)
    assert moment is not None
    assert moment.start is not None
    assert moment.start > date(2026, 3, 13)
    assert moment.is_future


@pytest.mark.parametrize(
    "words", ["tiap hari", "setiap malam", "tiap hari minggu", "sering banget kejadian", "every day", "kalau hujan"]
)
def test_what_comes_again_and_again_is_recurring(words: str) -> None:
    moment = said(words)
    assert moment is not None
    assert moment.kind is MomentKind.RECURRING


@pytest.mark.parametrize("words", ["bulan puasa kemarin", "waktu lebaran", "udah lama", "sudah berbulan-bulan", "dulu"])
def test_vague_words_are_kept_without_a_date(words: str) -> None:
    moment = said(words)
    assert moment is not None
    assert (moment.kind, moment.start) == (MomentKind.UNKNOWN_WORDS, None)


@pytest.mark.parametrize(
    "words",
    [
        "bayar 20rb",
        "0812-3456-7890",
        "rt 3/4",
        "RT 03/RW 05",
        "umur 3 tahun",
        "anak 5 tahun",
        "3/4 bagian jalan",
        "kode K7M4-2QXT-9",
        "harga 12.500",
        "no 12/3",
        "ga tau",
        "",
        "jalan rusak pak",
        "buka 24/7",
        "2 orang petugas",
        "dijanjikan 3 hari kerja",
        "nik 3201010101010001",
        "I may report this",
    ],
)
def test_numbers_that_are_no_dates_are_none(words: str) -> None:
    assert said(words) is None


def test_the_first_dated_words_of_a_story_win_and_their_place_is_told() -> None:
    text = "lampu Jl Melati mati 2 minggu, kmrn ada yg dijambret!!"
    moment = said(text)
    assert moment is not None
    assert (moment.words, text[slice(*moment.span)]) == ("2 minggu", "2 minggu")


def test_the_day_is_that_of_the_zone_and_not_of_utc() -> None:
    late = datetime(2026, 3, 13, 16, 30, tzinfo=UTC)  # 23:30 in Jakarta, 01:30 of the 14th in Jayapura
    assert said("hari ini", late).start == date(2026, 3, 13)  # type: ignore[union-attr]
    assert said("hari ini", late, zone="Asia/Jayapura").start == date(2026, 3, 14)  # type: ignore[union-attr]


def test_an_english_speaker_may_put_the_month_first_where_it_cannot_be_a_day() -> None:
    moment = said("on 3/13/2026", language="en")
    assert moment is not None
    assert moment.start == date(2026, 3, 13)
