"""The wish to be forgotten: what goes and what stays is said, then asked once (UU 27/2022; sop.md §2, §7).

It cannot be undone, so that only a clear yes to the very question does it; the same wish said again asks again.
"""

from __future__ import annotations

from core.dialogue import ending
from core.dialogue.model import EraseIdentity, Mode, RequestErasure, Session
from core.dialogue.turn import Message, Option, Turn
from core.dialogue.understanding.intents import Intent

SURE, WITH_OPEN, LOCKED = "delete", "delete_open", "delete_locked"
"""What `Session.confirming` says: asked without open reports, with open ones, or of somebody who was silent for six months."""
QUESTIONS = (SURE, WITH_OPEN, LOCKED)

_OPEN_OPTIONS = (
    Option("withdraw", "choice.erase_withdraw"),
    Option("go_on", "choice.erase_go_on"),
    Option("no", "choice.erase_nothing"),
)


def ask(turn: Turn) -> None:
    """What goes and what stays. Open reports are asked about; who was silent for six months gives a code first (sop.md §7)."""
    if turn.session.mode is not Mode.CONFIRM:
        turn.set(returning=turn.session.mode)
    turn.set(mode=Mode.CONFIRM)
    still_open = [report for report in turn.reports if report.open]
    if turn.session.locked:
        turn.set(confirming=LOCKED)
        turn.ask("erase.locked", [Option("yes", "choice.erase_request"), Option("no", "choice.no")])
        return
    if not turn.facts.capabilities.costs and not turn.draft.is_empty:
        turn.say("erase.draft_too")
    if still_open:
        turn.set(confirming=WITH_OPEN)
        turn.ask("erase.open", _OPEN_OPTIONS, count=len(still_open))
    else:
        turn.set(confirming=SURE)
        turn.ask("erase.sure", [Option("yes", "choice.delete_yes"), Option("no", "choice.no")])


def decide(turn: Turn, message: Message) -> bool:
    """The answer to that question. False: nothing is erased, and the message may be about something else."""
    intents, asked = message.reading.intents, turn.session.confirming
    if asked == LOCKED and not turn.session.locked:  # the code came instead
        ask(turn)
        return True
    yes = message.verb == "yes" or intents.whole(Intent.YES, Intent.SEND)
    if asked == WITH_OPEN and yes:
        ask(turn)  # yes to which of the two?
        return True
    if asked == WITH_OPEN and message.verb in ("withdraw", "go_on"):
        _erase(turn, withdraw=message.verb == "withdraw")
        return True
    if asked == SURE and yes:
        _erase(turn, withdraw=False)
        return True
    if asked == LOCKED and yes:
        turn.set(mode=Mode.IDLE, confirming=None, returning=Mode.IDLE, offered=())
        turn.do(RequestErasure())
        turn.say("erase.requested")
        return True
    return False


def _erase(turn: Turn, *, withdraw: bool) -> None:
    """The last words to this person; whoever writes from here afterwards is somebody new."""
    said = (
        "erase.done.withdrawn" if withdraw else "erase.done.going_on" if turn.session.confirming == WITH_OPEN else "erase.done"
    )
    if not turn.draft.is_empty:
        ending.erase(turn)
    turn.placed = True
    turn.do(EraseIdentity(withdraw))
    turn.say(said)
    turn.session = Session(language=turn.session.language, prompt=turn.session.prompt + 1)
