"""What the engine says, made into messages that a channel can carry: buttons or numbers, short or long, in parts that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.channels import Capabilities, Choice
from core.dialogue.fitting import clean, folded, split, units
from core.dialogue.model import Say, SayChoice
from core.texts import has, text


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


def render(says: Sequence[Say], *, capabilities: Capabilities, language: str) -> tuple[Rendered, ...]:
    """The messages for these Says, in order. Nothing to say gives nothing. Raises KeyError for a key without a sentence."""
    messages: list[Rendered] = []
    for piece in _joined(_piece(say, capabilities, language) for say in says):
        messages.extend(_messages(piece, capabilities, language))
    return tuple(messages)


def label_of(choice: SayChoice, language: str) -> str:
    """What stands on the button, or behind the number."""
    return clean(text(language, choice.key) if choice.key else choice.label or choice.token)


def _piece(say: Say, capabilities: Capabilities, language: str) -> _Piece:
    key = f"{say.key}.short" if capabilities.costs and has(language, f"{say.key}.short") else say.key
    sentence = text(language, key, **say.params)
    if say.words:
        sentence = f"{sentence} {say.words}" if capabilities.costs else f"{sentence}\n\n“{say.words.strip()}”"
    return _Piece(clean(sentence).strip(), say.choices, say.key, say.clock, say.code, bool(say.words) or "\n" in sentence)


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is None or last.choices or not _together(last, piece):
            joined.append(piece)
        else:
            gap = "\n\n" if last.block or piece.block else " "
            joined[-1] = _Piece(
                text=f"{last.text}{gap}{piece.text}".strip(),
                choices=piece.choices,
                key=last.key,
                clock=last.clock or piece.clock,
                code=last.code or piece.code,
                block=last.block or piece.block,
            )
    return joined


def _together(last: _Piece, piece: _Piece) -> bool:
    same_report = last.code is None or piece.code is None or last.code == piece.code
    return same_report and (last.clock is None or piece.clock is None or last.clock == piece.clock)


def _messages(piece: _Piece, capabilities: Capabilities, language: str) -> list[Rendered]:
    choices = tuple(Choice(choice.token, label_of(choice, language)) for choice in piece.choices)
    body = piece.text
    if choices and not _as_buttons(choices, capabilities):
        gap = " " if capabilities.costs else "\n"
        listed = [f"{number} {choice.label}" for number, choice in enumerate(choices, 1) if choice.label != str(number)]
        body = gap.join([body, *listed])  # "1 1 2 2" would say nothing
        choices = ()
    if capabilities.costs:
        body = folded(body)
    parts = split(body, max(capabilities.text_limit, 20))
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


def _as_buttons(choices: Sequence[Choice], capabilities: Capabilities) -> bool:
    limit = capabilities.button_label_limit or capabilities.text_limit
    return len(choices) <= capabilities.buttons and all(units(choice.label) <= limit for choice in choices)
