"""Colloquial words in one spelling, and phrases found among them; every word remembers where it stood in the text.

All other modules look at the normal form ("td pagi gk ada" → "tadi pagi tidak ada"), so abbreviations are spelled once.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

LIMIT_CHARACTERS = 4096
"""Longer texts are read up to here; nothing is thrown away, the rest is simply not understood."""

Span = tuple[int, int]
"""Start and end (exclusive) of characters in the text that was given."""

_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|\n|[^\w\s]", re.UNICODE)
_LONG_DRAWN = re.compile(r"(.)\1{2,}")
_BREAKS = frozenset(".!?;\n…")
_LONGEST_WORD = 40
_LONGEST_GAP = 3
_REMEMBERED = 8_192


@cache
def word_list(name: str) -> Mapping[str, object]:
    """The packaged list `<name>.toml`."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def section(name: str, key: str) -> Mapping[str, Sequence[str]]:
    """One table of lists from a packaged word list, checked for its shape."""
    table = word_list(name)[key]
    if not isinstance(table, dict) or not all(isinstance(value, list) for value in table.values()):
        raise TypeError(f"{name}.toml: [{key}] must be a table of lists")
    return table


@cache
def plain(name: str, key: str) -> Mapping[str, str]:
    """One table of strings from a packaged word list, checked for its shape."""
    table = word_list(name)[key]
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise TypeError(f"{name}.toml: [{key}] must be a table of strings")
    return table


@cache
def _slang() -> Mapping[str, tuple[str, ...]]:
    return {short: tuple(long.split()) for short, long in plain("slang", "words").items()}


@cache
def _numbered() -> frozenset[str]:
    return frozenset(section("slang", "lists")["numbered"])


@dataclass(frozen=True, slots=True)
class Word:
    """One word (or mark) in normal spelling. Several words may share a place: "gatau" is "tidak" and "tahu"."""

    norm: str
    start: int
    end: int

    @property
    def ends_clause(self) -> bool:
        return self.norm in _BREAKS

    @property
    def is_mark(self) -> bool:
        return not self.norm[:1].isalnum()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, its normal words, and the way back from one to the other."""

    raw: str
    words: tuple[Word, ...]
    normal: str
    _starts: tuple[int, ...] = field(repr=False)
    _clause_ends: tuple[int, ...] = field(repr=False)

    def clause_end(self, index: int) -> int:
        """Index of the first word from here on that ends the clause; the number of words if none does."""
        return self._clause_ends[index]

    def at(self, offset: int) -> int:
        """Index of the word at a character of `normal`."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def span(self, start: int, end: int) -> Span:
        """Characters of `raw` behind the characters [start, end) of `normal`."""
        return self.word_span(self.at(start), self.at(end - 1) + 1)

    def word_span(self, first: int, after: int) -> Span:
        """Characters of `raw` behind the words [first, after)."""
        if not self.words or first >= after:
            return (0, 0)
        return (self.words[first].start, self.words[after - 1].end)

    def said(self, span: Span) -> str:
        return self.raw[span[0] : span[1]]

    def tokens(self) -> list[str]:
        """The normal words without marks."""
        return [word.norm for word in self.words if not word.is_mark]


def wording(text: str | Wording) -> Wording:
    """Reads a text once; reading a `Wording` again costs nothing."""
    if isinstance(text, Wording):
        return text
    raw = text[:LIMIT_CHARACTERS]
    words = tuple(_words(raw))
    starts: list[int] = []
    position = 0
    for word in words:
        starts.append(position)
        position += len(word.norm) + 1
    return Wording(raw, words, " ".join(word.norm for word in words), tuple(starts), _clause_ends(words))


def _clause_ends(words: Sequence[Word]) -> tuple[int, ...]:
    ends: list[int] = []
    end = len(words)
    for index in range(len(words) - 1, -1, -1):
        end = index if words[index].ends_clause else end
        ends.append(end)
    return tuple(reversed(ends))


def _words(raw: str) -> Iterator[Word]:
    found = list(_TOKEN.finditer(raw))
    skip = False
    for index, match in enumerate(found):
        if skip:
            skip = False
            continue
        start, end = match.span()
        before = found[index - 1] if index else None
        after = found[index + 1] if index + 1 < len(found) else None
        told = _spelling(match.group())
        if after is not None and after.start() == end and after.group() in {"2", "²"} and _doubles(told):
            yield Word(_doubled(told), start, after.end())
            skip = True
        elif told == "g" and before is not None and before.group()[0].isdigit():
            yield Word("gram", start, end)
        else:
            for part in _slang().get(told, (told,)):
                yield Word(part, start, end)


@lru_cache(maxsize=4096)
def _spelling(token: str) -> str:
    lowered = token.casefold().replace("’", "'") if len(token) <= _LONGEST_WORD * 4 else token[:_LONGEST_WORD].casefold()
    if lowered[0].isdigit():
        return lowered
    return _LONG_DRAWN.sub(r"\1", lowered)[:_LONGEST_WORD]


def _doubles(told: str) -> bool:
    return len(told) >= 3 and told.isalpha() and told not in _numbered()


def _doubled(told: str) -> str:
    """ "anak2" is "anak-anak", "diangkut2" is "diangkut-angkut"."""
    stem = told[2:] if told.startswith("di") and len(told) >= 6 else told
    return f"{told}-{stem}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found at the words [first, after)."""

    name: str
    first: int
    after: int


@dataclass(slots=True)
class _Node:
    exact: dict[str, _Node] = field(default_factory=dict)
    prefix: dict[str, _Node] = field(default_factory=dict)
    gap: _Node | None = None
    names: tuple[str, ...] = ()

    def after(self, norm: str) -> list[_Node]:
        """Where a word leads."""
        exact, prefix = self.exact, self.prefix
        found = [exact[form] for form in _forms(norm) if form in exact] if exact else []
        if prefix:
            found.extend(prefix[start] for start in _beginnings(norm) if start in prefix)
        return found


class Phrases:
    """Many phrases looked up at once, in time that grows with the text and not with the list.

    A phrase is words in normal spelling; `a|b` either, `word*` any ending, `(word)` may be absent, `..` up to three
    words of any kind within the clause. Endings -nya, -lah, -kah, -ku, -pun are looked through.
    """

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._root = _Node()
        self._begins: dict[str, bool] = {}  # does a phrase begin with this word? remembered, because every text is asked
        for name, phrases in table.items():
            for phrase in phrases:
                self._add(self._root, phrase.split(), name)

    def _add(self, node: _Node, parts: list[str], name: str) -> None:
        if not parts:
            node.names = (*node.names, name) if name not in node.names else node.names
            return
        head, rest = parts[0], parts[1:]
        if head == "..":
            node.gap = node.gap or _Node()
            self._add(node.gap, rest, name)
            return
        if head.startswith("("):
            self._add(node, rest, name)
            head = head[1:-1]
        for word in head.split("|"):
            kind = node.prefix if word.endswith("*") else node.exact
            self._add(kind.setdefault(word.rstrip("*"), _Node()), rest, name)

    def find(self, text: Wording) -> list[Hit]:
        """Every phrase at its longest for each starting word, in the order of the text."""
        hits: list[Hit] = []
        for first, word in enumerate(text.words):
            begins = self._begins.get(word.norm)
            if begins is None:
                begins = self._learn(word.norm)
            if begins:
                longest: dict[str, int] = {}
                self._walk(self._root, text, first, longest)
                hits.extend(Hit(name, first, after) for name, after in longest.items())
        return hits

    def _learn(self, norm: str) -> bool:
        if len(self._begins) >= _REMEMBERED:
            self._begins.clear()
        begins = self._root.gap is not None or bool(self._root.after(norm))
        self._begins[norm] = begins
        return begins

    def names_in(self, text: Wording) -> set[str]:
        return {hit.name for hit in self.find(text)}

    def whole(self, text: Wording, fillers: Phrases | None = None) -> set[str]:
        """The names of phrases that are all that was said, politeness in `fillers` and marks left aside."""
        idle = {index for index, word in enumerate(text.words) if word.is_mark}
        for hit in fillers.find(text) if fillers else ():
            idle.update(range(hit.first, hit.after))
        told = set(range(len(text.words))) - idle
        covered: dict[str, set[int]] = {}
        for hit in self.find(text):
            covered.setdefault(hit.name, set()).update(range(hit.first, hit.after))
        return {name for name, places in covered.items() if told <= places}

    def _walk(self, node: _Node, text: Wording, index: int, longest: dict[str, int]) -> None:
        for name in node.names:
            longest[name] = max(longest.get(name, 0), index)
        if index >= len(text.words):
            return
        for next_node in node.after(text.words[index].norm):
            self._walk(next_node, text, index + 1, longest)
        if node.gap is not None:
            furthest = min(index + _LONGEST_GAP, text.clause_end(index), len(text.words) - 1)
            for landed in range(index, furthest + 1):
                self._walk(node.gap, text, landed, longest)


@lru_cache(maxsize=4096)
def _forms(norm: str) -> tuple[str, ...]:
    endings = ("nya", "lah", "kah", "pun", "ku")
    without = (norm[: -len(each)] for each in endings if norm.endswith(each) and len(norm) - len(each) >= 3)
    return (norm, *without)


@lru_cache(maxsize=4096)
def _beginnings(norm: str) -> tuple[str, ...]:
    return tuple(norm[:length] for length in range(2, len(norm) + 1))
