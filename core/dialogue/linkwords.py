"""What asks for a one-time code or for undoing a link, told from what only sounds like it ("sambung listrik", "pisah KK")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.dialogue.model import LinkedAddress, Mode
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.words import wording

_SHORT_WORDS, _TELLING_LETTERS, _LONGEST = 8, 4, 160
_UNTELLING = frozenset({"yang", "lain", "tadi", "laporan", "saja", "sini", "sana", "satu", "satunya", "disini", "disana"})
_REFUSES = re.compile(
    r"\b(?:bukan|bkn|jangan|jgn|tidak|tdk|nggak|enggak|engga|ngga|gak|ga|gk|ogah|takut|salah|no|not|don'?t|afraid|wrong)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:(?:eh|min|pak|bu|kak|gimana|gmn|bagaimana|kalo|kalau|klo|ga|gak|ngga|saya|sy|aku|bisa|boleh|mau|tolong|i|can|want|to|please)\W+){0,6}"
    r"(?:lanjut(?:kan|in)?|sambung(?:kan|in)?|hubung(?:kan|in)|pindah|terus(?:kan|in)?|continue|go on|switch|link)\s+"
    r"(?:(?:ini|saja|aja|this|it)\s+)?(?:di|ke|lewat|via|dengan|on|by|to|with)\s+(?P<door>[\w-]+)\W*(?:ya|dong|aja|saja|please)?\W*",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\W*(?:(?:saya|aku|bisa|boleh|mau|tolong|i|can|want|to|please)\s+){0,4}(?:pisah(?:kan|in)?|putus(?:kan|in)?|lepas(?:kan|in)?|unlink"
    r"|disconnect)\s+(?:(?:dari|dengan|from)\s+)?(?P<door>[\w-]+)\W*(?:ya|dong|aja|saja|please)?\W*",
    re.IGNORECASE,
)
_ALARMED = (
    r"(?:bukan|bkn|saya|sy|aku|gue|gw|itu|ini|punya|akun|nomor|salah|tolong|tlg|segera|cepat|mau|min|pak|bu|kak|tidak|tdk|gak|ga|nggak"
    r"|kenal|tahu|tau|siapa|lho|loh|eh|maaf|me|my|i|it|its|it's|isn't|that|that's|wasn't|not|no|did|didn't|please|help)"
)
_AWAY = re.compile(
    rf"\W*(?:{_ALARMED}\W+){{0,8}}(?:pisah(?:kan|in)?|unlink)\b(?:\W+(?:{_ALARMED}|ya|dong|aja|saja|sekarang|now))*\W*",
    re.IGNORECASE,
)
"""The word among others that only say why: "bukan saya!! pisah"."""
_NOT_ME = re.compile(
    r"\W*(?:(?:itu|ini|maaf|eh|lho|loh|hah|no|that's|thats|that was|it was|it's)\W+){0,2}"
    r"(?:(?:bukan|bkn) (?:saya|sy|aku|gue|gw|akun saya|nomor saya)|not me|that wasn't me)\b"
    r"(?:\W+(?:itu|ini|kok|min|pak|bu|kak|ya|yang|yg|minta|menyambung\w*|nyambung\w*|lho|loh|tolong)){0,4}\W*",
    re.IGNORECASE,
)
"""The answer to "Bukan Anda?" that forgets the word."""
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
    found = _GOES_ON.fullmatch(message.text[:_LONGEST])
    return found is not None and _plain(found["door"]) in {_plain(door) for door in turn.facts.doors}


def is_half(words: str) -> bool:
    """The word with what looks like a code and is none: a letter is missing, or it is that of a report."""
    return _HALF.fullmatch(words) is not None


def asks_to_part(turn: Turn, message: Message) -> bool:
    """Is undoing a link all that is asked for? Also by the name of a linked door, or by somebody who is alarmed."""
    if len(message.text) > _LONGEST:
        return False
    if turn.facts.linked and turn.session.mode is not Mode.CONFIRM and _NOT_ME.fullmatch(message.text):
        return True
    found = _PARTS.fullmatch(message.text)
    linked = {_plain(one.door.partition(" (")[0]) for one in turn.facts.linked}
    alone = message.reading.intents.whole(Intent.UNLINK) or _AWAY.fullmatch(message.text) is not None
    return alone or (found is not None and _plain(found["door"]) in linked)


def door_in(turn: Turn, message: Message) -> LinkedAddress | None:
    """The one linked door that is named in a few words: "yang sms"."""
    if len(message.text.split()) > _SHORT_WORDS or _REFUSES.search(message.text):
        return None
    said = {_plain(word.strip(".,!?")) for word in message.text.split()}
    named = [one for one in turn.facts.linked if _plain(one.door) in said]
    return named[0] if len(named) == 1 else None


def refuses(message: Message) -> bool:
    """A no in whatever words ("ga deh takut", "itu bukan saya yg minta"): nothing else is told by it."""
    if message.reading.intents.whole(Intent.NO, Intent.BACK, Intent.NONE, Intent.CANCEL):
        return True
    return len(message.text.split()) <= _SHORT_WORDS and _REFUSES.search(message.text) is not None


def picked(words: str, meant: Mapping[str, str]) -> str | None:
    """Which of these is named ("yang sampah"): the only one that shares a telling word with the most; None: not clear."""
    said = {norm for norm in wording(words).tokens() if len(norm) >= _TELLING_LETTERS} - _UNTELLING
    shared = {name: len(said & set(wording(about).tokens())) for name, about in meant.items()}
    most = max(shared.values(), default=0)
    best = [name for name, count in shared.items() if count == most]
    return best[0] if most and len(best) == 1 and len(words.split()) <= _SHORT_WORDS else None


def _plain(door: str) -> str:
    return door.replace("-", "").casefold()
