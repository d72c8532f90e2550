"""What everybody may say and how often: keywords, codes, STOP, the same words twice, attachments left out, strangers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.channels import FileRef, InboundKind
from core.dialogue.codes import codes_in, says_code
from core.dialogue.model import NoticeKind, Say, Submit, WakeAt
from core.dialogue.understanding.offices import Directory, Entry
from core.procedure.vocabulary import OfficeKind, Privacy
from tests.dialogue.test_by_letter_and_text import FRIDAY, LAMP, LEVY, did, words_of
from tests.dialogue.world import MAIL, PHOTO, SMS, World


@pytest.fixture
def mail() -> World:
    return World(FRIDAY, MAIL)


@pytest.fixture
def sms() -> World:
    return World(FRIDAY, SMS)


# --- forms that people know ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["LAPOR {}", "lapor: {}", "Lapor# {}", "LAPOR/{}", "#lapor {}", "{}"])
def test_a_story_is_filed_with_or_without_the_keyword(sms, words: str) -> None:
    sms.hear(words.format(LAMP))
    (submit,) = did(sms, Submit)
    assert submit.draft.story == LAMP


@pytest.mark.parametrize("words", ["TANGKAB {}", "tangkab: {}", "Tangkab# {}", "LAPOR TANGKAB {}", "TANGKAB, {}"])
def test_an_agencys_keyword_says_who_and_is_no_part_of_the_story(sms, words: str) -> None:
    sms.hear(words.format("jalan berlubang di Jl Kartini sudah 3 bulan"))
    (submit,) = did(sms, Submit)
    assert submit.draft.who_office_id == 3
    assert submit.draft.story == "jalan berlubang di Jl Kartini sudah 3 bulan"


def test_a_keyword_means_nothing_where_talk_is_free(mail) -> None:
    mail.hear("tangkab jalan berlubang di Jl Kartini sudah 3 bulan")
    assert did(mail, Submit)[0].draft.story.startswith("tangkab")


def test_a_keyword_of_several_offices_or_a_kind_of_office_names_none() -> None:
    entries = (
        Entry(1, "Dinas A", OfficeKind.UNIT, 9, ("satu", "dua", "puskesmas")),
        Entry(2, "Dinas B", OfficeKind.UNIT, 9, ("dua", "tiga empat")),
        Entry(3, "Kota C", OfficeKind.AGENCY, 3, ("lima",)),
        Entry(4, "Dinas D", OfficeKind.UNIT, 3, ("lima",)),
    )
    directory = Directory(entries)
    assert directory.by_keyword("SATU") == entries[0]
    assert directory.by_keyword("lima") == entries[2]
    assert {directory.by_keyword(word) for word in ("dua", "puskesmas", "tiga", "", "lapor")} == {None}


@pytest.mark.parametrize("words", ["STATUS {}", "status#{}", "Status: {}.", "STATUS  {}!!", "cek status {}"])
@pytest.mark.parametrize("code", ["K7M42QXT9", "k7m4-2qxt-9", "K7M4 2QXT 9", "k7m42qxt9"])
def test_status_with_a_code_in_any_spelling(sms, words: str, code: str) -> None:
    sms.hear(LAMP)
    said = sms.hear(words.format(code))
    assert words_of(said) == "K7M42QXT9: Belum diverifikasi."


def test_letters_that_look_like_digits_are_understood_in_a_code() -> None:
    assert codes_in("P0D1-WN5H-1 ya") == codes_in("PODI-WN5H-L ya") == ("P0D1WN5H1",)
    assert says_code("kode podl wn5h i", "P0D1WN5H1")


@pytest.mark.parametrize("word", ["STOP", "berhenti", "Stop!!", "BERHENTI.", "unsubscribe"])
def test_stop_is_confirmed_once_and_the_report_stays(sms, word: str) -> None:
    sms.hear(LAMP)
    said = sms.hear(word)
    assert len(said) == 1
    assert sms.session.stopped
    assert sms.reports[0].open
    assert sms.hear(word) == ()
    assert sms.session.stopped
    sms.hear("STATUS")
    assert not sms.session.stopped


# --- the same words twice --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [MAIL, SMS], ids=["mail", "sms"])
def test_the_same_story_within_minutes_is_one_report_with_one_answer(capabilities) -> None:
    world = World(FRIDAY, capabilities)
    assert world.hear(LEVY)
    world.later(timedelta(minutes=9))
    assert world.hear(LEVY.upper() + "!!") == ()
    assert world.effects == ()
    assert len(world.reports) == 1


def test_the_same_words_later_or_with_a_file_or_after_other_words_are_heard(sms, mail) -> None:
    sms.hear(LAMP)
    assert sms.hear("STATUS")
    assert sms.hear("STATUS") == ()
    sms.later(timedelta(minutes=11))
    assert sms.hear("STATUS")
    assert sms.hear("INFO")
    assert sms.hear("STATUS")
    mail.hear(LAMP)
    assert mail.hear("Ini fotonya", files=[PHOTO])
    assert mail.hear("Ini fotonya", files=[PHOTO]) == ()
    assert mail.hear("Ini fotonya", files=[FileRef("other", PHOTO.kind, "lain.jpg", size_bytes=7)])


def test_a_short_word_that_answers_a_new_question_is_no_repetition(sms) -> None:
    sms.hear(LAMP)
    assert "1 Ya, cabut" in words_of(sms.hear("BATAL"))
    assert sms.hear("BATAL")
    assert sms.reports[0].open


# --- attachments, strangers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capabilities", [MAIL, SMS], ids=["mail", "sms"])
@pytest.mark.parametrize("text", [LAMP, "STATUS", "pln", ""])
def test_attachments_that_were_left_out_are_spoken_of_once(capabilities, text: str) -> None:
    world = World(FRIDAY, capabilities)
    said = world.hear(text, files=[PHOTO], left_out=3)
    assert words_of(said).count("3 lampiran tidak bisa kami terima") == 1


UNVERIFIED = [
    "STATUS", "laporan saya", "K7M4-2QXT-9", "status K7M42QXT9", "BATAL", "STOP", "HAPUS DATA", "INFO", "1", "beres", "belum",
    "cabut laporan", "tambah foto", "english", "5", "bantuan", "makasih", "x",
]  # fmt: skip


@pytest.mark.parametrize("words", UNVERIFIED)
def test_a_stranger_reads_and_changes_nothing(mail, words: str) -> None:
    mail.hear(LAMP)
    mail.tell(NoticeKind.SETTLEMENT, mail.reports[0].code, words="Sudah menyala.", holder="Dinas PU")
    before = mail.session, list(mail.reports)
    said = mail.hear(words, verified=False)
    assert {type(effect) for effect in mail.effects} <= {Say, WakeAt}
    assert "balas" in words_of(said)
    assert not any(told in words_of(said) for told in ("K7M4", "Diproses", "Lampu", "menyala"))
    assert (mail.session, mail.reports) == before


def test_a_strangers_story_is_filed_hidden_and_says_how_to_undo_it(mail) -> None:
    said = mail.hear(LAMP, subject="Lampu mati", verified=False)
    (submit,) = did(mail, Submit)
    assert submit.draft.privacy is Privacy.HIDDEN
    assert {type(effect) for effect in mail.effects} <= {Say, WakeAt, Submit}
    assert "bukan Anda yang mengirim? Balas BATAL" in words_of(said)
    assert mail.hear(LAMP, subject="Lampu mati", verified=False) == ()
    assert len(mail.reports) == 1


def test_a_strangers_cry_for_help_names_the_numbers_and_is_urgent(mail) -> None:
    said = mail.hear("tolong ada kebakaran di pasar sukamaju sekarang", verified=False)
    (submit,) = did(mail, Submit)
    assert submit.draft.urgent
    assert words_of(said).index("113") < words_of(said).index(mail.reports[0].code[:4])
    assert "Balas BATAL" in words_of(said)


@pytest.mark.parametrize("kind", sorted(set(InboundKind) - {InboundKind.MESSAGE, InboundKind.PUBLIC}))
def test_what_is_no_message_of_a_stranger_does_nothing(mail, kind: InboundKind) -> None:
    assert mail.hear(LAMP, kind=kind, verified=False) == ()
    assert mail.effects == ()
