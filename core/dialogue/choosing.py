"""Which report is meant? Where more than one could be, the person says which; nothing is done before (sop.md §5)."""

from __future__ import annotations

from collections.abc import Sequence

from core.dialogue.model import DraftFile, Mode, ReportFacts, Say
from core.dialogue.report_acts import MOST_LISTED_PAID, MOST_OFFERED, act, short_title
from core.dialogue.turn import Option, Turn


def natural_act(report: ReportFacts) -> str:
    """What further words on this report are."""
    if report.question is not None:
        return "answer"
    if report.disputable:
        return "dispute"
    return "object" if report.objectionable else "add"


def one_or_ask(turn: Turn, what: str, reports: Sequence[ReportFacts], words: str, files: tuple[DraftFile, ...]) -> None:
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
        what = natural_act(report)
    act(turn, what, report, session.pending_text, session.pending_files)
    return not any(isinstance(effect, Say) and effect.key == "no_longer" for effect in turn.effects)
