"""What was begun at another door goes on here: the answers so far, a report's gaps, what was told in public (sop.md §7)."""

from __future__ import annotations

from dataclasses import replace

from core.dialogue import collecting, ending, publicstory, script, summary
from core.dialogue.model import Draft, DraftFile, LinkFacts, Mode, Session, StoryPart, Told
from core.dialogue.turn import Turn
from core.procedure.vocabulary import Field

_TITLE_MOST = 40


def under_way(there: Session | None) -> bool:
    """Is something under way there that can go on elsewhere? Not while a question about other words is open there."""
    if there is None or there.pending_text or there.pending_files:
        return False
    gaps = there.mode is Mode.GAPS and bool(there.gaps) and there.about is not None
    return gaps or not there.draft.is_empty or not there.told.is_empty


def take(turn: Turn, link: LinkFacts) -> None:
    """Takes it over and puts the next question at once."""
    there = link.there
    if there is None:
        return
    turn.set(linking=None, noticed=turn.session.noticed or there.noticed)
    if not there.told.is_empty or there.told.filed is not None:
        turn.set(told=_told(turn.session.told, there.told, link.conversation))
    if not there.draft.is_empty:
        _draft(turn, there, link)
    elif there.mode is Mode.GAPS:
        turn.set(about=there.about)
        turn.say("link.gaps", report=there.about)
        ending.ask_gaps(turn, there.gaps)
    elif not turn.session.told.is_empty:
        turn.set(mode=Mode.IDLE, gaps=())
        publicstory.begin(turn)


def title_of(turn: Turn, draft: Draft) -> str:
    """What a draft is about, short enough for a choice."""
    words = " ".join((draft.title or draft.story).split())
    return words[:_TITLE_MOST].strip() or turn.text("link.untitled")


def _draft(turn: Turn, there: Session, link: LinkFacts) -> None:
    turn.set(
        draft=moved(there.draft, link.conversation),
        mode=Mode.DRAFT,
        asking=None,
        tries=0,
        trail=there.trail,
        editing=False,
        gaps=(),
        reminded=False,
        expires_at=None,
        draft_started_at=there.draft_started_at,
        street=there.street,
    )
    collecting.touched(turn, turn.now)
    said = len(turn.effects)
    turn.say("link.goes_on", title=summary.title_of(turn))
    if turn.at_once and script.given(turn.draft, Field.STORY):
        ending.receive_at_once(turn)
    elif not script.put_next(turn):
        del turn.effects[said]  # the summary says what it is about
        summary.show(turn)


def moved(draft: Draft, conversation: int | None) -> Draft:
    """The draft with where each part was said, so that its sender's edits, and the erasing of all, still find it."""
    if draft.privacy is None:
        draft = replace(draft, asked=draft.asked - {Field.PRIVACY})  # nobody answered it there
    if conversation is None:
        return draft
    elsewhere = tuple(dict.fromkeys((*draft.elsewhere, conversation)))
    return replace(draft, parts=_parts(draft.parts, conversation), elsewhere=elsewhere)


def _told(here: Told, there: Told, conversation: int | None) -> Told:
    parts = there.parts if conversation is None else _parts(there.parts, conversation)
    came = () if conversation is None else (conversation,)
    return replace(
        there,
        parts=(*here.parts, *parts),
        files=(*here.files, *there.files),
        place=there.place or here.place,
        filed=there.filed or here.filed,
        filed_at=there.filed_at or here.filed_at,
        elsewhere=tuple(dict.fromkeys((*here.elsewhere, *there.elsewhere, *came))),
    )


def _parts(parts: tuple[StoryPart, ...], conversation: int) -> tuple[StoryPart, ...]:
    return tuple(part if part.conversation is not None else replace(part, conversation=conversation) for part in parts)


def holds(session: Session, source_id: str, conversation: int) -> bool:
    """Is a message of that other conversation a part of what is under way here?"""
    parts = (*session.draft.parts, *session.told.parts)
    return any(part.source_id == source_id and part.conversation == conversation for part in parts)


def files_of(session: Session) -> tuple[DraftFile, ...]:
    """The files that belong to what is under way."""
    return (*session.draft.files, *session.told.files)
