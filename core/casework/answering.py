"""What the holder tells the reporter: first response, follow-ups, questions, the ends that officials bring (sop.md §5)."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from core import offices
from core.casework.inputs import Inputs, a_promise, a_reason, own_words
from core.casework.moving import Decision, Step, Telling, Words
from core.dialogue.model import NoticeKind
from core.errors import InvalidInput
from core.procedure.vocabulary import Closing, Field

SILENCE, CLARIFICATION = "silence", "clarification"

_ASKABLE = frozenset({Field.STORY, Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE, Field.HOPED})


def _today(step: Step) -> date:
    zone = offices.row(step.connection, step.office, step.report.holder_id).zone
    return step.now.astimezone(ZoneInfo(zone)).date()


def _acting_for(step: Step) -> dict[str, Any]:
    """An agency admin who answers for a silent unit is seen on the record."""
    held = {grant.office_id for grant in step.by.grants if grant.role is step.role}
    return {} if step.report.holder_id in held else {"acted_for": step.report.holder_id}


def _inspecting(step: Step) -> dict[str, Any]:
    """An inspected complaint that somebody has taken in hand: the inspection has begun and goes on even if withdrawn."""
    return {"inspecting": True} if step.report.needs_inspection else {}


def respond(step: Step) -> Decision:
    """The first answer: who acts, by when, in own words."""
    words = Words("response", own_words(step.inputs))
    promised = a_promise(step.inputs, today=_today(step))
    return Decision(
        changes={"promised_on": promised, "promise_missed_at": None} | _inspecting(step),
        words=words,
        telling=Telling(NoticeKind.RESPONSE, {"promised_on": promised}, with_words=True),
        details={"promised_on": promised.isoformat()} | _acting_for(step),
    )


def progress(step: Step) -> Decision:
    """What was done, the next step, the promised date. It answers a reply that waited (sop.md §6, answer)."""
    words = Words("progress", own_words(step.inputs))
    promised = a_promise(step.inputs, today=_today(step))
    return Decision(
        changes={"promised_on": promised, "promise_missed_at": None, "followed_up_at": step.now} | _inspecting(step),
        words=words,
        telling=Telling(NoticeKind.PROGRESS, {"promised_on": promised}, with_words=True),
        details={"promised_on": promised.isoformat()} | _acting_for(step),
    )


def settle(step: Step) -> Decision:
    """The follow-up that answers the matter. Silence starts when it has really arrived, not now (sop.md §6)."""
    words = Words("settlement", own_words(step.inputs))
    report = step.report
    return Decision(
        changes={
            "settlements": report.settlements + 1,
            "settlement_at": step.now,
            "settled_at": None,
            "replied": False,
            "promised_on": None,
            "promise_missed_at": None,
            "followed_up_at": step.now,
        },
        words=words,
        telling=Telling(NoticeKind.SETTLEMENT, with_words=True, clock=SILENCE),
        details={"settlement": report.settlements + 1} | _acting_for(step),
    )


def acknowledge(step: Step) -> Decision:
    """An appreciation reached those whom it praises; own words are welcome, not required."""
    text = step.inputs.words.strip()
    return Decision(
        changes={"closed_at": step.now, "closing": Closing.ACKNOWLEDGED},
        words=Words("response", own_words(step.inputs)) if text else None,
        telling=Telling(NoticeKind.ACKNOWLEDGED, with_words=True),
    )


def ask(step: Step) -> Decision:
    """Which fields are missing, or which question. Clarification and the pause start on delivery (sop.md §6)."""
    given: Inputs = step.inputs
    fields = tuple(dict.fromkeys(given.fields))
    if not fields and not given.words.strip():
        raise InvalidInput("words", "question_missing")
    if not set(fields) <= _ASKABLE:
        raise InvalidInput("fields", "unknown")
    text = own_words(given) if given.words.strip() else ""
    return Decision(
        changes={
            "asked_role": step.role,
            "asker_id": step.report.holder_id,
            "question_fields": fields,
            "question_at": None,
        },
        words=Words("question", text),
        question=True,
        telling=Telling(NoticeKind.QUESTION, with_words=True, clock=CLARIFICATION),
        details={"fields": [field.value for field in fields]},
    )


def take_back(_step: Step) -> Decision:
    """The asker does not need the answer any more."""
    return Decision(telling=Telling(NoticeKind.QUESTION_TAKEN_BACK))


def close_unreachable(step: Step) -> Decision:
    """A settlement is on record and no known address takes it."""
    return Decision(
        changes={"closed_at": step.now, "closing": Closing.UNREACHABLE},
        words=Words("reason", step.inputs.reason, "note") if step.inputs.reason else None,
        telling=Telling(NoticeKind.CLOSED),
    )


def final_decision(step: Step) -> Decision:
    """After two disputes: reasons in own words, the Ombudsman's way told, no more dispute."""
    text = own_words(step.inputs) if step.inputs.words.strip() else a_reason(step.inputs)
    return Decision(
        changes={"closed_at": step.now, "closing": Closing.FINAL_DECISION, "final": True},
        words=Words("decision", text),
        telling=Telling(NoticeKind.CLOSED_FINAL, with_words=True),
        told="closed",
    )
