"""The installation's keys: AES-256-GCM for what is encrypted, HMAC-SHA-256 for what must be found again without being readable.

One secret gives both keys by HKDF. A ciphertext names its key, so that older keys still read what they wrote.
The key ring is one per process: `use_keys` is called once by whoever starts it, before the first query.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigurationError

_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_SECRET_BYTES = 32


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lapor:" + purpose).derive(secret)


@dataclass(frozen=True)
class Keys:
    """The current key, the look-up key, and older keys that may still be needed to read."""

    current: bytes
    ciphers: dict[bytes, AESGCM] = field(repr=False)
    lookup_key: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: bytes, *older: bytes) -> Keys:
        """Keys out of a secret of at least 16 bytes; `older` ones only read. Raises ConfigurationError if one is short."""
        if min(len(one) for one in (secret, *older)) < 16:
            raise ConfigurationError("the key needs at least 16 bytes: give a longer one, or none and var/key is made")
        ciphers: dict[bytes, AESGCM] = {}
        for one in (*older, secret):
            key = _derive(one, b"encryption")
            ciphers[sha256(key).digest()[:_KEY_ID_BYTES]] = AESGCM(key)
        current = sha256(_derive(secret, b"encryption")).digest()[:_KEY_ID_BYTES]
        return cls(current=current, ciphers=ciphers, lookup_key=_derive(secret, b"lookup"))


_keys: Keys | None = None


def use_keys(keys: Keys) -> None:
    """Makes `keys` the ones of this process."""
    global _keys  # noqa: PLW0603 - one ring per process, set once at the start
    _keys = keys


def _ring() -> Keys:
    if _keys is None:
        raise ConfigurationError("no key was loaded: start through `lapor`, which loads or makes one")
    return _keys


def encrypt(plain: bytes) -> bytes:
    """format byte, key id (4), nonce (12), ciphertext with tag."""
    ring = _ring()
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + ring.current + nonce + ring.ciphers[ring.current].encrypt(nonce, plain, None)


def decrypt(sealed: bytes) -> bytes:
    """Raises ConfigurationError where the key that wrote it is not there or the bytes were altered."""
    cipher = _ring().ciphers.get(sealed[1 : 1 + _KEY_ID_BYTES])
    if sealed[:1] != _FORMAT or cipher is None:
        raise ConfigurationError("this database was written with another key: put the right one back (LAPOR_KEY or var/key)")
    start = 1 + _KEY_ID_BYTES
    try:
        return cipher.decrypt(sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :], None)
    except InvalidTag as error:
        raise ConfigurationError("an encrypted value was altered or cut off: restore it from a backup") from error


def decrypt_text(sealed: bytes) -> str:
    """What the `Encrypted` column type wrote. Raises as `decrypt` does."""
    return decrypt(bytes(sealed)).decode("utf-8", "surrogatepass")


def lookup(channel: str, address: str) -> str:
    """Keyed hash (hex, 64 characters) under which an address of a channel is found again."""
    message = f"{channel}\0{address}".encode("utf-8", "surrogatepass")
    return hmac.new(_ring().lookup_key, message, sha256).hexdigest()


def load_or_make_secret(path: Path) -> tuple[bytes, bool]:
    """The secret in `path`, made at the first start with mode 0600. Returns (secret, was it made now)."""
    try:
        return bytes.fromhex(path.read_text("ascii").strip()), False
    except FileNotFoundError:
        pass
    except ValueError as error:
        raise ConfigurationError(f"{path.name} is not a key: restore it from a backup, what it encrypted needs it") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)  # the first of two starting processes wins
    except FileExistsError:
        return load_or_make_secret(path)
    finally:
        made.unlink()
    return bytes.fromhex(path.read_text("ascii").strip()), True
