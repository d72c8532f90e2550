"""What a person on the street would stumble over: words that got lost, questions answered already, the wrong tone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.dialogue.model import Submit
from core.procedure.vocabulary import Category
from tests.dialogue.world import World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)


def talk(*words: str) -> World:
    world = World(FRIDAY)
    for said in words:
        world.hear(said)
    return world


def last_said(world: World, words: str) -> str:
    return " ".join(message.text for message in world.hear(words))


def submitted(world: World) -> Submit:
    return next(effect for effect in world.effects if isinstance(effect, Submit))


@pytest.mark.parametrize(
    "words",
    [
        "pak guru suka mukul murid di SDN 1 Contoh kalo ga ngerjain pr",
        "guru memukul anak saya di sekolah kemarin sampai lebam",
    ],
)
def test_a_teacher_who_hit_a_pupil_is_a_sealed_report_and_no_emergency(words: str) -> None:
    world = talk(words)
    assert not world.reports
    assert world.session.draft.child
    assert world.session.draft.category is Category.COMPLAINT


def test_a_cry_at_the_end_of_a_long_message_is_heard() -> None:
    world = talk("tolong pak di depan rumah saya dari tadi orang ribut terus skrg lagi dipukulin satu orang sudah berdarah")
    assert submitted(world).draft.urgent


def test_fire_is_never_filed_as_praise() -> None:
    world = talk("rumah tetangga kebakaran pak cepat jl kenanga no 4")
    assert submitted(world).draft.category is Category.GRIEVANCE


@pytest.mark.parametrize("words", ["saya mau bunuh diri", "teman saya mau gantung diri"])
def test_who_speaks_of_suicide_is_met_with_a_warm_word_before_the_numbers(words: str) -> None:
    said = last_said(World(FRIDAY), words)
    assert said.index("orang terdekat") < said.index("119")


def test_words_before_the_story_are_kept_with_it() -> None:
    world = talk("sampah", "numpuk depan pasar sukamaju ga diangkut")
    assert world.session.draft.story.startswith("sampah\n")


def test_an_answer_that_names_a_place_says_more_than_the_story_did() -> None:
    world = talk("kantor distrik tutup terus, pegawai tidak pernah masuk", "distrik abepura")
    assert world.session.draft.where_words == "distrik abepura"


def test_words_without_any_time_do_not_answer_when() -> None:
    world = talk("obat di puskesmas sukamaju kosong terus", "sembunyikan")
    assert "Kapan kira-kira" in last_said(world, "takut anak saya diapa-apakan")
    assert world.session.draft.when_words is None


def test_what_lasts_is_asked_since_when() -> None:
    assert "Sejak kapan" in last_said(World(FRIDAY), "obat di puskesmas sukamaju kosong terus")


def test_a_future_day_in_the_story_is_asked_about() -> None:
    assert "“besok” masih akan datang, ya?" in last_said(World(FRIDAY), "besok ada pungutan lagi di smp 2 wajib 200rb")


@pytest.mark.parametrize("words", ["aman ga?", "gw takut lapor, nanti ketauan gimana?"])
def test_whoever_is_afraid_hears_what_protects_them(words: str) -> None:
    assert "tidak dipublikasikan" in last_said(World(FRIDAY), words)


def test_who_is_this_is_answered() -> None:
    assert "LAPOR!-SP4N" in last_said(World(FRIDAY), "siapa ini")


def test_an_unknown_code_is_told_and_starts_no_report() -> None:
    world = World(FRIDAY)
    assert "tidak saya temukan" in last_said(world, "K7M4-2QXT-9")
    assert world.session.draft.is_empty


def test_ubah_nama_at_the_summary_asks_for_the_name_anew() -> None:
    world = talk("air pdam mati di jl anggrek sejak kemarin", "boleh", "tidak ada")
    assert "Nama Anda boleh dilihat" in last_said(world, "ubah nama")


@pytest.mark.parametrize(
    "story,thanks",
    [
        ("pegawai kelurahan melati minta 50rb kemarin, saya takut", "Terima kasih sudah berani melapor."),
        ("pegawai kelurahan melati minta 50rb ke saya kemarin", "Terima kasih sudah melapor."),
        ("lampu jl melati mati sejak senin", "Terima kasih sudah melapor."),
    ],
)
def test_courage_is_thanked_where_there_is_fear(story: str, thanks: str) -> None:
    world = talk(story, "sembunyikan", "tidak ada")
    assert last_said(world, "kirim").startswith(thanks)


def test_who_only_saw_it_hears_no_sorry() -> None:
    assert last_said(World(FRIDAY), "dana desa sukamaju dikorupsi kades").startswith("Terima kasih sudah memberi tahu")
