"""A new version of an earlier message: the citizen's own words as they stand now, both versions kept."""

from __future__ import annotations

from dataclasses import replace

from core.channels import Inbound
from core.dialogue import collecting, inpublic, onward
from core.dialogue.model import KeepEdit, Mode
from core.dialogue.reader import read_words
from core.dialogue.turn import Message, Turn


def edited(turn: Turn, inbound: Inbound) -> None:
    """A new version of an earlier message: in a draft it replaces that part, on a report both versions are kept."""
    draft, edited = turn.draft, inbound.edits or inbound.source_id
    if inpublic.edited(turn, inbound):
        return
    if edited not in draft.said:
        turn.do(KeepEdit(edited, inbound.text))
        return
    was_part = any(part.source_id == edited for part in draft.parts)
    turn.set(draft=collecting.forget_part(draft, edited))
    renewed = replace(inbound, source_id=edited, files=(), choice=None)
    message = Message(renewed, read_words(inbound.text, facts=turn.facts, now=turn.now, language=turn.language))
    collecting.take(turn, message, correcting=True)
    if was_part and edited not in {part.source_id for part in turn.draft.parts} and collecting.readable(inbound.text):
        collecting.tell(turn, message, inbound.text)
    collecting.touched(turn, turn.now)
    turn.say("edited")
    if turn.session.mode in (Mode.DRAFT, Mode.SUMMARY):
        onward.put_again(turn)
