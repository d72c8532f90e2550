"""The conversation: `step(session, event, *, facts, now) → (session, effects)`. Pure; rules from sop.md §3, §5, §7."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.channels import Inbound, InboundKind
from core.dialogue import (
    alarm,
    announcing,
    collecting,
    commands,
    completing,
    drafting,
    ending,
    onward,
    own_reports,
    pausing,
    report_acts,
    resolving,
    script,
)
from core.dialogue.codes import codes_in, says_code
from core.dialogue.fitting import clean
from core.dialogue.model import (
    SCRIPT_VERSION,
    Effect,
    Event,
    Facts,
    Heard,
    KeepEdit,
    Mode,
    Notice,
    Remember,
    RequestErasure,
    Session,
    Tick,
)
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn, pressed, typed
from core.dialogue.understanding.intents import Intent

_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)
_LEARNS_LANGUAGE_WORDS = 3


def step(session: Session, event: Event, *, facts: Facts, now: datetime) -> tuple[Session, tuple[Effect, ...]]:
    """Decides one step. `now` is aware UTC. The effects are carried out in order; the session replaces the old one."""
    turn = Turn(_current(session), facts, now)
    match event:
        case Heard(inbound):
            _heard(turn, replace(inbound, text=clean(inbound.text)))
        case Notice():
            announcing.announce(turn, event)
        case Tick():
            pausing.tick(turn)
    pausing.wake_at(turn, session)
    return turn.session, tuple(turn.effects)


def _current(session: Session) -> Session:
    """A session of another script: the collected answers are kept, the place in the script is not (design.md)."""
    if session.version == SCRIPT_VERSION:
        return session
    mode = session.mode
    if mode not in (Mode.PAUSED, Mode.IDLE):
        mode = Mode.IDLE if session.draft.is_empty else Mode.DRAFT
    return replace(
        session,
        version=SCRIPT_VERSION,
        mode=mode,
        asking=script.missing(session.draft)[0] if mode is Mode.DRAFT and script.missing(session.draft) else None,
        prompt=session.prompt + 1,
        offered=(),
        tries=0,
        editing=False,
        confirming=None,
        telling=None,
        gaps=(),
    )


def _heard(turn: Turn, inbound: Inbound) -> None:
    match inbound.kind:
        case InboundKind.MESSAGE:
            _message(turn, inbound)
        case InboundKind.EDIT:
            _edited(turn, inbound)
        case InboundKind.PUBLIC:
            turn.say("public.invitation")
        case InboundKind.BLOCKED:
            turn.do(Remember(gone=True))
        case InboundKind.UNBLOCKED:
            turn.do(Remember(gone=False))
            turn.set(stopped=False)
        case InboundKind.RECEIPT | InboundKind.AUTOMATIC | InboundKind.IGNORED:
            return


# --- a message -------------------------------------------------------------------------------------------------------------


def _message(turn: Turn, inbound: Inbound) -> None:
    if turn.session.stopped:
        turn.set(stopped=False)
        turn.do(Remember(gone=False))
    if turn.facts.idle and not turn.session.locked and turn.facts.reports:
        turn.set(locked=True, name_known=None, about=None)
    message = _read(turn, inbound)
    _learn(turn, message)
    _unlock(turn, message)
    _route(turn, message)
    if turn.session.mode not in _DRAFTING:
        turn.set(interrupted_by=None)
    if not turn.says:
        commands.greet(turn, inbound)


def _read(turn: Turn, inbound: Inbound) -> Message:
    """The message with what was pressed, or typed in its place."""
    if inbound.subject and turn.session.mode is Mode.IDLE and not inbound.choice and not _is_reply(inbound.subject):
        inbound = replace(inbound, text=f"{clean(inbound.subject).strip()}\n{inbound.text}".strip())
    words = inbound.text
    if turn.session.mode is Mode.SUMMARY and turn.session.asking is None and not inbound.choice:
        words = drafting.correction(words)
        inbound = replace(inbound, text=words)
    reading = read_words(words, facts=turn.facts, now=turn.now, language=turn.language)
    if reading.is_story and (told := collecting.said_words(words)) != words.strip():
        title = read_words(told, facts=turn.facts, now=turn.now, language=turn.language).title
        reading = replace(reading, title=title or reading.title)
    token = inbound.choice or typed(turn.session.offered, reading, words)
    if token is None:
        return Message(inbound, reading)
    found = pressed(token)
    if found is None or (found.prompt is not None and found.prompt != turn.session.prompt):
        return Message(inbound, reading, stale=True)
    if found.code is not None:
        return Message(inbound, reading, verb=f"r.{found.code}.{found.verb}")
    return Message(inbound, reading, verb=found.verb)


def _is_reply(subject: str) -> bool:
    return subject.strip().lower().startswith(("re:", "bls:", "fwd:", "fw:", "balas:"))


def _learn(turn: Turn, message: Message) -> None:
    """The language of the first real words, until the person chooses one."""
    language, words = message.reading.language, message.text.split()
    if turn.session.language is None and language is not None and len(words) >= _LEARNS_LANGUAGE_WORDS:
        turn.set(language=language)
        if language != turn.facts.office.language:
            turn.do(Remember(language=language))


def _unlock(turn: Turn, message: Message) -> None:
    """After six idle months the code opens the conversation again (sop.md §7)."""
    if not turn.session.locked:
        return
    codes = [report.code for report in turn.facts.reports if says_code(message.text, report.code)]
    if codes:
        turn.set(locked=False, about=codes[0])
        turn.say("locked.open")
        announcing.tell_held(turn)


def _route(turn: Turn, message: Message) -> None:
    if message.verb is not None and message.verb.startswith("r."):
        _, code, verb = message.verb.split(".", 2)
        own_reports.pressed(turn, code, verb)
        if turn.session.mode in _DRAFTING and not turn.draft.is_empty and turn.session.about != code:
            onward.put_again(turn)
        return
    if message.stale:
        _stale(turn, message)
        return
    if message.text and message.reading.danger is not None and not message.reading.intents.is_command:
        alarm.answer(turn, message)
        return
    if announcing.interrupted(turn) and message.text and message.verb is None:
        announcing.ask_for_whom(turn, message.text, message.source_id)
        return
    if commands.obey(turn, message):
        return
    _by_mode(turn, message)


def _stale(turn: Turn, message: Message) -> None:
    """A button of an earlier question: the current question again, with a short line."""
    turn.say("stale")
    if turn.session.mode in _DRAFTING:
        onward.put_again(turn)
    elif turn.session.mode is Mode.PAUSED:
        pausing.offer_resume(turn)
    elif turn.session.mode is Mode.IDLE:
        report_acts.say_reports(turn) if turn.reports else commands.greet(turn, message.inbound)


def _by_mode(turn: Turn, message: Message) -> None:
    match turn.session.mode:
        case Mode.DRAFT | Mode.SUMMARY:
            _drafting(turn, message)
        case Mode.GAPS:
            completing.hear(turn, message)
        case Mode.TELLING:
            own_reports.told(turn, message)
        case Mode.CONFIRM:
            _confirm(turn, message)
        case Mode.DISAMBIGUATE:
            resolving.which(turn, message)
        case Mode.PAUSED:
            resolving.paused(turn, message)
        case Mode.IDLE:
            _idle(turn, message)


def _drafting(turn: Turn, message: Message) -> None:
    """The draft goes on; "sudah beres" to a settlement that came in between is for that report."""
    intents = message.reading.intents
    settled = [report for report in turn.reports if report.settled]
    if message.verb is None and settled and intents.whole(Intent.SETTLED):
        mode = turn.session.mode
        report_acts.act(turn, "confirm", settled[0]) if len(settled) == 1 else own_reports.ask_which(turn, "confirm", settled)
        if len(settled) == 1:
            turn.set(mode=mode)
        return
    drafting.hear(turn, message)


def _idle(turn: Turn, message: Message) -> None:
    intents = message.reading.intents
    starts_anew = message.reading.is_story and intents.has(Intent.NEW)
    if turn.session.locked:
        if message.reading.is_story or message.inbound.files:
            drafting.begin(turn, message)
        else:
            turn.say("locked.code_please")
        return
    if not starts_anew and turn.reports and own_reports.hear(turn, message):
        return
    if message.verb is None and not turn.facts.public and codes_in(message.text) and not message.reading.is_story:
        turn.say("status.unknown_code")
        return
    if message.verb is None and turn.facts.public and not message.reading.is_story:
        report_acts.say_public(turn)
        return
    drafting.begin(turn, message)


def _confirm(turn: Turn, message: Message) -> None:
    """Yes or no about something that cannot be undone; anything else leaves it undone."""
    session, intents = turn.session, message.reading.intents
    yes = message.verb == "yes" or intents.whole(Intent.YES, Intent.SEND)
    sure_words = {"cancel": Intent.CANCEL, "withdraw": Intent.WITHDRAW, "delete": Intent.DELETE_DATA, "solved": Intent.SETTLED}
    yes = yes or (session.confirming in sure_words and intents.whole(sure_words[session.confirming]))
    report = report_acts.by_code(turn, session.about)
    turn.set(mode=session.returning, confirming=None, returning=Mode.IDLE, offered=())
    if not yes:
        turn.say("confirm.left")
        if turn.session.mode in _DRAFTING and message.text and not intents.whole(Intent.NO, Intent.BACK, Intent.NONE):
            drafting.hear(turn, message)
        elif turn.session.mode in _DRAFTING:
            onward.put_again(turn)
        elif message.verb is None and message.reading.is_story:
            _idle(turn, message)
        return
    if session.confirming == "cancel":
        ending.cancel(turn, sure=True)
    elif session.confirming == "delete":
        _erase_everything(turn)
    elif report is not None and report.open:
        report_acts.withdraw(turn, report, solved=session.confirming == "solved")
    else:
        turn.say("no_longer")


def _erase_everything(turn: Turn) -> None:
    if not turn.draft.is_empty:
        ending.erase(turn)
    turn.set(mode=Mode.IDLE)
    turn.do(RequestErasure())
    turn.say("delete.asked")


# --- edits -----------------------------------------------------------------------------------------------------------


def _edited(turn: Turn, inbound: Inbound) -> None:
    """A new version of an earlier message: in a draft it replaces that part, on a report both versions are kept."""
    draft, edited = turn.draft, inbound.edits or inbound.source_id
    if edited not in draft.said:
        turn.do(KeepEdit(edited, inbound.text))
        return
    was_part = any(part.source_id == edited for part in draft.parts)
    turn.set(draft=collecting.forget_part(draft, edited))
    renewed = replace(inbound, source_id=edited, files=(), choice=None)
    message = Message(renewed, read_words(inbound.text, facts=turn.facts, now=turn.now, language=turn.language))
    collecting.take(turn, message, correcting=True)
    if was_part and edited not in {part.source_id for part in turn.draft.parts} and collecting.readable(inbound.text):
        collecting.tell(turn, message, inbound.text)
    collecting.touched(turn, turn.now)
    turn.say("edited")
    if turn.session.mode in _DRAFTING:
        onward.put_again(turn)
