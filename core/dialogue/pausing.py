"""Drafts over days: reminded once, ended, resumable for a while, forgotten (sop.md §3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from core.dialogue import collecting, ending, inpublic, onward, script, summary, waiting
from core.dialogue.model import Mode, Session, WakeAt
from core.dialogue.turn import Message, Option, Turn

_RESUME = re.compile(
    r"^\s*/?(?:ya,? )?(?:lanjut(?:kan|in)?|terus(?:kan|in)?|resume|continue|go on)\b"
    r"(?: laporan(?:nya)?)?[\s.!]*(?:ya|pak|min|kak|please)?[\s.!]*$",
    re.IGNORECASE,
)


def wake_at(turn: Turn, before: Session) -> None:
    """Wishes a Tick for the next reminder or end, if that changed."""
    wish, old = next_wake(turn, turn.session), next_wake(turn, before)
    if wish != old:
        turn.do(WakeAt(wish))


def next_wake(turn: Turn, session: Session) -> datetime | None:
    """When this session has to be looked at without being spoken to; None: never."""
    moments = (_draft_wake(turn, session), inpublic.expires_at(turn, session))
    return min((moment for moment in moments if moment is not None), default=None)


def _draft_wake(turn: Turn, session: Session) -> datetime | None:
    if session.mode is Mode.PAUSED:
        return session.expires_at
    if session.draft.is_empty and waiting.anything(session) and session.echo_at is not None:
        return session.echo_at + timedelta(hours=turn.facts.office.draft_reminder_hours)
    if session.draft.is_empty or session.draft_touched_at is None:
        return None
    if session.reminded:
        return session.expires_at
    return session.draft_touched_at + timedelta(hours=turn.facts.office.draft_reminder_hours)


def tick(turn: Turn) -> None:
    """Reminds once, then ends the draft, then forgets it (sop.md §3)."""
    session, office = turn.session, turn.facts.office
    due = _draft_wake(turn, session)
    if due is None or turn.now < due:
        return
    if session.mode is Mode.PAUSED:
        ending.erase(turn)
        return
    if session.draft.is_empty:
        turn.set(mode=Mode.IDLE, offered=())  # nobody said which report: `waiting` finds the words one
        return
    if not session.reminded:
        remaining = timedelta(hours=office.draft_expiry_hours - office.draft_reminder_hours)
        touched = session.draft_touched_at or turn.now
        turn.set(reminded=True, expires_at=max(touched + timedelta(hours=office.draft_expiry_hours), turn.now + remaining))
        turn.say("draft.reminder", title=summary.title_of(turn))
        onward.put_again(turn)
        return
    turn.set(mode=Mode.PAUSED, offered=(), prompt=session.prompt + 1, asked_about=False)
    turn.set(expires_at=turn.now + timedelta(days=office.draft_resumable_days))
    turn.say("draft.expired", title=summary.title_of(turn), days=office.draft_resumable_days)


def wants_resume(message: Message) -> bool:
    return message.verb == "resume" or bool(_RESUME.match(message.text))


def resume(turn: Turn) -> None:
    """Goes on with a draft that was left off: from the collected answers."""
    turn.set(mode=Mode.DRAFT, asking=None, tries=0, editing=False, asked_about=False)
    collecting.touched(turn, turn.now)
    turn.say("draft.resumed", title=summary.title_of(turn))
    if not script.put_next(turn):
        summary.show(turn)


def offer_resume(turn: Turn) -> None:
    turn.set(asked_about=True)
    turn.ask(
        "draft.resume_or_new",
        [Option("resume", "choice.resume"), Option("fresh", "choice.fresh")],
        title=summary.title_of(turn),
    )
