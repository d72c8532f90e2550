"""Danger that is now or about to be, and children who are harmed or can be singled out (sop.md §3).

A miss may cost a life and a false alarm one needless sentence: what is neither past, supposed nor figurative counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.dialogue.understanding.words import Hit, Phrases, Span, Wording, section, wording


class DangerKind(StrEnum):
    """What kind of help is needed; each has its number in the configuration."""

    FIRE = "fire"  # 113
    VIOLENCE = "violence"  # 110
    MEDICAL = "medical"  # 119
    SELF_HARM = "self_harm"  # 119
    WOMAN_CHILD = "woman_child"  # SAPA 129


_URGENCY = (DangerKind.SELF_HARM, DangerKind.WOMAN_CHILD, DangerKind.FIRE, DangerKind.VIOLENCE, DangerKind.MEDICAL)
_LONG_AGO = re.compile(
    r"\b(?:(?:hari|minggu|bulan|tahun|week|month|year)s? (?:yang )?(?:lalu|kemarin|silam|ago)"
    r"|(?:last|tahun|in) (?:year|month|week|(?:19|20)\d\d))\b"
)
_AGE = re.compile(r"\b(?:umur|usia|berumur|berusia|aged|age)(?: saya| ku| anak)? (\d{1,2})\b|\b(\d{1,2}) (?:tahun|years old)\b")
_OWN_AGE = re.compile(
    r"\b(?:umur|usia) saya (\d{1,2})\b"
    r"|\bsaya (?:(?:masih|baru) )?(?:umur|usia|berumur|berusia)? ?(\d{1,2}) tahun\b|\bi am (\d{1,2})\b|\bi'm (\d{1,2})\b"
)


@dataclass(frozen=True, slots=True)
class Danger:
    """Danger to life that is now or about to be, with the words that say so."""

    kind: DangerKind
    words: str
    span: Span


@dataclass(frozen=True, slots=True)
class ChildWords:
    """The report is about a child harmed or able to be singled out, or (`is_reporter`) a child wrote it."""

    words: str
    span: Span
    is_reporter: bool = False


@cache
def _phrases(key: str) -> Phrases:
    return Phrases(section("danger", key))


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(section("danger", "lists")[name])


def danger_in(text: str | Wording) -> Danger | None:
    """The most urgent danger that the words tell of as present or near; None for past, supposed or figurative words."""
    told = wording(text)
    found: dict[DangerKind, Hit] = {}
    for key in ("sure", "unsure"):
        for hit in _phrases(key).find(told):
            kind = DangerKind(hit.name)
            if kind not in found and _is_present(told, hit, kind, sure=key == "sure"):
                found[kind] = hit
    for kind in _URGENCY:
        if kind in found:
            span = told.word_span(found[kind].first, found[kind].after)
            return Danger(kind, told.said(span), span)
    return None


def _sentence(told: Wording, hit: Hit) -> tuple[int, int]:
    first, after = hit.first, hit.after
    while first > 0 and not told.words[first - 1].ends_clause and hit.first - first < 25:
        first -= 1
    while after < len(told.words) and not told.words[after].ends_clause and after - hit.after < 25:
        after += 1
    return first, after


def _is_present(told: Wording, hit: Hit, kind: DangerKind, *, sure: bool) -> bool:
    first, after = _sentence(told, hit)
    around = {word.norm for index, word in enumerate(told.words[first:after], first) if not hit.first <= index < hit.after}
    before = [word.norm for word in told.words[max(first, hit.first - 3) : hit.first]]
    sentence = " ".join(word.norm for word in told.words[first:after])
    now = bool(around & _list("now")) or "saat ini" in sentence or "right now" in sentence
    if _list("negation") & set(before[-2:]) and told.words[hit.first].norm not in _list("negation"):
        return False
    if any(norm in _list("supposed") for norm in before) and kind is not DangerKind.SELF_HARM:
        return False
    if around & _list("figurative") and kind in {DangerKind.MEDICAL, DangerKind.SELF_HARM, DangerKind.VIOLENCE} and not now:
        return False
    if _LONG_AGO.search(sentence) and not (around & _list("recurring")):
        return False
    if kind is DangerKind.WOMAN_CHILD:  # whoever lives with the one who beats is about to be harmed again
        return now or not around & (
            _list("past") - {"kemarin", "semalam", "yesterday", "habis", "korban", "mantan", "last", "waktu"}
        )
    if around & _list("past") and not now:
        return False
    return sure or now


def child_in(text: str | Wording) -> ChildWords | None:
    """Words about a child who is harmed or can be singled out, or by a child; None otherwise."""
    told = wording(text)
    by_name: dict[str, list[Hit]] = {}
    for hit in _phrases("child").find(told):
        by_name.setdefault(hit.name, []).append(hit)
    own_age = _OWN_AGE.search(told.normal)
    if own_age is not None and 5 <= int(next(group for group in own_age.groups() if group)) < 18:
        span = told.span(*own_age.span())
        return ChildWords(told.said(span), span, is_reporter=True)
    if by_name.get("reporter"):
        return _child_words(told, by_name["reporter"][0], reporter=True)
    not_child = {hit.first for hit in by_name.get("not_child", ())}
    children = [hit for hit in by_name.get("child", ()) if hit.first not in not_child and not _is_grown(told, hit)]
    for child in children:
        first, after = _sentence(told, child)
        if any(first <= harm.first < after for harm in by_name.get("harmed", ())):
            return _child_words(told, child)
    singled = by_name.get("singled", ())
    return _child_words(told, singled[0]) if singled else None


def _child_words(told: Wording, hit: Hit, *, reporter: bool = False) -> ChildWords:
    span = told.word_span(hit.first, hit.after)
    return ChildWords(told.said(span), span, reporter)


def _is_grown(told: Wording, hit: Hit) -> bool:
    """ "anak saya umur 25 tahun", "adik" of any age without a harm is left to the words around."""
    first, after = _sentence(told, hit)
    age = _AGE.search(" ".join(word.norm for word in told.words[first:after]))
    return age is not None and int(age[1] or age[2]) >= 18
