"""The tracking code: eight random letters and a check character, "K7M4-2QXT-9" (sop.md §7, design.md Decisions).

The alphabet is Crockford's: no I, L, O, U, so nothing is confused when it is read aloud or typed from paper. What people type
instead is understood: O for 0, I and L for 1; B for 8, S for 5, Z for 2 and the other way round where the check character says
so; with spaces or dots; spelled as it is read aloud ("ka tujuh em empat …"). 8 × 5 bits = 40 random bits. The check character
is a weighted sum in GF(32) with distinct weights: one wrong character and any two exchanged characters are always noticed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 8
_POLYNOMIAL = 0b101111  # x⁵+x³+x²+x+1
_GENERATOR = 5
_VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_GAP = r"[ \t.·_\-–—]{0,2}"
_WRITTEN = re.compile(rf"(?<![0-9A-Za-z])([0-9A-Za-z]{{4}}){_GAP}([0-9A-Za-z]{{4}}){_GAP}([0-9A-Za-z])(?![0-9A-Za-z])")
_UNEVEN = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Za-z]{3,5}[.\-–—][0-9A-Za-z]{3,5}(?:[.\-–—][0-9A-Za-z]{1,2})?(?![0-9A-Za-z\-–—]|\.[0-9A-Za-z])"
)
"""A code with one character too few or too many shows itself by its dashes."""
_ONE_TOO_MANY = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{10}(?![0-9A-Za-z])")
_CHANGES = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])")
_MANY_CHANGES = 4
"""From letters to digits and back: a code in one piece changes often, a name with a number in it does not."""
_ALIKE = {"B": "8", "8": "B", "S": "5", "5": "S", "Z": "2", "2": "Z", "U": "V"}
"""What looks or sounds like something else: understood only where the check character then fits."""
_MOST = 5
"""Codes that are read out of one message."""
_WORD = re.compile(r"[0-9A-Za-z]+")
_LEAST_SPELLED = 5
_LONGEST_SPELLED = RANDOM_CHARACTERS + 4


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 32:
            one ^= _POLYNOMIAL
        other >>= 1
    return product


def _weights() -> tuple[int, ...]:
    weights, weight = [], 1
    for _ in range(RANDOM_CHARACTERS):
        weight = _times(weight, _GENERATOR)
        weights.append(weight)
    return tuple(weights)


_TABLE = tuple(tuple(_times(weight, value) for value in range(32)) for weight in _weights())


def check_character(body: str) -> str:
    """The ninth character for eight canonical ones."""
    total = 0
    for row, character in zip(_TABLE, body, strict=True):
        total ^= row[_VALUES[character]]
    return ALPHABET[total]


def new(random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """A fresh code in its canonical form, without dashes. `random_below(n)` gives 0 … n-1."""
    number = random_below(1 << (5 * RANDOM_CHARACTERS))
    body = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(RANDOM_CHARACTERS))
    return body + check_character(body)


def formatted(code: str) -> str:
    """As people read it: "K7M4-2QXT-9"."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


Span = tuple[int, int]
"""From the first character of a text to the one behind the last."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What may be a tracking code in somebody's words.

    `typed`: as it was written, in capitals without dashes, O, I and L as digits; `code`: the canonical code that it is, None
    if its check character says that something in it is wrong.
    """

    typed: str
    code: str | None


def parse(text: str) -> str | None:
    """The canonical code that somebody typed, in any case, with or without dashes; None if it is none or its check fails."""
    letters = [letter for letter in text.upper() if letter.isalnum()]
    if len(letters) != RANDOM_CHARACTERS + 1 or any(letter not in _VALUES for letter in letters):
        return None
    code = "".join(ALPHABET[_VALUES[letter]] for letter in letters)
    return code if check_character(code[:-1]) == code[-1] else None


def read(text: str) -> tuple[Typed, ...]:
    """What may be codes in a text, in the order of their first mention, at most five. Total.

    What fails its check is only taken for a code where letters and digits are mixed as nothing else mixes them.
    """
    found: dict[str, Typed] = {}
    for each, _ in _read(text):
        found.setdefault(each.code or each.typed, each)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def find(text: str) -> tuple[str, ...]:
    """Every good code in a text, canonical, in the order of their first mention."""
    return tuple(each.code for each in read(text) if each.code is not None)


def without(text: str) -> str:
    """The words beside what may be a code."""
    rest, end = "", 0
    for start, after in sorted(span for _, span in _read(text)):
        rest, end = (f"{rest}{text[end:start]} ", after) if start >= end else (rest, max(end, after))
    return rest + text[end:]


def tidy(text: str) -> str:
    """The text with codes that were spelled out written as codes: their letters are no words."""
    rest, end = "", 0
    for typed, _, (start, after) in _spelled(text):
        code = parse(typed) or _corrected(typed)
        if code is not None and start >= end:
            rest, end = f"{rest}{text[end:start]}{formatted(code)}", after
    return rest + text[end:]


def one_slip(typed: str, code: str) -> bool:
    """Is `typed` this code with one character wrong, missing or too many, or with two exchanged?"""
    if len(typed) == len(code):
        differing = [place for place, (one, other) in enumerate(zip(typed, code, strict=True)) if one != other]
        if len(differing) == 2:
            first, second = differing
            return typed[first] == code[second] and typed[second] == code[first]
        return len(differing) == 1
    longer, shorter = (typed, code) if len(typed) > len(code) else (code, typed)
    return len(longer) - len(shorter) == 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )


def _read(text: str) -> Iterator[tuple[Typed, Span]]:
    for typed, plainly, span in _candidates(text):
        code = parse(typed) or _corrected(typed)
        if code is not None or (plainly and _mixed(typed)):
            yield Typed(_canonical(typed), code), span


def _canonical(typed: str) -> str:
    """O, I and L are the digits that they look like; a letter of no code stays."""
    return "".join(ALPHABET[_VALUES[letter]] if letter in _VALUES else letter for letter in typed.upper())


def _mixed(typed: str) -> bool:
    return any(letter.isdigit() for letter in typed) and any(letter.isalpha() for letter in typed)


def _corrected(typed: str) -> str | None:
    """With one look-alike exchanged, if exactly one exchange makes a code."""
    if len(typed) != RANDOM_CHARACTERS + 1:
        return None
    canonical = _canonical(typed)
    tried = (canonical[:at] + _ALIKE[letter] + canonical[at + 1 :] for at, letter in enumerate(canonical) if letter in _ALIKE)
    good = {code for code in map(parse, tried) if code is not None}
    return good.pop() if len(good) == 1 else None


def _candidates(text: str) -> Iterator[tuple[str, bool, Span]]:
    """What looks like a code; and whether it still does if its check fails."""
    for found in _WRITTEN.finditer(text):
        groups, whole = found.groups(), found[0]
        if " " not in whole or whole == text.strip() or whole.isupper() or any(map(_mixed, groups)):  # else: "lima anak 2"
            yield "".join(groups), True, found.span()
    for found in _UNEVEN.finditer(text):
        typed = "".join(letter for letter in found[0] if letter.isalnum())
        if len(typed) in (RANDOM_CHARACTERS, RANDOM_CHARACTERS + 2):
            yield typed, True, found.span()
    for found in _ONE_TOO_MANY.finditer(text):
        if len(_CHANGES.findall(found[0])) >= _MANY_CHANGES:
            yield found[0], True, found.span()
    yield from _spelled(text)


def _spelled(text: str) -> Iterator[tuple[str, bool, Span]]:
    """Codes that were read aloud and written down as they sounded, character by character."""
    run: list[tuple[str, Span]] = []
    for found in _WORD.finditer(text):
        word = found[0].lower()
        if word in _PAUSES and run:
            continue
        said = word.upper() if len(word) == 1 else _SOUNDS.get(word, "")
        if not said and len(word) <= RANDOM_CHARACTERS and _mixed(word):
            said = word.upper()
        if said:
            run.append((said, found.span()))
            continue
        yield from _windows(run)
        run = []
    yield from _windows(run)


def _windows(run: list[tuple[str, Span]]) -> Iterator[tuple[str, bool, Span]]:
    """A code among neighbours that sound like letters too; a run of just that length is one in any case."""
    length = sum(len(said) for said, _ in run)
    if len(run) < _LEAST_SPELLED or not RANDOM_CHARACTERS < length <= _LONGEST_SPELLED:
        return
    for start in range(len(run)):
        for end in range(start + _LEAST_SPELLED, len(run) + 1):
            part = "".join(said for said, _ in run[start:end])
            if len(part) == RANDOM_CHARACTERS + 1:
                yield part, length == len(part), (run[start][1][0], run[end - 1][1][1])


_PAUSES = frozenset({"strip", "setrip", "garis", "minus", "dash", "hyphen", "spasi", "titik", "dot", "space", "terus", "lalu"})
_NAMES = {
    "0": "nol kosong zero oh", "1": "satu one", "2": "dua two", "3": "tiga three", "4": "empat ampat four", "5": "lima five",
    "6": "enam six", "7": "tujuh tuju seven", "8": "delapan lapan eight", "9": "sembilan nine",
    "B": "be bee", "C": "ce cee see", "D": "de dee", "E": "ee", "F": "ef eff", "G": "ge gee", "H": "ha aitch",
    "I": "ai", "J": "je jay jei", "K": "ka kay", "L": "el ell", "M": "em", "N": "en", "P": "pe pee",
    "Q": "ki kyu kiu qi qiu qyu cue queue", "R": "er ar", "S": "es ess", "T": "te tee", "V": "ve vee fe", "W": "we",
    "X": "ix eks ex iks", "Y": "ye yee why", "Z": "zet zed zee set",
}  # fmt: skip
_SOUNDS: Mapping[str, str] = {name: letter for letter, names in _NAMES.items() for name in names.split()}
