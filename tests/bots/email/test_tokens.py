"""Addresses that only we can make: who holds one has read the mail that it stood in."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.email.tokens import LOCAL_LIMIT, Kind, Token, Tokens
from core.errors import ConfigurationError

KEY = "3f0c9a1b2d4e5f60718293a4b5c6d7e8.0"
SITI, BUDI = "siti@contoh.test", "budi@contoh.test"


def sign(text: str) -> str:
    return hmac.new(b"kunci", text.encode(), hashlib.sha256).hexdigest()


TOKENS = Tokens("lapor@kota.test", sign)
LONG = Tokens("x" * LOCAL_LIMIT + "@kota.test", sign)


def test_the_reader_of_a_mail_is_known_by_the_address_that_he_answers_to():
    assert TOKENS.read(TOKENS.reply_address(KEY, SITI), SITI) == Token(Kind.REPLY, KEY)


def test_the_reply_address_is_worth_nothing_in_another_hand():
    assert TOKENS.read(TOKENS.reply_address(KEY, SITI), BUDI) is None
    assert TOKENS.read(TOKENS.reply_address(KEY, SITI), "siti+lain@contoh.test") is None


def test_letters_may_change_their_case_on_the_way():
    assert TOKENS.read(TOKENS.reply_address(KEY, "Siti@Contoh.test").upper(), "SITI@contoh.TEST") == Token(Kind.REPLY, KEY)


def test_a_bounce_needs_no_sender():
    assert TOKENS.read(TOKENS.bounce_address(KEY), "") == Token(Kind.BOUNCE, KEY)


def test_a_bounce_address_proves_no_mailbox():
    as_reply = TOKENS.bounce_address(KEY).replace("+b.", "+r.")
    assert TOKENS.read(as_reply, SITI) is None


@pytest.mark.parametrize("tokens", [TOKENS, LONG], ids=["short", "longest"])
@pytest.mark.parametrize("position", range(1, 14))
def test_one_changed_character_of_the_seal_spoils_it(tokens: Tokens, position: int):
    local, _, domain = tokens.reply_address(KEY, SITI).partition("@")
    changed = "2" if local[-position] != "2" else "3"
    assert tokens.read(f"{local[: len(local) - position]}{changed}{local[len(local) - position + 1 :]}@{domain}", SITI) is None


def test_the_seal_covers_the_part_of_the_entry():
    assert TOKENS.read(TOKENS.reply_address(KEY, SITI).replace(".0.", ".1."), SITI) is None


def test_another_key_makes_other_seals():
    other = Tokens("lapor@kota.test", lambda text: sign("x" + text))
    assert other.read(TOKENS.reply_address(KEY, SITI), SITI) is None
    assert other.read(TOKENS.bounce_address(KEY), SITI) is None


@pytest.mark.parametrize("tokens", [TOKENS, LONG], ids=["short", "longest"])
@pytest.mark.parametrize("part", ["0", "17", "255"])
def test_every_address_has_at_most_64_characters_before_the_at(tokens: Tokens, part: str):
    key = f"{KEY[:-1]}{part}"
    for address in (tokens.reply_address(key, SITI), tokens.bounce_address(key)):
        assert len(address.partition("@")[0]) <= 64  # RFC 5321 §4.5.3.1.1
    assert tokens.read(tokens.reply_address(key, SITI), SITI) == Token(Kind.REPLY, key)
    assert tokens.read(tokens.bounce_address(key), "") == Token(Kind.BOUNCE, key)


@pytest.mark.parametrize("address", ["x" * (LOCAL_LIMIT + 1) + "@kota.test", "lapor", "@kota.test", "lapor@"])
def test_an_address_without_room_or_shape_is_refused_with_the_keys_path(address: str):
    with pytest.raises(ConfigurationError, match=r"channels\.email\.address"):
        Tokens(address, sign)


def test_a_message_id_leads_back_to_its_key():
    assert TOKENS.message_id(KEY) == f"{KEY}@kota.test"
    assert TOKENS.key_of(f"<{KEY}@kota.test>") == KEY
    assert TOKENS.key_of(f" {KEY}@KOTA.test ") == KEY


@pytest.mark.parametrize("foreign", ["", "<>", f"<{KEY}@lain.test>", "<2026.17@kota.test>", "<CAF=abc@mail.kota.test>", KEY])
def test_message_ids_of_others_are_not_ours(foreign: str):
    assert TOKENS.key_of(foreign) is None


def test_a_domain_with_other_letters_travels_in_ascii():
    tokens = Tokens("lapor@köta.test", sign)
    assert tokens.message_id(KEY).endswith("@xn--kta-sna.test")
    assert tokens.read(tokens.reply_address(KEY, SITI), SITI) == Token(Kind.REPLY, KEY)


@given(st.text(), st.text())
def test_whatever_stands_there_is_read_without_an_error(address: str, sender: str):
    assert TOKENS.read(address, sender) is None
    assert TOKENS.key_of(address) is None


@given(st.text(), st.text())
def test_any_key_and_any_recipient_make_an_address_that_can_be_read(key: str, recipient: str):
    read = TOKENS.read(TOKENS.reply_address(key, recipient), recipient)
    assert read is not None
    assert TOKENS.message_id(key) == TOKENS.message_id(read.key)


@given(st.from_regex(r"\+[rb](s[a-z2-7]{40}|\.[0-9a-f]{32}\.[0-9]{1,3}\.[0-9a-f]{16})@kota\.test", fullmatch=True), st.text())
def test_a_forged_seal_is_read_without_an_error(address: str, sender: str):
    assert TOKENS.read(address, sender) is None
