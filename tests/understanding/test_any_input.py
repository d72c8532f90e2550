"""Whatever a stranger sends is read: total, the same each time, spans inside the text (issue: bad input)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dialogue.understanding.offices import Directory, Entry
from core.dialogue.understanding.reading import Reading, read
from core.dialogue.understanding.words import LIMIT_CHARACTERS
from core.procedure.vocabulary import OfficeKind

NOW = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)
DIRECTORY = Directory([Entry(1, "Puskesmas Sukamaju", OfficeKind.UNIT, 1), Entry(2, "Desa Sukamaju", OfficeKind.UNIT, 1)])
SPOKEN = st.lists(
    st.sampled_from(
        [
            "sudah",
            "tadi",
            "kemarin",
            "sejak",
            "dari",
            "sampai",
            "antara",
            "dan",
            "3",
            "31",
            "999",
            "3/3",
            "32/13",
            "bulan",
            "minggu",
            "lalu",
            "februari",
            "jam",
            "pagi",
            "setiap",
            "jl",
            "melati",
            "di",
            "rumah",
            "saya",
            "kel",
            ".",
            ",",
            "!",
            "?",
            "rt",
            "/",
            "puskesmas",
            "sukamaju",
            "desa",
            "tidak",
            "ada",
            "diminta",
            "20rb",
            "rp",
            "bayar",
            "lima",
            "ratus",
            "ribu",
            "juta",
            "mau",
            "bunuh",
            "diri",
            "bapak",
            "mukulin",
            "ibu",
            "kebakaran",
            "anak",
            "dipukul",
            "nama",
            "budi",
            "terima",
            "kasih",
            "min",
            "halo",
            "🔥",
            "⭐",
            "\u202e",
            "\x00",
        ]
    ),
    max_size=60,
).map(" ".join)


def reading_of(text: str) -> Reading:
    return read(text, now=NOW, zone="Asia/Jakarta", language="id", directory=DIRECTORY)


def check(text: str) -> None:
    reading = reading_of(text)
    assert reading == reading_of(text)
    assert len(reading.title) <= 80
    assert bool(reading.category) == reading.is_story
    finds = [reading.moment, reading.place, reading.danger, reading.child, *reading.amounts, *reading.identifying]
    for find in finds:
        if find is not None:
            start, end = find.span
            assert 0 <= start < end <= len(reading.text)
            assert reading.text[start:end] == find.words


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    check(text)


@settings(max_examples=250, deadline=None)
@given(SPOKEN)
def test_any_pile_of_our_own_words_is_read(text: str) -> None:
    check(text)


HOSTILE = [
    "a" * 4096,
    "1/" * 2048,
    "sudah " * 700,
    "di " * 1365,
    "😭" * 4096,
    "tidak ada " * 410,
    "a.a@" * 1024,
    "0" * 4096,
    "08 " * 1365,
    "\u0301" * 4096,
    "seratus " * 512,
    "saya " * 820,
    "\u202e" * 4096,
    "\x00" * 4096,
    "minta uang " * 370,
    ". " * 2048,
    "jalan " * 680,
    "\ud800" * 100,
    "/" * 4096,
    "nama saya " * 400,
    "x" * 100_000,
    "İ" * 4096,
    "ﷺ" * 4096,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", ["sudah ", "minta uang ", "saya tinggal di ", "1 ", "tidak ada ", "a.a@", "jalan "])
def test_the_work_grows_with_the_text_and_not_with_its_square(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in calls, because a shared machine's clock says little."""
    import sys

    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    def work(length: int) -> int:
        nonlocal calls
        sample = (text * LIMIT_CHARACTERS)[:length]
        reading_of(sample)
        calls = 0
        sys.setprofile(count)
        try:
            reading_of(sample)
        finally:
            sys.setprofile(None)
        return calls

    assert work(4000) < 3 * work(2000)
