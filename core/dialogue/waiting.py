"""Words that wait behind "which one is meant?" and get no answer: they go to the likeliest report, where an official can
split them off (sop.md §3). Nothing that a person wrote stays without a report."""

from __future__ import annotations

from core.dialogue import collecting
from core.dialogue.model import Add, DraftFile, Mode, ReportFacts, Session
from core.dialogue.turn import Message, Turn

_WITH_WORDS = frozenset({"natural", "dispute_or_add", "add", "answer", "not_settled", "dispute", "object"})
"""What could be meant that has words of its own; a wish that was not understood is left undone."""


def anything(session: Session) -> bool:
    """Do words or files wait that belong to one of the reports?"""
    asked = session.mode in (Mode.DISAMBIGUATE, Mode.IDLE) and session.telling in _WITH_WORDS
    return asked and bool(session.pending_text or session.pending_files)


def join(turn: Turn, message: Message) -> None:
    """More words and files for what waits."""
    words = "\n".join(filter(None, (turn.session.pending_text, message.text)))
    turn.set(pending_text=words, pending_files=(*turn.session.pending_files, *collecting.files_of(message)))


def attach(turn: Turn, before: Session) -> None:
    """At the end of a step that left the question behind: what waited is added to a report, and that is said."""
    if turn.placed or not anything(before) or _still_asked(turn.session, before):
        return
    words, files = _joined(turn.session, before)
    report = _likeliest(turn, before)
    if report is None:
        return
    turn.placed = True
    turn.do(Add(report.code, words, files))
    turn.say_first("which.added", report=report.code)
    turn.set(pending_text="", pending_files=(), pending_source_id="", asked_about=False)
    if turn.session.telling == before.telling and turn.session.mode is Mode.IDLE:
        turn.set(telling=None)


def _still_asked(session: Session, before: Session) -> bool:
    asks = Mode.DISAMBIGUATE in (session.mode, session.returning)
    return asks and session.pending_text.startswith(before.pending_text)


def _joined(session: Session, before: Session) -> tuple[str, tuple[DraftFile, ...]]:
    """With the words that came instead of an answer, if they joined."""
    if session.pending_text.startswith(before.pending_text) and session.telling == before.telling:
        return session.pending_text, session.pending_files
    return before.pending_text, before.pending_files


def _likeliest(turn: Turn, before: Session) -> ReportFacts | None:
    """The one that was spoken of, else the first that was offered, else the latest."""
    offered = [choice.token.rpartition(".a-")[2] for choice in before.offered if ".a-" in choice.token]
    wanted = [before.about, *offered] if before.about in offered or not offered else offered
    known = {report.code: report for report in turn.reports}
    return next((known[code] for code in wanted if code in known), next(iter(turn.reports), None))
