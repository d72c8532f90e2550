"""The wish to be forgotten, as it is talked about: said what goes and what stays, asked once, never done by accident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.alphabet import segments
from core.channels import Capabilities, InboundKind
from core.dialogue.model import EraseDraft, EraseIdentity, Mode, NoticeKind, RequestErasure, Say, Session
from core.procedure.vocabulary import State
from tests.dialogue.test_complete_report import FRIDAY, one, text_of
from tests.dialogue.world import MAIL, NUMBERS, SMS, World

WISHES = ("hapus data saya", "HAPUS DATA", "tolong hapus semua data saya", "delete my data", "lupakan saya")


@pytest.fixture
def world() -> World:
    return World(FRIDAY)


def erased(world: World) -> list[EraseIdentity]:
    return [effect for effect in world.effects if isinstance(effect, EraseIdentity)]


def filed(world: World, words: str = "lampu jalan di Jl Melati Kota Contoh mati sejak 2 minggu") -> str:
    """An open report of this citizen."""
    for said in (words, "sembunyikan", "tidak ada", "kirim"):
        world.hear(said)
    return world.reports[-1].code


@pytest.mark.parametrize("wish", WISHES)
def test_what_goes_and_what_stays_is_said_before_anything_goes(world: World, wish: str) -> None:
    said = text_of(world.hear(wish))
    assert erased(world) == []
    assert "untuk selamanya" in said or "for good" in said
    assert "tetap ada" in said or "stay" in said


def test_without_open_reports_one_yes_does_it_and_nothing_is_remembered(world: World) -> None:
    world.hear("hapus data saya")
    said = text_of(world.hear("ya"))
    assert erased(world) == [EraseIdentity(withdraw=False)]
    assert "sudah dihapus" in said
    assert "pesan terakhir" in said
    assert replace(world.session, prompt=0) == Session(language=world.session.language)


@pytest.mark.parametrize("answer", ["tidak", "nanti saja", "jalan rusak di depan rumah saya sudah 2 bulan", "0", "batal"])
def test_anything_but_a_yes_leaves_everything(world: World, answer: str) -> None:
    world.hear("hapus data saya")
    world.hear(answer)
    assert erased(world) == []
    assert world.session.confirming is None
    world.hear("ya")
    assert erased(world) == []


def test_the_same_wish_twice_asks_twice_and_does_nothing(world: World) -> None:
    """A gateway that repeats a message must not say yes in the citizen's name."""
    world.hear("hapus data saya")
    world.hear("hapus data saya")
    assert erased(world) == []
    world.hear("tidak")
    assert (world.session.mode, world.session.confirming) == (Mode.IDLE, None)


@pytest.mark.parametrize("answer, withdraw", [("1", True), ("2", False)])
def test_open_reports_are_asked_about_first(world: World, answer: str, withdraw: bool) -> None:
    world.capabilities = NUMBERS
    filed(world)
    said = text_of(world.hear("hapus data saya"))
    assert "1 laporan" in said
    assert [line[:2] for line in said.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    said = text_of(world.hear(answer))
    assert erased(world) == [EraseIdentity(withdraw=withdraw)]
    assert ("dicabut" in said) is withdraw


@pytest.mark.parametrize("answer", ["3", "tidak", "jangan"])
def test_with_open_reports_everything_can_be_left(world: World, answer: str) -> None:
    world.capabilities = NUMBERS
    filed(world)
    world.hear("hapus data saya")
    world.hear(answer)
    assert erased(world) == []
    assert world.session.confirming is None


def test_a_bare_yes_does_not_choose_what_becomes_of_open_reports(world: World) -> None:
    filed(world)
    world.hear("hapus data saya")
    said = text_of(world.hear("ya"))
    assert erased(world) == []
    assert "Pilih yang mana?" in said
    world.hear("2")
    assert erased(world) == [EraseIdentity(withdraw=False)]


def test_a_closed_report_needs_no_choice(world: World) -> None:
    filed(world)
    world.reports[-1] = replace(world.reports[-1], state=State.CLOSED, open=False)
    world.hear("hapus data saya")
    world.hear("ya")
    assert erased(world) == [EraseIdentity(withdraw=False)]


def test_a_report_that_is_being_written_goes_too_and_is_there_again_after_a_no(world: World) -> None:
    world.hear("jalan rusak pak")
    assert "sedang Anda tulis" in text_of(world.hear("hapus data saya"))
    assert "Di mana" in text_of(world.hear("tidak"))
    world.hear("hapus data saya")
    world.hear("ya")
    assert [type(each) for each in world.effects if not isinstance(each, Say)][:2] == [EraseDraft, EraseIdentity]
    assert world.session.draft.is_empty
    assert world.wake_at is None


@pytest.mark.parametrize("kind", [NoticeKind.SETTLEMENT, NoticeKind.QUESTION, NoticeKind.OVERDUE, NoticeKind.CLOSED])
def test_it_works_from_any_notice(world: World, kind: NoticeKind) -> None:
    code = filed(world)
    world.tell(kind, code, words="Lampu sudah menyala kembali.")
    world.hear("hapus data saya")
    assert world.session.mode is Mode.CONFIRM
    assert erased(world) == []


def test_words_that_wait_for_a_report_are_not_added_to_one_by_the_way(world: World) -> None:
    filed(world)
    filed(world, "air pdam di Jl Anggrek Kota Contoh keruh sejak kemarin")
    world.hear("masih sama saja seperti kemarin pak")
    world.hear("hapus data saya")
    world.hear("1")
    assert erased(world) == [EraseIdentity(withdraw=True)]
    assert all(isinstance(each, Say | EraseIdentity) or type(each).__name__ == "WakeAt" for each in world.effects)


def test_who_was_silent_for_six_months_gives_a_code_first(world: World) -> None:
    code = filed(world)
    world.later(timedelta(days=200))
    world.idle = True
    said = text_of(world.hear("hapus data saya"))
    assert "kode" in said
    assert erased(world) == []
    world.idle = False
    assert "Pilih yang mana?" in text_of(world.hear(code))
    world.hear("2")
    assert erased(world) == [EraseIdentity(withdraw=False)]


def test_who_has_no_code_any_more_is_handed_to_the_officials(world: World) -> None:
    filed(world)
    world.later(timedelta(days=200))
    world.idle = True
    world.hear("hapus data saya")
    world.idle = False
    said = text_of(world.hear("1"))
    assert one(world, RequestErasure)
    assert erased(world) == []
    assert "3×24 jam" in said


def test_a_sender_who_may_be_somebody_else_is_asked_to_reply_first(world: World) -> None:
    world.capabilities = MAIL
    said = text_of(world.hear("Hapus data saya", verified=False))
    assert world.effects
    assert erased(world) == []
    assert "balas" in said.lower()


def test_in_public_nothing_is_asked_or_erased(world: World) -> None:
    world.hear("@lapor1708 hapus data saya", kind=InboundKind.PUBLIC)
    assert erased(world) == []
    assert world.session.confirming is None


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("answers", [("1",), ("2",), ("3",), ("ya", "1")])
def test_by_text_each_step_is_one_segment(world: World, language: str, answers: tuple[str, ...]) -> None:
    world.capabilities = SMS
    world.hear("lampu jalan di Jl Melati Kota Contoh mati sejak 2 minggu, tidak ada foto")
    world.session = replace(world.session, language=language)
    for words in ("HAPUS DATA", *answers):
        said = world.hear(words)
        assert [segments(message.text) for message in said] == [1], said


@pytest.mark.parametrize("capabilities", [SMS, MAIL, NUMBERS])
def test_by_every_means_the_wish_is_put_and_carried_out(world: World, capabilities: Capabilities) -> None:
    world.capabilities = capabilities
    world.hear("hapus data saya")
    world.hear("ya" if capabilities is MAIL else "1")
    assert erased(world) == [EraseIdentity(withdraw=False)]


@pytest.mark.parametrize(
    "words, expected",
    [
        ("hapus datanya, laporan tetap diproses ya", [EraseIdentity(withdraw=False)]),
        ("cabut aja laporannya terus hapus semua", []),  # both ways are in it
        ("cabut dan hapus semuanya", [EraseIdentity(withdraw=True)]),
        ("jalan terus aja", []),
        ("cabut aja", []),
        ("jangan hapus, laporan jalan terus", []),
        ("kalau dihapus laporannya tetap jalan?", []),
    ],
)
def test_in_own_words_only_a_clear_choice_deletes(world: World, words: str, expected: list[EraseIdentity]) -> None:
    filed(world)
    world.hear("hapus data saya")
    world.hear(words)
    assert erased(world) == expected


@pytest.mark.parametrize(
    "wish", ["hapus data saya, laporan jalan terus", "tolong hapus data saya tapi laporannya tetap diproses ya pak"]
)
def test_a_wish_with_more_beside_it_is_still_asked_about(world: World, wish: str) -> None:
    filed(world)
    assert "dicabut dulu" in text_of(world.hear(wish))
    assert erased(world) == []


@pytest.mark.parametrize("between", ["status", "bantuan", "laporan saya", "sambung"])
def test_a_yes_that_comes_after_something_else_deletes_and_withdraws_nothing(world: World, between: str) -> None:
    world.hear("hapus data saya")
    world.hear(between)
    world.hear("ya")
    assert erased(world) == []
    code = filed(world)
    world.hear("cabut laporan")
    world.hear(between)
    world.hear("ya")
    assert all(report.open for report in world.reports if report.code == code)


def test_a_yes_to_news_that_came_in_between_deletes_and_withdraws_nothing(world: World) -> None:
    code = filed(world)
    world.hear("cabut laporan")
    world.tell(NoticeKind.SETTLEMENT, code, words="Lampu sudah diganti.")
    world.hear("ya")
    assert {report.state for report in world.reports} == {State.CLOSED}  # it was a yes to "sudah beres?"
