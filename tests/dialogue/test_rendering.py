"""Messages fit their channel: buttons or numbers, parts at sentences, one plain segment where each message costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alphabet import is_gsm, septets
from core.dialogue.codes import codes_in, says_code, shown
from core.dialogue.fitting import clean, folded, split, units
from core.dialogue.model import Say, SayChoice
from core.dialogue.render import render
from core.dialogue.turn import Pressed, pressed
from tests.dialogue.world import BUTTONS, NUMBERS, SMS, World

CHOICES = (SayChoice("3.hide", "choice.hide"), SayChoice("3.show", "choice.show"))


def test_choices_are_buttons_where_there_are_enough_of_them() -> None:
    (message,) = render([Say("ask.privacy", {}, CHOICES)], capabilities=BUTTONS, language="id")
    assert [choice.label for choice in message.choices] == ["Sembunyikan", "Boleh"]
    assert message.text == "Nama Anda boleh dilihat instansi?"


@pytest.mark.parametrize("capabilities", [NUMBERS, replace(BUTTONS, buttons=1), replace(BUTTONS, button_label_limit=5)])
def test_choices_are_numbered_lines_where_buttons_do_not_carry_them(capabilities) -> None:
    (message,) = render([Say("ask.privacy", {}, CHOICES)], capabilities=capabilities, language="id")
    assert message.choices == ()
    assert message.text.endswith("\n\n1. Sembunyikan\n2. Boleh\n\nBalas dengan angkanya, ya.")


def test_sentences_without_choices_in_between_are_one_message() -> None:
    says = [Say("ack"), Say("data.notice"), Say("ask.privacy", {}, CHOICES), Say("welcome")]
    first, second = render(says, capabilities=BUTTONS, language="id")
    assert first.text == "Baik. Data Anda hanya untuk laporan ini (/data). Nama Anda boleh dilihat instansi?"
    assert second.text.startswith("Sama-sama")


def test_messages_on_different_reports_are_not_joined() -> None:
    says = [Say("add.done", {"code": "A"}, code="AAAA11111"), Say("add.done", {"code": "B"}, code="BBBB22222")]
    assert [message.code for message in render(says, capabilities=BUTTONS, language="id")] == ["AAAA11111", "BBBB22222"]


def test_the_clock_and_the_buttons_go_with_the_last_part() -> None:
    says = [
        Say("notice.progress", {"code": "K", "holder": "RSUD"}, CHOICES, words="Kami sudah memeriksa. " * 300, clock="silence")
    ]
    parts = render(says, capabilities=BUTTONS, language="id")
    assert len(parts) == 2
    assert [part.clock for part in parts] == [None, "silence"]
    assert [len(part.choices) for part in parts] == [0, 2]
    assert parts[0].text.endswith(".")


def test_an_officials_words_are_unchanged() -> None:
    (message,) = render(
        [Say("notice.response", {"code": "K", "holder": "RSUD"}, words="Pakai {kurung} & <tanda>\nbaris dua")],
        capabilities=BUTTONS,
        language="id",
    )
    assert "“Pakai {kurung} & <tanda>\nbaris dua”" in message.text


def test_where_messages_cost_the_short_twin_is_said_in_the_plain_alphabet() -> None:
    params = {"code": "K7M4-2QXT-9", "plain": "K7M42QXT9"}
    (message,) = render([Say("at_once.completed", params)], capabilities=SMS, language="id")
    assert message.text == "Terima kasih. K7M42QXT9 sudah dilengkapi, nanti kami kabari."
    assert is_gsm(message.text)
    assert septets(message.text) <= 160
    assert folded("“Baik” – ya…") == '"Baik" - ya...'
    assert folded("日本 “x”") == "日本 “x”"


@given(words=st.text(max_size=600), limit=st.integers(20, 120))
def test_parts_fit_and_nothing_but_spaces_is_lost(words, limit) -> None:
    whole = clean(words)
    parts = split(whole, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(whole.split())


@pytest.mark.parametrize("character", ["👨‍👩‍👧‍👦", "👍🏽", "🇮🇩", "e\u0301", "❤️"])
def test_a_character_of_several_code_points_is_not_cut(character) -> None:
    for part in split(character * 40, 50):
        assert part.replace(character, "") == ""


def test_lone_surrogates_and_control_characters_do_not_leave_the_house() -> None:
    assert clean("a\x00b\ud83dc\nd").encode() == "ab\ufffdc\nd".encode()


def test_codes_are_found_however_they_are_typed() -> None:
    assert shown("K7M42QXT9") == "K7M4-2QXT-9"
    for typed in ("K7M4-2QXT-9", "k7m42qxt9", "kode k7m4 2qxt 9 ya"):
        assert codes_in(typed) == ("K7M42QXT9",)
        assert says_code(typed, "K7M42QXT9")
    assert codes_in("kata kata kita") == ()


@pytest.mark.parametrize(
    "token,found",
    [
        ("12.hide", Pressed("hide", prompt=12)),
        ("12.o-7", Pressed("o-7", prompt=12)),
        ("r.K7M42QXT9.ok", Pressed("ok", code="K7M42QXT9")),
        ("", None),
        ("hide", None),
        ("r.ok", None),
        ("x.y", None),
        ("1." + "y" * 40, None),
        ("1.é", None),
    ],
)
def test_a_token_says_which_question_or_report_it_belongs_to(token, found) -> None:
    assert pressed(token) == found


def test_marks_are_not_listed_beside_their_own_numbers() -> None:
    marks = tuple(SayChoice(f"r.K7M42QXT9.rate-{number}", "", str(number)) for number in range(1, 6))
    said = render([Say("rate.ask", {}, marks)], capabilities=NUMBERS, language="id")
    assert said[0].text == "Bagaimana penanganannya, 1 (buruk) sampai 5 (baik sekali)? Balas dengan angkanya, ya."


@pytest.mark.parametrize(
    "words", ["tolong ada kebakaran", "tolong ada kebakaran di jl mawar", "LAPOR petugas minta uang ke saya"]
)
def test_the_first_answer_by_sms_is_one_segment(words: str) -> None:
    world = World(datetime(2026, 3, 13, 3, 15, tzinfo=UTC), SMS)
    (said,) = world.hear(words)
    assert is_gsm(said.text)
    assert septets(said.text) <= 160
