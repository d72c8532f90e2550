"""What is done to one filed report, and how it is told where it stands (sop.md §5, §7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.dialogue.codes import shown
from core.dialogue.fitting import shortened
from core.dialogue.model import (
    Add,
    AnswerQuestion,
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
from core.dialogue.turn import Option, Turn
from core.procedure.vocabulary import State
from core.texts import has

SETTLED_OPTIONS = (Option("ok", "choice.settled"), Option("not", "choice.not_settled"))
RATING_OPTIONS = tuple(Option(f"rate{stars}", label=str(stars)) for stars in range(1, 6))
OMBUDSMAN_OPTIONS = (
    Option("omb-without", "choice.ombudsman_without"),
    Option("omb-with_identity", "choice.ombudsman_with"),
    Option("omb-not_at_all", "choice.ombudsman_not"),
)
MOST_OFFERED, MOST_LISTED_PAID = 6, 4
_LONGEST_TITLE = 40


def by_code(turn: Turn, code: str | None) -> ReportFacts | None:
    return next((report for report in turn.reports if report.code == code), None)


def short_title(report: ReportFacts) -> str:
    title = " ".join(report.title.split())
    return shortened(title.rstrip("…"), _LONGEST_TITLE, "…")


def say_asked(turn: Turn, report: ReportFacts) -> None:
    """Which parts of the report an official asks for: that may stand in no words."""
    names = [f"notice.field.{field}" for field in report.question_fields]
    fields = [turn.text(name) for name in names if has(turn.language, name)]
    if fields:
        turn.say("notice.asks", report=report.code, fields=", ".join(fields))


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
        say_asked(turn, report)
        return
    turn.do(AnswerQuestion(report.code, words, tuple(files)))
    turn.say("question.answered", report=report.code)


def _add(turn: Turn, report: ReportFacts, words: str, files: Sequence[DraftFile]) -> None:
    if not words and not files:
        turn.set(mode=Mode.TELLING, telling="add")
        turn.say("add.what", report=report.code)
        return
    turn.do(Add(report.code, words, tuple(files), trouble=report.settled or report.state is State.IN_PROGRESS))
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
        say_asked(turn, report)
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
    most = MOST_LISTED_PAID if turn.facts.capabilities.costs else MOST_OFFERED
    lines = [_line(turn, report) for report in turn.reports[:most]]
    turn.say("status.list", lines="\n".join(lines), short="; ".join(lines))
    older = len(turn.reports[most:]) + turn.facts.more_reports
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
