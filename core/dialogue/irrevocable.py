"""Questions about what cannot be undone: a yes counts for the very question, not for what came after it."""

from __future__ import annotations

from core.dialogue import linking
from core.dialogue.model import Mode, Session
from core.dialogue.turn import Turn


def leave(turn: Turn, asked: Session) -> None:
    """Something else came between the question (of the session `asked`) and its yes: what cannot be undone stays undone.

    A link can be undone: its question stays.
    """
    still = turn.session.mode is Mode.CONFIRM and turn.session.confirming == asked.confirming
    if still and turn.session.prompt == asked.prompt and asked.confirming not in linking.ASKED:
        turn.set(mode=turn.session.returning, confirming=None, returning=Mode.IDLE)
