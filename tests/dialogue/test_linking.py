"""What is said about linking, door by door: each word has its answer, and what was begun goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dialogue import linkcode
from core.dialogue.model import (
    CodeMeaning,
    Draft,
    Elsewhere,
    Link,
    LinkedAddress,
    LinkFacts,
    Mode,
    News,
    OfferLink,
    PreferHere,
    Session,
    StoryPart,
    TakeOver,
    Unlink,
)
from core.trackingcode import ALPHABET
from tests.dialogue.world import BUTTONS, CODES, MAIL, NUMBERS, SMS, World

NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
STORY = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."
OTHER = "Sampah di Pasar Baru kota Contoh menumpuk sejak hari Senin, baunya menyengat sekali."
FITS = LinkFacts(CodeMeaning.FITS, ref="hash", door="Surat", conversation=7, there=Session())
TWO = (LinkedAddress(1, "Obrolan", here=True), LinkedAddress(2, "Surat"))
THREE = (*TWO, LinkedAddress(3, "SMS"))


def effects(world: World, kind: type) -> list[object]:
    return [effect for effect in world.effects if isinstance(effect, kind)]


def said(world: World, words: str) -> str:
    return " ".join(message.text for message in world.hear(words))


def drafting(words: str = STORY) -> Session:
    """A conversation in which this story was told."""
    there = World(NOON, BUTTONS)
    there.hear(words)
    return there.session


@pytest.mark.parametrize(
    "words", ["SAMBUNG", "hubungkan", "lanjut di telepon lain", "LINK", "/sambung", "tolong sambungkan akun"]
)
@pytest.mark.parametrize("capabilities", [BUTTONS, NUMBERS, SMS, MAIL])
def test_the_word_brings_a_code_and_says_what_to_do_with_it(words: str, capabilities) -> None:
    world = World(NOON, capabilities)
    answer = said(world, words)
    assert effects(world, OfferLink) == [OfferLink("K7M42QXT")]
    assert "SAMBUNG K7M4-2QXT" in answer or "LINK K7M4-2QXT" in answer
    assert "Surat atau SMS" in answer or "Surat or SMS" in answer
    assert "15" in answer


@pytest.mark.parametrize(
    "words",
    [
        "lanjut di surat",
        "bisa lanjut di Surat saja?",
        "saya mau pindah ke SMS ya",
        "continue on sms please",
        "sambungin ke SMS",
    ],
)
def test_the_name_of_another_door_is_enough(words: str) -> None:
    world = World(NOON)
    said(world, words)
    assert effects(world, OfferLink) == [OfferLink("K7M42QXT")]


@pytest.mark.parametrize("words", ["lanjut di pasar", "pindah ke rumah sakit", "tolong lanjutkan laporan saya"])
def test_any_other_place_is_none(words: str) -> None:
    world = World(NOON)
    said(world, words)
    assert effects(world, OfferLink) == []


def test_with_one_door_there_is_nothing_to_link() -> None:
    world = World(NOON, doors=())
    assert "hanya kanal ini" in said(world, "sambung")
    assert effects(world, OfferLink) == []


@pytest.mark.parametrize(
    "meaning, sentence",
    [
        (CodeMeaning.UNKNOWN, "tidak cocok"),
        (CodeMeaning.EXPIRED, "15 menit"),
        (CodeMeaning.USED, "sudah dipakai"),
        (CodeMeaning.HERE, "kanal ini sendiri"),
        (CodeMeaning.LINKED, "sudah tersambung"),
        (CodeMeaning.TOO_MANY, "Tunggu satu jam"),
    ],
)
@pytest.mark.parametrize("capabilities", [BUTTONS, SMS])
def test_a_code_that_does_not_fit_is_told_why_and_nothing_is_linked(meaning, sentence: str, capabilities) -> None:
    world = World(NOON, capabilities, code=LinkFacts(meaning))
    assert sentence in said(world, "sambung K7M4-2QXT")
    said(world, "ya")
    assert effects(world, Link) == []


def test_the_code_of_a_report_and_half_a_code_are_told_to_be_none() -> None:
    world = World(NOON)
    for words in (STORY, "sembunyikan", "tidak ada", "kirim"):
        world.hear(words)
    assert "kode laporan" in said(world, "sambung K7M4-2QXT-9")
    assert "tidak cocok" in said(world, "sambung K7M4-2QX")
    assert effects(world, OfferLink) == []


def test_a_greeting_below_the_code_does_not_hide_it() -> None:
    assert linkcode.typed("SAMBUNG K7M4-2QXT\n\nSalam,\nBudi") == linkcode.Typed("K7M42QXT", named=True)
    assert linkcode.typed("K7M4-2QXT\n" + "lampu mati di jalan melati " * 10) is None


@pytest.mark.parametrize(
    "words",
    [
        "SAMBUNG K7M4-2QXT ya min",
        "halo min, sambung K7M4-2QXT",
        "kodenya K7M4-2QXT kak",
        "Kode saya k7m4 2qxt terima kasih",
        "sambung k 7 m 4 2 q x t",
        "SAMBUNG \uff2b\uff17\uff2d\uff14-\uff12\uff31\uff38\uff34",
        "SAMBUNG K7M4\u200b-2QXT",
        "Yth. Admin,\nSAMBUNG K7M4-2QXT\nTerima kasih\nBudi Santoso, Jalan Melati 5 kota Contoh, di depan pasar lama",
    ],
)
def test_a_code_is_understood_among_polite_words_letter_by_letter_and_in_a_letter(words: str) -> None:
    assert linkcode.typed(words) == linkcode.Typed("K7M42QXT", named=True)
    world = World(NOON, code=FITS)
    assert "sendiri yang" in said(world, words)
    assert world.session.language in (None, "id")


@pytest.mark.parametrize(
    "words",
    [
        "mau pisah kk",
        "pisah kk",
        "minta link",
        "linknya mana min",
        "sambung listrik baru",
        "mau sambung air pdam",
        "sambung 900 watt",
    ],
)
def test_what_only_sounds_like_it_links_and_parts_nothing(words: str) -> None:
    world = World(NOON, linked=TWO)
    answer = said(world, words)
    assert effects(world, OfferLink) == effects(world, Unlink) == []
    assert "Kode" not in answer


@pytest.mark.parametrize("words", ["pisah", "PISAH dong", "pisah dari surat", "tolong putuskan dari Surat ya", "unlink"])
def test_the_word_alone_or_with_the_name_of_the_door_parts(words: str) -> None:
    world = World(NOON, linked=TWO)
    said(world, words)
    assert effects(world, Unlink) == [Unlink(1)]


@pytest.mark.parametrize(
    "words",
    ["bukan saya!! pisah", "pisah sekarang, itu bukan saya", "bukan saya", "itu bukan saya min", "lho bukan aku kok", "not me"],
)
def test_whoever_is_alarmed_by_a_link_gets_rid_of_it_without_the_very_word(words: str) -> None:
    world = World(NOON, linked=TWO)
    for each in (STORY, "sembunyikan", "tidak ada", "kirim"):
        world.hear(each)
    world.happen(News(Elsewhere.LINKED, "Surat"))
    assert "dipisah" in said(world, words)
    assert effects(world, Unlink) == [Unlink(1)]


@pytest.mark.parametrize("words", ["ga deh takut", "itu bukan saya yg minta", "jangan, saya tidak kenal", "salah kirim min"])
def test_a_no_in_own_words_links_nothing_and_begins_nothing(words: str) -> None:
    world = World(NOON, code=FITS)
    said(world, "sambung K7M4-2QXT")
    assert said(world, words) == "Baik, tidak disambungkan."
    assert world.session.mode is Mode.IDLE


def test_which_door_parts_may_be_said_by_its_name() -> None:
    world = World(NOON, linked=THREE)
    said(world, "pisah")
    assert "dipisah dari SMS" in said(world, "yang sms")
    assert effects(world, Unlink) == [Unlink(3)]


def test_which_draft_goes_on_may_be_said_by_what_it_is_about() -> None:
    world = World(NOON, code=replace(FITS, there=drafting(OTHER)))
    world.hear(STORY)
    said(world, "sambung K7M4-2QXT")
    said(world, "ya")
    assert "Sampah" in said(world, "yang sampah")
    assert effects(world, TakeOver)


def test_words_in_the_middle_of_a_story_link_nothing() -> None:
    world = World(NOON, linked=TWO)
    for words in ("sambungan air di rumah saya putus sejak kemarin", "listrik disambung paksa petugas kemarin di kota Contoh"):
        world.hear(words)
        assert not effects(world, OfferLink)
        assert not effects(world, Unlink)


def test_a_number_plate_is_an_answer_where_a_story_is_being_told() -> None:
    world = World(NOON)
    world.hear("Petugas kecamatan minta uang kepada warga kemarin di kota Contoh")
    assert "tidak cocok" not in said(world, "B1234XYZ")


def test_while_a_draft_is_open_the_question_comes_again_after_a_no() -> None:
    world = World(NOON, code=FITS)
    world.hear(STORY)
    said(world, "K7M4-2QXT")
    answer = said(world, "tidak")
    assert "tidak disambungkan" in answer
    assert "Nama Anda" in answer
    assert not world.session.draft.is_empty


def test_a_story_instead_of_a_yes_links_nothing_and_is_heard() -> None:
    world = World(NOON, code=FITS)
    said(world, "K7M4-2QXT")
    said(world, STORY)
    assert effects(world, Link) == []
    assert "Melati" in world.session.draft.story


def test_a_code_that_ended_before_the_yes_links_nothing() -> None:
    world = World(NOON, code=FITS)
    said(world, "K7M4-2QXT")
    world.code = LinkFacts(CodeMeaning.EXPIRED, ref="hash")
    assert "15 menit" in said(world, "ya")
    assert effects(world, Link) == []
    assert world.session.linking is None


# --- what was begun --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [BUTTONS, NUMBERS])
def test_a_draft_is_taken_over_and_its_next_question_put(capabilities) -> None:
    world = World(NOON, capabilities, code=replace(FITS, there=drafting()))
    said(world, "K7M4-2QXT")
    answer = said(world, "ya")
    assert effects(world, Link) == [Link("hash", takes=True)]
    assert "Lampu" in answer
    assert "Nama Anda" in answer
    assert world.session.draft.elsewhere == (7,)
    assert {part.conversation for part in world.session.draft.parts} == {7}


def test_a_paused_draft_is_taken_over_too() -> None:
    there = replace(drafting(), mode=Mode.PAUSED, expires_at=NOON + timedelta(days=30))
    world = World(NOON, code=replace(FITS, there=there))
    said(world, "K7M4-2QXT")
    said(world, "ya")
    assert world.session.mode is Mode.DRAFT
    assert world.session.expires_at is None


def test_by_mail_a_draft_that_comes_over_is_received_at_once() -> None:
    world = World(NOON, MAIL, code=replace(FITS, there=drafting()))
    said(world, "K7M4-2QXT")
    assert CODES[0][:4] in said(world, "ya")
    assert len(world.reports) == 1


def test_what_waits_behind_another_question_there_stays_there() -> None:
    there = replace(drafting(), mode=Mode.PAUSED, pending_text="satu lagi", pending_source_id="m9")
    world = World(NOON, code=replace(FITS, there=there))
    said(world, "K7M4-2QXT")
    said(world, "ya")
    assert effects(world, Link) == [Link("hash", takes=False)]
    assert world.session.draft.is_empty


def test_of_two_drafts_the_other_one_is_left_with_where_its_parts_were_said() -> None:
    world = World(NOON, code=replace(FITS, there=drafting(OTHER)))
    world.hear(STORY)
    mine = world.session.draft
    said(world, "K7M4-2QXT")
    said(world, "ya")
    assert effects(world, Link) == [Link("hash", takes=False)]
    world.code = replace(FITS, meaning=CodeMeaning.LINKED, there=drafting(OTHER))
    assert "Sampah" in said(world, "2")
    (taken,) = effects(world, TakeOver)
    assert isinstance(taken, TakeOver)
    assert taken.left == mine
    assert "Sampah" in world.session.draft.story


def test_an_answer_that_is_none_leaves_both_drafts_where_they_are() -> None:
    world = World(NOON, code=replace(FITS, there=drafting(OTHER)))
    world.hear(STORY)
    said(world, "K7M4-2QXT")
    said(world, "ya")
    said(world, "ga tau")
    assert effects(world, TakeOver) == []
    assert "Melati" in world.session.draft.story


def test_the_other_door_rests_and_keeps_what_was_left_for_a_month() -> None:
    world = World(NOON, session=drafting())
    left = Draft(story=OTHER, parts=(StoryPart("m1", OTHER, conversation=9),), title="Sampah", said=("m1",))
    answer = " ".join(message.text for message in world.happen(News(Elsewhere.MOVED, "Surat", moved=True, left=left)))
    assert "dilanjutkan di Surat" in answer
    assert world.session.mode is Mode.PAUSED
    assert world.session.expires_at == NOON + timedelta(days=30)
    assert "Sampah" in said(world, "lanjutkan")


# --- undoing, and where notices go -----------------------------------------------------------------------------------------


def test_undoing_one_link_needs_no_question() -> None:
    world = World(NOON, linked=TWO)
    assert "dipisah dari Surat" in said(world, "PISAH")
    assert effects(world, Unlink) == [Unlink(1)]


def test_of_several_doors_the_one_that_was_named_leaves() -> None:
    world = World(NOON, linked=THREE)
    world.hear("pisah")
    said(world, "2")
    assert effects(world, Unlink) == [Unlink(3)]
    world.hear("pisah")
    said(world, "3")
    assert effects(world, Unlink) == [Unlink(1)]
    world.hear("pisah")
    said(world, "tidak")
    assert effects(world, Unlink) == []


def test_whoever_is_linked_with_nobody_is_told_so() -> None:
    world = World(NOON)
    assert "tidak tersambung" in said(world, "pisah")
    assert "memang dikirim ke sini" in said(world, "kabari di sini")
    assert not effects(world, Unlink) + effects(world, PreferHere)


def test_the_person_says_where_notices_go_and_reads_it_beside_the_reports() -> None:
    world = World(NOON, linked=TWO)
    assert "ke kanal tempat laporan dibuat" in said(world, "laporan saya")
    said(world, "kabari di sini")
    assert effects(world, PreferHere) == [PreferHere(True)]
    world.linked = (replace(TWO[0], preferred=True), TWO[1])
    assert "Kabar dikirim ke sini" in said(world, "laporan saya")
    world.linked = (TWO[0], replace(TWO[1], preferred=True))
    assert "Kabar dikirim lewat Surat" in said(world, "laporan saya")
    said(world, "kabari di kanal laporan")
    assert effects(world, PreferHere) == [PreferHere(False)]


def test_in_a_locked_conversation_nothing_of_it_works() -> None:
    world = World(NOON, linked=TWO, code=FITS, session=Session(locked=True))
    for words in ("sambung", "pisah", "kabari di sini", "K7M4-2QXT"):
        assert "kode laporan" in said(world, words)
        assert not any(effects(world, kind) for kind in (OfferLink, Unlink, PreferHere, Link))


# --- the code itself -------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 31), min_size=8, max_size=400))
def test_a_code_is_understood_however_it_is_typed(numbers: list[int]) -> None:
    drawn = iter([*numbers, *([2, 10] * 8)])
    code = linkcode.new(lambda _below: next(drawn))
    assert set(code) <= set(ALPHABET)
    for typed in (code, code.lower(), linkcode.shown(code), f"{code[:4]} {code[4:]}", f"{code[:4]} . {code[4:]}."):
        assert linkcode.typed(typed) == linkcode.Typed(code, named=False)
        assert linkcode.typed(f"SAMBUNG {typed}") == linkcode.Typed(code, named=True)
        assert linkcode.typed(f"kode sambung: {typed}") == linkcode.Typed(code, named=True)
    misread = code.replace("0", "O").replace("1", "l")
    assert linkcode.typed(misread) == linkcode.Typed(code, named=False)


@pytest.mark.parametrize(
    "words", ["", "sembilan", "12345678", "K7M4-2QXT-9", "K7M42QXT9", "jalan rusak 12345 pak", "sambung", "SAMBUNG internet"]
)
def test_what_is_no_code_is_none(words: str) -> None:
    assert linkcode.typed(words) is None
