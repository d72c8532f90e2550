"""The directory of offices and the search in it by people's own words.

Indexed once by word and by the words' letters; a query looks at the offices that share a word (or nearly one) and no others, so
the cost follows the matches and not the 20,000 entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

from rapidfuzz import fuzz, process

from core.dialogue.understanding.words import Wording, plain, section, wording
from core.procedure.vocabulary import OfficeKind

_LONGEST_QUERY_WORDS = 60
_POSTINGS_PER_WORD = 1500
_CANDIDATES = 200
_ALIKE = 80.0
_SPELLED = 0.93
"""A name that is spelled further off than this may be another office's: it is offered, never taken."""
_GUESS_SCORE = 35.0
_CONFIDENT_SCORE = 72.0
_LEAD = 8.0
_KIND_SCORE = 40.0
_FEW = 5
_SHARED_KINDS = frozenset(
    {"umum", "daerah", "negeri", "dan", "kota", "kantor", "no", "the", "of", "di", "pusat", "unit", "pemerintah"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One office. `path`: names from its agency down to its parent; `keywords`: other names that people use for it."""

    id: int
    name: str
    kind: OfficeKind
    agency_id: int | None
    keywords: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeHit:
    """An office that the words may mean. `score` in 0…100; `confident`: the words themselves name it, and no other as well."""

    entry: Entry
    score: float
    confident: bool = False


@cache
def _kinds() -> frozenset[str]:
    return frozenset(section("offices", "lists")["kinds"])


@cache
def _ignored() -> frozenset[str]:
    return frozenset(section("offices", "lists")["ignored"])


def _name_words(text: str | Wording) -> tuple[str, ...]:
    """The words of a name, abbreviations written out ("SDN 2" → sekolah dasar negeri 2), marks left aside."""
    told: list[str] = []
    for norm in wording(text).tokens():
        told.extend(plain("offices", "words").get(norm, norm).split())
        if len(told) >= _LONGEST_QUERY_WORDS * 8:
            break
    return tuple(word.lstrip("0") or "0" if word.isdigit() else word for word in told)


def _unique_keywords(entries: Iterable[Entry]) -> dict[str, Entry]:
    """One-word keywords that mean one office; a kind of office ("puskesmas") means none."""
    holders: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for word in {keyword.strip().casefold() for keyword in entry.keywords}:
            if word.isalnum() and len(word) > 1 and word not in _kinds():
                holders[word].append(entry)
    found: dict[str, Entry] = {}
    for word, offices in holders.items():
        agencies = [entry for entry in offices if entry.kind is OfficeKind.AGENCY]
        if len(agencies or offices) == 1:
            found[word] = (agencies or offices)[0]
    return found


@dataclass(frozen=True, slots=True)
class _Name:
    """One of the names of an entry."""

    entry: int
    words: frozenset[str]
    context: frozenset[str]  # words of the path: they help to choose, never to find


class Directory:
    """All offices that a report can go to, indexed once, read-only afterwards; safe to share between threads."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._by_id = {entry.id: entry for entry in self._entries}
        self._names: list[_Name] = []
        postings: dict[str, list[int]] = defaultdict(list)
        paths: dict[str, frozenset[str]] = {}
        for number, entry in enumerate(self._entries):
            for above in entry.path:
                if above not in paths:
                    paths[above] = frozenset(_name_words(above))
            context = frozenset().union(*(paths[above] for above in entry.path))
            for name in (entry.name, *entry.keywords):
                words = frozenset(_name_words(name)) - {"dan", "di", "of", "the"}
                if not words:
                    continue
                for word in words:
                    postings[word].append(len(self._names))
                self._names.append(_Name(number, words, context))
        self._keywords = _unique_keywords(self._entries)
        self._postings = {word: tuple(found) for word, found in postings.items()}
        total = max(len(self._names), 1)
        self._weights = {word: self._weight(word, len(found), total) for word, found in postings.items()}
        self._by_letters: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self._postings:
            if len(word) >= 4 and not word.isdigit():
                for length in (len(word) - 1, len(word), len(word) + 1):
                    self._by_letters[(word[0], length)].append(word)

    @staticmethod
    def _weight(word: str, holders: int, total: int) -> float:
        rarity = log(1 + total / holders) + 0.3
        return rarity * 0.35 if word in _kinds() else rarity

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def get(self, office_id: int) -> Entry | None:
        return self._by_id.get(office_id)

    def by_keyword(self, word: str) -> Entry | None:
        """The office whose own one-word keyword this is ("TANGKAB"); None if several share it, agencies before units."""
        return self._keywords.get(word.casefold())

    def search(self, text: str | Wording, limit: int = 5) -> tuple[OfficeHit, ...]:
        """Offices that the words of a query may mean, best first: an answer to "which office?"."""
        return tuple(self._ranked(_name_words(text), limit, whole=True))

    def mentioned_in(self, text: str | Wording, limit: int = 5) -> tuple[OfficeHit, ...]:
        """Offices that a story names: `confident` where its words name one office and no other as well; else guesses."""
        return tuple(self._ranked(_name_words(text), limit, whole=False))

    def _ranked(self, words: tuple[str, ...], limit: int, *, whole: bool) -> list[OfficeHit]:
        told = self._recognised(words)
        if not told or limit < 1:
            return []
        best: dict[int, tuple[float, bool]] = {}
        for number in self._candidates(told):
            name = self._names[number]
            score, named = self._score(name, told, whole=whole)
            if score >= _GUESS_SCORE and score > best.get(name.entry, (0.0, False))[0]:
                best[name.entry] = (score, named)
        order = sorted(best.items(), key=lambda item: (-item[1][0], len(self._entries[item[0]].name), item[0]))
        hits = []
        for place, (number, (score, named)) in enumerate(order[:limit]):
            sure = place == 0 and named and score >= _CONFIDENT_SCORE and not self._rivalled(order)
            hits.append(OfficeHit(self._entries[number], round(score, 1), sure))
        return hits

    def _rivalled(self, order: Sequence[tuple[int, tuple[float, bool]]]) -> bool:
        """Is another office nearly as good as the first? Its own agency, named beside it, does not make it doubtful."""
        first, (score, _) = order[0]
        above = self._entries[first].path
        return any(score - other < _LEAD and self._entries[number].name not in above for number, (other, _) in order[1:])

    def _recognised(self, words: tuple[str, ...]) -> dict[str, float]:
        """Words of the text → words of the index with how alike they are (0…1)."""
        told: dict[str, float] = {}
        looked = 0
        for word in dict.fromkeys(words):
            if len(told) >= _LONGEST_QUERY_WORDS:
                break
            if word in _ignored():
                continue
            if word in self._postings:
                told[word] = 1.0
            elif len(word) >= 5 and word.isalpha() and looked < _LONGEST_QUERY_WORDS:
                looked += 1
                near = self._nearest(word)
                if near is not None:
                    told[near[0]] = max(told.get(near[0], 0.0), near[1])
        return told

    def _nearest(self, word: str) -> tuple[str, float] | None:
        pool = self._by_letters.get((word[0], len(word)), [])
        found = process.extractOne(word, pool, scorer=fuzz.ratio, score_cutoff=_ALIKE) if pool else None
        return (found[0], found[1] / 100) if found else None

    def _candidates(self, told: dict[str, float]) -> list[int]:
        """Names that share the most weight with the text; a word that thousands of offices have opens no new ones."""
        weight: dict[int, float] = defaultdict(float)
        ordered = sorted(told, key=lambda word: len(self._postings[word]))
        for word in ordered:
            postings = self._postings[word]
            if len(postings) <= _POSTINGS_PER_WORD and len(weight) <= _POSTINGS_PER_WORD:
                for number in postings:
                    weight[number] += self._weights[word] * told[word]
            elif not weight:
                for number in postings[:_POSTINGS_PER_WORD]:
                    weight[number] += self._weights[word] * told[word]
        if len(weight) <= _CANDIDATES:
            return list(weight)
        return sorted(weight, key=lambda number: (-weight[number], number))[:_CANDIDATES]

    def _score(self, name: _Name, told: dict[str, float], *, whole: bool) -> tuple[float, bool]:
        """How much of the name is said, and (in a query) how much of what is said is the name; path words tip the scale."""
        full = sum(self._weights[word] for word in name.words)
        shared = sum(self._weights[word] * told[word] for word in name.words if word in told)
        own = name.words - _kinds()
        rare_said = any(word in told for word in own)
        cover = shared / full
        context = [word for word in name.context - name.words - _kinds() if word in told]
        score = 100 * cover
        if whole:
            said = sum(self._weights[word] * alike for word, alike in told.items() if word not in name.context)
            score = 100 * (0.6 * cover + 0.4 * (shared / said if said else 1.0))
        if own and not rare_said:
            score *= 0.6
        numbers = {word for word in name.words if word.isdigit()}
        if numbers and not numbers & told.keys():
            score *= 0.7
        score = min(score, 94.0) + min(6.0, 6.0 * len(context))
        if not rare_said and self._is_of_kind(name, told, whole=whole):
            score = max(score, _KIND_SCORE)
        kind = name.words & _kinds()
        named = all(told.get(word, 0.0) >= _SPELLED for word in own) and (not kind or any(word in told for word in kind))
        return score, named

    def _is_of_kind(self, name: _Name, told: dict[str, float], *, whole: bool) -> bool:
        """ "puskesmas" alone: any puskesmas is a guess; inside a story only where there are but a few."""
        said = name.words & told.keys() & _kinds() - _SHARED_KINDS
        if whole:
            return bool(said) and told.keys() <= _kinds()
        return any(len(self._postings[word]) <= _FEW for word in said)
