"""An address that was silent for six months shows nothing without a code of its own: numbers are recycled (sop.md §7)."""

from __future__ import annotations

from core.channels import Inbound
from core.dialogue import announcing, lookup
from core.dialogue.codes import says_code
from core.dialogue.turn import Message, Turn


def lock_if_idle(turn: Turn) -> None:
    """Whoever speaks from there now may be somebody else, in public too."""
    if turn.facts.idle and not turn.session.locked and turn.facts.reports:
        turn.set(locked=True, name_known=None, about=None)


def unlock(turn: Turn, inbound: Inbound) -> None:
    """The code opens the conversation again, or a reply to our message about it."""
    if not turn.session.locked:
        return
    codes = [report.code for report in turn.facts.reports if says_code(inbound.text, report.code)]
    replied = [report.code for report in turn.facts.reports if report.code == turn.facts.replying_to]
    if codes or replied:
        turn.set(locked=False, about=(replied or codes)[0])
        if not replied:
            turn.say("locked.open")
        announcing.tell_held(turn)


def ask_for_code(turn: Turn, message: Message) -> None:
    """What has to be said first; one that is mistyped is named as such."""
    lookup.mistyped(turn, message)
    turn.say("locked.code_please")
