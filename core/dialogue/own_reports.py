"""What a reporter says about filed reports: answers, Beres and Belum, disputes, additions, ratings (sop.md §5, §7).

A message that could belong to more than one report is asked about, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.dialogue import collecting, drafting, opening
from core.dialogue.codes import says_code
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    DraftFile,
    Mode,
    ReportFacts,
    Say,
)
from core.dialogue.report_acts import MOST_LISTED_PAID, MOST_OFFERED, act, by_code, say_reports, short_title
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.moments import Moment
from core.procedure.vocabulary import Field, State

_SHORT_WORDS = 8
_BARE_WORDS = 3
_ADDS = re.compile(r"^\W*(?:tambah(?:an|kan)?|add)\b", re.IGNORECASE)
_OBJECTS = re.compile(
    r"\b(?:keberatan|tidak setuju|tdk setuju|gak? setuju|ndak setuju|protes|object|disagree)\b", re.IGNORECASE
)
_NOTHING = (Intent.NONE, Intent.UNKNOWN, Intent.SKIP)
_STILL = ("belum", "blm", "masih", "tetap", "not yet", "still")

Wanted = Callable[[ReportFacts], bool]


def named(turn: Turn, message: Message) -> tuple[ReportFacts, ...]:
    """The own report whose message this one replies to, else those whose code stands in it."""
    replied = opening.answered(turn)
    if replied is not None:
        return (replied,)
    said = message.text if message.verb is not None else f"{message.inbound.subject or ''}\n{message.text}"
    return tuple(report for report in turn.reports if says_code(said, report.code))


def named_elsewhere(turn: Turn, message: Message) -> ReportFacts | None:
    """The report that is meant for certain, whatever else is under way: it is replied to, or it is named in a conversation
    that waits for a story or for the gaps of another one."""
    replied = opening.answered(turn)
    if replied is not None:
        return replied
    waits = turn.session.mode is Mode.GAPS or (turn.session.mode is Mode.DRAFT and turn.draft.is_empty)
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
        turn.do(ChooseOmbudsman(code, verb[4:]))
        turn.say(f"ombudsman.{verb[4:]}" if verb[4:] in ("with_identity", "without", "not_at_all") else "ack", report=code)
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


def wish(message: Message) -> tuple[str, Wanted] | None:
    """What the words ask to be done, and which reports that can be done to; None: they say nothing of the kind."""
    intents, words = message.reading.intents, message.text.split()
    stars = intents.rating
    if stars is not None and intents.has(Intent.RATING) and len(words) <= _SHORT_WORDS:
        return f"rate{stars}", lambda report: report.rateable
    if intents.whole(Intent.WITHDRAW) or (
        intents.has(Intent.WITHDRAW) and not message.reading.is_story and len(words) <= _SHORT_WORDS
    ):
        return "withdraw", lambda report: report.open
    replies = intents.whole(Intent.NOT_SETTLED) or not message.reading.is_story or message.text.lower().startswith(_STILL)
    if intents.has(Intent.NOT_SETTLED) and replies:
        return "not_settled", lambda report: report.settled
    if intents.whole(Intent.SETTLED) or (intents.has(Intent.SETTLED) and len(words) <= _SHORT_WORDS):
        return "confirm", lambda report: report.settled
    if intents.whole(Intent.YES):
        return "confirm", lambda report: report.settled
    if intents.whole(Intent.NO):
        return "not_settled", lambda report: report.settled
    return None


def wishes_something(turn: Turn, message: Message) -> bool:
    """Do the words ask for what can be done to one of the reports now ("belum beres" to one that can be disputed)?"""
    wished = wish(message)
    if wished is None:
        return False
    what, wanted = wished
    fitting = any(wanted(report) for report in turn.reports)
    return fitting or (what == "not_settled" and any(report.disputable for report in turn.reports))


def hear(turn: Turn, message: Message) -> bool:
    """Words in a conversation with reports and no draft. False: they concern no report."""
    reports = named(turn, message) or turn.reports
    words = "" if _is_bare(message) else message.text or collecting.place_words(message)
    files = collecting.files_of(message)
    wished = wish(message)
    if wished is not None and _wished(turn, message, wished, reports, words):
        return True
    if len(reports) == 1 and reports[0].code != turn.session.about and named(turn, message):
        turn.set(about=reports[0].code)
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


def _wished(turn: Turn, message: Message, wished: tuple[str, Wanted], reports: Sequence[ReportFacts], words: str) -> bool:
    what, wanted = wished
    fitting = [report for report in reports if wanted(report)]
    if what == "confirm" and not fitting and message.reading.intents.whole(Intent.SETTLED):
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
    return message.verb is not None or (message.reading.intents.whole(*bare) and len(message.text.split()) <= _BARE_WORDS)


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
        _one_or_ask(turn, "add", still_open, words, files)
        return True
    if len(waiting) == 1 and (waiting[0].code == about or len(still_open) == 1):
        return _answers(turn, message, waiting[0], words, files)
    settled = [report for report in still_open if report.settled]
    if len(settled) == 1 and (settled[0].code == about or len(still_open) == 1) and intents.has(Intent.NOT_SETTLED):
        act(turn, "not_settled", settled[0], words)
        return True
    if said_code and len(reports) == 1 and (reports[0] in still_open or _natural_act(reports[0]) != "add"):
        act(turn, _natural_act(reports[0]), reports[0], words, files)
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


def _natural_act(report: ReportFacts) -> str:
    """What further words on this report are."""
    if report.question is not None:
        return "answer"
    if report.disputable:
        return "dispute"
    return "object" if report.objectionable else "add"


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


# --- which one? ------------------------------------------------------------------------------------------------------------


def _one_or_ask(turn: Turn, what: str, reports: Sequence[ReportFacts], words: str, files: tuple[DraftFile, ...]) -> None:
    if len(reports) == 1:
        act(turn, what, reports[0], words, files)
    else:
        ask_which(turn, what, reports, words=words, files=files)


def ask_which(
    turn: Turn,
    what: str,
    reports: Sequence[ReportFacts],
    *,
    words: str = "",
    files: tuple[DraftFile, ...] = (),
    source_id: str = "",
) -> None:
    """Several reports could be meant: the person says which; nothing is done before."""
    turn.set(
        mode=Mode.DISAMBIGUATE,
        telling=what,
        pending_text=words,
        pending_files=files,
        pending_source_id=source_id,
        asked_about=turn.session.mode is Mode.DISAMBIGUATE,
    )
    most = MOST_LISTED_PAID if turn.facts.capabilities.costs else MOST_OFFERED
    options = [Option(f"a-{report.code}", label=short_title(report)) for report in reports[:most]]
    if what == "natural":
        options.append(Option("new", "choice.new_report"))
    turn.ask("which.one" if len(reports) == 1 else "which.of_several", options)


def picked(turn: Turn, report: ReportFacts) -> bool:
    """The person said which report is meant: what waited is done to it. False: it cannot be done any more."""
    session = turn.session
    what = session.telling or "status"
    if what == "natural" or what == "dispute_or_add":
        what = _natural_act(report)
    act(turn, what, report, session.pending_text, session.pending_files)
    return not any(isinstance(effect, Say) and effect.key == "no_longer" for effect in turn.effects)
