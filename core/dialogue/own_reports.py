"""What a reporter says about filed reports: answers, Beres and Belum, disputes, additions, ratings (sop.md §5, §7).

A message that could belong to more than one report is asked about, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.dialogue import collecting, drafting, opening
from core.dialogue.choosing import ask_which, natural_act, one_or_ask
from core.dialogue.codes import says_code
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    DraftFile,
    Mode,
    ReportFacts,
)
from core.dialogue.report_acts import act, by_code, say_reports, say_status
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.moments import Moment
from core.dialogue.wishing import OMBUDSMAN_CHOICES, Wanted, beside_codes, ombudsman_choice, wish
from core.procedure.vocabulary import Field, State

_BARE_WORDS = 3
_ADDS = re.compile(r"^\W*(?:tambah(?:an|kan)?|add)\b", re.IGNORECASE)
_OBJECTS = re.compile(
    r"\b(?:keberatan|tidak setuju|tdk setuju|gak? setuju|ndak setuju|protes|object|disagree)\b", re.IGNORECASE
)
_NOTHING = (Intent.NONE, Intent.UNKNOWN, Intent.SKIP)


def named(turn: Turn, message: Message) -> tuple[ReportFacts, ...]:
    """The own report whose message this one replies to, else those whose code stands in it."""
    replied = opening.answered(turn)
    if replied is not None:
        return (replied,)
    said = message.text if message.verb is not None else f"{message.inbound.subject or ''}\n{message.text}"
    return tuple(report for report in turn.reports if says_code(said, report.code))


def named_elsewhere(turn: Turn, message: Message) -> ReportFacts | None:
    """The report that is meant for certain, whatever else is under way: it is replied to, or it is named in a conversation
    that waits for a story, for the gaps of another one or for words about it."""
    replied = opening.answered(turn)
    if replied is not None:
        return replied
    waits = turn.session.mode in (Mode.GAPS, Mode.TELLING) or (turn.session.mode is Mode.DRAFT and turn.draft.is_empty)
    said = named(turn, message) if waits and message.verb is None else ()
    return said[0] if len(said) == 1 and said[0].code != turn.session.about else None


# --- pressed -------------------------------------------------------------------------------------------------------------


def pressed(turn: Turn, code: str, verb: str) -> None:
    """A button under a notice: good as long as the report allows it, however long ago it was sent."""
    report = by_code(turn, code)
    if report is None:
        turn.say("stale.report")
        return
    if verb.startswith("omb-"):
        choose_ombudsman(turn, report, verb[4:])
        return
    acts = {"ok": "confirm", "not": "not_settled", "dispute": "dispute", "object": "object", "answer": "answer"}
    if verb.startswith("rate") and verb[4:].isdigit():
        act(turn, f"rate{int(verb[4:]) % 100}", report)
    elif verb == "not" and not report.settled and report.disputable:
        act(turn, "dispute", report)
    else:
        act(turn, acts.get(verb, "status"), report)


def doubts_number(turn: Turn, code: str, verb: str) -> bool:
    """A typed "1" for Beres where more than one settlement waits: asked which is meant, unless it replies to one of them."""
    settled = [report for report in turn.reports if report.settled]
    if verb not in ("ok", "not") or len(settled) < 2 or turn.facts.replying_to == code:
        return False
    ask_which(turn, "confirm" if verb == "ok" else "not_settled", settled)
    return True


# --- words -----------------------------------------------------------------------------------------------------------------


def hear(turn: Turn, message: Message) -> bool:
    """Words in a conversation with reports and no draft. False: they concern no report."""
    reports = named(turn, message) or turn.reports
    words = "" if _is_bare(message) else message.text or collecting.place_words(message)
    files = collecting.files_of(message)
    asked = [report for report in reports if report.ombudsman_asked]
    chosen = ombudsman_choice(message, asked[0]) if len(asked) == 1 and _speaks_of(turn, asked[0], message) else None
    if chosen is not None:
        choose_ombudsman(turn, asked[0], chosen)
        return True
    wished = wish(message)
    if wished is not None and _wished(turn, message, wished, reports, words):
        return True
    if len(reports) == 1 and named(turn, message):
        turn.set(about=reports[0].code)
        words = words or message.text  # named on purpose: "masih bocor" to a report that nobody called settled
    if not words and not files:
        if message.verb is None and message.text and turn.reports:  # "belum", "2": nothing was asked
            say_reports(turn)
            return True
        return False
    if (
        not files
        and message.inbound.place is None
        and _says_nothing(message)
        and not (opening.answered(turn) is not None and message.reading.intents.whole(*_NOTHING))  # to what was asked there
        and not any(report.question for report in reports)
    ):
        say_reports(turn)
        return True
    return _unasked(turn, message, reports, words, files)


def _speaks_of(turn: Turn, report: ReportFacts, message: Message) -> bool:
    """Was this report spoken of last, or is it named?"""
    return turn.session.about in (None, report.code) or report in named(turn, message)


def choose_ombudsman(turn: Turn, report: ReportFacts, choice: str) -> None:
    """Whether and how the report may go to the Ombudsman (sop.md §6); as long as it is open, the mind may be changed."""
    if not report.open or choice not in OMBUDSMAN_CHOICES:
        turn.say("no_longer")
        say_status(turn, report)
        return
    turn.set(mode=Mode.IDLE, about=report.code)
    turn.do(ChooseOmbudsman(report.code, choice))
    turn.say(f"ombudsman.{choice}", report=report.code)


def _wished(turn: Turn, message: Message, wished: tuple[str, Wanted], reports: Sequence[ReportFacts], words: str) -> bool:
    what, wanted = wished
    fitting = [report for report in reports if wanted(report)]
    if what == "confirm" and not fitting and beside_codes(message)[0].whole(Intent.SETTLED):
        what, fitting = "solved", [report for report in reports if report.open]
    if what == "not_settled" and not fitting:
        return _after_closing(turn, message, reports, words)
    if not fitting:
        return False
    if len(fitting) == 1:
        act(turn, what, fitting[0], words)
    else:
        ask_which(turn, what, fitting, words=words)
    return True


def _after_closing(turn: Turn, message: Message, reports: Sequence[ReportFacts], words: str) -> bool:
    """Trouble with a closed report: a dispute inside the window, afterwards a new report that is linked to it (sop.md §5)."""
    if any(report.question is not None for report in reports):
        return False
    disputable = [report for report in reports if report.disputable]
    closed = [report for report in reports if report.state is State.CLOSED and not report.disputable]
    still_open = [report for report in reports if report.open]
    if len(disputable) == 1 and not still_open:
        act(turn, "dispute", disputable[0], words)
    elif disputable:
        ask_which(turn, "dispute_or_add", [*disputable, *still_open], words=words)
    elif len(closed) == 1 and not still_open:
        drafting.begin(turn, message, origin=closed[0])
    else:
        return False
    return True


def _is_bare(message: Message) -> bool:
    """The message is an answer and nothing else: its words add nothing."""
    bare = (Intent.SETTLED, Intent.NOT_SETTLED, Intent.YES, Intent.NO, Intent.WITHDRAW, Intent.ADD, Intent.RATING)
    said, words = beside_codes(message)
    return message.verb is not None or (said.whole(*bare) and len(words.split()) <= _BARE_WORDS)


def _says_nothing(message: Message) -> bool:
    """An answer to a question that nobody put now ("kirim", "tidak ada", "7"): nothing to add to a report."""
    intents = message.reading.intents
    idle = (Intent.SEND, Intent.DONE, Intent.NONE, Intent.UNKNOWN, Intent.SKIP, Intent.YES, Intent.NO, Intent.BACK, Intent.EDIT)
    return intents.whole(*idle) or intents.number is not None or not collecting.readable(message.text)


def _unasked(turn: Turn, message: Message, reports: Sequence[ReportFacts], words: str, files: tuple[DraftFile, ...]) -> bool:
    """An answer, a reply to a settlement, an addition, or a new matter: whatever is certain is done, the rest is asked."""
    intents, about = message.reading.intents, turn.session.about
    said_code = bool(named(turn, message))
    still_open = [report for report in reports if report.open]
    waiting = [report for report in still_open if report.question is not None]
    adds = intents.has(Intent.ADD) and not message.reading.is_story
    if still_open and (adds or _ADDS.match(message.text)):
        one_or_ask(turn, "add", still_open, words, files)
        return True
    if len(waiting) == 1 and (waiting[0].code == about or len(still_open) == 1):
        return _answers(turn, message, waiting[0], words, files)
    settled = [report for report in still_open if report.settled]
    if len(settled) == 1 and (settled[0].code == about or len(still_open) == 1) and intents.has(Intent.NOT_SETTLED):
        act(turn, "not_settled", settled[0], words)
        return True
    if said_code and len(reports) == 1 and (reports[0] in still_open or natural_act(reports[0]) != "add"):
        act(turn, natural_act(reports[0]), reports[0], words, files)
        return True
    answerable = [report for report in reports if report.open or report.disputable or report.objectionable]
    replied = opening.answered(turn)
    if not answerable and replied is not None:
        _after_the_end(turn, message, replied, words, files)
        return True
    if not answerable:
        return False
    objectionable = [report for report in answerable if report.objectionable]
    if len(objectionable) == 1 and _OBJECTS.search(words):
        act(turn, "object", objectionable[0], words, files)
        return True
    if message.reading.is_story or len(answerable) > 1 or not answerable[0].open:
        ask_which(turn, "natural", answerable, words=words, files=files, source_id=message.source_id)
        return True
    act(turn, "add", answerable[0], words, files)
    return True


def _after_the_end(turn: Turn, message: Message, report: ReportFacts, words: str, files: tuple[DraftFile, ...]) -> None:
    """A reply about a report that is over for good: trouble is a new report, linked; the rest is kept beside it (sop.md §5)."""
    if message.reading.is_story:
        drafting.begin(turn, message, origin=report)
    else:
        act(turn, "add", report, words, files)


def _answers(turn: Turn, message: Message, report: ReportFacts, words: str, files: tuple[DraftFile, ...]) -> bool:
    """An answer to an official's question; a date that cannot be is asked about once."""
    if Field.WHEN in report.question_fields and doubtful(message.reading.moment) and turn.session.tries == 0:
        turn.set(mode=Mode.TELLING, telling="answer", about=report.code, tries=1)
        moment = message.reading.moment
        key = "date.impossible" if moment is not None and moment.impossible else "date.future"
        turn.say(key, when=moment.words if moment is not None else "")
        turn.say("date.when_then", report=report.code)
        return True
    turn.set(tries=0)
    if message.inbound.place is not None and not message.text:
        place = message.inbound.place
        turn.set(mode=Mode.IDLE, about=report.code, telling=None)
        turn.do(AnswerQuestion(report.code, place.label or "", files, place))
        turn.say("question.answered", report=report.code)
        return True
    act(turn, "answer", report, words, files)
    return True


def doubtful(moment: Moment | None) -> bool:
    return moment is not None and (moment.impossible or moment.is_future)


def told(turn: Turn, message: Message) -> None:
    """The words that were asked for about one report."""
    what, report = turn.session.telling, by_code(turn, turn.session.about)
    words = message.text or collecting.place_words(message)
    files = collecting.files_of(message)
    if report is None or what is None:
        turn.set(mode=Mode.IDLE, telling=None)
        return
    if what == "answer" and report.question is not None:
        _answers(turn, message, report, words, files)
    elif what == "more":
        turn.set(mode=Mode.IDLE, telling=None)
        turn.do(Add(report.code, words, files, trouble=True))
        turn.say("not_settled.passed_on", report=report.code)
    else:
        act(turn, what, report, words, files)
