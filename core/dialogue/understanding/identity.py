"""What in a text may show who wrote it, for the warning before sending (sop.md §7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.dialogue.understanding.words import Hit, Phrases, Span, Wording, section, wording

_NIK = re.compile(
    r"(?<![\d.,])\d{16}(?!\d)|(?<!\d)\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{4}(?!\d)|(?<!\d)\d{6}[ .-]\d{6}[ .-]\d{4}(?!\d)"
)
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+?62|0)[ -]?8\d{1,3}(?:[ .-]?\d{3,4}){2,3}(?!\d)|(?<![\w.,])\(?0[2-9]\d{1,2}\)?[ -]\d{5,8}(?!\d)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_NAME_WORDS = 4
_ADDRESS_WORDS = 8


class IdentifyingKind(StrEnum):
    NAME = "name"
    NIK = "nik"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    RELATION = "relation"  # "saya anak Pak RT"


@dataclass(frozen=True, slots=True)
class Identifying:
    """Words that may show who the reporter is."""

    kind: IdentifyingKind
    words: str
    span: Span


@cache
def _phrases() -> Phrases:
    return Phrases(section("story", "phrases"))


@cache
def _name_ends() -> frozenset[str]:
    return frozenset(section("story", "lists")["name_ends"])


@cache
def _address_ends() -> frozenset[str]:
    """Words that no place goes on with."""
    return frozenset(section("places", "lists")["stop"]) - {"baru", "pak", "bu"}


def words_that_identify(text: str | Wording) -> tuple[Identifying, ...]:
    """Every part that may show who wrote, in the order of the text; overlapping parts once."""
    told = wording(text)
    found = [
        Identifying(kind, match.group(), match.span())
        for kind, pattern in ((IdentifyingKind.NIK, _NIK), (IdentifyingKind.PHONE, _PHONE), (IdentifyingKind.EMAIL, _EMAIL))
        for match in (pattern.finditer(told.raw) if kind is not IdentifyingKind.EMAIL or "@" in told.raw else ())
    ]
    for hit in _phrases().find(told):
        span = _extent(told, hit)
        if span is not None:
            found.append(Identifying(IdentifyingKind(hit.name), told.said(span), span))
    kept: list[Identifying] = []
    for one in sorted(found, key=lambda one: (one.span[0], -one.span[1])):
        if not kept or one.span[0] >= kept[-1].span[1]:
            kept.append(one)
    return tuple(kept)


def _extent(told: Wording, hit: Hit) -> Span | None:
    """The phrase with the name or address after it; None where a name phrase has no name ("nama saya jangan …")."""
    after = hit.after
    most = _NAME_WORDS if hit.name != IdentifyingKind.ADDRESS else _ADDRESS_WORDS
    while after < len(told.words) and after < hit.after + most:
        word = told.words[after]
        if (
            word.ends_clause
            or word.norm in {",", "(", "-"}
            or word.norm in (_address_ends() if hit.name == IdentifyingKind.ADDRESS else _name_ends())
        ):
            break
        after += 1
    if hit.name == IdentifyingKind.NAME and after == hit.after:
        return None
    return told.word_span(hit.first, after)
