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
    before = next((part for part in draft.parts if part.source_id == edited), None)
    turn.set(draft=collecting.forget_part(draft, edited))
    renewed = replace(inbound, source_id=edited, files=(), choice=None)
    message = Message(renewed, read_words(inbound.text, facts=turn.facts, now=turn.now, language=turn.language))
    collecting.take(turn, message, correcting=True)
    if before is not None and edited not in {part.source_id for part in turn.draft.parts} and collecting.readable(inbound.text):
        collecting.tell(turn, message, inbound.text)
    if before is not None:  # said where it was said, also in its new version
        kept = (replace(part, conversation=before.conversation, public=before.public) for part in turn.draft.parts)
        parts = zip(turn.draft.parts, kept, strict=True)
        turn.put(parts=tuple(new if part.source_id == edited else part for part, new in parts))
    collecting.touched(turn, turn.now)
    turn.say("edited")
    if turn.session.mode in (Mode.DRAFT, Mode.SUMMARY):
        onward.put_again(turn)
