"""Answers to "which one is meant?": one of several reports, a new one, the draft under way or one that was left off."""

from __future__ import annotations

from dataclasses import replace

from core.dialogue import (
    choosing,
    collecting,
    drafting,
    ending,
    onward,
    own_reports,
    pausing,
    publicstory,
    report_acts,
    waiting,
    wishing,
)
from core.dialogue.model import Mode
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent

_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)


def which(turn: Turn, message: Message) -> None:
    """The answer to "which one is meant?"."""
    session, verb = turn.session, message.verb or ""
    named = own_reports.named(turn, message)
    if verb == "draft" or (message.reading.intents.whole(Intent.NEW) and session.returning in _DRAFTING):
        turn.placed = True
        _back_to_draft(turn, message)
        return
    if verb == "new" or message.reading.intents.whole(Intent.NEW):
        turn.placed = True
        drafting.begin(turn, _pending(turn, message))
        turn.set(pending_text="", pending_files=(), asked_about=False)
        return
    report = report_acts.by_code(turn, verb[2:]) if verb.startswith("a-") else (named[0] if len(named) == 1 else None)
    if report is not None:
        draft_mode = session.returning if session.returning in _DRAFTING else None
        turn.placed = choosing.picked(turn, report)
        if draft_mode is not None:
            turn.set(mode=draft_mode, returning=Mode.IDLE)
            onward.put_again(turn)
        return
    if session.returning in _DRAFTING:
        turn.placed = True
        _back_to_draft(turn, message)
        return
    if session.asked_about:
        _without_an_answer(turn, message)
        return
    _which_again(turn, message)


def _without_an_answer(turn: Turn, message: Message) -> None:
    """Asked twice: no third time. Words that wait find their report (`waiting`); a wish is left undone."""
    if waiting.anything(turn.session):
        turn.set(mode=Mode.IDLE, offered=())
        waiting.join(turn, message)
        return
    turn.set(mode=Mode.IDLE, pending_text="", pending_files=(), telling=None, asked_about=False)
    turn.say("which.left")
    report_acts.say_reports(turn)


def _which_again(turn: Turn, message: Message) -> None:
    """More words instead of an answer: they join what waits, and the question is put once more."""
    session = turn.session
    words = "\n".join(filter(None, (session.pending_text, message.text)))
    files = (*session.pending_files, *collecting.files_of(message))
    reports = [report for report in turn.reports if any(f"a-{report.code}" in choice.token for choice in session.offered)]
    if not reports:
        reports = [report for report in turn.reports if report.open]
    source_id = session.pending_source_id or message.source_id
    choosing.ask_which(turn, session.telling or "natural", reports, words=words, files=files, source_id=source_id)


def _pending(turn: Turn, message: Message) -> Message:
    """The message that waited, as if it came now."""
    session = turn.session
    inbound = replace(
        message.inbound,
        text=session.pending_text,
        choice=None,
        source_id=session.pending_source_id or message.source_id,
        files=tuple(file.ref for file in session.pending_files),
    )
    return Message(inbound, read_words(session.pending_text, facts=turn.facts, now=turn.now, language=turn.language))


def _back_to_draft(turn: Turn, message: Message) -> None:
    waiting = _pending(turn, message)
    turn.set(
        mode=turn.session.returning, returning=Mode.IDLE, telling=None, pending_text="", pending_files=(), asked_about=False
    )
    drafting.hear(turn, waiting)


def paused(turn: Turn, message: Message) -> None:
    """A draft was left off: it can be resumed, or a new one begun; other matters go on beside it."""
    session = turn.session
    if pausing.wants_resume(message) or (session.asked_about and message.reading.intents.whole(Intent.YES)):
        pausing.resume(turn)
        return
    intents = message.reading.intents
    if (
        message.verb == "fresh"
        or intents.whole(Intent.NEW)
        or (session.asked_about and intents.whole(Intent.NO, Intent.CANCEL))
    ):
        waiting = _pending(turn, message) if session.pending_text or session.pending_files else None
        ending.erase(turn)
        turn.set(pending_text="", pending_files=())
        if waiting is None and not turn.session.told.is_empty:
            publicstory.begin(turn)
        else:
            drafting.begin(turn, waiting)
        return
    wished = wishing.wish(message)
    if wished is not None and any(wished[1](report) for report in turn.reports) and own_reports.hear(turn, message):
        turn.set(mode=Mode.PAUSED if turn.session.mode is Mode.IDLE else turn.session.mode)
        return
    if session.asked_about and not message.reading.is_story and message.text:
        pausing.resume(turn)
        return
    words = "\n".join(filter(None, (session.pending_text, message.text)))
    turn.set(
        pending_text=words,
        pending_files=(*session.pending_files, *collecting.files_of(message)),
        pending_source_id=session.pending_source_id or message.source_id,
    )
    pausing.offer_resume(turn)
