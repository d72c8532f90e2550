"""Category and danger on messages labelled by hand, with figures (sop.md §3, §4)."""

from __future__ import annotations

import pytest

from core.dialogue.understanding.category import propose
from core.dialogue.understanding.danger import DangerKind, child_in, danger_in
from core.procedure.vocabulary import Category
from tests.understanding.labelled import CATEGORIES, DANGERS, NO_DANGER


@pytest.mark.parametrize("text,category", CATEGORIES)
def test_a_labelled_message_gets_its_category(text: str, category: Category) -> None:
    assert propose(text).category is category


@pytest.mark.parametrize("text,kind", DANGERS)
def test_present_danger_is_recognised_with_its_kind(text: str, kind: DangerKind) -> None:
    danger = danger_in(text)
    assert danger is not None
    assert danger.kind is kind
    assert text[slice(*danger.span)] == danger.words


@pytest.mark.parametrize("text", NO_DANGER)
def test_past_supposed_and_figurative_danger_is_none(text: str) -> None:
    assert danger_in(text) is None


def test_words_that_speak_for_nothing_propose_a_grievance_with_little_confidence() -> None:
    assert propose("kemarin saya ke kantor desa") == (Category.GRIEVANCE, 0.2)
    assert propose("").confidence < 0.5


@pytest.mark.parametrize("text", ["tidak ada pungli di sini", "petugas tidak minta uang, ramah sekali"])
def test_a_denied_breach_is_no_complaint(text: str) -> None:
    assert propose(text).category is not Category.COMPLAINT


@pytest.mark.parametrize(
    "text",
    [
        "anak saya dipukul guru di sekolah",
        "siswa sd dibully teman sekelas",
        "anak saya ga boleh ikut ujian karena belum bayar",
        "my daughter was beaten by her teacher",
        "balita terlantar di panti",
    ],
)
def test_a_child_who_is_harmed_is_noticed(text: str) -> None:
    child = child_in(text)
    assert child is not None
    assert not child.is_reporter


@pytest.mark.parametrize(
    "text",
    ["saya siswa smp 2 mau lapor", "umur saya 15 tahun", "saya masih kelas 8", "aku masih sekolah min", "i'm a student here"],
)
def test_a_child_who_writes_is_noticed(text: str) -> None:
    child = child_in(text)
    assert child is not None
    assert child.is_reporter


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak",
        "anak sy demam td pagi di puskesmas disuruh bayar",
        "anak buah pak camat dimarahi",
        "anak tangga rusak",
        "anak saya umur 25 tahun dipukul preman",
        "lampu depan sd mati",
        "",
    ],
)
def test_a_report_without_a_harmed_child_is_not_sealed_for_one(text: str) -> None:
    assert child_in(text) is None
