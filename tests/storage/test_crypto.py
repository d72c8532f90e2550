"""Keys: what they wrote they read, older ones still read, and without the right one nothing is readable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.storage import crypto
from core.storage.crypto import Keys, decrypt, encrypt, load_or_make_secret, lookup, use_keys

FIRST, SECOND = b"the first secret", b"the second secret"


def test_what_was_encrypted_comes_back_and_never_looks_the_same_twice() -> None:
    assert decrypt(encrypt(b"words")) == b"words"
    assert encrypt(b"words") != encrypt(b"words")


def test_an_older_key_still_reads_what_it_wrote() -> None:
    use_keys(Keys.from_secret(FIRST))
    sealed = encrypt(b"words")
    use_keys(Keys.from_secret(SECOND, FIRST))
    assert decrypt(sealed) == b"words"
    assert decrypt(encrypt(b"new words")) == b"new words"


def test_another_key_is_named_as_the_trouble() -> None:
    use_keys(Keys.from_secret(FIRST))
    sealed = encrypt(b"words")
    use_keys(Keys.from_secret(SECOND))
    with pytest.raises(ConfigurationError, match="another key"):
        decrypt(sealed)


@pytest.mark.parametrize("position", [0, 6, 20, -1])
def test_an_altered_value_is_noticed(position: int) -> None:
    sealed = bytearray(encrypt(b"words that are long enough"))
    sealed[position] ^= 1
    with pytest.raises(ConfigurationError):
        decrypt(bytes(sealed))


def test_a_lookup_is_stable_and_differs_by_channel_address_and_key() -> None:
    use_keys(Keys.from_secret(FIRST))
    here = lookup("sms", "+62811")
    assert here == lookup("sms", "+62811")
    assert len({here, lookup("mail", "+62811"), lookup("sms", "+62812")}) == 3
    use_keys(Keys.from_secret(SECOND))
    assert lookup("sms", "+62811") != here


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="16 bytes"):
        Keys.from_secret(b"short")


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    place = tmp_path / "var" / "key"
    made, new = load_or_make_secret(place)
    assert new
    assert load_or_make_secret(place) == (made, False)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [file.name for file in place.parent.iterdir()] == ["key"]


def test_a_key_file_that_is_no_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not hex")
    with pytest.raises(ConfigurationError, match="backup"):
        load_or_make_secret(tmp_path / "key")


def test_without_a_key_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_keys", None)
    with pytest.raises(ConfigurationError, match="no key"):
        encrypt(b"words")
