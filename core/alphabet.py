"""The alphabets of SMS and what a text costs in them: GSM-7 with its extension table (3GPP TS 23.038), else UCS-2."""

from __future__ import annotations

from math import ceil

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each takes two places: an escape and the character, which never stand in different segments."""

GSM_ALONE, GSM_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67


def is_gsm(text: str) -> bool:
    """Can it be written in GSM-7?"""
    return all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text)


def septets(text: str) -> int:
    """Places that a GSM-7 text takes."""
    return sum(2 if letter in GSM_EXTENDED else 1 for letter in text)


def segments(text: str) -> int:
    """How many SMS this text is sent and paid as; 0 for an empty one. No character is cut in two by a segment's end."""
    if is_gsm(text):
        return _parts([2 if letter in GSM_EXTENDED else 1 for letter in text], GSM_ALONE, GSM_JOINED)
    return _parts([2 if ord(letter) > 0xFFFF else 1 for letter in text], UCS2_ALONE, UCS2_JOINED)


def _parts(widths: list[int], alone: int, joined: int) -> int:
    total = sum(widths)
    if total <= alone:
        return 1 if total else 0
    if all(width == 1 for width in widths):
        return ceil(total / joined)
    count, used = 1, 0
    for width in widths:
        if used + width > joined:
            count, used = count + 1, 0
        used += width
    return count
