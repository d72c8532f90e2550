"""Addresses and Message-IDs that only we can make: which of our mails somebody answers, and which one bounced.

A mail of ours is named by its outbox entry's key, so a repeated one is the same mail to its reader. Whoever answers at the
reply address has read the mailbox that it was made for; whoever answers at the bounce address has seen our envelope.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ConfigurationError

LOCAL_PART_LIMIT = 64  # RFC 5321 §4.5.3.1.1
MAC_CHARACTERS = 16  # 64 bits: guessed over SMTP, one mail for each try
LOCAL_LIMIT = LOCAL_PART_LIMIT - len("+rs") - 40
"""Characters before the @ that leave room for a token in its short form."""

KEY = re.compile(r"[0-9a-f]{32}\.(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])")
LONG = re.compile(rf"[^@]*\+([rb])\.({KEY.pattern})\.([0-9a-f]{{{MAC_CHARACTERS}}})@[^@]+")
SHORT = re.compile(r"[^@]*\+([rb])s([a-z2-7]{40})@[^@]+")  # base32 of 16 bytes of key, one of part, 8 of seal


class Kind(StrEnum):
    REPLY = "reply"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True)
class Token:
    """What a genuine address of ours says: the outbox key of the mail that it was made for."""

    kind: Kind
    key: str


class Tokens:
    """Makes and reads them. `address` is the channel's own, `sign` a keyed hash in hex (`Surroundings.sign`)."""

    def __init__(self, address: str, sign: Callable[[str], str]) -> None:
        """Raises ConfigurationError where the address leaves no room for a token."""
        local, _, domain = address.rpartition("@")
        if not local or not domain:
            raise ConfigurationError("channels.email.address: write it as name@domain")
        if len(local.encode()) > LOCAL_LIMIT:
            raise ConfigurationError(
                f"channels.email.address: at most {LOCAL_LIMIT} characters before the @, so that answers can carry a token"
            )
        self.domain = ascii_domain(domain)
        self._local = local
        self._sign = sign

    def message_id(self, key: str) -> str:
        """The Message-ID of the mail with this key, without brackets: its vendor id."""
        return f"{canonical(key)}@{self.domain}"

    def key_of(self, message_id: str) -> str | None:
        """The key in a Message-ID of ours, with or without brackets; None for anybody else's."""
        name, _, domain = message_id.strip().removeprefix("<").removesuffix(">").strip().rpartition("@")
        return name if domain.lower() == self.domain and KEY.fullmatch(name) else None

    def reply_address(self, key: str, recipient: str) -> str:
        """Where the reader of this mail answers: proves that whoever writes there as `recipient` could read its mailbox."""
        return self._address("r", canonical(key), self._reply_mac(canonical(key), recipient))

    def bounce_address(self, key: str) -> str:
        """The envelope sender of this mail (VERP)."""
        return self._address("b", canonical(key), self._bounce_mac(canonical(key)))

    def read(self, recipient_address: str, sender: str) -> Token | None:
        """What the address that a mail was sent to proves about it; None if nothing.

        `sender`: the From address. A reply token counts for exactly the address that our mail went to, in any case of
        letters: a tagged form of it may be somebody else's mailbox.
        """
        code, key, mac = _taken_apart(recipient_address.strip().lower())
        expected = self._reply_mac(key, sender) if code == "r" else self._bounce_mac(key)
        if not hmac.compare_digest(expected.encode(), mac.encode()):
            return None
        return Token(Kind.REPLY if code == "r" else Kind.BOUNCE, key)

    def _address(self, code: str, key: str, mac: str) -> str:
        local = f"{self._local}+{code}.{key}.{mac}"
        if len(local.encode()) > LOCAL_PART_LIMIT:
            local = f"{self._local}+{code}s{_shortened(key, mac)}"
        return f"{local}@{self.domain}"

    def _reply_mac(self, key: str, recipient: str) -> str:
        recipient = recipient.strip().lower().encode(errors="replace").decode()
        return self._sign(f"reply\0{key}\0{recipient}")[:MAC_CHARACTERS]

    def _bounce_mac(self, key: str) -> str:
        return self._sign(f"bounce\0{key}")[:MAC_CHARACTERS]


def canonical(key: str) -> str:
    """The key as it stands in mails: the outbox writes 32 hex and a part's number; anything else is hashed to that shape."""
    if KEY.fullmatch(key):
        return key
    return f"{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:32]}.0"


def ascii_domain(domain: str) -> str:
    """A domain in lower case as it travels; one that cannot be written in IDNA stays as it is."""
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain.lower()


def _taken_apart(address: str) -> tuple[str, str, str]:
    """Code, key and seal; three empty strings where it is no such address."""
    if found := LONG.fullmatch(address):
        return found[1], found[2], found[3]
    if found := SHORT.fullmatch(address):
        packed = base64.b32decode(found[2].upper())
        return found[1], f"{packed[:16].hex()}.{packed[16]}", packed[17:].hex()
    return "", "", ""


def _shortened(key: str, mac: str) -> str:
    digits, _, part = key.partition(".")
    return base64.b32encode(bytes.fromhex(digits) + bytes([int(part)]) + bytes.fromhex(mac)).decode("ascii").lower()
