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
