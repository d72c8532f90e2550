"""What a reporter says about filed reports: answers, Beres and Belum, disputes, additions, ratings (sop.md §5, §7).

A message that could belong to more than one report is asked about, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.dialogue import collecting, drafting
from core.dialogue.codes import says_code, shown
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Confirm,
    Dispute,
    DraftFile,
    Mode,
    NotSettled,
    Object,
    Rate,
    ReportFacts,
    Withdraw,
)
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent
from core.dialogue.understanding.moments import Moment
from core.procedure.vocabulary import Field, State

SETTLED_OPTIONS = (Option("ok", "choice.settled"), Option("not", "choice.not_settled"))
RATING_OPTIONS = tuple(Option(f"rate{stars}", label=str(stars)) for stars in range(1, 6))
OMBUDSMAN_OPTIONS = (
    Option("omb-without", "choice.ombudsman_without"),
    Option("omb-with_identity", "choice.ombudsman_with"),
    Option("omb-not_at_all", "choice.ombudsman_not"),
)
_MOST_OFFERED = 6
_LONGEST_TITLE = 40
_SHORT_WORDS = 8
_BARE_WORDS = 3
_STILL = ("belum", "blm", "masih", "tetap", "not yet", "still")

Wanted = Callable[[ReportFacts], bool]


def named(turn: Turn, message: Message) -> tuple[ReportFacts, ...]:
    """The own reports whose code stands in the message."""
    return tuple(report for report in turn.reports if says_code(message.text, report.code))


def by_code(turn: Turn, code: str | None) -> ReportFacts | None:
    return next((report for report in turn.reports if report.code == code), None)


def short_title(report: ReportFacts) -> str:
    title = " ".join(report.title.split())
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


# --- acts ---------------------------------------------------------------------------------------------------------------


def act(turn: Turn, what: str, report: ReportFacts, words: str = "", files: Sequence[DraftFile] = ()) -> None:
    """Does one thing to one report. What the procedure does not allow now is answered with how it stands."""
    turn.set(mode=Mode.IDLE, about=report.code, telling=None, pending_text="", pending_files=(), asked_about=False)
    possible: dict[str, tuple[bool, Callable[[], None]]] = {
        "confirm": (report.settled, lambda: _confirm(turn, report)),
        "not_settled": (report.settled, lambda: _not_settled(turn, report, words)),
        "dispute": (report.disputable, lambda: _told(turn, report, "dispute", words)),
        "object": (report.objectionable, lambda: _told(turn, report, "object", words)),
        "answer": (report.question is not None, lambda: _answer(turn, report, words, files)),
        "add": (True, lambda: _add(turn, report, words, files)),
        "withdraw": (report.open, lambda: _confirm_withdrawal(turn, report, solved=False)),
        "solved": (report.open, lambda: _confirm_withdrawal(turn, report, solved=True)),
        "status": (True, lambda: say_status(turn, report)),
    }
    if what.startswith("rate"):
        _rate(turn, report, int(what[4:]))
        return
    allowed, do = possible.get(what, possible["status"])
    if allowed:
        do()
    else:
        turn.say("no_longer")
        say_status(turn, report)


def _confirm(turn: Turn, report: ReportFacts) -> None:
    turn.do(Confirm(report.code))
    turn.say("confirmed", report=report.code)
    turn.ask_about(report.code, "rate.ask", RATING_OPTIONS)


def _not_settled(turn: Turn, report: ReportFacts, words: str) -> None:
    turn.do(NotSettled(report.code, words))
    turn.say("not_settled.passed_on" if words else "not_settled.what", report=report.code)
    if not words:
        turn.set(mode=Mode.TELLING, telling="more")


def _told(turn: Turn, report: ReportFacts, what: str, words: str) -> None:
    """A dispute or an objection needs its reason in words."""
    if not words:
        turn.set(mode=Mode.TELLING, telling=what)
        turn.say(f"{what}.why", report=report.code)
        return
    turn.do(Dispute(report.code, words) if what == "dispute" else Object(report.code, words))
    turn.say(f"{what}.done", report=report.code)


def _answer(turn: Turn, report: ReportFacts, words: str, files: Sequence[DraftFile]) -> None:
    if not words and not files:
        turn.set(mode=Mode.TELLING, telling="answer")
        turn.say("question.again", report=report.code, words=report.question)
        return
    turn.do(AnswerQuestion(report.code, words, tuple(files)))
    turn.say("question.answered", report=report.code)


def _add(turn: Turn, report: ReportFacts, words: str, files: Sequence[DraftFile]) -> None:
    if not words and not files:
        turn.set(mode=Mode.TELLING, telling="add")
        turn.say("add.what", report=report.code)
        return
    turn.do(Add(report.code, words, tuple(files), trouble=report.settled))
    turn.say("add.done", report=report.code)


def _confirm_withdrawal(turn: Turn, report: ReportFacts, *, solved: bool) -> None:
    turn.set(mode=Mode.CONFIRM, confirming="solved" if solved else "withdraw", returning=Mode.IDLE)
    options = [Option("yes", "choice.solved_yes" if solved else "choice.withdraw_yes"), Option("no", "choice.no")]
    turn.ask("solved.sure" if solved else "withdraw.sure", options, report=report.code, title=short_title(report))


def withdraw(turn: Turn, report: ReportFacts, *, solved: bool) -> None:
    turn.do(Withdraw(report.code, solved))
    turn.say("solved.done" if solved else "withdraw.done", report=report.code)


def _rate(turn: Turn, report: ReportFacts, stars: int) -> None:
    if not report.rateable or not 1 <= stars <= len(RATING_OPTIONS):
        turn.say("no_longer")
        say_status(turn, report)
        return
    turn.do(Rate(report.code, stars))
    turn.say("rate.thanks", report=report.code, stars=stars)


def say_status(turn: Turn, report: ReportFacts) -> None:
    """Where it stands, who holds it, until when; with the choices that are open to the reporter."""
    turn.say("status.one", report=report.code, title=short_title(report), state=turn.text(f"state.{report.state}"))
    holding = report.open and report.state not in (State.RECEIVED, State.AWAITING_REPORTER)
    if holding and report.holder_name:
        turn.say("status.holder", report=report.code, holder=report.holder_name)
    if report.open and report.due_on is not None:
        turn.say("status.due", report=report.code, due=turn.day(report.due_on))
    if report.question is not None:
        turn.say("status.question", report=report.code, words=report.question)
    if report.settled:
        turn.ask_about(report.code, "notice.settled_yet", SETTLED_OPTIONS)
    elif report.disputable:
        turn.say("status.disputable", report=report.code)
    elif report.objectionable:
        turn.say("status.objectionable", report=report.code)


def say_reports(turn: Turn) -> None:
    """Every own report with its state; one alone is told in full."""
    if len(turn.reports) == 1 and not turn.facts.more_reports:
        say_status(turn, turn.reports[0])
        return
    if not turn.reports:
        turn.say("status.none")
        return
    lines = [_line(turn, report) for report in turn.reports[:_MOST_OFFERED]]
    turn.say("status.list", lines="\n".join(lines), short="; ".join(lines))
    older = len(turn.reports[_MOST_OFFERED:]) + turn.facts.more_reports
    if older:
        turn.say("status.older", count=older)


def _line(turn: Turn, report: ReportFacts) -> str:
    state = turn.text(f"state.{report.state}")
    if turn.facts.capabilities.costs:
        return f"{report.code} {state}"
    return turn.text("status.line", code=shown(report.code), title=short_title(report), state=state)


def say_public(turn: Turn) -> None:
    """A code alone shows the label and dates, nothing more (sop.md §7)."""
    for report in turn.facts.public:
        turn.say("status.public", report=report.code, state=turn.text(f"state.{report.state}"))
        if report.received_on is not None:
            turn.say("status.received_on", day=turn.day(report.received_on))
        if report.changed_on is not None:
            turn.say("status.changed_on", day=turn.day(report.changed_on))


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


# --- words -----------------------------------------------------------------------------------------------------------------


def wish(message: Message) -> tuple[str, Wanted] | None:
    """What the words ask to be done, and which reports that can be done to; None: they say nothing of the kind."""
    intents, words = message.reading.intents, message.text.split()
    stars = intents.rating
    if stars is not None and intents.has(Intent.RATING) and len(words) <= _SHORT_WORDS:
        return f"rate{stars}", lambda report: report.rateable
    if intents.whole(Intent.WITHDRAW):
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
        return False
    if (
        not files
        and message.inbound.place is None
        and _says_nothing(message)
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
    if intents.has(Intent.ADD) and not message.reading.is_story and still_open:
        _one_or_ask(turn, "add", still_open, words, files)
        return True
    if len(waiting) == 1 and (waiting[0].code == about or len(still_open) == 1):
        return _answers(turn, message, waiting[0], words, files)
    settled = [report for report in still_open if report.settled]
    if len(settled) == 1 and (settled[0].code == about or len(still_open) == 1) and intents.has(Intent.NOT_SETTLED):
        act(turn, "not_settled", settled[0], words)
        return True
    if said_code and len(reports) == 1:
        act(turn, _natural_act(reports[0]), reports[0], words, files)
        return True
    answerable = [report for report in reports if report.open or report.disputable or report.objectionable]
    if not answerable:
        return False
    if message.reading.is_story or len(answerable) > 1 or not answerable[0].open:
        ask_which(turn, "natural", answerable, words=words, files=files, source_id=message.source_id)
        return True
    act(turn, "add", answerable[0], words, files)
    return True


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
    options = [Option(f"a-{report.code}", label=short_title(report)) for report in reports[:_MOST_OFFERED]]
    if what == "natural":
        options.append(Option("new", "choice.new_report"))
    turn.ask("which.one" if len(reports) == 1 else "which.of_several", options)


def picked(turn: Turn, report: ReportFacts) -> None:
    """The person said which report is meant: what waited is done to it."""
    session = turn.session
    what = session.telling or "status"
    if what == "natural" or what == "dispute_or_add":
        what = _natural_act(report)
    act(turn, what, report, session.pending_text, session.pending_files)
