"""What the engine says, made into messages that a channel can carry: buttons or numbers, short or long, in parts that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.channels import Capabilities, Choice
from core.dialogue import costed
from core.dialogue.fitting import clean, split, split_in_segments, units
from core.dialogue.model import Say, SayChoice
from core.texts import has, text

_PARAGRAPHS = frozenset(
    {
        "ask.story",
        "at_once.notice",
        "data.notice.letter",
        "files.left_out",
        "rate.ask",
        "unverified.not_you",
        "unverified.notice",
    }
)
"""What begins a paragraph where a message is read as a letter."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One physical message. `key`: the text key it came from; `clock`: delivery of this part starts it; `code`: its report."""

    text: str
    choices: tuple[Choice, ...] = ()
    key: str = ""
    clock: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A Say in words. `block`: stands by itself (an official's words, a list) and is set off by an empty line."""

    text: str
    choices: tuple[SayChoice, ...]
    key: str
    clock: str | None
    code: str | None
    block: bool
    says: tuple[Say, ...]


def render(says: Sequence[Say], *, capabilities: Capabilities, language: str) -> tuple[Rendered, ...]:
    """The messages for these Says, in order. Nothing to say gives nothing. Raises KeyError for a key without a sentence."""
    messages: list[Rendered] = []
    for piece in _joined((_piece(say, capabilities, language) for say in says), letters=capabilities.subjects):
        messages.extend(_messages(piece, capabilities, language))
    return tuple(messages)


def label_of(choice: SayChoice, language: str) -> str:
    """What stands on the button, or behind the number."""
    return clean(text(language, choice.key) if choice.key else choice.label or choice.token)


def _piece(say: Say, capabilities: Capabilities, language: str) -> _Piece:
    key = f"{say.key}.short" if capabilities.costs and has(language, f"{say.key}.short") else say.key
    sentence = text(language, key, **say.params)
    if say.words:
        sentence = f"{sentence}\n\n“{say.words.strip()}”"
    block = bool(say.words) or "\n" in sentence
    return _Piece(clean(sentence).strip(), say.choices, say.key, say.clock, say.code, block, (say,))


def _joined(pieces: Iterable[_Piece], *, letters: bool) -> list[_Piece]:
    """`letters`: a message is read as a letter, so that what is about something else begins a paragraph."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is None or last.choices or not _together(last, piece):
            joined.append(piece)
        else:
            apart = letters and piece.key in _PARAGRAPHS
            gap = "\n\n" if last.block or piece.block or apart else " "
            joined[-1] = _Piece(
                text=f"{last.text}{gap}{piece.text}".strip(),
                choices=piece.choices,
                key=last.key,
                clock=last.clock or piece.clock,
                code=last.code or piece.code,
                block=last.block or piece.block or apart,
                says=(*last.says, *piece.says),
            )
    return joined


def _together(last: _Piece, piece: _Piece) -> bool:
    same_report = last.code is None or piece.code is None or last.code == piece.code
    return same_report and (last.clock is None or piece.clock is None or last.clock == piece.clock)


def _messages(piece: _Piece, capabilities: Capabilities, language: str) -> list[Rendered]:
    choices = tuple(Choice(choice.token, label_of(choice, language)) for choice in piece.choices)
    as_buttons = bool(choices) and _as_buttons(choices, capabilities)
    if capabilities.costs:
        body = costed.written(piece.says, language, numbered=not as_buttons)
    else:
        body = piece.text if as_buttons else _with_numbers(piece.text, choices, language)
    limit = max(capabilities.text_limit, 20)
    parts = split_in_segments(body, limit) if capabilities.segmented else split(body, limit)
    choices = choices if as_buttons else ()
    last = len(parts) - 1
    return [
        Rendered(
            text=part,
            choices=choices if index == last else (),
            key=piece.key,
            clock=piece.clock if index == last else None,
            code=piece.code,
        )
        for index, part in enumerate(parts)
    ]


def _with_numbers(body: str, choices: Sequence[Choice], language: str) -> str:
    """The choices as a list whose numbers are the answers; marks ("1" to "5") are numbers already."""
    if not choices:
        return body
    listed = [f"{number}. {choice.label}" for number, choice in enumerate(choices, 1) if choice.label != str(number)]
    gap = "\n\n" if listed else " "
    hint = text(language, "choice.by_number") if len(choices) > 1 else ""
    return gap.join(filter(None, [body, "\n".join(listed), hint]))


def _as_buttons(choices: Sequence[Choice], capabilities: Capabilities) -> bool:
    limit = capabilities.button_label_limit or capabilities.text_limit
    return len(choices) <= capabilities.buttons and all(units(choice.label) <= limit for choice in choices)
