"""The header in front of a text's own bytes (3GPP TS 23.040 §9.2.3.24): is it a piece of a longer one, is it for a machine?"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from bots.sms.model import Piece

_JOINED, _JOINED_WIDE = 0x00, 0x08  # concatenation with an 8-bit and with a 16-bit reference
_PORTS = (0x04, 0x05)  # application ports: ringtones, WAP push, contacts
_HEX = re.compile(rb"[0-9A-Fa-f]+")


def piece_of(header: bytes) -> Piece | None:
    """None for a text that is whole, and for a header that says impossible things."""
    for code, value in _elements(header):
        if code == _JOINED and len(value) == 3:
            ref, total, number = value[0], value[1], value[2]
        elif code == _JOINED_WIDE and len(value) == 4:
            ref, total, number = value[0] << 8 | value[1], value[2], value[3]
        else:
            continue
        if 1 <= number <= total and total > 1:
            return Piece(f"{len(value)}.{ref}", number, total)
    return None


def is_for_a_machine(header: bytes) -> bool:
    """Addressed to a program on the phone, not to who reads it."""
    return any(code in _PORTS for code, _ in _elements(header))


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    """(code, value) of each element; `header` as bytes or in hexadecimal, with its length in front."""
    raw = _raw(header.strip() if _HEX.fullmatch(header.strip()) else header)
    position = 1
    while position + 2 <= len(raw):
        code, length = raw[position], raw[position + 1]
        value = raw[position + 2 : position + 2 + length]
        if len(value) < length:
            return
        yield code, value
        position += 2 + length


def _raw(header: bytes) -> bytes:
    if len(header) >= 4 and len(header) % 2 == 0 and _HEX.fullmatch(header):
        return binascii.unhexlify(header)
    return header
