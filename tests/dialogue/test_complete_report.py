"""sop.md §3, sentence by sentence: what the dialogue asks for, takes, warns of and files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.channels import InboundKind, Place
from core.dialogue.model import (
    Add,
    Complete,
    EraseDraft,
    KeepEdit,
    Mode,
    NoticeKind,
    Remember,
    Submit,
    Withdraw,
)
from core.procedure.vocabulary import Category, Field, Privacy
from tests.dialogue.world import BUTTONS, MAIL, NOWHERE, PHOTO, SMS, World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
LEVY = "petugas puskesmas sukamaju minta 20rb kemarin buat kartu"
LAMP = "lampu jalan di jl melati mati sejak senin"


@pytest.fixture
def world() -> World:
    return World(FRIDAY)


def one(world: World, kind: type):
    found = [effect for effect in world.effects if isinstance(effect, kind)]
    assert len(found) == 1
    return found[0]


def text_of(said) -> str:
    return "\n".join(message.text for message in said)


def file_lamp(world: World, story: str = LAMP) -> str:
    world.hear(story)
    world.press("Sembunyikan")
    world.press("Tidak ada")
    world.press("Kirim")
    return one(world, Submit).code


def test_several_answers_in_one_message_are_all_taken(world) -> None:
    said = world.hear("kemarin di jl melati lampu mati, nama saya disembunyikan saja, tidak ada foto")
    draft = world.session.draft
    assert draft.when_from == date(2026, 3, 12)
    assert draft.where_words is not None
    assert draft.privacy is Privacy.HIDDEN
    assert said[-1].choices[0].label in ("Kirim", "Tidak ada")


def test_a_relative_date_is_understood_and_said_back(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("jl kartini")
    said = world.hear("kemarin")
    assert "Kamis, 12 Maret" in text_of(said)


def test_a_future_date_is_asked_about_once_and_then_accepted(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("jl kartini")
    said = world.hear("20 maret 2026")
    assert "masih akan datang" in text_of(said)
    world.hear("iya 20 maret 2026")
    assert world.session.draft.when_from == date(2026, 3, 20)


def test_an_impossible_date_is_asked_about_once_and_then_left_empty(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("jl kartini")
    assert "tidak ada di kalender" in text_of(world.hear("31 februari"))
    said = world.hear("31 februari")
    assert world.session.draft.when_from is None
    assert Field.WHEN in world.session.draft.skipped
    assert "foto atau bukti" in text_of(said)


def test_not_knowing_the_place_is_an_answer(world) -> None:
    world.hear("jalan rusak pak")
    said = world.hear("tidak tahu")
    assert Field.WHERE in world.session.draft.skipped
    assert "Sejak kapan" in text_of(said)


def test_close_hits_in_the_directory_are_offered_and_one_is_picked(world) -> None:
    world.hear("petugas minta uang ke saya di jl melati tadi pagi")
    world.press("Sembunyikan")
    said = world.hear("puskesmas suka")
    labels = [choice.label for choice in said[-1].choices]
    assert {"Puskesmas Sukamaju", "Puskesmas Sukajadi", "Tidak tahu"} <= set(labels)
    world.press("Puskesmas Sukajadi")
    assert world.session.draft.who_office_id == 7


def test_an_unknown_office_stays_in_the_persons_words(world) -> None:
    world.directory = NOWHERE
    world.hear("petugas minta uang ke saya di jl melati tadi pagi")
    world.press("Sembunyikan")
    world.hear("bapak yang jaga parkir itu")
    assert world.session.draft.who_words == "bapak yang jaga parkir itu"
    assert world.session.draft.who_office_id is None


def test_the_privacy_question_is_put_once_and_no_answer_is_hidden(world) -> None:
    assert "nama Anda boleh dilihat instansi" in text_of(world.hear("jalan rusak pak"))
    heard = [world.hear("jl kartini"), world.hear("kemarin"), world.hear("ga ada")]
    assert all("boleh dilihat" not in text_of(said) for said in heard)
    assert "Nama Anda disembunyikan" in text_of(heard[-1])
    world.press("Kirim")
    assert one(world, Submit).draft.privacy is Privacy.HIDDEN


def test_who_says_to_be_anonymous_is_anonymous(world) -> None:
    world.hear(LAMP)
    world.hear("anonim aja")
    world.press("Tidak ada")
    world.press("Kirim")
    assert one(world, Submit).draft.privacy is Privacy.ANONYMOUS


def test_a_name_that_may_be_seen_is_the_one_the_channel_knows(world) -> None:
    world.hear(LAMP)
    world.press("Boleh")
    assert world.session.draft.name == "Siti Aminah"


def test_the_notice_of_personal_data_is_in_the_first_reply_and_only_there(world) -> None:
    assert "/data" in text_of(world.hear(LAMP))
    assert "/data" not in text_of(world.press("Sembunyikan"))


def test_the_whole_notice_names_what_why_how_long_and_rights(world) -> None:
    said = text_of(world.hear("/data"))
    assert all(word in said for word in ("UU 27/2022", "Apa:", "Untuk apa:", "Berapa lama:", "Hak Anda:"))


def test_words_that_identify_are_only_mentioned_on_the_summary(world) -> None:
    first = world.hear("nama saya Budi Santoso hp 081234567890, lampu jl melati mati sejak senin")
    world.press("Sembunyikan")
    summary = world.press("Tidak ada")
    assert "081234567890" not in text_of(first)
    assert "081234567890" in text_of(summary)


def test_a_category_is_proposed_in_plain_words_and_changed_on_the_summary(world) -> None:
    world.hear(LAMP)
    world.press("Sembunyikan")
    assert "layanan atau fasilitas bermasalah" in text_of(world.press("Tidak ada"))
    world.hear("ubah")
    world.hear("6")
    world.press("usulan")
    world.press("Kirim")
    assert one(world, Submit).draft.category is Category.ASPIRATION


@pytest.mark.parametrize(
    "story",
    [
        "mau tanya syarat bikin ktp baru apa saja ya",
        "saya usul di taman kota dipasang lampu lebih banyak",
    ],
)
def test_information_and_aspiration_are_not_asked_for_supporting_data(world, story) -> None:
    world.hear(story)
    said = world.press("Sembunyikan")
    assert [choice.label for choice in said[-1].choices] == ["Kirim", "Ubah", "Batal"]


def test_danger_names_the_numbers_first_files_it_urgent_and_hides_the_name(world) -> None:
    said = world.hear("tolong rumah tetangga saya kebakaran sekarang, apinya besar")
    filed = one(world, Submit)
    assert filed.draft.urgent
    assert filed.draft.privacy is Privacy.HIDDEN
    assert said[0].text.startswith("Ini bukan layanan darurat")
    assert all(number in said[0].text for number in ("112", "110", "113", "119", "129"))
    assert "/data" in text_of(said)
    assert "K7M4-2QXT-9" in text_of(said)


def test_danger_in_the_middle_of_a_draft_files_the_draft_as_it_stands(world) -> None:
    world.hear("suami tetangga sering marah marah di jl melati sejak senin")
    world.hear("tolong sekarang dia lagi dipukulin pakai balok")
    filed = one(world, Submit).draft
    assert filed.urgent
    assert "sering marah" in filed.story
    assert "balok" in filed.story


def test_more_words_after_danger_join_the_same_report(world) -> None:
    world.hear("tolong rumah tetangga saya kebakaran sekarang")
    world.hear("jl kenanga nomor 5")
    assert one(world, Complete).where_words is not None
    assert len(world.reports) == 1


def test_a_child_is_marked(world) -> None:
    world.hear("anak saya umur 8 tahun dihukum berdiri di lapangan SDN 1 Contoh kemarin")
    assert world.session.draft.child


def test_on_mail_a_story_is_received_at_once_and_the_gaps_are_asked_in_one_reply() -> None:
    world = World(FRIDAY, MAIL)
    said = world.hear("lampu jalan mati pak, gelap sekali")
    filed = one(world, Submit)
    assert filed.draft.privacy is Privacy.HIDDEN
    assert len(said) == 1
    assert all(words in said[0].text for words in ("1. Kapan", "2. Di mana", "3. Ada bukti?", "K7M4-2QXT-9"))
    world.hear("2 jl melati 1 kemarin")
    done = one(world, Complete) if any(isinstance(effect, Complete) for effect in world.effects) else None
    assert done is not None


def test_a_first_message_without_a_story_gets_no_code_and_is_asked_what_happened() -> None:
    for capabilities in (SMS, MAIL):
        world = World(FRIDAY, capabilities, NOWHERE)
        said = world.hear("pln")
        assert not [effect for effect in world.effects if isinstance(effect, Submit)]
        assert "Apa yang terjadi" in text_of(said)


def test_an_sms_is_answered_in_one_segment() -> None:
    world = World(FRIDAY, SMS, NOWHERE)
    assert len(text_of(world.hear("jalan rusak di jl kartini"))) <= 320
    assert len(text_of(world.hear("1 kemarin 2 x"))) <= 160


def test_a_report_received_at_once_is_cancelled_by_batal() -> None:
    world = World(FRIDAY, SMS, NOWHERE)
    world.hear("LAPOR diminta 20rb buat kartu di puskesmas sukamaju")
    world.hear("BATAL")
    assert one(world, Withdraw).code == "K7M42QXT9"


# --- the draft -------------------------------------------------------------------------------------------------------------


def test_a_draft_is_reminded_once_after_a_day_ends_after_three_and_can_be_resumed(world) -> None:
    world.hear("jalan rusak pak")
    assert "belum dikirim" in text_of(world.later(timedelta(hours=24)))
    assert not world.later(timedelta(hours=47))
    assert "LANJUT" in text_of(world.later(timedelta(hours=1)))
    assert world.session.mode is Mode.PAUSED
    world.later(timedelta(days=29))
    assert "lanjutkan" in text_of(world.hear("lanjut")).lower()
    assert world.session.mode is Mode.DRAFT
    assert world.session.draft.story == "jalan rusak pak"


def test_a_draft_that_nobody_resumed_is_erased_thirty_days_after_its_end(world) -> None:
    world.hear("jalan rusak pak")
    world.later(timedelta(days=3))
    world.later(timedelta(days=30))
    assert one(world, EraseDraft).said == ("m1",)
    assert world.session.mode is Mode.IDLE


def test_without_the_reminder_the_end_waits_for_it(world) -> None:
    world.hear("jalan rusak pak")
    world.now += timedelta(days=7)  # an outage: no Tick came
    assert "belum dikirim" in text_of(world.later(timedelta()))
    assert world.session.mode is Mode.DRAFT
    assert "LANJUT" in text_of(world.later(timedelta(hours=48)))


def test_little_is_cancelled_at_once_and_much_after_a_question(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("batal")
    assert one(world, EraseDraft).said == ("m1",)
    world.hear(LAMP, files=[PHOTO])
    assert "Yakin?" in text_of(world.hear("batal"))
    world.press("Lanjutkan")
    assert not world.session.draft.is_empty
    world.hear("batal")
    world.press("Ya, hapus")
    assert world.session.draft.is_empty


def test_back_asks_the_question_before_again(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("jl kartini")
    said = world.hear("kembali")
    assert "Di mana" in text_of(said)
    assert world.session.draft.where_words is None


def test_the_same_question_twice_without_an_answer_is_left(world) -> None:
    world.hear("jalan rusak pak")
    for _ in range(2):
        said = world.hear("😡")
    assert Field.WHERE in world.session.draft.skipped
    assert "Sejak kapan" in text_of(said)


def test_a_stale_button_gets_the_current_question(world) -> None:
    world.hear("jalan rusak pak")
    old = world.session.offered[0].token
    world.hear("jl kartini")
    said = world.hear(choice=old)
    assert "pertanyaan sebelumnya" in text_of(said)
    assert "kapan" in text_of(said).lower()
    assert world.session.draft.privacy is None


def test_a_typed_label_and_a_typed_number_work_like_a_press(world) -> None:
    world.hear(LAMP)
    world.hear("sembunyikan")
    assert world.session.draft.privacy is Privacy.HIDDEN
    world.hear("1")
    assert world.session.draft.evidence_none
    world.hear("KIRIM")
    assert one(world, Submit)


def test_an_edited_message_replaces_its_part_of_the_story(world) -> None:
    world.hear("jalan rusak pak")
    world.hear("jembatan rusak di jl kartini pak", kind=InboundKind.EDIT, edits="m1")
    assert world.session.draft.story == "jembatan rusak di jl kartini pak"


def test_an_edit_after_sending_is_kept(world) -> None:
    file_lamp(world)
    world.hear("lampu jl melati nyala lagi", kind=InboundKind.EDIT, edits="m1")
    assert one(world, KeepEdit) == KeepEdit("m1", "lampu jl melati nyala lagi")


def test_a_public_word_gets_the_invitation_and_nothing_of_its_words(world) -> None:
    said = world.hear("@lapor1708 lampu Jl Melati mati", kind=InboundKind.PUBLIC)
    assert "pesan pribadi" in text_of(said)
    assert "Melati" not in text_of(said)


def test_blocking_and_unblocking_are_remembered(world) -> None:
    world.hear(kind=InboundKind.BLOCKED)
    assert one(world, Remember).gone is True
    world.hear(kind=InboundKind.UNBLOCKED)
    assert one(world, Remember).gone is False


def test_stop_is_confirmed_and_the_next_word_takes_it_back(world) -> None:
    assert "tidak mengirim pesan lagi" in text_of(world.hear("stop"))
    assert one(world, Remember).gone is True
    world.hear("halo")
    assert one(world, Remember).gone is False


def test_the_language_changes_at_any_moment_and_the_question_follows(world) -> None:
    world.hear("jalan rusak pak")
    said = world.hear("english")
    assert "speak English" in text_of(said)
    assert "Where exactly" in text_of(said)


def test_help_in_the_middle_returns_to_the_question(world) -> None:
    world.hear("jalan rusak pak")
    said = text_of(world.hear("bantuan"))
    assert "STATUS" in said
    assert "Di mana" in said


def test_an_official_question_in_the_middle_of_a_draft_is_never_mixed_up(world) -> None:
    code = file_lamp(world)
    world.hear("mau lapor lagi, air keruh di jl anggrek")
    world.tell(NoticeKind.QUESTION, code, words="Tiang nomor berapa?")
    said = world.hear("nomor 12")
    assert "jawaban untuk petugas" in text_of(said)
    assert not [effect for effect in world.effects if isinstance(effect, Add)]


def test_buttons_are_used_only_as_far_as_the_channel_has_them(world) -> None:
    assert len(world.hear(LAMP)[-1].choices) == 2
    plain = World(FRIDAY, MAIL)
    plain.capabilities = type(BUTTONS)(text_limit=1000)
    assert "1. Sembunyikan" in text_of(plain.hear(LAMP))


def test_the_story_told_anew_on_the_summary_replaces_the_old_one(world) -> None:
    world.hear("nama saya Budi Santoso hp 081234567890, lampu jl melati mati sejak senin")
    world.press("Sembunyikan")
    world.press("Tidak ada")
    world.press("Ubah")
    world.press("Cerita")
    said = world.hear("lampu jl melati mati sejak senin")
    assert "081234567890" not in text_of(said)
    world.press("Kirim")
    assert one(world, Submit).draft.story == "lampu jl melati mati sejak senin"


@pytest.mark.parametrize("aside", ["/start", "lapor", "halo", "makasih", "bantuan", "status"])
def test_an_aside_is_never_taken_for_the_answer(world, aside) -> None:
    world.hear("jalan rusak pak")
    said = world.hear(aside)
    assert world.session.draft.where_words is None
    assert "Di mana" in text_of(said)


def test_a_shared_place_reaches_an_open_report(world) -> None:
    code = file_lamp(world)
    world.hear(place=Place(-6.2, 106.8))
    assert one(world, Add) == Add(code, "(-6.20000, 106.80000)")


def test_a_field_chosen_by_its_word_is_asked_for_once(world) -> None:
    world.hear(LAMP)
    world.press("Sembunyikan")
    world.press("Tidak ada")
    world.press("Ubah")
    assert len(world.hear("tempatnya")) == 1
    assert "Jl Kartini" in text_of(world.hear("Jl Kartini 5"))


def test_answering_the_privacy_half_does_not_count_as_no_answer(world) -> None:
    world.hear("jalan rusak pak")
    assert "Di mana terjadinya?" in text_of(world.press("Boleh"))
    assert world.session.draft.privacy is Privacy.NAMED


def test_words_instead_of_a_yes_to_cancelling_are_not_lost(world) -> None:
    world.hear(LAMP, files=[PHOTO])
    world.press("Sembunyikan")
    world.hear("batal")
    world.hear("tiang nomor 12 di depan masjid sudah miring dan kabelnya putus")
    assert "tiang nomor 12" in world.session.draft.story
