"""Is it a story, in which language, and under which title (sop.md §3)."""

from __future__ import annotations

import re
from functools import cache

from core.dialogue.understanding.category import has_cue
from core.dialogue.understanding.cleaning import clean
from core.dialogue.understanding.danger import danger_in
from core.dialogue.understanding.identity import Identifying, IdentifyingKind, words_that_identify
from core.dialogue.understanding.intents import Intents, Strength, intents_in
from core.dialogue.understanding.places import find_place
from core.dialogue.understanding.words import Wording, section, wording

__all__ = [
    "Identifying",
    "IdentifyingKind",
    "clean",
    "is_thin",
    "language_of",
    "tells_something",
    "tells_story",
    "title_from",
    "words_that_identify",
]

TITLE_CHARACTERS = 80
_STORY_WORDS, _STORY_WORDS_WITH_PLACE = 4, 2
_THIN_WORDS = 5
_TOLD_WORDS = 2
_LONGEST_ABBREVIATION = 4
_SHORTEST_WORD = 3


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(section("story", "lists")[name])


def _content(told: Wording) -> list[str]:
    """Words that tell something: no politeness, no small words, no numbers."""
    return [norm for norm in told.tokens() if norm not in _list("empty") and not norm[0].isdigit()]


def tells_story(text: str | Wording, *, intents: Intents | None = None) -> bool:
    """Does a stranger understand that something happened or is wanted? An answer, a greeting, a bare place is none."""
    told = wording(text)
    if danger_in(told) is not None:
        return True
    wanted = intents or intents_in(told)
    if wanted.number is not None or any(strength is Strength.WHOLE for strength in wanted.found.values()):
        return False
    content = [norm for norm in _content(told) if len(norm) >= _SHORTEST_WORD]
    if len(told.tokens()) < 2 or not content:
        return False
    if has_cue(told):
        return True
    place = find_place(told)
    inside = len(_content(wording(place.words))) if place is not None else 0
    hidden = sum(len(_content(wording(one.words))) for one in words_that_identify(told))
    timely = sum(norm in _list("timely") for norm in content)
    least = _STORY_WORDS_WITH_PLACE if place is not None or told.tokens()[0] == "ada" else _STORY_WORDS
    return len(content) - inside - hidden - timely >= least


def tells_something(text: str | Wording, *, least: int = 1) -> bool:
    """Are there words (at least so many) beside politeness and small words?"""
    return len(_content(wording(text))) >= least


def is_thin(text: str | Wording) -> bool:
    """Is a story so short that what happened is hardly told ("jalan rusak pak")?"""
    return len(_content(wording(text))) < _THIN_WORDS


def language_of(text: str | Wording) -> str | None:
    """ "id" or "en", by the small words of each; None where the words do not tell."""
    told = wording(text)
    indonesian = english = 0
    for word in told.words:
        indonesian += word.norm in _list("id")
        english += word.norm in _list("en")
    if indonesian == english:
        return None
    return "id" if indonesian > english else "en"


def title_from(text: str, language: str | None = "id") -> str:
    """A title of at most 80 characters: the first sentence that tells something, without greetings, pleas, insults."""
    told = wording(text)
    hidden = [one.span for one in words_that_identify(told) if one.kind is not IdentifyingKind.ADDRESS]
    best: list[str] = []
    line: list[str] = []
    for index, word in enumerate(told.words):
        if word.ends_clause and not _abbreviates(told, index):
            best = _better(best, _trimmed(line))
            line = []
        elif (
            word.norm not in _list("particles")
            and not _is_insult(told, index)
            and not any(start <= word.start < end for start, end in hidden)
        ):
            line.append(_written(told, index, expand=language != "en"))
    best = _better(best, _trimmed(line))
    return _shortened(_joined(best))


def _abbreviates(told: Wording, index: int) -> bool:
    """The full stop of "Jl. Melati" ends no sentence."""
    before = told.words[index - 1] if index else None
    return (
        told.words[index].norm == "."
        and before is not None
        and before.norm in {"jalan", "kelurahan", "kecamatan", "kabupaten", "rp", "no", "nomor", "bapak", "dr"}
        and before.end == told.words[index].start
        and before.end - before.start <= _LONGEST_ABBREVIATION
    )


def _better(best: list[str], line: list[str]) -> list[str]:
    """The first line that tells something; a fuller one replaces a line that hardly does ("Yth. Bapak/Ibu.")."""
    if not line or not best:
        return best or line
    told, before = (wording(" ".join(words)) for words in (line, best))
    if has_cue(told) != has_cue(before) and len(_content(told)) > 1:
        return line if has_cue(told) else best
    return line if len(_content(before)) < _TOLD_WORDS and len(_content(told)) > len(_content(before)) else best


def _is_insult(told: Wording, index: int) -> bool:
    norm = told.words[index].norm
    following = told.words[index + 1].norm if index + 1 < len(told.words) else ""
    before = told.words[index - 1].norm if index else ""
    if norm == "dasar":
        return following in _list("insults") or index == 0
    return (
        norm in _list("insults") and following not in _list("literal") and before not in {"ada", "gigitan", "bangkai", "banyak"}
    )


def _written(told: Wording, index: int, *, expand: bool) -> str:
    """The word as it was written, or written out where it was an abbreviation."""
    word = told.words[index]
    said = told.raw[word.start : word.end]
    shared = (index and told.words[index - 1].start == word.start) or (
        index + 1 < len(told.words) and told.words[index + 1].start == word.start
    )
    if shared:
        return word.norm
    if expand and said.islower() and said != word.norm:
        return word.norm
    return said if word.norm[:1].isalnum() else word.norm


def _trimmed(line: list[str]) -> list[str]:
    words = [word for word in line if word[0].isalnum() or word in {",", "/", "-", "%", "(", ")", ".", ":", "'", '"', "&", "+"}]
    words = _after_opening(words)
    changed = True
    while changed and words and not _thanks_for(words):
        changed = False
        for count in (4, 3, 2):
            lowered = " ".join(words[:count]).casefold()
            if len(words) > count and lowered in _list("front"):
                words, changed = words[count:], True
            if len(words) > count and " ".join(words[-count:]).casefold() in _list("back"):
                words, changed = words[:-count], True
        if words and (words[0].casefold() in _list("edges") or not words[0][0].isalnum()):
            words, changed = words[1:], True
        if words and (words[-1].casefold() in _list("edges") or (not words[-1][0].isalnum() and words[-1] not in {")", "%"})):
            words, changed = words[:-1], True
    return words


def _after_opening(words: list[str]) -> list[str]:
    """ "Saya warga …, ingin melaporkan bahwa lampu …": what is reported."""
    lowered = [word.casefold() for word in words]
    for index, word in enumerate(lowered):
        if not set(lowered[max(0, index - 2) : index]) & _list("before_openings"):
            continue
        if word in _list("openings") and len(_content(wording(" ".join(words[index + 1 :])))) > _TOLD_WORDS:
            return words[index + 1 :]
    return words


def _thanks_for(words: list[str]) -> bool:
    """ "Terima kasih banyak buat perawat …" is what it is about, no politeness."""
    lowered = [word.casefold() for word in words[:5]]
    if lowered[:1] and lowered[0] not in {"terima", "makasih", "thank", "thanks"}:
        return False
    return any(word in _list("thanked") for word in lowered[1:])


def _joined(words: list[str]) -> str:
    told = " ".join(words)
    told = re.sub(r" ([,.)%:])", r"\1", told)
    told = re.sub(r"([(/-]) | (?=[/-])", r"\1", told)
    return re.sub(r"(\d) (rb|jt|ribu|juta|k)\b", r"\1\2", told)


def _shortened(told: str) -> str:
    if len(told) > TITLE_CHARACTERS:
        cut = told[: TITLE_CHARACTERS - 1]
        told = (cut[: cut.rfind(" ")] if " " in cut[40:] else cut).rstrip(" ,.;:-/(") + "…"
    return told[:1].upper() + told[1:] if len(told[:1].upper()) == 1 else told
