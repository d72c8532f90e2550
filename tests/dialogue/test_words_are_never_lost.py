"""What people send at an awkward moment: it finds its report, says nothing that they did not say, and no alarm is missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from core.channels import Capabilities
from core.dialogue.model import Add, AnswerQuestion, Complete, Dispute, Mode, NoticeKind, Object, Submit, Withdraw
from core.dialogue.render import Rendered
from core.procedure.vocabulary import Field
from tests.dialogue.world import BUTTONS, MAIL, SMS, World

Kind = TypeVar("Kind")

FRIDAY = datetime(2026, 3, 13, 3, tzinfo=UTC)
LAMP = "lampu jalan di jl anggrek mati semua sejak 2 minggu lalu"
THEFT = "mtr sy ilang di parkiran rsud contoh kmrn sore jam 4, satpam cuek"
FIRE = "kebakaran di pasar melati sekarang!!! tolong"


def citizen(capabilities: Capabilities = SMS) -> World:
    return World(FRIDAY, capabilities)


def words(said: Sequence[Rendered]) -> str:
    return " ".join(message.text for message in said)


def effects(world: World, kind: type[Kind]) -> list[Kind]:
    return [effect for effect in world.effects if isinstance(effect, kind)]


@pytest.mark.parametrize("answer", ["1. ada foto, saya lampirkan nanti", "nanti saya kirim fotonya", "1 ada, karcis parkir"])
@pytest.mark.parametrize("capabilities", [SMS, MAIL])
def test_evidence_that_is_to_come_is_not_none(answer: str, capabilities: Capabilities) -> None:
    world = citizen(capabilities)
    world.hear(LAMP)
    world.hear(answer, replying_to=world.reports[0].code if capabilities is MAIL else None)
    assert not [effect for effect in effects(world, Complete) if Field.EVIDENCE in effect.filled]
    assert [effect.text for effect in effects(world, Add)] == [answer]
    assert world.session.mode is Mode.IDLE  # nobody asks again


@pytest.mark.parametrize("answer", ["X", "1 x", "tidak ada", "1. tidak ada bukti"])
def test_only_a_plain_no_says_that_there_is_no_evidence(answer: str) -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear(answer)
    assert effects(world, Complete)[0].filled == {Field.EVIDENCE}


def test_evidence_that_is_to_come_is_not_none_in_a_chat_either() -> None:
    world = citizen(BUTTONS)
    world.hear(LAMP + " di kota contoh")
    world.press("Sembunyikan")
    world.hear("nanti saya kirim fotonya")
    assert not world.session.draft.evidence_none
    assert world.session.asking is not Field.EVIDENCE


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=3)])
def test_danger_after_another_story_is_an_alarm_of_its_own(later: timedelta) -> None:
    world = citizen()
    world.hear(LAMP)
    assert world.session.mode is Mode.GAPS
    world.later(later)
    said = words(world.hear(FIRE))
    assert [effect.draft.urgent for effect in effects(world, Submit)] == [True]
    assert "113" in said


def test_more_words_on_the_same_danger_stay_with_it_and_a_later_danger_does_not() -> None:
    world = citizen()
    world.hear("kebakaran tolong!!!")
    world.hear("di pasar melati, api besar ada orang terjebak di dalam sekarang")
    assert not effects(world, Submit)
    world.later(timedelta(days=2))
    world.hear("kebakaran lagi di jl mawar sekarang!!")
    assert effects(world, Submit)


def test_a_story_weeks_after_an_unanswered_question_does_not_complete_the_old_report() -> None:
    world = citizen()
    world.hear(THEFT)
    world.later(timedelta(days=20))
    assert "laporan baru" in words(world.hear(LAMP)).lower()
    world.hear("2")
    assert [effect.draft.story for effect in effects(world, Submit)] == [LAMP]


def test_a_story_in_the_same_breath_is_added_and_the_way_to_another_report_is_told() -> None:
    world = citizen()
    world.hear(THEFT)
    said = words(world.hear("satpam juga bilang kalau mau cepat harus bayar uang rokok dulu ke dia"))
    assert effects(world, Add)
    assert "LAPOR" in said


@pytest.mark.parametrize("capabilities", [SMS, MAIL])
def test_an_objection_is_one_though_a_question_of_the_receipt_was_never_answered(capabilities: Capabilities) -> None:
    world = citizen(capabilities)
    world.hear(LAMP)
    world.tell(NoticeKind.ARCHIVED, world.reports[0].code, ground="incomplete")
    reason = "saya keberatan, jalannya jelas di kelurahan melati RT 3"
    world.hear(reason, replying_to=world.reports[0].code if capabilities is MAIL else None)
    assert [effect.text for effect in effects(world, Object)] == [reason]


def test_the_report_of_an_unanswered_receipt_may_go_on_while_another_is_spoken_of() -> None:
    world = citizen(MAIL)
    world.hear(LAMP, subject="Lampu")
    code = world.reports[0].code
    world.change(code, question="Jalan Anggrek nomor berapa?")  # asked by hand, no notice came through
    world.hear("nomor 17", replying_to=code)
    assert [effect.text for effect in effects(world, AnswerQuestion)] == ["nomor 17"]


def test_the_answer_to_the_receipt_of_an_earlier_report_is_kept_with_it() -> None:
    world = citizen(MAIL)
    world.hear(LAMP, subject="Lampu mati")
    world.hear("Air PDAM mati sudah 3 hari di perumahan griya asri blok C", subject="Air mati")
    first = world.reports[0].code
    world.hear("tidak ada bukti", replying_to=first)
    assert [(effect.code, effect.text) for effect in effects(world, Add)] == [(first, "tidak ada bukti")]


def two_matters() -> World:
    """A second story waits behind "addition, or a new report?"."""
    world = citizen()
    world.hear(THEFT)
    world.hear("x")
    world.hear(LAMP)
    assert world.session.mode is Mode.DISAMBIGUATE
    return world


def test_a_settlement_between_question_and_answer_loses_no_words() -> None:
    world = two_matters()
    code = world.reports[0].code
    world.tell(NoticeKind.SETTLEMENT, code, words="Sudah kami periksa.", holder="RSUD")
    said = world.hear("2")
    assert [(effect.code, effect.text) for effect in effects(world, Add)] == [(code, LAMP)]
    assert code in words(said).replace("-", "")


@pytest.mark.parametrize("instead", ["LAPOR", FIRE, "SUDAH BERES"])
def test_what_comes_instead_of_an_answer_loses_no_words(instead: str) -> None:
    world = two_matters()
    world.hear(instead)
    if world.session.mode is not Mode.DISAMBIGUATE:
        assert LAMP in "\n".join(effect.text for effect in effects(world, Add))


def test_a_question_that_is_never_answered_puts_the_words_where_they_likely_belong() -> None:
    world = two_matters()
    said = world.later(timedelta(days=2))
    assert [effect.text for effect in effects(world, Add)] == [LAMP]
    assert "LAPOR" in words(said)
    assert world.later(timedelta(days=30)) == ()


def test_a_question_that_is_not_understood_twice_loses_no_words() -> None:
    world = two_matters()
    world.hear("apa maksudnya")
    world.hear("ga ngerti")
    kept = [effect.text for effect in effects(world, Add)]
    assert len(kept) == 1
    assert LAMP in kept[0]
    assert "ga ngerti" in kept[0]


@pytest.mark.parametrize("answer, kind", [("1", Add), ("2", Submit), ("BATAL", None)])
def test_an_answer_is_carried_out_once(answer: str, kind: type | None) -> None:
    world = two_matters()
    world.hear(answer)
    done = [effect for effect in world.effects if isinstance(effect, Add | Submit)]
    assert [type(effect) for effect in done] == ([kind] if kind else [])


def test_whoever_gives_up_in_fear_is_asked_whether_to_withdraw() -> None:
    world = citizen()
    world.hear("saya mau lapor korupsi kepala desa melati, dana desa dipakai beli mobil")
    assert "Cabut" in words(world.hear("batal aja takut"))
    world.hear("1")
    assert effects(world, Withdraw)


def test_a_wish_for_secrecy_leaves_the_questions_open() -> None:
    world = citizen()
    world.hear("saya mau lapor korupsi kepala desa melati, dana desa dipakai beli mobil")
    assert "sembunyi" in words(world.hear("takut ketahuan, nama saya jangan disebut"))
    world.hear("1 tahun lalu 2 kota contoh 3 x")
    assert effects(world, Complete)[0].filled >= {Field.WHEN, Field.WHERE, Field.EVIDENCE}


@pytest.mark.parametrize("nothing", ["1", "ok", "siap"])
def test_a_number_without_an_answer_brings_the_questions_again(nothing: str) -> None:
    world = citizen()
    world.hear(LAMP)
    assert "ada bukti?" in words(world.hear(nothing))
    world.hear("x")
    assert effects(world, Complete)


@pytest.mark.parametrize("bare", ["1", "belum", "tidak", "3"])
def test_an_answer_to_nothing_hears_how_the_report_stands(bare: str) -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear("x")
    assert "Belum diverifikasi" in words(world.hear(bare))
    assert world.session.mode is Mode.IDLE


def test_belum_to_a_closed_report_is_a_dispute_though_a_story_was_asked_for() -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear("x")
    code = world.reports[0].code
    world.hear("lapor")
    assert world.session.mode is Mode.DRAFT
    world.tell(NoticeKind.CLOSED, code)
    world.hear("belum beres, masih gelap")
    assert [effect.code for effect in effects(world, Dispute)] == [code]


@pytest.mark.parametrize(
    "story",
    [
        "STOP lampu merah rusak di simpang lima sejak kemarin",
        "BATAL berangkat karena kereta telat 5 jam di stasiun contoh kemarin, tidak ada ganti rugi",
        "STATUS jalan di kelurahan melati rusak parah sejak januari tidak ada yang peduli",
        "INFO jalan di kelurahan melati rusak parah sejak januari tidak ada yang peduli",
        "BERHENTI bis di halte melati sudah seminggu tidak jalan",
    ],
)
@pytest.mark.parametrize("capabilities", [SMS, MAIL])
def test_a_story_that_begins_like_a_command_is_a_report(story: str, capabilities: Capabilities) -> None:
    world = citizen(capabilities)
    world.hear(story)
    assert effects(world, Submit)


@pytest.mark.parametrize("nothing", ["teu aya", "ora ono", "ora ana", "mboten wonten"])
def test_none_is_understood_in_javanese_and_sundanese(nothing: str) -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear(nothing)
    assert effects(world, Complete)[0].filled == {Field.EVIDENCE}


def test_tambah_in_front_adds_whatever_follows() -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear("x")
    world.hear("TAMBAH baunya sampai masuk rumah")
    assert effects(world, Add)


@pytest.mark.parametrize("wish", ["saya mau cabut laporan", "cabut aja laporannya pak"])
def test_a_wish_to_withdraw_in_a_sentence_is_one(wish: str) -> None:
    world = citizen()
    world.hear(LAMP)
    world.hear("x")
    assert "Cabut" in words(world.hear(wish))
    world.hear("ya")
    assert effects(world, Withdraw)
