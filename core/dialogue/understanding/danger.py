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
_SECTIONS = ("sure", "home", "threat", "unsure")
_NEAR_WORDS = 8
_SENTENCE_WORDS = 25
_LONG_OVER = frozenset({"dulu", "pernah", "korban", "bekas"})
_LONG_AGO = re.compile(
    r"\b(?:(?:hari|minggu|bulan|tahun|week|month|year)s? (?:yang )?(?:lalu|kemarin|silam|ago)"
    r"|(?:last|tahun|in) (?:year|month|week|(?:19|20)\d\d))\b"
)
_FAR_AHEAD = re.compile(r"\b(?:minggu|bulan|tahun) depan\b|\bnext (?:week|month|year)\b")
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
    for section_name in _SECTIONS:
        for hit in _phrases(section_name).find(told):
            kind = DangerKind(hit.name)
            if kind not in found and _is_present(told, hit, kind, section_name):
                found[kind] = hit
    for kind in _URGENCY:
        if kind in found:
            span = told.word_span(found[kind].first, found[kind].after)
            return Danger(kind, told.said(span), span)
    return None


def _clause(told: Wording, hit: Hit, reach: int) -> tuple[int, int]:
    """The words around a hit, up to the end of the clause and at most `reach` to each side."""
    first, after = hit.first, hit.after
    while first > 0 and not told.words[first - 1].ends_clause and hit.first - first < reach:
        first -= 1
    while after < len(told.words) and not told.words[after].ends_clause and after - hit.after < reach:
        after += 1
    return first, after


def _is_present(told: Wording, hit: Hit, kind: DangerKind, section_name: str) -> bool:
    """Is what was found now or about to be? People write without full stops: only words near the hit count."""
    first, after = _clause(told, hit, _NEAR_WORDS)
    before = [word.norm for word in told.words[first : hit.first]]
    behind = [word.norm for word in told.words[hit.after : after]]
    around = {*before, *behind}
    nearby = " ".join(word.norm for word in told.words[first:after])
    now = bool(around & _list("now")) or any(phrase in nearby for phrase in _list("now_phrases"))
    if _list("negation") & set(before[-2:]) and told.words[hit.first].norm not in _list("negation"):
        return False
    if _is_supposed(before[-3:], kind, section_name) or _is_of_a_thing(told.words[hit.after - 1].norm, before, behind):
        return False
    inside = {word.norm for word in told.words[hit.first : hit.after]}
    if now:
        return True
    if section_name in {"sure", "unsure"} and _is_figurative(inside, before, around):
        return False
    calls = bool(around & _list("calls")) or _cries(told, hit)
    if section_name == "unsure" and not (calls and kind in {DangerKind.FIRE, DangerKind.VIOLENCE}):
        return False
    if kind is DangerKind.SELF_HARM and set(before[-1:]) & _list("habitual"):
        return False  # "anak-anak suka lompat dari jembatan"
    if _FAR_AHEAD.search(nearby) and kind is DangerKind.MEDICAL:
        return False
    if _LONG_AGO.search(nearby) and not (around & _list("recurring") and kind is DangerKind.WOMAN_CHILD):
        return False
    over = _list("past_before") & set(before[-4:])
    if section_name in {"home", "threat"} or kind is DangerKind.SELF_HARM:
        return not (over | inside | set(behind[:2])) & _LONG_OVER
    if around & _list("habitual") and kind in {DangerKind.VIOLENCE, DangerKind.MEDICAL, DangerKind.FIRE}:
        return False
    return not over and not _is_over(before, behind)


def _cries(told: Wording, hit: Hit) -> bool:
    """ "tolong pak …" at the beginning; not "tolong diperbaiki"."""
    words = [word.norm for word in told.words[: hit.first] if not word.is_mark]
    if not set(words[:2]) & _list("cry"):
        return False
    following = next((norm for norm in words if norm not in _list("cry") and norm not in {"pak", "bu", "min", "kak"}), "")
    return not following.startswith(("di", "perbaik", "tindak", "bantu", "cek"))


def _is_supposed(before: list[str], kind: DangerKind, section_name: str) -> bool:
    """ "takut kebakaran", "kalau ada tawuran", "mobil pemadam kebakaran"."""
    near = set(before)
    if kind is DangerKind.SELF_HARM or section_name == "threat":
        return False
    if section_name == "home":
        return bool(near & _list("supposed"))
    named = kind in {DangerKind.FIRE, DangerKind.MEDICAL} and bool(set(before[-1:]) & _list("named"))
    return named or bool(near & (_list("supposed") | _list("feared")))


def _is_of_a_thing(last: str, before: list[str], behind: list[str]) -> bool:
    """ "terjebak macet", "pisau dapur", "kartu anak hilang"; `last` is the last word of what was found."""
    trap = last in _list("traps") and bool(set(behind[:1]) & _list("harmless"))
    return trap or (last in _list("lost") and bool(set(before[-1:]) & _list("belongings")))


def _is_figurative(inside: set[str], before: list[str], around: set[str]) -> bool:
    """What "kills" or "burns" is a price, a queue, a machine; or it is only like that."""
    compared = bool(set(before[-3:]) & _list("compared"))
    return compared or bool(inside & _list("ambiguous") and around & _list("figurative"))


def _is_over(before: list[str], behind: list[str]) -> bool:
    """A word of the past near it, save "sejak kemarin", which lasts."""
    words = [*before, "", *behind]
    return any(norm in _list("past") and words[index - 1] not in _list("since") for index, norm in enumerate(words))


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
    younger = [hit for hit in by_name.get("younger", ()) if by_name.get("young") or _age_near(told, hit) is not None]
    children = [hit for hit in (*by_name.get("child", ()), *younger) if hit.first not in not_child and not _is_grown(told, hit)]
    for child in children:
        first, after = _clause(told, child, _SENTENCE_WORDS)
        if any(first <= harm.first < after for harm in by_name.get("harmed", ())):
            return _child_words(told, child)
    singled = by_name.get("singled", ())
    return _child_words(told, singled[0]) if singled else None


def _child_words(told: Wording, hit: Hit, *, reporter: bool = False) -> ChildWords:
    span = told.word_span(hit.first, hit.after)
    return ChildWords(told.said(span), span, reporter)


def _age_near(told: Wording, hit: Hit) -> int | None:
    first, after = _clause(told, hit, _SENTENCE_WORDS)
    age = _AGE.search(" ".join(word.norm for word in told.words[first:after]))
    return int(age[1] or age[2]) if age is not None else None


def _is_grown(told: Wording, hit: Hit) -> bool:
    """ "anak saya umur 25 tahun"."""
    age = _age_near(told, hit)
    return age is not None and age >= 18
