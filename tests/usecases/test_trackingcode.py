"""sop.md §7: "K7M4-2QXT-9"; design.md: 40 random bits, a check character, no ambiguous letters."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import trackingcode

codes = st.integers(0, 2**40 - 1).map(lambda number: trackingcode.new(lambda below: number % below))


def test_the_codes_of_the_examples_are_good() -> None:
    assert trackingcode.parse("K7M4-2QXT-9") == "K7M42QXT9"
    assert trackingcode.formatted("K7M42QXT9") == "K7M4-2QXT-9"


@pytest.mark.parametrize("typed", ["k7m4-2qxt-9", " K7M4 2QXT 9 ", "K7M42QXT9", "k7m4.2qxt.9", "K7M4–2QXT–9"])
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert trackingcode.parse(typed) == "K7M42QXT9"


@pytest.mark.parametrize("typed", ["", "K7M42QXT", "K7M4-2QXT-8", "K7M42QXT99", "UUUU-UUUU-U", "puskesmas"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert trackingcode.parse(typed) is None


@given(codes)
def test_a_code_survives_writing_and_reading(code: str) -> None:
    assert len(code) == 9
    assert not set(code) & set("ILOU")
    assert trackingcode.parse(trackingcode.formatted(code).lower()) == code


@given(codes, st.integers(0, 8), st.sampled_from(trackingcode.ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, wrong: str) -> None:
    typed = code[:place] + wrong + code[place + 1 :]
    assert (trackingcode.parse(typed) is None) == (typed != code)


@given(codes)
def test_two_exchanged_characters_are_always_noticed(code: str) -> None:
    for one, other in combinations(range(8), 2):
        letters = list(code)
        letters[one], letters[other] = letters[other], letters[one]
        assert trackingcode.parse("".join(letters)) == (code if letters == list(code) else None)


def test_zero_for_o_and_one_for_l_are_forgiven() -> None:
    code = trackingcode.new(lambda _below: 0b00001_00000)  # "01000000" and its check
    typed = code.replace("0", "O").replace("1", "l")
    assert trackingcode.parse(typed) == code


def test_codes_are_found_in_a_sentence_once_each() -> None:
    text = "status K7M4-2QXT-9 ya pak, yang k7m42qxt9 itu, bukan nomor 081234567890"
    assert trackingcode.find(text) == ("K7M42QXT9",)


def test_two_codes_differ() -> None:
    assert len({trackingcode.new() for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "typed",
    [
        "ka tujuh em empat dua kyu ix te sembilan",
        "kode saya ka tujuh em empat strip dua kyu eks te strip sembilan ya min",
        "k 7 m 4 2 q x t 9",
        "kay seven em four two cue ex tee nine",
        "K7M4.2QXT.9",
        "k7m4 2qxt 9",
        "K7M4-ZQXT-9",
        "nomornya K7M4 2QXT 9 pak",
    ],
)
def test_a_code_survives_being_read_aloud_and_typed_with_look_alikes(typed: str) -> None:
    assert trackingcode.find(typed) == ("K7M42QXT9",)


@pytest.mark.parametrize(
    "words",
    ["lima anak 2", "tahun 2019 desa A", "nomor 0812 3456 7890", "a b c d e f g h i j k l m n o p q", "rt 03 rw 04 b 5 6 7"],
)
def test_what_only_resembles_a_code_is_none(words: str) -> None:
    assert trackingcode.read(f"saya di {words} pak") == ()


@given(codes, st.integers(0, 8), st.sampled_from(trackingcode.ALPHABET))
def test_one_slip_is_one_character_or_two_exchanged(code: str, place: int, wrong: str) -> None:
    slipped = code[:place] + wrong + code[place + 1 :]
    assert trackingcode.one_slip(slipped, code) == (slipped != code)
    exchanged = code[1] + code[0] + code[2:]
    assert trackingcode.one_slip(exchanged, code) == (exchanged != code)
    assert trackingcode.one_slip(code[:place] + code[place + 1 :], code)
    far = "".join(trackingcode.ALPHABET[(trackingcode.ALPHABET.index(letter) + 1) % 32] for letter in code[:3]) + code[3:]
    assert not trackingcode.one_slip(far, code)


@given(st.text(max_size=300))
def test_any_words_can_be_looked_through_for_codes(words: str) -> None:
    for each in trackingcode.read(words):
        assert each.code is None or trackingcode.parse(each.code) == each.code
    trackingcode.without(words)
    trackingcode.tidy(words)


@pytest.mark.parametrize("words", ["status K7M422QXT9", "K7M42QXT9X gimana", "k7m42qqxt9"])
def test_one_character_too_many_is_seen_in_one_piece_too(words: str) -> None:
    (typed,) = trackingcode.read(words)
    assert typed.code is None
    assert trackingcode.one_slip(typed.typed, "K7M42QXT9")


@pytest.mark.parametrize("words", ["SMPN2JKT01", "RT05RW0312", "IMG2026031", "B1234XYZAB", "0812345678", "puskesmas1"])
def test_names_with_numbers_in_them_are_no_code(words: str) -> None:
    assert trackingcode.read(words) == ()
