"""What was said where others read along: kept for the private conversation, answered with the invitation alone (sop.md §7).

Several posts are one story. It waits while something else is under way, is taken up by the first private word that does not
say otherwise, and is forgotten after as long as a draft can be resumed. Danger to life does not wait: the post is filed as it
stands, and only its code waits for the private conversation.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.channels import Inbound
from core.dialogue import alarm, collecting, ending, invitation, opening
from core.dialogue.model import Add, Draft, EraseDraft, Mode, Session, StoryPart, Told
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent

_LONGEST_STORY, _MOST_PARTS, _MOST_FILES = 20_000, 50, 20
"""What is kept for the private conversation; the inbox keeps the rest for as long as any message."""
_SAME_ALARM = timedelta(hours=6)
_SAME_BREATH = timedelta(hours=1)


def heard(turn: Turn, inbound: Inbound) -> None:
    """A post: its words and files wait in the session, and the only answer is the invitation."""
    if "no_private" in inbound.notes:
        turn.facts = replace(turn.facts, reachable=False)
    if not turn.facts.capabilities.public:
        invitation.invite(turn)
        return
    message = Message(inbound, read_words(inbound.text, facts=turn.facts, now=turn.now, language=turn.language))
    opening.learn_language(turn, message)
    if inbound.text and message.reading.danger is not None:
        _alarm(turn, message)
        invitation.alarm(turn, alarm.numbers(turn, message.reading.danger.kind))
        return
    if _goes_with_the_alarm(turn.session.told, turn):
        turn.do(Add(str(turn.session.told.filed), inbound.text, collecting.files_of(message), public=True))
    else:
        _keep(turn, message)
    invitation.invite(turn)


def _goes_with_the_alarm(told: Told, turn: Turn) -> bool:
    """What follows a cry for help within the hour is about it ("di jl melati 5", "sudah padam")."""
    return told.filed_at is not None and turn.now - told.filed_at <= _SAME_BREATH


def _keep(turn: Turn, message: Message) -> None:
    if message.reading.intents.whole(*Intent) and not (message.inbound.files or message.inbound.place):
        return  # "halo min", "status", "makasih": nothing to tell
    told, inbound = turn.session.told, message.inbound
    parts, files = told.parts, told.files
    known = any(part.text == inbound.text or part.source_id == inbound.source_id for part in parts)
    room = _LONGEST_STORY - sum(len(part.text) for part in parts)
    if inbound.text and not known and room > 0 and len(parts) < _MOST_PARTS:
        parts = (*parts, StoryPart(inbound.source_id, inbound.text[:room], public=True))
    files = (*files, *collecting.files_of(message))[:_MOST_FILES]
    place = inbound.place or told.place
    if (parts, files, place) != (told.parts, told.files, told.place):
        turn.set(told=replace(told, parts=parts, files=files, place=place, at=turn.now))


def _alarm(turn: Turn, message: Message) -> None:
    """Filed as it stands, urgent, the name hidden; what is under way in private stays untouched. No code in public."""
    told, before = turn.session.told, turn.session
    files = collecting.files_of(message)
    if told.filed is not None and told.filed_at is not None and turn.now - told.filed_at <= _SAME_ALARM:
        turn.do(Add(told.filed, message.text, files, public=True))
        return
    recent = told.at is not None and turn.now - told.at <= _SAME_BREATH  # where it is was perhaps said a moment ago
    parts = (*(told.parts if recent else ()), StoryPart(message.source_id, message.inbound.text, public=True))
    draft_of(turn, replace(told, parts=parts, files=(*(told.files if recent else ()), *files)), message)
    placeless = ending.file_in_danger(turn)
    rest = Told() if recent else told
    turn.session = replace(
        before,
        language=turn.session.language,
        locked=turn.session.locked,
        locked_on=turn.session.locked_on,
        held=turn.session.held,
        told=replace(rest, filed=turn.facts.new_code, filed_at=turn.now, filed_untold=True, placeless=placeless),
    )


def draft_of(turn: Turn, told: Told, message: Message) -> None:
    """A draft of all that was told, each part under its own source, read as one story."""
    turn.set(mode=Mode.DRAFT, draft=Draft(language=turn.language), asking=None, tries=0, trail=(), editing=False, gaps=())
    turn.set(telling=None, confirming=None)
    words = "\n".join(part.text for part in told.parts)
    inbound = replace(
        message.inbound,
        source_id=told.said[0] if told.said else message.source_id,
        text=words,
        choice=None,
        files=(),
        place=told.place,
    )
    whole = Message(inbound, read_words(words, facts=turn.facts, now=turn.now, language=turn.language))
    collecting.take(turn, whole)
    if not turn.draft.parts and collecting.readable(words):
        collecting.tell(turn, whole, words)
    turn.put(said=told.said, files=told.files, elsewhere=told.elsewhere)
    if turn.draft.parts:
        turn.put(parts=told.parts, story=words)


def edited(turn: Turn, inbound: Inbound) -> bool:
    """A new version of a post that still waits takes the old one's place. False: it is none of them."""
    told, source_id = turn.session.told, inbound.edits or inbound.source_id
    if not any(part.source_id == source_id for part in told.parts):
        return False
    renewed = [replace(part, text=inbound.text) if part.source_id == source_id else part for part in told.parts]
    turn.set(told=replace(told, parts=tuple(part for part in renewed if part.text)))
    return True


def marked(session: Session, source_ids: frozenset[str], at: datetime) -> Session:
    """The session with the mark that the sender took these messages away; the words stay (issue 4)."""

    def with_mark(parts: tuple[StoryPart, ...]) -> tuple[StoryPart, ...]:
        return tuple(
            replace(part, deleted_at=at) if part.source_id in source_ids and part.deleted_at is None else part for part in parts
        )

    told, draft = session.told, session.draft
    return replace(session, told=replace(told, parts=with_mark(told.parts)), draft=replace(draft, parts=with_mark(draft.parts)))


def expire(turn: Turn) -> None:
    """Nobody took it up: it is forgotten, like a draft (sop.md §3)."""
    due = expires_at(turn, turn.session)
    if due is not None and turn.now >= due:
        forget(turn)


def forget(turn: Turn) -> None:
    """What was told in public is erased here at once; the post itself is the person's."""
    if turn.session.told.said:
        turn.do(EraseDraft(turn.session.told.said, turn.session.told.elsewhere))
    turn.set(told=replace(turn.session.told, parts=(), files=(), place=None, at=None))


def expires_at(turn: Turn, session: Session) -> datetime | None:
    """When what was told in public is forgotten; None: nothing waits."""
    told = session.told
    return None if told.is_empty or told.at is None else told.at + timedelta(days=turn.facts.office.draft_resumable_days)
