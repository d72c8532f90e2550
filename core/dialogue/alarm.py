"""Danger to life: who helps is named first, then the report is filed as it stands (sop.md §3)."""

from __future__ import annotations

from core.dialogue import collecting, completing, ending
from core.dialogue.model import EraseDraft, Mode
from core.dialogue.turn import Message, Turn
from core.dialogue.understanding.danger import DangerKind
from core.procedure.vocabulary import Field
from core.texts import has

_EMERGENCY = (("112", "emergency"), ("110", "police"), ("113", "fire"), ("119", "ambulance"), ("129", "women_and_children"))
_FITTING = {
    DangerKind.FIRE: "fire",
    DangerKind.VIOLENCE: "police",
    DangerKind.MEDICAL: "ambulance",
    DangerKind.SELF_HARM: "ambulance",
    DangerKind.WOMAN_CHILD: "women_and_children",
}
_DRAFTING = (Mode.DRAFT, Mode.SUMMARY)


def answer(turn: Turn, message: Message) -> None:
    """The first answer names the numbers to call; then the report is filed as it stands (sop.md §3)."""
    kind = message.reading.danger.kind if message.reading.danger is not None else None
    called = numbers(turn, kind)
    if kind is DangerKind.SELF_HARM:
        turn.say("danger.self_harm")
    turn.say(
        "danger.call",
        numbers=", ".join(f"{number} ({meaning})" for number, meaning in called if meaning),
        short=" ".join(number for number, _ in called),
    )
    session = turn.session
    if session.mode is Mode.GAPS and session.draft.is_empty and completing.is_same_alarm(turn):
        completing.hear(turn, message)
        return
    if session.mode not in _DRAFTING:
        if session.draft.said:
            turn.do(EraseDraft(session.draft.said))
        turn.set(draft=type(session.draft)(language=turn.language))
    collecting.take(turn, message, answering=Field.STORY)
    if message.source_id not in {part.source_id for part in turn.draft.parts} and message.text:
        collecting.tell(turn, message, message.text)
    ending.submit_in_danger(turn)


def numbers(turn: Turn, kind: DangerKind | None) -> tuple[tuple[str, str], ...]:
    """Whom to call and what for, who helps in this danger first; an empty meaning where nobody has words for it."""
    fitting = _FITTING.get(kind) if kind is not None else None
    called = sorted(turn.facts.office.emergency or _EMERGENCY, key=lambda number: number[1] != fitting)
    return tuple((number, turn.text(f"emergency.{code}") if _known(turn, code) else "") for number, code in called)


def _known(turn: Turn, code: str) -> bool:
    return has(turn.language, f"emergency.{code}")
