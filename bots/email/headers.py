"""A mail's header lines, read so that no stranger's bytes raise: everything here is total and bounded in time.

Header lines are kept raw (`compat32`) and decoded here. The standard library's structured parser raised on about one in
twenty fuzzed mails, and its address and encoded-word grammars can be made to run for minutes.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import unicodedata
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from bots.email.charsets import clean, decoded, unlabelled

MOST_HEADER_BYTES = 256 * 1024
"""Of one header block: real ones stay under 64 KiB, a bomb is cut here."""
MOST_VALUE_CHARACTERS = 8_192
MOST_NAME_CHARACTERS = 128
MOST_REFERENCES = 50
MOST_ADDRESSES = 200

_BLANK = re.compile(rb"\r?\n\r?\n")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN = re.compile(r"\s*")
_SPACE = re.compile(r"\s+")
_ID = re.compile(r"<([^<>\s]{1,250})>")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"._-][^\s@<>()\[\],;:\\\"_]{0,252}")


def read(raw: bytes) -> Message:
    """The header block of a mail or of a part of one, without its body. Never raises."""
    return split(raw)[0]


def split(raw: bytes, start: int = 0, end: int | None = None, most: int = MOST_HEADER_BYTES) -> tuple[Message, int]:
    """The header block that begins at `start`, and where its body begins. Never raises."""
    end = len(raw) if end is None else end
    if most <= 0 or start >= end:
        return Message(compat32), start
    if raw[start : start + 2] == b"\r\n" or raw[start : start + 1] == b"\n":
        return Message(compat32), start + (2 if raw[start : start + 1] == b"\r" else 1)
    limit = min(end, start + max(most, 0))
    blank = _BLANK.search(raw, start, limit)
    stop = blank.end() if blank else limit
    block = raw[start:stop]
    try:
        message = BytesHeaderParser(policy=compat32).parsebytes(block)
        rest = vars(message).get("_payload")  # `get_payload` would decode it, and its length is what counts here
    except Exception:  # the parser promises not to raise; a stranger's mail is not where to find out
        return Message(compat32), start
    if isinstance(rest, str) and rest:  # a line that is no header ended the block early: the body begins with it
        stop -= len(rest.encode("ascii", "surrogateescape"))
    elif blank is None and limit < end:  # a bomb: what comes after the cut is looked for behind its blank line
        late = _BLANK.search(raw, limit, end)
        stop = late.end() if late else end
    message.set_payload("")
    return message, min(stop, end)


def values(message: Message, name: str) -> tuple[str, ...]:
    """Every value of that header as it stood, unfolded and undecoded, with raw 8-bit bytes read as text. Never raises."""
    wanted = name.lower()
    return tuple(_plain(value) for key, value in message.raw_items() if key.lower() == wanted)


def text_of(message: Message, name: str) -> str:
    """The first value of that header, decoded, on one line; empty where there is none. Never raises."""
    found = values(message, name)
    return words(found[0]) if found else ""


def words(value: str) -> str:
    """Encoded words (RFC 2047) as text, on one line. What cannot be decoded stays as it was written."""
    parts: list[str] = []
    waiting: tuple[str, bytes] | None = None  # words of one charset are joined first: a letter may be cut in two
    place = 0
    for found in _WORD.finditer(value):
        data = _bytes_of(found[2], found[3])
        if data is None:
            continue
        label = found[1].partition("*")[0].lower()  # RFC 2231 §5: charset*language
        gap = value[place : found.start()]
        if waiting is not None and waiting[0] == label and _BETWEEN.fullmatch(gap):
            waiting = (label, waiting[1] + data)
        else:
            if waiting is not None:
                parts.append(decoded(waiting[1], waiting[0]))
                gap = "" if _BETWEEN.fullmatch(gap) else gap
            parts.append(gap)
            waiting = (label, data)
        place = found.end()
    if waiting is not None:
        parts.append(decoded(waiting[1], waiting[0]))
    parts.append(value[place:])
    return _SPACE.sub(" ", clean("".join(parts))).strip()


def authors(message: Message) -> tuple[str, ...]:
    """Every different address of every From header. More than one: whoever vouches for one does not vouch for the other."""
    found = (address_of(spec) for value in values(message, "From") for _, spec in pairs(value))
    return tuple(dict.fromkeys(address for address in found if address))


def has_one_author(message: Message) -> bool:
    """Does every From line name one and the same mailbox? Whoever vouches for one author does not vouch for another.

    A line, or a mailbox in it, that we cannot read might be the one that was vouched for.
    """
    found: set[str | None] = set()
    for value in values(message, "From"):
        specs = [spec for _, spec in pairs(value) if "@" in spec]
        found.update(address_of(spec) for spec in specs or [""])
    return None not in found and len(found) <= 1


def sender_of(message: Message, mail_from: str = "") -> str | None:
    """The author's addr-spec: lower-case, its domain in ASCII. None where nobody could be answered.

    `mail_from`: the envelope's sender, which stands in where the mail has no From line at all.
    """
    if not values(message, "From"):
        return address_of(mail_from)
    found = authors(message)
    return found[0] if found else None


def name_of(message: Message) -> str | None:
    """The name beside the author's address, if it says anything. It proves nothing and is never an address."""
    for value in values(message, "From"):
        for name, spec in pairs(value):
            if address_of(spec):
                shown = _visible(words(name)).strip(" \"'")[:MOST_NAME_CHARACTERS].strip()
                return shown if shown and "@" not in shown else None
    return None


def recipients(message: Message, *names: str) -> tuple[str, ...]:
    """The addresses in these headers, in order, at most 200."""
    found = (address_of(spec) for name in names for value in values(message, name) for _, spec in pairs(value))
    return tuple(dict.fromkeys(address for address in found if address))[:MOST_ADDRESSES]


def pairs(value: str) -> list[tuple[str, str]]:
    """(display name, addr-spec) of an address list. Never raises; nonsense is an empty list."""
    try:
        return getaddresses([value[:MOST_VALUE_CHARACTERS]])[:MOST_ADDRESSES]
    except Exception:  # comments nested a thousand deep, and what else the grammar allows
        return []


def address_of(spec: str) -> str | None:
    """An addr-spec as this service knows it: NFC, lower-case, domain as A-labels. None for what is no mailbox."""
    spec = unicodedata.normalize("NFC", spec.strip()[:400]).lower()
    if not _ADDRESS.fullmatch(spec) or any(unicodedata.category(letter)[0] == "C" for letter in spec):
        return None
    local, _, domain = spec.rpartition("@")
    if ".." in domain or domain.endswith("."):
        return None
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def message_id(message: Message) -> str:
    """The Message-ID without its brackets; empty where there is none that can be quoted."""
    for value in values(message, "Message-ID"):
        found = _ID.search(value)
        if found:
            return clean(found[1])
        bare = value.strip()
        if 0 < len(bare) <= 250 and not _SPACE.search(bare) and "<" not in bare and ">" not in bare:
            return clean(bare)
    return ""


def references(message: Message) -> tuple[str, ...]:
    """Message-IDs of what this mail answers, the nearest first: In-Reply-To, then References from its end. At most 50."""
    nearest = [clean(one) for value in values(message, "In-Reply-To") for one in _ID.findall(value)]
    thread = [clean(one) for value in values(message, "References") for one in _ID.findall(value)]
    return tuple(dict.fromkeys((*nearest, *reversed(thread))))[:MOST_REFERENCES]


def date_of(message: Message) -> datetime | None:
    """When the sender's program says that it was written, in UTC; None where it does not say so in words we can read."""
    found = values(message, "Date")
    if not found:
        return None
    try:
        moment = parsedate_to_datetime(found[0][:200])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except Exception:  # ValueError, TypeError, OverflowError, IndexError: every one of them was seen
        return None


def _plain(value: object) -> str:
    """A raw value on one line. 8-bit bytes, which the parser smuggled in as surrogates, are read as UTF-8 or windows-1252."""
    text = str(value)
    if len(text) > MOST_VALUE_CHARACTERS * 4:
        text = text[: MOST_VALUE_CHARACTERS * 4]
    if not text.isascii():
        text = unlabelled(text.encode("utf-8", "surrogateescape"))
    return text.replace("\r", "").replace("\n", " ").replace("\0", "").replace("\t", " ")[: MOST_VALUE_CHARACTERS * 4]


def _bytes_of(encoding: str, content: str) -> bytes | None:
    try:
        if encoding in "qQ":
            return quopri.decodestring(content.encode("utf-8", "replace"), header=True)
        sealed = re.sub(r"[^A-Za-z0-9+/]", "", content)
        return base64.b64decode(sealed[: len(sealed) - (len(sealed) % 4 == 1)] + "=" * (-len(sealed) % 4))
    except (binascii.Error, ValueError):
        return None


def _visible(text: str) -> str:
    """Without what turns the direction of writing round or cannot be seen: a name must not dress up as another."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc", "Co", "Cs", "Cn"))
