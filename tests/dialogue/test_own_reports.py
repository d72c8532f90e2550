"""After submission, in the same conversation (sop.md §5, §7): answers, Beres and Belum, disputes, additions, ratings."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from core import trackingcode
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Confirm,
    Dispute,
    Mode,
    NoticeKind,
    NotSettled,
    Object,
    PublicFacts,
    Rate,
    ReportFacts,
    Say,
    Submit,
    Withdraw,
)
from core.dialogue.report_acts import act
from core.dialogue.turn import Turn
from core.procedure.vocabulary import Category, Field, State
from tests.dialogue.world import PHOTO, World

FRIDAY = datetime(2026, 3, 13, 3, 15, tzinfo=UTC)
LAMP, PIPE = "K7M42QXT9", "P3D8WN5HC"


def report(code: str, title: str, **changes) -> ReportFacts:
    given = {"state": State.IN_PROGRESS, "category": Category.GRIEVANCE, "holder_name": "Dinas Pekerjaan Umum", "due_on": None}
    return ReportFacts(code=code, title=title, **(given | changes))


@pytest.fixture
def one() -> World:
    return World(FRIDAY, reports=[report(LAMP, "Lampu jalan mati")])


@pytest.fixture
def two() -> World:
    return World(FRIDAY, reports=[report(LAMP, "Lampu jalan mati"), report(PIPE, "Pipa bocor")])


def acts(world: World) -> list:
    return [effect for effect in world.effects if type(effect).__name__ not in ("Say", "WakeAt", "Remember")]


def text_of(said) -> str:
    return "\n".join(message.text for message in said)


def closed(**changes) -> dict:
    return {"state": State.CLOSED, "open": False, **changes}


def test_beres_by_button_number_and_word(one) -> None:
    for answer in ("[Beres]", "1", "beres pak", "sudah beres, makasih"):
        one.reports = [report(LAMP, "Lampu jalan mati")]
        one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti.")
        one.press("Beres") if answer == "[Beres]" else one.hear(answer)
        assert acts(one) == [Confirm(LAMP)], answer


def test_the_letters_of_a_code_are_no_words(one) -> None:
    """ "P" alone is a greeting; in a code it is a letter."""
    drawn = random.Random(1708)
    for code in ("KN9P2R1Q5", "P6W1J0WB0", *(trackingcode.new(drawn.randrange) for _ in range(200))):
        one.reports = [report(code, "Lampu jalan mati")]
        one.tell(NoticeKind.SETTLEMENT, code, words="Sudah diganti.")
        one.hear(f"{code} sudah beres")
        assert acts(one) == [Confirm(code)], code


def test_belum_stands_at_once_and_what_is_missing_is_added(one) -> None:
    one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti.")
    assert "Apa yang masih kurang" in text_of(one.press("Belum"))
    assert acts(one) == [NotSettled(LAMP, "")]
    one.hear("masih kedip kedip pak")
    assert acts(one) == [Add(LAMP, "masih kedip kedip pak", (), trouble=True)]


def test_belum_with_its_reason_needs_no_question(one) -> None:
    one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti.")
    one.hear("belum beres pak, masih mati")
    assert acts(one) == [NotSettled(LAMP, "belum beres pak, masih mati")]


def test_a_bare_thanks_is_no_reply(one) -> None:
    one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti.")
    said = one.hear("makasih")
    assert acts(one) == []
    assert [choice.label for choice in said[-1].choices] == ["Beres", "Belum"]


def test_other_words_on_a_settled_report_are_a_reply_that_stops_silence(one) -> None:
    one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti.")
    one.hear("kapan petugasnya datang?")
    done = acts(one)
    assert len(done) == 1
    assert isinstance(done[0], Add)
    assert done[0].trouble


def test_a_question_of_an_official_is_answered_with_words_and_files(one) -> None:
    one.tell(NoticeKind.QUESTION, LAMP, words="Tiang nomor berapa?", due_on=date(2026, 4, 6))
    one.hear("tiang nomor 12", files=[PHOTO])
    answer = acts(one)[0]
    assert isinstance(answer, AnswerQuestion)
    assert (answer.text, len(answer.files)) == ("tiang nomor 12", 1)


def test_a_date_that_cannot_be_is_asked_about_once(one) -> None:
    one.change(LAMP, question_fields=(Field.WHEN,))
    one.tell(NoticeKind.QUESTION, LAMP, words="Kapan kejadiannya?")
    assert "tidak ada di kalender" in text_of(one.hear("31 februari"))
    assert acts(one) == []
    one.hear("31 februari")
    assert acts(one) == [AnswerQuestion(LAMP, "31 februari")]


def test_a_closed_report_is_disputed_inside_the_window(one) -> None:
    one.reports = [report(LAMP, "Lampu jalan mati", **closed(disputable=True, rateable=True))]
    assert "Apa yang belum beres" in text_of(one.hear("belum"))
    assert acts(one) == []
    one.hear("lampunya mati lagi")
    assert acts(one) == [Dispute(LAMP, "lampunya mati lagi")]


def test_trouble_after_the_window_opens_a_linked_prefilled_report(one) -> None:
    one.reports = [report(LAMP, "Lampu jalan mati", **closed(where_words="jl melati"))]
    said = one.hear("belum beres, lampunya mati lagi sejak kemarin")
    assert one.session.draft.origin_code == LAMP
    assert one.session.draft.where_words == "jl melati"
    assert "terhubung" in text_of(said)


@pytest.mark.parametrize("words", ["makasih ya", "5", "bintang 5", "terima kasih banyak"])
def test_thanks_or_a_rating_never_opens_a_report(one, words) -> None:
    one.reports = [report(LAMP, "Lampu jalan mati", **closed(rateable=True))]
    one.hear(words)
    assert all(isinstance(effect, Rate) for effect in acts(one))
    assert one.session.mode is Mode.IDLE
    assert one.session.draft.is_empty


def test_a_rating_is_one_to_five(one) -> None:
    one.tell(NoticeKind.CLOSED, LAMP, due_on=date(2026, 3, 30))
    one.press("4")
    assert acts(one) == [Rate(LAMP, 4)]
    one.hear(choice=f"r.{LAMP}.rate9")
    assert acts(one) == []


def test_an_archived_report_can_be_objected_to(one) -> None:
    one.tell(
        NoticeKind.ARCHIVED, LAMP, words="Lampu itu milik perumahan.", ground="not_public_service", door="pengelola perumahan"
    )
    one.reports = [report(LAMP, "Lampu jalan mati", state=State.ARCHIVED, open=False, objectionable=True)]
    one.hear(f"keberatan laporan {LAMP} itu jalan umum")
    assert [type(effect) for effect in acts(one)] == [Object]


def test_withdrawing_asks_first(one) -> None:
    one.hear("cabut laporan")
    assert acts(one) == []
    one.hear("ya")
    assert acts(one) == [Withdraw(LAMP, solved=False)]


@pytest.mark.parametrize("words", ["status", f"status {LAMP}"])
def test_the_status_of_a_report_puts_its_open_question_again(one, words) -> None:
    one.change(LAMP, state=State.AWAITING_REPORTER, question="Lampu nomor berapa, Pak/Bu?")
    assert "Lampu nomor berapa, Pak/Bu?" in text_of(one.hear(words))


def test_an_answer_without_words_is_asked_for_with_the_question(one) -> None:
    one.change(LAMP, state=State.AWAITING_REPORTER, question="Lampu nomor berapa, Pak/Bu?")
    assert "Lampu nomor berapa, Pak/Bu?" in text_of(one.hear("", choice=f"r.{LAMP}.answer"))


@pytest.mark.parametrize("words", ["tadi pagi", "jam 9 pagi di loket 2", "lupa, sepertinya siang", "bayar makasih 20rb"])
def test_a_greeting_inside_an_answer_greets_nobody(one, words) -> None:
    one.change(LAMP, state=State.AWAITING_REPORTER, question="Jam berapa kejadiannya?")
    one.hear(words)
    assert [type(effect) for effect in acts(one)] == [AnswerQuestion]


def test_solved_by_itself_closes_after_a_question(one) -> None:
    said = one.hear("sudah beres")
    assert "ditutup?" in text_of(said)
    one.press("Ya, tutup")
    assert acts(one) == [Withdraw(LAMP, solved=True)]


def test_an_unclear_message_with_several_reports_is_asked_about(two) -> None:
    two.hear("masih gelap pak di situ")
    assert acts(two) == []
    two.press("Lampu jalan mati")
    done = acts(two)
    assert len(done) == 1
    assert done[0].code == LAMP


def test_a_code_names_the_report(two) -> None:
    two.hear("p3d8-wn5h-c masih bocor pak")
    assert [effect.code for effect in acts(two)] == [PIPE]


def test_two_settled_reports_and_a_bare_beres_are_asked_about(two) -> None:
    two.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah.")
    two.tell(NoticeKind.SETTLEMENT, PIPE, words="Sudah.")
    two.session = type(two.session)(about=PIPE, language="id")  # no numbers are open any more
    two.hear("beres")
    assert acts(two) == []
    assert two.session.mode is Mode.DISAMBIGUATE


def test_a_new_story_beside_an_open_report_is_asked_about_unless_it_says_new(one) -> None:
    story = "petugas kecamatan sukamaju minta 50rb kemarin"
    labels = [choice.label for choice in one.hear(story)[-1].choices]
    assert labels == ["Lampu jalan mati", "Laporan baru"]
    one.press("Laporan baru")
    assert one.session.mode is Mode.DRAFT
    assert one.session.draft.story == story
    clear = World(FRIDAY, reports=list(one.reports))
    clear.hear(f"mau lapor lagi, {story}")
    assert clear.session.mode is Mode.DRAFT


def test_the_status_names_state_holder_and_day(one) -> None:
    one.change(LAMP, due_on=date(2026, 3, 17))
    said = text_of(one.hear("status"))
    assert all(words in said for words in ("K7M4-2QXT-9", "Diproses", "Dinas Pekerjaan Umum", "Selasa, 17 Maret"))


def test_a_button_works_however_old_and_is_refused_when_it_no_longer_fits(one) -> None:
    one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah.")
    token = one.session.offered[0].token
    one.hear("status")
    one.hear(choice=token)
    assert acts(one) == [Confirm(LAMP)]
    assert "tidak bisa dilakukan" in text_of(one.hear(choice=token))
    assert acts(one) == []


def test_the_ombudsman_choice(one) -> None:
    one.tell(NoticeKind.OMBUDSMAN_CHOICE, LAMP)
    one.press("Ya, tanpa nama saya")
    assert acts(one) == [ChooseOmbudsman(LAMP, "without")]


def test_an_idle_address_shows_nothing_without_the_code(one) -> None:
    one.idle = True
    assert "Sebutkan kode" in text_of(one.hear("status"))
    one.idle = False  # the address has spoken now, the conversation stays locked
    assert "Lampu" not in text_of(one.hear("laporan saya"))
    assert "Pekerjaan Umum" not in text_of(one.tell(NoticeKind.PROGRESS, LAMP, words="Lampu sudah dipesan."))
    said = text_of(one.hear("k7m4 2qxt 9"))
    assert "kodenya cocok" in said
    assert "Lampu sudah dipesan." in said
    assert "Lampu jalan mati" in text_of(one.hear("status"))


def test_a_code_alone_shows_the_label_and_dates() -> None:
    world = World(FRIDAY)
    facts = world.facts
    public = (PublicFacts("T6RB9VJ2E", State.AT_UNIT, date(2026, 3, 2)),)
    world.facts = lambda: type(facts())(**{**{n: getattr(facts(), n) for n in facts().__dataclass_fields__}, "public": public})  # type: ignore[method-assign]
    said = text_of(world.hear("T6RB-9VJ2-E"))
    assert "Diteruskan ke unit" in said
    assert "2 Maret" in said


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_notice_is_told_with_and_without_its_parameters(one, kind, language) -> None:
    one.session = type(one.session)(language=language)
    bare = text_of(one.tell(kind, LAMP))
    full = text_of(
        one.tell(kind, LAMP, words="Kata petugas.", holder="RSUD Contoh", due_on=date(2026, 4, 6), promised_on=date(2026, 4, 1),
                 ground="spam", category="complaint", door="polisi", number="12/2026", file="foto", reason="gone")
    )  # fmt: skip
    assert bare
    assert "{" not in bare + full
    assert "Kata petugas." in full


@pytest.mark.parametrize(
    "kind,words",
    [
        (NoticeKind.DISPOSED, ("RSUD Contoh", "Senin, 6 April")),
        (NoticeKind.RETURNED, ("RSUD Contoh", "Senin, 6 April")),
        (NoticeKind.RESPONSE, ("RSUD Contoh", "Senin, 6 April", "Kata petugas.")),
        (NoticeKind.QUESTION, ("Kata petugas.", "Senin, 6 April")),
        (NoticeKind.SETTLEMENT_REMINDER, ("Senin, 6 April",)),
        (NoticeKind.CLOSED, ("BELUM", "Senin, 6 April", "1 (buruk) sampai 5")),
        (NoticeKind.ARCHIVED, ("keberatan", "polisi")),
        (NoticeKind.OVERDUE, ("melewati batas waktu",)),
    ],
)
def test_notices_say_who_holds_it_and_until_when(one, kind, words) -> None:
    said = text_of(
        one.tell(kind, LAMP, words="Kata petugas.", holder="RSUD Contoh", due_on=date(2026, 4, 6), ground="spam", door="polisi")
    )
    assert all(part in said for part in words)


def test_a_settlement_starts_the_silence_clock_when_it_is_delivered(one) -> None:
    assert one.tell(NoticeKind.SETTLEMENT, LAMP, words="Sudah diganti. " * 400)[-1].clock == "silence"
    assert one.tell(NoticeKind.QUESTION, LAMP, words="Di mana?")[-1].clock == "clarification"


def test_acting_on_what_the_procedure_does_not_allow_only_tells_how_it_stands(one) -> None:
    turn = Turn(one.session, one.facts(), one.now)
    act(turn, "dispute", one.reports[0], "masih mati")
    assert all(isinstance(effect, Say) for effect in turn.effects)


def test_a_report_filed_here_can_be_added_to(one) -> None:
    one.hear("tambah: nomor tiangnya 12")
    assert acts(one) == [Add(LAMP, "tambah: nomor tiangnya 12", trouble=True)]
    assert not [effect for effect in one.effects if isinstance(effect, Submit)]


@pytest.mark.parametrize("words", ["kirim", "tidak ada", "7", "😡😡"])
def test_an_answer_to_no_question_is_added_to_nothing(one, words) -> None:
    said = one.hear(words)
    assert acts(one) == []
    assert "Lampu jalan mati" in text_of(said)


def test_words_that_get_no_answer_twice_are_added_and_nobody_is_greeted(two) -> None:
    for words in ("sampai sekarang belum ada yang datang", "sudah seminggu pak", "kapan petugasnya datang pak"):
        said = two.hear(words)
    assert [type(effect) for effect in acts(two)] == [Add]
    assert [message.key for message in said] == ["which.added"]
