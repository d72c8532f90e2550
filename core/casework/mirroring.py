"""Linked duplicates mirror their lead: what officials do to it happens to them too (sop.md §5).

Each reporter keeps own code, notices, dispute and rating: what one reporter does stays with that report, and a question
goes to the lead's reporter alone. No identity crosses over: a follower gets the official's words and nothing else of the lead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.casework.moving import Decision, Step, carry_out
from core.casework.seeing import case_of_report
from core.procedure.case import ActorKind
from core.procedure.vocabulary import Move, State
from core.report import Report
from core.storage import reports

MIRRORED = frozenset(
    {
        Move.DISPOSE,
        Move.DISPOSE_SEALED,
        Move.RETURN,
        Move.RECALL,
        Move.FALL_BACK,
        Move.RESPOND,
        Move.PROGRESS,
        Move.SETTLE,
        Move.ACKNOWLEDGE,
        Move.ARCHIVE,
        Move.RESTORE,
        Move.RECLASSIFY,
        Move.RECORD_FINDING,
    }
)


def mirror(step: Step, decision: Decision, after: Report) -> None:
    """Carries the same decision out for each follower that it concerns."""
    if step.move not in MIRRORED or step.by.kind is ActorKind.REPORTER or step.report.lead_id is not None:
        return
    for follower in reports.followers(step.connection, after.id):
        if _concerned(step.move, follower):
            _follow(step, decision, follower)


def _concerned(move: Move, follower: Report) -> bool:
    if move is Move.RESTORE:
        return follower.state is State.ARCHIVED
    return follower.is_open and follower.state is not State.AWAITING_REPORTER


def _follow(step: Step, decision: Decision, follower: Report) -> None:
    changes: dict[str, Any] = dict(decision.changes)
    if "settlements" in changes:
        changes["settlements"] = follower.settlements + 1
    mine = replace(
        step,
        report=follower,
        case=case_of_report(step.connection, step.office, follower, now=step.now),
    )
    carry_out(mine, replace(decision, changes=changes, told=None, details=dict(decision.details) | {"lead": step.report.id}))


def aligned(follower: Report, lead: Report) -> dict[str, Any]:
    """Where a duplicate stands from the moment it is linked: with its lead. One that waits or is over stays."""
    if not follower.is_open or follower.state is State.AWAITING_REPORTER or not lead.is_open:
        return {}
    return {
        "state": lead.handling_state,
        "holder_id": lead.holder_id,
        "agency_id": lead.agency_id,
        "unit_id": lead.unit_id,
        "category": lead.category,
        "classified": lead.classified,
        "needs_inspection": lead.needs_inspection,
    }
