"""Words out of bytes, whatever the gateway says of them: a wrong charset costs an accent at worst, never the message."""

from __future__ import annotations

import codecs
import re

EIGHT_BIT, UCS2 = 1, 2
"""`coding` as gateways count it: 0 is GSM-7 (recoded to the charset that they name), 1 is bytes, 2 is UCS-2."""

_PLAIN = re.compile(r"utf-(8|16|32).*|ascii|iso8859-\d+|cp\d+|koi8.*|mac-.*|gb.*|big5.*|shift_jis.*|euc_.*")
"""Charsets that letters travel in. Python knows stranger codecs (punycode, escapes), which a stranger could name."""

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE = {"utf16be", "ucs2", "iso10646ucs2", "utf16", "csunicode", "ucs2be"}


def decode(raw: bytes, charset: str | None, coding: int | None) -> str:
    """Total. What can be read as it is declared is; else as what it looks like."""
    for name in _declared(charset, coding):
        if name == "utf-16-be" and raw[:2] in _MARKS:
            name = "utf-16"  # the text says itself in which order its bytes are
        try:
            text = raw.decode(name)
        except (UnicodeError, LookupError):
            continue
        if not name.startswith("utf-16") and _looks_wide(raw):
            break
        return clean(text)
    return clean(_guess(raw))


def clean(text: str) -> str:
    """Words that every database can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _declared(charset: str | None, coding: int | None) -> list[str]:
    name = (charset or "").strip().strip('"').lower()
    compact = name.replace("-", "").replace("_", "")
    if compact in _WIDE:
        return ["utf-16-be"]
    if compact and compact not in ("8bit", "binary", "gsm", "gsm7", "7bit", "gsm0338"):
        try:
            codec = codecs.lookup(name)
        except (LookupError, ValueError):  # ValueError: a NUL in the name
            codec = None
        if codec is not None and _PLAIN.fullmatch(codec.name):
            return [codec.name]
    return ["utf-16-be"] if coding == UCS2 else ["utf-8"]


def _looks_wide(raw: bytes) -> bool:
    """Half of the bytes are the zeros of UCS-2: Latin letters, two bytes each."""
    return len(raw) >= 2 and raw[0::2].count(0) * 2 > len(raw[0::2])


def _guess(raw: bytes) -> str:
    if _looks_wide(raw):
        return raw.decode("utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace") if _mostly_letters(raw) else raw.decode("utf-16-be", "replace")


def _mostly_letters(raw: bytes) -> bool:
    return sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in raw) * 2 >= len(raw)
