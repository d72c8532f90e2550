"""Which category the words propose (sop.md §4); the reporter confirms it, an official may correct it.

The line of sop.md §4: somebody broke a duty or a rule → complaint; a service or facility is bad, broken or slow → grievance.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import NamedTuple

from core.dialogue.understanding.words import Hit, Phrases, Wording, section, wording
from core.procedure.vocabulary import Category

_STRONG = 2.0
_WEAK = 0.5
_DEFAULT_CONFIDENCE = 0.2


class Proposal(NamedTuple):
    """A proposed category. `confidence` in 0…1; under 0.5 it is little more than the default (a grievance)."""

    category: Category
    confidence: float


@cache
def _strong() -> Phrases:
    return Phrases(section("category", "strong"))


@cache
def _weak() -> Phrases:
    return Phrases(section("category", "weak"))


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(section("category", "lists")[name])


def propose(text: str | Wording) -> Proposal:
    """The category that the words speak for; a grievance of low confidence where they speak for none."""
    told = wording(text)
    scores: dict[Category, float] = defaultdict(float)
    for phrases, weight in ((_strong(), _STRONG), (_weak(), _WEAK)):
        taken: dict[str, int] = defaultdict(int)
        for hit in phrases.find(told):
            if hit.first < taken[hit.name]:
                continue  # inside a phrase of the same category that is counted already
            taken[hit.name] = hit.after
            if hit.name == Category.COMPLAINT and _supposed(told, hit):
                continue
            if _negated(told, hit):
                if hit.name == Category.COMPLAINT and weight == _STRONG:
                    scores[Category.APPRECIATION] += _WEAK
                continue
            scores[Category(hit.name)] += weight
    if _asks_whether(told):
        scores[Category.INFORMATION_REQUEST] += _STRONG
    if _thanks_first(told):
        scores[Category.APPRECIATION] += 1.0
    return _decide(scores)


def _thanks_first(told: Wording) -> bool:
    """Thanks at the beginning are what it is about; at the end they are politeness."""
    return bool({word.norm for word in told.words[:2]} & _list("thanks"))


def _supposed(told: Wording, hit: Hit) -> bool:
    """ "cara lapor kalau ada pungli" tells of none."""
    return any(told.words[index].norm in _list("supposed") for index in range(max(0, hit.first - 2), hit.first))


def _asks_whether(told: Wording) -> bool:
    """ "sabtu buka ga?" """
    words = [word.norm for word in told.words if word.norm not in _list("tail")]
    return len(words) > 2 and words[-1] == "tidak"


def has_cue(text: str | Wording) -> bool:
    """Do the words speak strongly for any category at all?"""
    return bool(_strong().find(wording(text)))


def _negated(told: Wording, hit: Hit) -> bool:
    if hit.name == Category.APPRECIATION and any(word.norm in _list("negation") for word in told.words[hit.first : hit.after]):
        return True
    if told.words[hit.first].norm in _list("negation"):
        return False  # the negation is part of the cue ("tidak berfungsi")
    for index in (hit.first - 1, hit.first - 2):
        if index < 0 or told.words[index].is_mark:
            return False
        if told.words[index].norm in _list("negation"):
            return not (index == hit.first - 2 and told.words[hit.first - 1].norm in {"mau", "bisa", "boleh"})
    return False


def _decide(scores: dict[Category, float]) -> Proposal:
    bad = scores[Category.COMPLAINT] + scores[Category.GRIEVANCE]
    if scores[Category.APPRECIATION] and bad >= 1:
        scores[Category.APPRECIATION] = 0.0  # sarcasm, or thanks out of politeness
    if scores[Category.COMPLAINT] >= _STRONG:
        scores[Category.COMPLAINT] += 1.0  # a broken rule outweighs what else was bad meanwhile
    if scores[Category.ASPIRATION] >= _STRONG and scores[Category.COMPLAINT] < _STRONG:
        scores[Category.ASPIRATION] += 0.5
    if scores[Category.INFORMATION_REQUEST] >= _STRONG and bad < _STRONG:
        scores[Category.INFORMATION_REQUEST] += 1.0
    order = sorted(Category, key=lambda category: -scores[category])
    best, second = scores[order[0]], scores[order[1]]
    if best < 1:
        category = order[0] if best > second and order[0] is not Category.ASPIRATION else Category.GRIEVANCE
        return Proposal(category, 0.3 if best else _DEFAULT_CONFIDENCE)
    return Proposal(order[0], round(min(0.95, 0.5 + 0.12 * (best - second)), 2))
