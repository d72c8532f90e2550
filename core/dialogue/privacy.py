"""The one privacy question: may the agency see the name? No answer is hidden (sop.md §3)."""

from __future__ import annotations

from core.dialogue import collecting, onward
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.intents import Intent
from core.procedure.vocabulary import Field, Privacy


def choose(turn: Turn, message: Message, verb: str) -> None:
    """`verb`: hide or show."""
    if verb == "hide":
        turn.put(privacy=Privacy.HIDDEN, name=None)
        turn.say("ack.hidden")
    else:
        collecting.show_name(turn, message)
        turn.say("ack.named")


def said_plainly(turn: Turn, message: Message, asking: Field) -> bool:
    """A bare yes or no to the privacy question, alone or riding along."""
    intents = message.reading.intents
    alone = asking is Field.PRIVACY
    if intents.whole(Intent.ANONYMOUS):
        turn.put(privacy=Privacy.ANONYMOUS, name=None)
        turn.say("ack.anonymous")
    elif intents.whole(Intent.SHOW_NAME) or (alone and intents.whole(Intent.YES)):
        choose(turn, message, "show")
    elif intents.whole(Intent.HIDE_NAME) or (alone and intents.whole(Intent.NO, Intent.NONE, Intent.SKIP, Intent.UNKNOWN)):
        choose(turn, message, "hide")
    else:
        return False
    if alone:
        onward.passed(turn, asking)
    else:
        turn.set(tries=max(0, turn.session.tries - 1))
    return True
