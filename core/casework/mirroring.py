"""Linked duplicates mirror their lead: what officials do to it happens to them too (sop.md §5).

Each reporter keeps own code, notices, dispute and rating: what one reporter does stays with that report, and a question
goes to the lead's reporter alone. No identity crosses over: a follower gets the official's words and nothing else of the lead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core import offices
from core.casework.moving import Decision, Step, carry_out
from core.casework.seeing import case_of_report
from core.procedure.case import ActorKind, Case
from core.procedure.vocabulary import Move, State
from core.report import Report
from core.storage import reports

MIRRORED = frozenset(
    {
        Move.DISPOSE,
        Move.DISPOSE_SEALED,
        Move.RETURN,
        Move.RECALL,
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

_KEEP_THE_STATE = frozenset({Move.RECLASSIFY, Move.RECORD_FINDING})
"""The lead may wait for an answer while its followers do not."""

_ENDS = frozenset({Move.ARCHIVE, Move.ACKNOWLEDGE, Move.RESTORE})


def mirror(step: Step, decision: Decision, after: Report) -> None:
    """Carries the same decision out for each follower that it concerns."""
    if step.move not in MIRRORED or step.by.kind is ActorKind.REPORTER or step.report.lead_id is not None:
        return
    for follower in reports.followers(step.connection, after.id):
        if _concerned(step, follower):
            _follow(step, decision, after, follower)


def _concerned(step: Step, follower: Report) -> bool:
    """An end is the end of those that stand where the lead stood; one that its reporter has disputed goes on."""
    if step.move in _ENDS:
        return follower.state is step.report.state
    return follower.is_open and follower.state is not State.AWAITING_REPORTER


def _follow(step: Step, decision: Decision, lead: Report, follower: Report) -> None:
    case = case_of_report(step.connection, step.office, follower, now=step.now)
    if not _may_go_along(step, case, lead):
        return
    changes: dict[str, Any] = dict(decision.changes)
    if "settlements" in changes:
        changes["settlements"] = follower.settlements + 1
    if step.move is not Move.RESTORE and lead.is_open:  # one that answered a question in between catches up
        changes |= {name: getattr(lead, name) for name in ("agency_id", "unit_id")}
        decision = replace(decision, holder_id=lead.holder_id)
    to = follower.state if step.move in _KEEP_THE_STATE else step.to
    mine = replace(step, report=follower, case=case, to=to)
    carry_out(mine, replace(decision, changes=changes, told=None, details=dict(decision.details) | {"lead": step.report.id}))


def _may_go_along(step: Step, follower: Case, lead: Report) -> bool:
    """sop.md §1, §3: what is sealed, and what accuses the holder, goes its own way."""
    holder = offices.node(step.connection, step.office, lead.holder_id)
    return follower.sealed == lead.sealed and not follower.barred(holder)


def aligned(step: Step, lead: Report) -> dict[str, Any]:
    """Where a duplicate stands from the moment it is linked: with its lead. One that waits or is over stays."""
    follower = step.report
    if not follower.is_open or follower.state is State.AWAITING_REPORTER or not lead.is_open:
        return {}
    if not _may_go_along(step, step.case, lead):
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
