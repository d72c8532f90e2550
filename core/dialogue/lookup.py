"""A code in somebody's words that is none of their own reports': label and dates, or help with what was mistyped (sop.md §7).

A hint is only ever given about the person's own reports.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core import trackingcode
from core.dialogue import report_acts
from core.dialogue.codes import says_code
from core.dialogue.model import Guesses, Mode, ReportFacts
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent

_WORDS_BESIDE = 3


def answer(turn: Turn, message: Message) -> bool:
    """Answers a message that names a code which is not the person's own. False: it names none."""
    typed = trackingcode.read(message.text)
    if not typed and not turn.facts.public:
        return False
    if turn.facts.public:
        report_acts.say_public(turn)
    elif turn.facts.guesses is Guesses.TOO_MANY and turn.facts.guesses_until is not None:
        turn.say("code.too_many", time=_clock(turn, turn.facts.guesses_until))
    elif turn.facts.guesses is not Guesses.FEW:
        turn.silent = True  # told once; each further answer would be one more for a machine
    elif (own := _meant(turn, typed)) is not None:
        turn.set(meant=own.code)
        turn.ask_about(own.code, "code.meant", [Option("status", "choice.that_code")])
    else:
        turn.say("status.unknown_code" if any(each.code for each in typed) else "code.mistyped")
    return True


def only_code(turn: Turn, message: Message) -> bool:
    """Answers a message that is a code and hardly a word more. False: it is something else."""
    if turn.session.mode not in (Mode.IDLE, Mode.GAPS):
        return False
    return _own_alone(turn, message) or (not turn.session.locked and _is_all(turn, message) and answer(turn, message))


def _own_alone(turn: Turn, message: Message) -> bool:
    """Nothing but the code of an own report asks where that stands."""
    if message.verb is not None or message.inbound.files or turn.facts.replying_to is not None:
        return False
    named = [report for report in turn.reports if says_code(message.text, report.code)]
    if len(named) != 1 or any(letter.isalnum() for letter in trackingcode.without(message.text)):
        return False
    turn.set(about=named[0].code)
    report_acts.say_status(turn, named[0])
    return True


def _is_all(turn: Turn, message: Message) -> bool:
    """Is the message a code and hardly a word more, while nobody waits for an answer that may look like one?"""
    asked = any(report.question is not None for report in turn.reports)
    if message.verb is not None or asked or turn.facts.replying_to is not None or message.inbound.files:
        return False
    if any(says_code(message.text, report.code) for report in turn.reports):
        return False
    return bool(trackingcode.read(message.text)) and len(trackingcode.without(message.text).split()) <= _WORDS_BESIDE


def mistyped(turn: Turn, message: Message) -> bool:
    """Whoever has to name the own code first (sop.md §7) hears that it is mistyped, and not one word more."""
    typed = trackingcode.read(message.text)
    if not typed or any(each.code for each in typed):
        return False
    turn.say("code.mistyped")
    return True


def agreed(turn: Turn, message: Message) -> bool:
    """ "ya" to "did you mean …?" shows that report; anything else leaves the question behind."""
    code = turn.session.meant
    if code is None:
        return False
    turn.set(meant=None)
    report = report_acts.by_code(turn, code)
    if report is None or message.verb is not None or not message.reading.intents.whole(Intent.YES):
        return False
    turn.set(about=code)
    report_acts.say_status(turn, report)
    return True


def _meant(turn: Turn, typed: tuple[trackingcode.Typed, ...]) -> ReportFacts | None:
    """The one own report whose code is a slip away from what was typed; None where that may be none or several."""
    near = {report.code: report for report in turn.reports for each in typed if trackingcode.one_slip(each.typed, report.code)}
    return next(iter(near.values())) if len(near) == 1 else None


def _clock(turn: Turn, moment: datetime) -> str:
    """The first whole minute after it, as people write the time."""
    local = moment.astimezone(ZoneInfo(turn.facts.office.zone))
    minutes = local.hour * 60 + local.minute + (1 if local.second or local.microsecond else 0)
    return f"{minutes // 60 % 24:02}{'.' if turn.language == 'id' else ':'}{minutes % 60:02}"
