"""What can be said at any time, whatever is under way: help, language, status, data, stop, new, back, cancel (sop.md §7)."""

from __future__ import annotations

from core.channels import Inbound
from core.dialogue import (
    announcing,
    choosing,
    drafting,
    ending,
    erasing,
    linking,
    linkwords,
    locking,
    lookup,
    onward,
    own_reports,
    report_acts,
    script,
    summary,
    wishing,
)
from core.dialogue.codes import codes_in
from core.dialogue.model import Mode, Remember
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.procedure.vocabulary import Field
from core.texts import LANGUAGES

_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)
_SHORT_WORDS = 6
_SAYS_MORE = (
    Intent.SETTLED,
    Intent.NOT_SETTLED,
    Intent.RATING,
    Intent.SEND,
    Intent.NONE,
    Intent.SKIP,
    Intent.UNKNOWN,
    Intent.HIDE_NAME,
    Intent.SHOW_NAME,
    Intent.ANONYMOUS,
)
_FREE_ANSWERS = (Field.WHERE, Field.WHEN, Field.WHO, Field.HOPED)


def meant(turn: Turn, message: Message, *wanted: Intent) -> bool:
    """Is this what the message is for? Said alone, or in a few words that tell no story and answer no open question."""
    intents, words = wishing.beside_codes(message)  # the letters of a code mean nothing: a "P" in it is no greeting
    if intents.whole(*wanted):
        return True
    if Intent.GREETING in wanted and message.reading.moment is not None:
        return False  # "tadi pagi" says when
    return (
        intents.has(*wanted)
        and not message.reading.is_story
        and not _answers(turn, message)
        and len(words.split()) <= _SHORT_WORDS
    )


def _answers(turn: Turn, message: Message) -> bool:
    """Was something asked that these words may answer? Then a command among them is a part of the answer."""
    session = turn.session
    if session.mode in _DRAFTING:
        return session.asking in _FREE_ANSWERS
    asked = session.mode in (Mode.GAPS, Mode.TELLING) or any(report.question is not None for report in turn.reports)
    return asked and not codes_in(message.text)


def obey(turn: Turn, message: Message) -> bool:
    """Carries out a command. False: the message is none."""
    if message.verb is not None or not message.text:
        return False
    intents, _ = wishing.beside_codes(message)
    if intents.whole(Intent.WITHDRAW) and any(one.open for one in turn.reports):
        return False  # "cabut laporan saya" asks for no list of "laporan saya"
    if linkwords.names_door(turn, message) and linking.offer(turn, message):
        return True
    if linkwords.asks_to_part(turn, message) and linking.undo(turn, message):
        _return_to_draft(turn)
        return True
    if erasing.is_asked(message):
        return _delete(turn, message)
    whole = [(wanted, do) for wanted, do in _ANYWHERE if intents.whole(wanted)]
    for wanted, do in whole or _ANYWHERE:
        if meant(turn, message, wanted) and do(turn, message):
            if wanted is not Intent.LINK:  # whoever asks for a code goes on elsewhere
                _return_to_draft(turn)
            return True
    if turn.session.mode in _DRAFTING and not _untold(turn):
        return _in_draft(turn, message)
    return False


def _untold(turn: Turn) -> bool:
    return turn.draft.is_empty


def _return_to_draft(turn: Turn) -> None:
    """After an aside the open question is put again, so that the person knows where we were."""
    if turn.session.mode in _DRAFTING and not turn.draft.is_empty:
        onward.put_again(turn)


def _in_draft(turn: Turn, message: Message) -> bool:
    intents = message.reading.intents
    at_summary = turn.session.mode is Mode.SUMMARY and turn.session.asking is None
    if meant(turn, message, Intent.CANCEL):
        ending.cancel(turn)
    elif meant(turn, message, Intent.BACK):
        onward.back(turn)
    elif at_summary and not turn.session.editing and intents.whole(Intent.SEND, Intent.YES, Intent.DONE):
        ending.submit(turn)
    elif intents.whole(Intent.EDIT) or (at_summary and intents.whole(Intent.NO)):
        summary.ask_what_to_change(turn)
    elif at_summary and intents.whole(Intent.ADD):
        turn.say("draft.add")
    elif not at_summary and intents.whole(Intent.SEND, Intent.DONE) and script.given(turn.draft, Field.STORY):
        _send_early(turn)
    else:
        return False
    return True


def _send_early(turn: Turn) -> None:
    """ "That is all": what was not said stays empty, and the summary comes."""
    turn.put(skipped=turn.draft.skipped | set(script.missing(turn.draft)), asked=turn.draft.asked | {Field.PRIVACY})
    summary.show(turn)


def _help(turn: Turn, _message: Message) -> bool:
    turn.say("help")
    for line in () if turn.facts.capabilities.costs else turn.facts.office.doors:
        turn.say("help.door", door=line)
    if turn.facts.doors and not turn.facts.capabilities.costs:
        turn.say("link.help")
    return True


def _privacy(turn: Turn, message: Message) -> bool:
    if turn.session.unread and message.text.strip(" .!/").casefold() == "info":
        announcing.tell_unread(turn)
        return True
    turn.say("data.whole", office=turn.facts.office.name)
    if turn.facts.capabilities.costs:
        turn.set(noticed=True)
        return True
    if not turn.draft.is_empty:
        turn.say("data.holding_draft")
    if turn.reports:
        turn.say("data.holding_reports", count=len(turn.reports) + turn.facts.more_reports)
    turn.set(noticed=True)
    return True


def _afraid(turn: Turn, _message: Message) -> bool:
    """Whoever is afraid to report hears what protects them; in a draft such words hide the name."""
    if turn.session.mode not in (Mode.IDLE, Mode.DRAFT) or not turn.draft.is_empty:
        return False
    turn.say("data.safe")
    return True


def _language(turn: Turn, message: Message) -> bool:
    wanted = message.reading.intents.language
    if wanted is None:
        wanted = next(language for language in LANGUAGES if language != turn.language)
    speak(turn, wanted)
    turn.say("language.now")
    return True


def speak(turn: Turn, language: str) -> None:
    turn.set(language=language)
    turn.do(Remember(language=language))
    if turn.session.draft.language is not None:
        turn.put(language=language)


def _stop(turn: Turn, _message: Message) -> bool:
    turn.say("stopped")
    turn.do(Remember(gone=True))
    turn.set(stopped=True)
    return True


def _delete(turn: Turn, _message: Message) -> bool:
    erasing.ask(turn)
    return True


def _status(turn: Turn, message: Message) -> bool:
    if turn.session.locked and not turn.reports:
        locking.ask_for_code(turn, message)
        return True
    wanted = own_reports.named(turn, message)
    if wanted:
        for report in wanted[:1]:
            turn.set(about=report.code)
            report_acts.say_status(turn, report)
        linking.say_where(turn)
        return True
    if not lookup.answer(turn, message):
        report_acts.say_reports(turn)
        linking.say_where(turn)
        if turn.session.locked:
            turn.say_before_question("locked.older")
    return True


def _new(turn: Turn, message: Message) -> bool:
    if turn.session.mode in _DRAFTING and not turn.draft.is_empty:
        if message.reading.intents.whole(Intent.NEW):
            turn.say("draft.under_way", title=summary.title_of(turn))
            return True
        return False
    if message.reading.is_story or message.inbound.files or turn.session.mode is Mode.PAUSED:
        return False
    drafting.begin(turn)
    return True


def _greeted(turn: Turn, message: Message) -> bool:
    if turn.session.mode in _DRAFTING and not turn.draft.is_empty:
        return message.reading.intents.whole(Intent.START)  # the open question is put again
    if message.inbound.files or turn.session.mode is Mode.PAUSED:
        return False
    greet(turn, message.inbound)
    return True


def greet(turn: Turn, _inbound: Inbound) -> None:
    """Who we are and how to begin; open reports are mentioned."""
    turn.say("greeting", office=turn.facts.office.name)
    if turn.open_reports:
        turn.say("greeting.open_reports", count=turn.open_reports)


def _thanked(turn: Turn, message: Message) -> bool:
    if message.inbound.files or turn.session.mode in (Mode.CONFIRM, Mode.DISAMBIGUATE):
        return False
    if message.reading.intents.has(*_SAYS_MORE):  # "beres pak makasih" is more than thanks
        return False
    turn.say("welcome")
    settled = [report for report in own_reports.named(turn, message) or turn.reports if report.settled]
    if settled and turn.session.mode is Mode.IDLE:
        turn.ask_about(settled[0].code, "notice.settled_yet", report_acts.SETTLED_OPTIONS)
    return True


def _cancel_idle(turn: Turn, message: Message) -> bool:
    if (turn.session.mode in _DRAFTING and not turn.draft.is_empty) or turn.session.mode in (Mode.CONFIRM, Mode.PAUSED):
        return False
    still_open = [report for report in own_reports.named(turn, message) or turn.reports if report.open]
    if turn.session.mode is Mode.GAPS and turn.session.about is not None and turn.session.gaps:
        return False
    if turn.session.mode in (Mode.DISAMBIGUATE, Mode.TELLING) or not still_open:
        turn.placed = True
        ending.close(turn)
        turn.say("cancel.nothing")
    elif len(still_open) == 1:
        report_acts.act(turn, "withdraw", still_open[0])
    else:
        choosing.ask_which(turn, "withdraw", still_open)
    return True


_ANYWHERE = (
    (Intent.LANGUAGE, _language),
    (Intent.HELP, _help),
    (Intent.PRIVACY, _privacy),
    (Intent.AFRAID, _afraid),
    (Intent.DELETE_DATA, _delete),
    (Intent.STOP, _stop),
    (Intent.UNLINK, linking.undo),
    (Intent.NEWS_HERE, linking.news_here),
    (Intent.NEWS_THERE, linking.news_there),
    (Intent.LINK, linking.offer),
    (Intent.REPORTS, _status),
    (Intent.STATUS, _status),
    (Intent.NEW, _new),
    (Intent.CANCEL, _cancel_idle),
    (Intent.START, _greeted),
    (Intent.GREETING, _greeted),
    (Intent.THANKS, _thanked),
)
