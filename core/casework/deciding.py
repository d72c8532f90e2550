"""Decisions about the report as a whole: archive, restore, reclassify; and the ends that the clock brings (sop.md §5)."""

from __future__ import annotations

from typing import Any

from core.casework.inputs import a_reason
from core.casework.moving import Decision, Step, Telling, Words
from core.dialogue.model import NoticeKind
from core.errors import InvalidInput
from core.procedure.categories import is_inspected
from core.procedure.vocabulary import Closing, Ground, State
from core.storage import messages


def archive(step: Step) -> Decision:
    """With a ground from the list and a reason; the reporter is told both, the next door, and the way to object."""
    ground = step.inputs.ground
    if ground is None:
        raise InvalidInput("ground", "missing")
    params: dict[str, Any] = {"ground": ground.value}
    door = step.inputs.next_door.strip()
    if door:
        params["door"] = door
    return Decision(
        changes={"archived_at": step.now, "ground": ground},
        words=Words("reason", a_reason(step.inputs)),
        telling=Telling(NoticeKind.ARCHIVED, params, with_words=True),
        details={"ground": ground.value},
    )


def restore(step: Step) -> Decision:
    """An archived report comes back to where it was."""
    return Decision(
        changes={"archived_at": None, "ground": None},
        words=Words("reason", a_reason(step.inputs), messages.NOTE),
        telling=Telling(NoticeKind.RESTORED),
        told="arrived",
    )


def reclassify(step: Step) -> Decision:
    """Another category, or whether a complaint needs inspection; open clocks are recomputed from their own start.

    Confirming what the words were taken for is a classification too: nothing changes for the reporter, no reason is needed.
    """
    report, given = step.report, step.inputs
    category = given.category or report.category
    inspection = report.needs_inspection if given.needs_inspection is None else given.needs_inspection
    inspection = is_inspected(category, inspection)
    changed = (category, inspection) != (report.category, report.needs_inspection)
    if given.category is None and given.needs_inspection is None:
        raise InvalidInput("category", "missing")
    if not changed and report.classified:
        raise InvalidInput("category", "unchanged")
    plain = f"{category.value}_inspected" if is_inspected(category, inspection) else category.value
    return Decision(
        changes={
            "category": category,
            "needs_inspection": inspection,
            "classified": True,
            "inspecting": report.inspecting and inspection,
        },
        words=Words("reason", a_reason(given), messages.NOTE) if changed else None,
        telling=Telling(NoticeKind.RECLASSIFIED, {"category": plain}) if changed else None,
        details={"category": category.value, "needs_inspection": inspection, "was": report.category.value},
        told="reclassified" if changed else None,
    )


def give_up(step: Step) -> Decision:
    """No answer after the reminder: archived if the national admin asked, else back to the holder with what there is."""
    if step.to is State.ARCHIVED:
        return Decision(
            changes={"archived_at": step.now, "ground": Ground.INCOMPLETE},
            telling=Telling(NoticeKind.ARCHIVED, {"ground": Ground.INCOMPLETE.value}),
            details={"ground": Ground.INCOMPLETE.value},
            told="gave_up",
        )
    return Decision(telling=Telling(NoticeKind.QUESTION_GIVEN_UP), told="gave_up")


def undeliverable(_step: Step) -> Decision:
    """The question failed on every address: back where it was, the holder told."""
    return Decision(told="question_undeliverable")


def close_silent(step: Step) -> Decision:
    """A settlement reached the reporter and nothing came back in time."""
    return Decision(
        changes={"closed_at": step.now, "closing": Closing.SILENCE},
        telling=Telling(NoticeKind.CLOSED_SILENT),
        told="closed",
    )


def refer(step: Step) -> Decision:
    """To the Ombudsman RI, once; the report stays open (sop.md §6)."""
    return Decision(
        changes={"referred_at": step.now},
        telling=Telling(NoticeKind.REFERRED),
        details={"choice": step.report.ombudsman_choice or "without"},
    )
