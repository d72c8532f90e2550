"""An address that was silent for six months shows nothing without a code of its own: numbers are recycled (sop.md §7)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from core.channels import Inbound
from core.dialogue import announcing, lookup
from core.dialogue.codes import says_code
from core.dialogue.model import ReportFacts
from core.dialogue.turn import Message, Turn


def lock_if_idle(turn: Turn) -> None:
    """Whoever speaks from there now may be somebody else, in public too."""
    if turn.facts.idle and turn.session.locked_on is None and turn.facts.reports:
        today = turn.now.astimezone(ZoneInfo(turn.facts.office.zone)).date()
        turn.set(locked=True, locked_on=today, name_known=None, about=None)


def unlock(turn: Turn, inbound: Inbound) -> None:
    """The code opens the conversation again, or a reply to our message about it.

    That of a report which was filed since the silence proves nothing: whoever has the address now has it too.
    """
    if not turn.session.locked:
        return
    older = [report for report in turn.facts.reports if _is_older(report, turn.session.locked_on)]
    codes = [report.code for report in older if says_code(inbound.text, report.code)]
    replied = [report.code for report in older if report.code == turn.facts.replying_to]
    if codes or replied:
        turn.set(locked=False, locked_on=None, about=(replied or codes)[0])
        if not replied:
            turn.say("locked.open")
        announcing.tell_held(turn)


def _is_older(report: ReportFacts, locked_on: date | None) -> bool:
    return locked_on is None or report.received_on is None or report.received_on < locked_on


def ask_for_code(turn: Turn, message: Message) -> None:
    """What has to be said first; one that is mistyped is named as such."""
    lookup.mistyped(turn, message)
    turn.say("locked.code_please")
