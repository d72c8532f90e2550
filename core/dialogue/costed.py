"""What is said where each message costs: short twins, one plain SMS segment, long names and words shortened to fit.

An own sentence is one segment. An official's question may take two, because it must be understood to be answered, and so may
words that took an earlier notice along; other words
of officials are shown as far as the one segment carries them, and INFO brings the whole. Words in a script that the plain
alphabet cannot write take twice as many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.alphabet import is_gsm, segments
from core.dialogue.fitting import clean, folded, shortened
from core.dialogue.model import NoticeKind, Say
from core.texts import has, text

_NAMES = frozenset({"holder", "title", "name", "who", "when", "gist", "file", "door", "office", "words"})
"""Parameters that may be shortened; codes, days and numbers never."""
_QUESTIONS = frozenset({"notice.question", "question.again", "status.question"})
_NOTICES = frozenset(f"notice.{kind}" for kind in NoticeKind)
_MOST, _LEAST = 800, 8
"""Characters that a name or an official's words keep: at most, at least."""


def written(says: Sequence[Say], language: str, *, numbered: bool) -> str:
    """One message. `numbered`: its choices stand in it as "1 Beres 2 Belum"."""
    return _body(says, language, _room(says, language, numbered=numbered), numbered=numbered)


def cuts(says: Sequence[Say], language: str) -> bool:
    """Are the words of officials in this message more than it shows?"""
    room = _room(says, language, numbered=True)
    return any(say.words and not say.whole and len(_one_line(say.words)) > room for say in says)


def _room(says: Sequence[Say], language: str, *, numbered: bool) -> int:
    """The most characters that names and words may have so that the message fits."""
    low, high = _LEAST, _MOST
    if _fits(_body(says, language, high, numbered=numbered), says):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if _fits(_body(says, language, middle, numbered=numbered), says):
            low = middle
        else:
            high = middle
    return low


def _fits(body: str, says: Sequence[Say]) -> bool:
    if any(say.whole for say in says):
        return True
    most = 2 if any(say.key in _QUESTIONS and say.words for say in says) or _two_in_one(says) else 1
    return segments(body) <= (most if is_gsm(body) else 2 * most)


def _two_in_one(says: Sequence[Say]) -> bool:
    """An official's words that took an earlier notice along: they would have been two messages."""
    return any(say.words for say in says) and len({say.key for say in says} & _NOTICES) > 1


def _body(says: Sequence[Say], language: str, room: int, *, numbered: bool) -> str:
    body = " ".join(_sentence(say, language, room) for say in says).strip()
    choices = says[-1].choices if numbered and says else ()
    labels = [shortened(_one_line(choice.label or choice.token), room) if not choice.key else text(language, choice.key)
              for choice in choices]  # fmt: skip
    listed = [f"{number} {label}" for number, label in enumerate(labels, 1) if label != str(number)]
    return folded(clean(" ".join([body, *listed])))  # "1 1 2 2" would say nothing


def _sentence(say: Say, language: str, room: int) -> str:
    key = f"{say.key}.short" if has(language, f"{say.key}.short") else say.key
    sentence = text(language, key, **_params(say.params, room))
    if not say.words:
        return sentence
    if say.whole:
        return f"{sentence} {say.words.strip()}"
    return f"{sentence} {shortened(_one_line(say.words), room, text(language, 'info.more'))}"


def _params(params: Mapping[str, str | int], room: int) -> dict[str, str | int]:
    return {
        name: shortened(_one_line(value), room) if name in _NAMES and isinstance(value, str) else value
        for name, value in params.items()
    }


def _one_line(words: str) -> str:
    return folded(" ".join(words.split()))
