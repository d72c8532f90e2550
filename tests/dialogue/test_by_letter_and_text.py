"""Mail and SMS: subjects become titles, gaps are answered in any order, a reply decides which report is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.dialogue.model import (
    Add,
    AnswerQuestion,
    Complete,
    Confirm,
    Dispute,
    NoticeKind,
    NotSettled,
    Rate,
    Submit,
)
from core.procedure.vocabulary import Field, State
from tests.dialogue.world import MAIL, PHOTO, SMS, World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
LAMP = "Lampu jalan di Jl Melati Kota Contoh mati sejak Senin, tidak ada foto."
WATER = "Air pdam di Jl Anggrek Kota Contoh keruh sejak kemarin, tidak ada foto."
LEVY = "petugas loket meminta uang 50 ribu untuk mengambil ktp"


@pytest.fixture
def mail() -> World:
    return World(FRIDAY, MAIL)


@pytest.fixture
def sms() -> World:
    return World(FRIDAY, SMS)


def did(world: World, kind: type) -> list:
    return [effect for effect in world.effects if isinstance(effect, kind)]


def words_of(said) -> str:
    return "\n".join(message.text for message in said)


def two_reports(world: World) -> tuple[str, str]:
    world.hear(LAMP, subject="Lampu Jl Melati mati")
    world.hear("LAPOR " + WATER, subject="Air keruh di Jl Anggrek")
    assert len(world.reports) == 2
    return world.reports[0].code, world.reports[1].code


# --- subject and story -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject,title",
    [
        ("Jalan berlubang di Jl Kartini", "Jalan berlubang di Jl Kartini"),
        ("Laporan: pungli di Kecamatan Sukamaju", "Pungli di Kecamatan Sukamaju"),
        ("Fwd: Lampu Jl Melati mati", "Lampu Jl Melati mati"),
    ],
)
def test_a_subject_that_says_something_is_the_title_and_the_text_is_the_story(mail, subject: str, title: str) -> None:
    mail.hear(LAMP, subject=subject)
    (submit,) = did(mail, Submit)
    assert submit.title == title
    assert submit.draft.story == LAMP


@pytest.mark.parametrize("subject", ["laporan", "Pengaduan", "PENGADUAN MASYARAKAT", "(no subject)", "Re: halo", "", None])
def test_a_subject_that_says_nothing_is_no_title(mail, subject: str | None) -> None:
    mail.hear(LAMP, subject=subject)
    (submit,) = did(mail, Submit)
    assert submit.title.startswith("Lampu jalan di Jl Melati")
    assert submit.draft.story == LAMP


def test_a_story_that_stands_in_the_subject_alone_is_a_report(mail) -> None:
    mail.hear("", subject="Lampu jalan di Jl Melati mati sejak Senin", files=[PHOTO])
    (submit,) = did(mail, Submit)
    assert submit.draft.story == "Lampu jalan di Jl Melati mati sejak Senin"
    assert len(submit.draft.files) == 1


def test_what_the_subject_says_of_the_place_is_not_asked_again(mail) -> None:
    mail.hear("Sudah tiga bulan lubangnya tidak ditambal dan ada yang jatuh.", subject="Jalan berlubang di Jl Kartini")
    (submit,) = did(mail, Submit)
    assert submit.draft.where_words == "Jl Kartini"


def test_another_story_under_another_subject_is_a_second_report_and_a_reply_is_none(mail) -> None:
    mail.hear(LAMP, subject="Lampu Jl Melati mati")
    mail.hear(WATER, subject="Air keruh di Jl Anggrek")
    assert len(did(mail, Submit)) == 1
    mail.hear(
        "Petugas belum datang juga, lampunya tetap mati sampai hari ini.", subject="Re: x", replying_to=mail.reports[0].code
    )
    assert not did(mail, Submit)
    assert did(mail, Add)[0].code == mail.reports[0].code


def test_the_same_subject_again_is_asked_about(mail) -> None:
    mail.hear(LAMP, subject="Lampu Jl Melati mati")
    said = mail.hear("Sekarang tiang lampunya juga miring dan hampir roboh ke jalan.", subject="Lampu Jl Melati mati")
    assert not did(mail, Submit)
    assert "Laporan baru" in words_of(said)


# --- gaps ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer,filled",
    [
        ("1 3 Maret 2 kantor kecamatan sukamaju 3 kecamatan sukamaju 4 x", "when where who evidence"),
        ("4. tidak ada\n2. kantor kecamatan sukamaju\n1. 3 Maret\n3. kecamatan sukamaju", "when where who evidence"),
        ("1) 3 Maret\n2) kantor kecamatan sukamaju", "when where"),
        ("no 1 3 maret, no 2 kantor kecamatan sukamaju", "when where"),
        ("(2) kantor kecamatan sukamaju (1) 3 maret", "when where"),
        ("Kejadiannya 3 Maret di kantor kecamatan sukamaju.", "when where who"),
        ("3 maret", "when"),
        ("LAPOR 1 3 maret 2 kantor kecamatan sukamaju", "when where"),
        ("3 Maret\nkantor kecamatan sukamaju\nkecamatan sukamaju\ntidak ada", "when where who evidence"),
        ("x", "when where who evidence"),
    ],
)
@pytest.mark.parametrize("capabilities", [MAIL, SMS], ids=["mail", "sms"])
def test_gaps_are_answered_in_any_order_and_form(capabilities, answer: str, filled: str) -> None:
    world = World(FRIDAY, capabilities)
    world.hear(LEVY)
    assert world.session.gaps == (Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE)
    said = world.hear(answer, replying_to=world.reports[0].code if capabilities is MAIL else None)
    (complete,) = did(world, Complete)
    assert complete.filled == {Field(name) for name in filled.split()}
    if "when" in filled and answer != "x":
        assert (complete.when_from, complete.when_to) == (date(2026, 3, 3),) * 2
    if "where" in filled and answer != "x":
        assert "kantor kecamatan sukamaju" in complete.where_words.lower()
    assert "?" not in words_of(said)  # what stays unanswered is left


def test_a_story_with_as_many_commas_as_gaps_is_no_row_of_answers(sms) -> None:
    sms.hear("lampu jalan di Jl Melati Kota Contoh mati")
    assert len(sms.session.gaps) == 2
    sms.hear("petugas sudah datang ke lokasi, tapi lampunya tidak diperbaiki")
    assert not did(sms, Complete)
    assert did(sms, Add)


def test_numbers_that_count_something_are_no_marks(sms) -> None:
    sms.hear(LEVY)
    sms.hear("1 sudah 2 minggu 2 kantor kecamatan sukamaju 4 x")
    (complete,) = did(sms, Complete)
    assert complete.filled == {Field.WHEN, Field.WHERE, Field.EVIDENCE}
    assert "2 minggu" in complete.when_words


# --- replies ---------------------------------------------------------------------------------------------------------------


def test_a_reply_decides_which_report_is_meant(mail) -> None:
    first, second = two_reports(mail)
    mail.tell(NoticeKind.QUESTION, first, words="Nomor tiangnya?", holder="Dinas PU")
    mail.tell(NoticeKind.SETTLEMENT, second, words="Sudah dikuras.", holder="PDAM")
    mail.hear("17", replying_to=first)
    assert did(mail, AnswerQuestion) == [AnswerQuestion(first, "17")]
    mail.hear("Belum, masih keruh.", replying_to=second)
    assert did(mail, NotSettled)[0].code == second


@pytest.mark.parametrize("answer,rated", [("1", "confirm"), ("Beres", "confirm"), ("2", "not"), ("belum", "not")])
def test_numbers_in_a_reply_mean_the_choices_of_that_mail(mail, answer: str, rated: str) -> None:
    first, second = two_reports(mail)
    mail.tell(NoticeKind.SETTLEMENT, first, words="Sudah menyala.", holder="Dinas PU")
    mail.tell(NoticeKind.SETTLEMENT, second, words="Sudah dikuras.", holder="PDAM")
    mail.hear(answer, replying_to=first)
    assert did(mail, Confirm if rated == "confirm" else NotSettled)[0].code == first
    assert next(report for report in mail.reports if report.code == second).settled


def test_a_late_mark_in_a_reply_is_for_the_report_of_that_mail(mail) -> None:
    first, second = two_reports(mail)
    for code in (first, second):
        mail.tell(NoticeKind.CLOSED, code)
    mail.hear("4", replying_to=first)
    assert did(mail, Rate) == [Rate(first, 4)]


def test_a_reply_goes_before_the_gaps_of_another_report_which_stay_open(mail) -> None:
    mail.hear(LAMP, subject="Lampu Jl Melati mati")
    mail.hear(LEVY, subject="Pungutan di loket")
    first, second = (report.code for report in mail.reports)
    mail.hear("Lampunya juga miring.", replying_to=first)
    assert did(mail, Add)[0].code == first
    mail.hear("1. 3 Maret", replying_to=second)
    assert did(mail, Complete)[0].code == second


def test_trouble_in_a_reply_after_the_window_is_a_new_linked_report_and_inside_it_a_dispute(mail) -> None:
    first, _ = two_reports(mail)
    mail.tell(NoticeKind.CLOSED, first)
    mail.hear("Lampunya mati lagi sejak tadi malam di tempat yang sama.", replying_to=first)
    assert did(mail, Dispute)[0].code == first
    mail.change(first, state=State.CLOSED, open=False, disputable=False)
    mail.hear("Lampu jalan itu mati lagi sejak kemarin malam, jalan jadi gelap.", replying_to=first)
    (submit,) = did(mail, Submit)
    assert submit.draft.origin_code == first


def test_a_reply_opens_a_conversation_that_was_idle_for_months(mail) -> None:
    first, _ = two_reports(mail)
    mail.idle = True
    said = mail.hear("STATUS", replying_to=first)
    assert "K7M4-2QXT-9" in words_of(said)
    assert not mail.session.locked


def test_a_bare_number_with_two_settlements_by_text_is_asked_about(sms) -> None:
    first, second = two_reports(sms)
    for code in (first, second):
        sms.tell(NoticeKind.SETTLEMENT, code, words="Sudah.", holder="Dinas PU")
    sms.hear("1")
    assert not did(sms, Confirm)
    sms.hear("2")
    assert did(sms, Confirm)[0].code == first
