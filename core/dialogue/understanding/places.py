"""Where it happened, in the reporter's words (sop.md §3): "jl melati rt 3", "di puskesmas sukamaju kota contoh"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.dialogue.understanding.words import Span, Word, Wording, section, wording

_LONGEST_WORDS = 14
_NAME_WORDS = 3


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """The words that say where. `is_home`: the own home, which may identify; `named`: a street, a village, an office."""

    words: str
    span: Span
    is_home: bool = False
    named: bool = False


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(section("places", "lists")[name])


@cache
def _telling() -> frozenset[str]:
    """Words that speak of how it is or what was done, from the cues of the categories: they are no names."""
    kept = _list("named") | _list("inside") | _list("at") | _list("also_names")
    cues = (phrase for part in ("strong", "weak") for phrases in section("category", part).values() for phrase in phrases)
    words = {word.strip("()*") for phrase in cues for part in phrase.split() for word in part.strip("()").split("|")}
    return frozenset(words - kept - {"", ".."})


def _is_name_word(words: tuple[Word, ...], index: int, raw: str) -> bool:
    """May this word be part of a name? A capital says so; small letters may, unless the word tells something."""
    norm = words[index].norm
    if _capital(words, index, raw):
        return True
    return norm not in _telling() | _list("things") and not _is_verb(norm)


def _capital(words: tuple[Word, ...], index: int, raw: str) -> bool:
    written = raw[words[index].start : words[index].end]
    return written[:1].isupper() and not raw.isupper() and words[index].norm not in _list("stop")


def _is_verb(norm: str) -> bool:
    if norm in _list("no_verbs"):
        return False
    passive = norm.startswith("di") and len(norm) >= 6
    active = norm.startswith(("meng", "meny", "memp", "memb")) and len(norm) >= 7
    return passive or active or (norm.endswith("nya") and len(norm) >= 6)


def find_place(text: str | Wording) -> PlaceWords | None:
    """The place that says most: one with a name before one without; the first among equals. None where none is said."""
    told = wording(text)
    best: tuple[int, int, int, int] | None = None  # weight, -first, first, after
    index = 0
    while index < len(told.words):
        after = _place_at(told.words, index, told.raw)
        if after is None:
            index += 1
            continue
        candidate = (_weight(told.words, index, after), -index, index, after)
        best = candidate if best is None else max(best, candidate)
        index = after
    if best is None:
        return None
    _, _, first, after = best
    span = told.word_span(first, after)
    named = any(word.norm == "jalan" or word.norm in _list("named") for word in told.words[first:after])
    return PlaceWords(told.said(span), span, _is_home(told.words, first, after), named)


def _norm(words: tuple[Word, ...], index: int) -> str:
    return words[index].norm if 0 <= index < len(words) else ""


def _is_home(words: tuple[Word, ...], first: int, after: int) -> bool:
    told = [word.norm for word in words[first:after]]
    if "my" in told and ("house" in told or "home" in told):
        return True
    homes = [place for place, norm in enumerate(told) if norm in {"rumah", "rumahku", "kos", "kosan", "kontrakan"}]
    return any(norm == "rumahku" for norm in told) or any(
        told[place + 1 : place + 2] in [[own] for own in _list("own")] for place in homes
    )


def _place_at(words: tuple[Word, ...], index: int, raw: str) -> int | None:
    """Index after the place that starts at this word; None if none does."""
    norm = _norm(words, index)
    if norm in _list("at"):
        return _after_preposition(words, index, raw)
    if norm == "jalan" or norm in _list("named"):
        return _after_named(words, index, raw)
    return None


def _after_preposition(words: tuple[Word, ...], index: int, raw: str) -> int | None:
    at = index + 1
    while _norm(words, at) in _list("at") | {"the"} and at < index + 4:
        at += 1
    if _norm(words, at) in {":", "."} and at + 1 < len(words):
        at += 1
    if _norm(words, at) == "my" and _norm(words, at + 1) in {"house", "home", "street", "village", "school"}:
        return at + 2
    head = _norm(words, at)
    if head in _list("own") and _norm(words, index) in {"dekat", "depan", "sebelah", "belakang"}:
        return None
    if not head or _ends(words, at) or head in _list("not_place") or head.isdigit():
        return None
    if head not in _list("named") | _list("inside") and (not _is_head(words, at, raw) or _only_heard(words, index, at)):
        return None
    return _extent(words, at, raw, home=True)


def _is_head(words: tuple[Word, ...], at: int, raw: str) -> bool:
    return _capital(words, at, raw) or not _is_verb(words[at].norm) or words[at].norm.endswith("nya")


def _only_heard(words: tuple[Word, ...], index: int, at: int) -> bool:
    """ "saya lihat di …, katanya", "di … rame": where it was heard of, not where it is."""
    around = {words[place].norm for place in (index - 1, index - 2, at + 1) if 0 <= place < len(words)}
    return bool(around & _list("heard"))


def _after_named(words: tuple[Word, ...], index: int, raw: str) -> int | None:
    following = index + 1
    if _norm(words, following) == "." and _norm(words, following + 1):
        following += 1
    name = _norm(words, following)
    if name == "raya" and _norm(words, following + 1) and not _ends(words, following + 1):
        return _extent(words, index, raw, home=False)
    if not name or _ends(words, following) or name in _list("not_name") or (name in _list("not_place") and name != "kali"):
        return None
    if _norm(words, index) in _list("common") and _is_action(words, index):
        return None
    if _norm(words, index) in {"rt", "rw"} and not name[0].isdigit():
        return None  # "pak rt"
    if name in _list("at") and _norm(words, index) == "jalan":
        return None  # "lampu jalan di jalan melati"
    if name not in _list("named") | _list("inside") and not name[0].isdigit() and not _is_name_word(words, following, raw):
        return None
    if name.isdigit() and _norm(words, index) in {"jalan", "kota", "desa", "kantor", "kali", "pasar"}:
        return None
    return _extent(words, index, raw, home=False)


def _is_action(words: tuple[Word, ...], index: int) -> bool:
    """ "saya jalan kaki", "3 kali bayar": a verb or a count, no place."""
    before = _norm(words, index - 1)
    return (_norm(words, index) == "kali" and before[:1].isdigit()) or before in {
        "saya",
        "kami",
        "berapa",
        "beberapa",
        "sedang",
        "lagi",
    }


def _ends(words: tuple[Word, ...], index: int) -> bool:
    norm = _norm(words, index)
    return norm in _list("stop") or words[index].is_mark


def _goes_on(words: tuple[Word, ...], index: int, raw: str, head: int) -> bool:
    """Does the place go on after this mark?"""
    if index + 1 >= len(words) or _ends(words, index + 1):
        return False
    if words[index].norm == "/" or (words[index].norm == "." and _norm(words, index - 1) in _list("inside")):
        return True
    return _continues(words, index + 1, raw, head)


def _continues(words: tuple[Word, ...], index: int, raw: str, head: int) -> bool:
    """After a comma the place goes on with a place word, or with a written name ("Jl. Sudirman 12, Bandung")."""
    if _norm(words, index) in _list("inside") | _list("named"):
        return True
    return raw[words[index].start].isupper() and raw[words[head].start].isupper() and words[index - 1].norm == ","


def _extent(words: tuple[Word, ...], head: int, raw: str, *, home: bool) -> int:
    """How far the place goes on: its kind, a name of up to three words, then further places within it."""
    at = head + 1
    named = _list("named") | _list("inside")
    plain = 0 if _norm(words, head) in named | {"rumah", "sekolah"} else 1
    while at < len(words) and at < head + _LONGEST_WORDS:
        norm = _norm(words, at)
        if norm in {".", ",", "/"}:
            if not _goes_on(words, at, raw, head):
                break
            plain = 0 if norm == "," else plain
        elif home and norm in _list("own") and _norm(words, at - 1) == "rumah":
            plain = _NAME_WORDS
        elif _ends(words, at) or norm in _list("at") - _list("inside"):
            break
        elif norm in named:
            plain = 0
        elif norm[0].isdigit():
            if len(norm) > 5 or _norm(words, at + 1) in _list("counted"):
                break
            if not _is_school(words, head, at):
                plain = _NAME_WORDS  # behind the number of a house no name goes on
        else:
            plain += 1
            if (plain > _most_plain(words, at, raw)) or not _is_name_word(words, at, raw):
                break
        at += 1
    while at - 1 > head and (words[at - 1].is_mark or _norm(words, at - 1) in {"di", "dekat", "dalam", "sekitar", "the", "of"}):
        at -= 1
    return at


def _is_school(words: tuple[Word, ...], head: int, at: int) -> bool:
    """ "SDN 1 Contoh": the name stands behind the number."""
    return _norm(words, at - 1).startswith(("sd", "smp", "sma", "smk", "mts", "mi", "tk", "negeri")) and at - head <= 3


def _most_plain(words: tuple[Word, ...], at: int, raw: str) -> int:
    """Names in small letters seldom have three words."""
    return _NAME_WORDS if _capital(words, at, raw) else _NAME_WORDS - 1


def _weight(words: tuple[Word, ...], first: int, after: int) -> int:
    told = [word.norm for word in words[first:after]]
    weight = sum(norm in _list("named") or norm == "jalan" for norm in told) * 3
    weight += 2 * any(norm[0].isdigit() for norm in told) + min(len(told), 5)
    return weight
