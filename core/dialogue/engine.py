"""The conversation: `step(session, event, *, facts, now) → (session, effects)`. Pure; rules from sop.md §3, §5, §7."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.channels import Inbound, InboundKind
from core.dialogue import (
    alarm,
    announcing,
    choosing,
    commands,
    completing,
    drafting,
    echoes,
    editing,
    ending,
    erasing,
    inpublic,
    irrevocable,
    linking,
    locking,
    lookup,
    onward,
    opening,
    own_reports,
    pausing,
    report_acts,
    resolving,
    script,
    strangers,
    takingup,
    waiting,
    wishing,
)
from core.dialogue.fitting import clean
from core.dialogue.model import (
    SCRIPT_VERSION,
    Effect,
    Event,
    Facts,
    Heard,
    Mode,
    News,
    Notice,
    Remember,
    ReportFacts,
    Session,
    Submit,
    Tick,
)
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent

_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)


def step(session: Session, event: Event, *, facts: Facts, now: datetime) -> tuple[Session, tuple[Effect, ...]]:
    """Decides one step. `now` is aware UTC. The effects are carried out in order; the session replaces the old one."""
    turn = Turn(_current(session), facts, now)
    match event:
        case Heard(inbound) if not facts.verified:
            strangers.heard(turn, replace(inbound, text=clean(inbound.text)))
            turn.effects[:] = strangers.allowed(turn.effects)
        case Heard(inbound):
            _heard(turn, replace(inbound, text=clean(inbound.text)))
        case Notice():
            announcing.announce(turn, event)
            irrevocable.leave(turn, session)
            turn.set(echo_asked=True)
        case Tick():
            inpublic.expire(turn)
            pausing.tick(turn)
        case News():
            linking.tell(turn, event)
    if not isinstance(event, Notice | News):  # they come in the middle of something else
        waiting.attach(turn, session)
    takingup.settle(turn, session)
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
    locking.lock_if_idle(turn)
    locking.let_go(turn)
    match inbound.kind:
        case InboundKind.MESSAGE:
            _message(turn, inbound)
        case InboundKind.EDIT:
            editing.edited(turn, inbound)
        case InboundKind.PUBLIC:
            inpublic.heard(turn, inbound)
        case InboundKind.BLOCKED:
            turn.do(Remember(gone=True))
        case InboundKind.UNBLOCKED:
            turn.do(Remember(gone=False))
            turn.set(stopped=False)
        case InboundKind.DELETED | InboundKind.RECEIPT | InboundKind.AUTOMATIC | InboundKind.IGNORED:
            return


# --- a message -------------------------------------------------------------------------------------------------------------


def _message(turn: Turn, inbound: Inbound) -> None:
    if echoes.again(turn, inbound):
        return  # kept in the inbox; it has its answer
    before = turn.session
    if turn.session.stopped:
        turn.set(stopped=False)
        turn.do(Remember(gone=False))
    locking.unlock(turn, inbound)
    message = opening.read(turn, inbound)
    opening.learn_language(turn, message)
    report = own_reports.named_elsewhere(turn, message)
    if linking.entered(turn, message) or takingup.tell_filed(turn, message):
        pass
    elif report is None or (turn.session.mode in opening.WAITING and turn.session.about == report.code):
        _route(turn, message)
    else:
        _about(turn, message, report)
    if turn.session.mode not in _DRAFTING:
        turn.set(interrupted_by=None)
    if any(isinstance(effect, Submit) for effect in turn.effects):
        turn.set(subject=opening.plain_subject(inbound))
    if not turn.says:
        waiting.attach(turn, before)
    if not turn.says and not turn.silent:
        commands.greet(turn, inbound)
    if inbound.files_left_out:
        turn.say_before_question("files.left_out", count=inbound.files_left_out)
    echoes.keep(turn, inbound, before)


def _about(turn: Turn, message: Message, report: ReportFacts) -> None:
    """A reply to one of our messages is about its report, whatever else is under way; that goes on afterwards."""
    before = turn.session
    turn.set(mode=Mode.IDLE, about=report.code)
    if _says_nothing(message):  # only our own words came back: where it stands, with what is open
        report_acts.say_status(turn, report)
    else:
        _route(turn, message)
    if turn.session.mode is Mode.IDLE and before.mode is not Mode.IDLE:
        kept = replace(before, prompt=turn.session.prompt, language=turn.session.language, noticed=turn.session.noticed)
        turn.session = replace(kept, stopped=turn.session.stopped, unread=turn.session.unread)


def _says_nothing(message: Message) -> bool:
    inbound = message.inbound
    return not (message.text.strip() or inbound.files or inbound.place or inbound.choice or message.verb or message.stale)


def _route(turn: Turn, message: Message) -> None:
    if message.verb is not None and message.verb.startswith("r."):
        _, code, verb = message.verb.split(".", 2)
        if not message.inbound.choice and own_reports.doubts_number(turn, code, verb):
            return
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
    if lookup.agreed(turn, message) or lookup.only_code(turn, message) or takingup.hear(turn, message):
        return
    if announcing.interrupted(turn) and message.text and message.verb is None:
        announcing.ask_for_whom(turn, message.text, message.source_id)
        return
    asked = turn.session
    if commands.obey(turn, message):
        irrevocable.leave(turn, asked)
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
        case Mode.GAPS if completing.is_over(turn):
            turn.set(mode=Mode.IDLE, gaps=())
            _idle(turn, message)
        case Mode.GAPS if not completing.is_numbered(turn, message) and _is_apart(turn, message):
            turn.set(mode=Mode.IDLE, gaps=())
            _idle(turn, message)
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


def _is_apart(turn: Turn, message: Message) -> bool:
    return opening.tells_apart(turn, message) or completing.is_another(turn, message)


def _drafting(turn: Turn, message: Message) -> None:
    """The draft goes on; "sudah beres" to a settlement that came in between is for that report."""
    intents = message.reading.intents
    settled = [report for report in turn.reports if report.settled]
    if message.verb is None and settled and intents.whole(Intent.SETTLED):
        mode = turn.session.mode
        report_acts.act(turn, "confirm", settled[0]) if len(settled) == 1 else choosing.ask_which(turn, "confirm", settled)
        if len(settled) == 1:
            turn.set(mode=mode)
        return
    if message.verb is None and turn.draft.is_empty and wishing.wishes_something(turn, message):
        turn.set(mode=Mode.IDLE, asking=None, tries=0)
        own_reports.hear(turn, message)
        return
    drafting.hear(turn, message)


def _idle(turn: Turn, message: Message) -> None:
    intents = message.reading.intents
    if message.office is not None and not message.text:  # the keyword alone
        drafting.begin(turn, message)
        return
    starts_anew = message.reading.is_story and intents.has(Intent.NEW) and opening.answered(turn) is None
    starts_anew = starts_anew or opening.starts_another(turn, message)
    if turn.session.locked and not turn.reports:
        if message.reading.is_story or message.inbound.files:
            drafting.begin(turn, message)
        else:
            locking.ask_for_code(turn, message)
        return
    if not starts_anew and turn.reports and own_reports.hear(turn, message):
        return
    if message.verb is None and not message.reading.is_story and lookup.answer(turn, message):
        return
    drafting.begin(turn, message)


def _confirm(turn: Turn, message: Message) -> None:
    """Yes or no about something that cannot be undone; anything else leaves it undone."""
    session, intents = turn.session, message.reading.intents
    if session.confirming in linking.ASKED:
        if not linking.confirmed(turn, message):
            _by_mode(turn, message)
        return
    forgets = session.confirming in erasing.QUESTIONS
    if forgets and erasing.decide(turn, message):
        return
    yes = not forgets and (message.verb == "yes" or intents.whole(Intent.YES, Intent.SEND))
    sure_words = {"cancel": Intent.CANCEL, "withdraw": Intent.WITHDRAW, "solved": Intent.SETTLED}
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
    elif report is not None and report.open:
        report_acts.withdraw(turn, report, solved=session.confirming == "solved")
    else:
        turn.say("no_longer")
