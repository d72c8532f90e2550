"""Converse: one event, one step of the dialogue, its effects and its words, all in the caller's transaction.

`converse` is for what a person said or a moment that has come; `tell` for what happened to somebody's report.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from core import addressing, merging, publicly, reporter, saying, strangers, timekeeping
from core.channels import Inbound, InboundKind
from core.dialogue.engine import step
from core.dialogue.model import DraftFile, Effect, EraseDraft, Event, Heard, Notice, Say, Session, Submit, Tick, WakeAt
from core.facts import capabilities_of, facts_for
from core.flooding import Replies, keep
from core.office import Office
from core.saying import Telling
from core.storage import attachments, conversations, inbox, outbox
from core.storage.conversations import ConversationRow
from core.storage.engine import after_commit
from core.texts import known


@dataclass
class _Course:
    """One run of the dialogue: what it has said and done so far."""

    session: Session
    tick_at: datetime | None
    says: list[Say] = field(default_factory=list)
    report_ids: dict[str, int] = field(default_factory=dict)
    submitted: bool = False
    flooded: bool = False


def converse(
    connection: Connection,
    office: Office,
    *,
    conversation: ConversationRow,
    event: Event,
    now: datetime,
    inbox_id: int | None = None,
    replies: Replies = Replies.ALL,
    quiet: bool = False,
    telling: Telling | None = None,
) -> None:
    """`quiet`: nothing but the code of a new report is told.

    Raises StaleConversation if the conversation went on in between, Refused or NotFound if the world changed under it.
    """
    ticked = isinstance(event, Tick)
    stranger = isinstance(event, Heard) and not event.inbound.sender.verified
    before = strangers.blank(conversation.session) if stranger else conversation.session
    capabilities = capabilities_of(office, conversation.channel)
    flooded = replies is Replies.FLOOD or (replies is not Replies.ALL and capabilities.receives_at_once)
    course = _Course(before, None if ticked else conversation.tick_at, flooded=flooded)
    waiting: deque[Event] = deque([event])
    while waiting:
        waiting.extend(_step(connection, office, conversation, course, waiting.popleft(), now, inbox_id))
        conversation = replace(conversation, first_word=False)  # what follows looks at what this step has made
    if replies is Replies.LAST:
        course.says.append(Say("road.flood"))
    quiet = quiet or (ticked and before.stopped)
    if capabilities.public and isinstance(event, Heard) and event.inbound.kind is InboundKind.PUBLIC:
        _say_in_public(connection, office, conversation, course, event.inbound, replies, now)
    elif course.submitted or not (quiet or replies is Replies.NONE):
        saying.say(
            connection,
            office,
            conversation,
            course.says,
            language=_language(office, conversation, course.session),
            report_ids=course.report_ids,
            now=now,
            telling=telling,
            event=event,
        )
    session, tick_at = course.session, course.tick_at
    if stranger:
        session = strangers.kept(conversation.session, course.session)
        tick_at = conversation.tick_at if session is conversation.session else tick_at
    spoke_at = now if isinstance(event, Heard) and not stranger else None
    conversations.save(connection, conversation, session, tick_at=tick_at, spoke_at=spoke_at)


def _say_in_public(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    course: _Course,
    heard: Inbound,
    replies: Replies,
    now: datetime,
) -> None:
    """The invitation where others read along; whatever else there is to say (to a report that it concerned) in private."""
    language = _language(office, conversation, course.session)
    if publicly.speaks(connection, conversation, course.says, replies, now=now):
        publicly.answer(connection, office, conversation, course.says, to=heard, language=language, now=now)
    course.says = [say for say in course.says if not say.key.startswith(publicly.SECTION)]
    saying.say(connection, office, conversation, course.says, language=language, report_ids=course.report_ids, now=now)


def tell(
    connection: Connection,
    office: Office,
    *,
    report_id: int,
    notice: Notice,
    now: datetime,
    message_id: int | None = None,
    clock: str | None = None,
) -> None:
    """Tells the reporter of a report. Where no address takes it, that is recorded as a delivery that failed."""
    conversation = addressing.conversation_for(connection, office, report_id, now)
    if conversation is None:
        timekeeping.undelivered(connection, office, report_id=report_id, clock=clock, now=now)
        return
    gathered = merging.gather(
        connection,
        capabilities_of(office, conversation.channel),
        conversation,
        report_id=report_id,
        notice=notice,
        now=now,
    )
    telling = Telling(report_id, message_id, clock, gathered.at)
    event = replace(notice, along=gathered.along)
    converse(connection, office, conversation=conversation, event=event, now=now, telling=telling)


def _step(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    course: _Course,
    event: Event,
    now: datetime,
    inbox_id: int | None,
) -> Sequence[Notice]:
    """One step, its effects carried out in order; what must be told after it."""
    facts = facts_for(connection, office, conversation, event, now=now)
    session, effects = step(course.session, event, facts=facts, now=now)
    heard = event.inbound if isinstance(event, Heard) else None
    if heard is not None and not heard.sender.verified:
        effects = strangers.permitted(effects, inbound=heard, new_code=facts.new_code)
    speaker = reporter.Speaker(
        person_id=conversation.person_id,
        address_id=conversation.address_id,
        conversation_id=conversation.id,
        channel=conversation.channel,
        language=_language(office, conversation, session),
        inbox_id=inbox_id,
        source_id=heard.source_id if heard is not None else None,
        whole=heard.whole if heard is not None else None,
        verified=heard is None or heard.sender.verified,
    )
    if course.flooded and heard is not None:
        kept = keep(connection, office, effects, lane=conversation.lane, inbound=heard, by=speaker, now=now)
        if kept:
            return ()
    course.session = session
    notices: list[Notice] = []
    for effect in effects:
        if isinstance(effect, Say):
            course.says.append(effect)
        elif isinstance(effect, WakeAt):
            course.tick_at = effect.at
        else:
            carried = reporter.carry_out(connection, office, effect, by=speaker, now=now)
            _give_files(connection, conversation, effect, carried)
            notices.extend(carried.notices)
            course.submitted |= isinstance(effect, Submit)
            code = getattr(effect, "code", None)
            if code is not None and carried.report_id is not None:
                course.report_ids[code] = carried.report_id
            if isinstance(effect, EraseDraft):
                _erase_draft(connection, office, conversation, effect, now)
    return notices


def _give_files(connection: Connection, conversation: ConversationRow, effect: Effect, carried: reporter.Carried) -> None:
    files: tuple[DraftFile, ...] = effect.draft.files if isinstance(effect, Submit) else getattr(effect, "files", ())
    if files and carried.report_id is not None:
        attachments.give(
            connection,
            conversation_id=conversation.id,
            source_ids=[file.source_id for file in files],
            report_id=carried.report_id,
            message_id=carried.message_id,
        )


def _erase_draft(
    connection: Connection, office: Office, conversation: ConversationRow, effect: EraseDraft, now: datetime
) -> None:
    """sop.md §3: what was said for a cancelled draft is erased at once, wherever it lies; files after the commit."""
    elsewhere = (conversations.locked(connection, each) for each in effect.elsewhere if each != conversation.id)
    for place in (conversation, *(each for each in elsewhere if each is not None)):
        inbox.erase(connection, office.files, lane_id=place.lane_id, source_ids=effect.said)
        gone = attachments.erase_draft(connection, place.id, effect.said)
        if gone:
            after_commit(connection, partial(attachments.erase_files, office.database, office.files, gone, now=now))
        outbox.erase_unreported(connection, place.address_id)


def _language(office: Office, conversation: ConversationRow, session: Session) -> str:
    return known(session.language or conversation.language or office.language)
