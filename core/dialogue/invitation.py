"""The one sentence that is said where others read along: the invitation into the private conversation (sop.md §7).

It is made of the catalogue's words, the office's name there, its other doors and emergency numbers; never of the person's
words, never of a code, a link or an address. It always fits into the shortest public message, whatever an office configures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from core import trackingcode
from core.dialogue.model import Say
from core.dialogue.turn import Turn
from core.texts import text

MOST_WEIGHTED = 280
"""developer.x.com/en/docs/counting-characters: most of Latin script weighs one, everything else two."""
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_NAME = re.compile(r"@?\w{1,40}", re.ASCII)
_LINK = re.compile(r"[@/\\]|\bwww\b|[^\W_]\.[^\W\d_]{2}", re.IGNORECASE)
"""What a network would make a link or a mention of: addresses, domains, somebody else's name."""
_NUMBER = re.compile(r"\+?[0-9][0-9 -]{1,18}")
_SEPARATOR = "; "

Sentence = tuple[str, dict[str, str | int]]


def weighted(words: str) -> int:
    """Length as a public message is counted; never less than what the network counts."""
    light = (any(low <= ord(letter) <= high for low, high in _LIGHT) for letter in unicodedata.normalize("NFC", words))
    return sum(1 if one else 2 for one in light)


def invite(turn: Turn) -> None:
    """Invites into the private conversation; through other doors where our private words do not arrive."""
    _say_first_that_fits(turn, _invitations(turn))


def alarm(turn: Turn, numbers: Sequence[tuple[str, str]]) -> None:
    """The invitation to whoever is in danger: who helps comes first. `numbers`: with their meaning, the fitting one first."""
    _say_first_that_fits(turn, _alarms(turn, [(number, what) for number, what in numbers if _NUMBER.fullmatch(number)]))


def _say_first_that_fits(turn: Turn, sentences: Iterable[Sentence]) -> None:
    """From the most to the least that can be said; the last has no parameter and fits (held by a test)."""
    for key, params in sentences:
        if weighted(text(turn.language, key, **params)) <= MOST_WEIGHTED:
            turn.do(Say(key, params))
            return


def _invitations(turn: Turn) -> Iterator[Sentence]:
    if turn.facts.reachable:
        if name := _name(turn):
            yield "public.invitation_named", {"name": name}
        yield "public.invitation", {}
        return
    for doors in _doors(turn):
        yield "public.other_doors", {"doors": doors}
    yield "public.write_first", {}


def _alarms(turn: Turn, numbers: Sequence[tuple[str, str]]) -> Iterator[Sentence]:
    name = _name(turn)
    for listed in _lists(numbers):
        if not turn.facts.reachable:
            for doors in _doors(turn):
                yield "public.danger_doors", {"numbers": listed, "doors": doors}
        elif name:
            yield "public.danger_named", {"numbers": listed, "name": name}
        yield "public.danger", {"numbers": listed}
    yield "public.danger_anywhere", {}


def _lists(numbers: Sequence[tuple[str, str]]) -> Iterator[str]:
    """All numbers with what they are for, then fewer, then the first ones alone."""
    for count in range(len(numbers), 1, -1):
        yield ", ".join(f"{number} ({what})" for number, what in numbers[:count])
    for count in range(len(numbers), 0, -1):
        yield ", ".join(number for number, _ in numbers[:count])


def _doors(turn: Turn) -> Iterator[str]:
    """The other doors, all of them first, then fewer."""
    doors = [door for door in map(harmless, turn.facts.office.doors) if door]
    for count in range(len(doors), 0, -1):
        yield _SEPARATOR.join(doors[:count])


def _name(turn: Turn) -> str:
    name = turn.facts.capabilities.public_name
    return name if _NAME.fullmatch(name) else ""


def harmless(door: str) -> str:
    """A door as it may be named in public, on one line; empty if it holds a link, a mail address, a name or a code."""
    plain = unicodedata.normalize("NFKC", door)
    plain = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in plain.replace("。", "."))
    plain = " ".join(plain.split()).rstrip(" .;")
    return "" if _LINK.search(plain) or trackingcode.read(plain) else plain
