"""The answers to what was asked in one message of a report that was received at once (sop.md §3): any order, any number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from core.dialogue import collecting, script
from core.dialogue.model import Add, Complete, Draft, Facts, Mode, Withdraw
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.procedure.vocabulary import Field

_NUMBERED = re.compile(r"(?:(?<=\s)|^)([1-9])(?:\s*[.):=-]\s*|\s+)(?=\S)")
_BLANK = re.compile(r"^(?:x|-|\?)$", re.IGNORECASE)
_EMPTY_FIELDS = (Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE)


def hear(turn: Turn, message: Message) -> None:
    """Fills the gaps with whatever this message gives; one reply is all that we ask for."""
    session, code = turn.session, turn.session.about
    if code is None:
        turn.set(mode=Mode.IDLE, gaps=())
        return
    if message.reading.intents.whole(Intent.CANCEL, Intent.WITHDRAW) and session.gaps:
        turn.set(mode=Mode.IDLE, gaps=())
        turn.do(Withdraw(code, solved=False))
        turn.say("at_once.withdrawn", report=code)
        return
    draft = _filled(turn, message)
    filled = frozenset(field for field in session.gaps if script.given(draft, field))
    filled |= {Field.PRIVACY} if draft.privacy is not None else frozenset()
    files = collecting.files_of(message)
    turn.set(mode=Mode.IDLE, gaps=())
    if filled:
        turn.do(_complete(code, message.text, filled, draft))
        turn.say("at_once.completed", report=code)
    elif message.text or files or message.inbound.place is not None:
        turn.do(Add(code, message.text or collecting.place_words(message), files))
        turn.say("add.done", report=code)
    else:
        turn.say("add.what", report=code)
        turn.set(mode=Mode.TELLING, telling="add")


def _complete(code: str, words: str, filled: frozenset[Field], draft: Draft) -> Complete:
    who_asked = Field.WHO in filled
    return Complete(
        code=code,
        text=words,
        filled=filled,
        files=draft.files,
        when_words=draft.when_words,
        when_from=draft.when_from,
        when_to=draft.when_to,
        where_words=draft.where_words,
        place=draft.place,
        who_words=draft.who_words if who_asked else None,
        who_office_id=draft.who_office_id if who_asked else None,
        privacy=draft.privacy,
        name=draft.name,
    )


def _filled(turn: Turn, message: Message) -> Draft:
    """The answers as a draft of their own; the turn's session is left as it was."""
    gaps, before = turn.session.gaps, turn.session
    scratch = Turn(replace(before, draft=Draft(), tries=0), turn.facts, turn.now)
    numbered = _segments(message.text, len(gaps))
    if numbered:
        for number, words in numbered.items():
            _answer(scratch, gaps[number - 1], words, message, turn.facts)
        scratch.put(files=collecting.files_of(message))
        return scratch.draft
    if _BLANK.match(message.text) or message.reading.intents.whole(Intent.NONE, Intent.UNKNOWN, Intent.SKIP, Intent.NO):
        scratch.put(skipped=frozenset(gaps), evidence_none=Field.EVIDENCE in gaps)
        return scratch.draft
    only = gaps[0] if len(gaps) == 1 else None
    collecting.take(scratch, message, answering=only)
    if only is not None and message.text and not script.given(scratch.draft, only):
        _verbatim(scratch, only, message.text)
    return scratch.draft


def _answer(scratch: Turn, field: Field, words: str, message: Message, facts: Facts) -> None:
    reading = read_words(words, facts=facts, now=scratch.now)
    if _BLANK.match(words) or reading.intents.whole(Intent.NONE, Intent.UNKNOWN, Intent.SKIP, Intent.NO):
        scratch.put(
            skipped=scratch.draft.skipped | {field}, evidence_none=scratch.draft.evidence_none or field is Field.EVIDENCE
        )
        return
    part = Message(replace(message.inbound, text=words, files=(), place=None), reading)
    collecting.take(scratch, part, answering=field)
    if not script.given(scratch.draft, field):
        _verbatim(scratch, field, words)


def _verbatim(scratch: Turn, field: Field, words: str) -> None:
    match field:
        case Field.WHEN:
            scratch.put(when_words=words[: collecting.LONGEST_WHEN])
        case Field.WHERE:
            scratch.put(where_words=words[: collecting.LONGEST_WHERE])
        case Field.WHO:
            scratch.put(who_words=words[: collecting.LONGEST_WHO])
        case _:
            scratch.put(skipped=scratch.draft.skipped | {field})


def _segments(words: str, count: int) -> Mapping[int, str]:
    """ "1 kemarin 2 depok 3 x" by number; empty unless it begins with a number that was asked."""
    marks = [match for match in _NUMBERED.finditer(words) if int(match.group(1)) <= count]
    kept: list[re.Match[str]] = []
    for mark in marks:
        if not kept or int(mark.group(1)) > int(kept[-1].group(1)):
            kept.append(mark)
    if not kept or kept[0].start() != 0:
        return {}
    ends = [mark.start() for mark in kept[1:]] + [len(words)]
    return {int(mark.group(1)): words[mark.end() : end].strip(" ,;.\n") for mark, end in zip(kept, ends, strict=True)}
