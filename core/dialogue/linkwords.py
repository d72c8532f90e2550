"""What asks for a one-time code or for undoing a link, told from what only sounds like it ("sambung listrik", "pisah KK")."""

from __future__ import annotations

import re

from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent

_GOES_ON = re.compile(
    r"(?:(?:saya|aku|bisa|boleh|mau|tolong|i|can|want|to|please)\s+){0,4}"
    r"(?:lanjut(?:kan|in)?|sambung(?:kan|in)?|hubung(?:kan|in)|pindah|terus(?:kan|in)?|continue|go on|switch|link)\s+"
    r"(?:(?:ini|saja|aja|this|it)\s+)?(?:di|ke|lewat|via|dengan|on|by|to|with)\s+(?P<door>[\w-]+)\W*(?:ya|dong|aja|saja|please)?\W*",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\W*(?:(?:saya|aku|bisa|boleh|mau|tolong|i|can|want|to|please)\s+){0,4}(?:pisah(?:kan|in)?|putus(?:kan|in)?|lepas(?:kan|in)?|unlink"
    r"|disconnect)\s+(?:(?:dari|dengan|from)\s+)?(?P<door>[\w-]+)\W*(?:ya|dong|aja|saja|please)?\W*",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\W*(?:kode\W+|code\W+)?(?:sambung(?:kan|in)?|hubung(?:kan|in)|link)\W+(?:kode\W+|code\W+)?"
    r"(?=[\w.\-–—]*\d)(?=[\w.\-–—]*[a-z])[0-9a-z]{2,6}(?:[ .\-–—]{0,3}[0-9a-z]{1,6}){0,2}\W*",
    re.IGNORECASE,
)


def asks_for_code(turn: Turn, message: Message) -> bool:
    """Is a code all that is asked for?"""
    return message.reading.intents.whole(Intent.LINK) or names_door(turn, message) or is_half(message.text)


def names_door(turn: Turn, message: Message) -> bool:
    """ "Lanjut di …" with the name of another door of this office: a wish for a code like the bare word."""
    found = _GOES_ON.fullmatch(message.text)
    return found is not None and _plain(found["door"]) in {_plain(door) for door in turn.facts.doors}


def is_half(words: str) -> bool:
    """The word with what looks like a code and is none: a letter is missing, or it is that of a report."""
    return _HALF.fullmatch(words) is not None


def asks_to_part(turn: Turn, message: Message) -> bool:
    """Is undoing a link all that is asked for? Also by the name of a linked door."""
    found = _PARTS.fullmatch(message.text)
    linked = {_plain(one.door.partition(" (")[0]) for one in turn.facts.linked}
    return message.reading.intents.whole(Intent.UNLINK) or (found is not None and _plain(found["door"]) in linked)


def _plain(door: str) -> str:
    return door.replace("-", "").casefold()
