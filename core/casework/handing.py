"""Handing a report down and back up: dispose, dispose sealed, return, recall (sop.md §5). One level, never sideways."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection

from core import offices
from core.casework.inputs import a_reason
from core.casework.moving import Decision, Step, Telling, Words
from core.dialogue.model import NoticeKind
from core.errors import InvalidInput
from core.procedure.case import Office
from core.procedure.states import one_up
from core.procedure.vocabulary import OfficeKind, State
from core.report import Report
from core.storage import holdings, messages

_NO_SETTLEMENT = {"settlement_at": None, "settled_at": None}
"""Whoever takes a report on answers it anew: what the one before called settled closes nothing any more."""


def dispose(step: Step) -> Decision:
    """To an agency (national admin) or to a unit of the own agency, at any depth (agency admin)."""
    target = chosen(step)
    report = step.report
    details: dict[str, Any] = {"office": target.id}
    if step.to is State.AT_AGENCY:
        changes: dict[str, Any] = {
            "agency_id": target.id,
            "unit_id": None,
            "unit_returns": returns_by_units(step, target.agency_id),
        }
        changes |= bound(report, details)
    else:
        changes = {"unit_id": target.id, **_NO_SETTLEMENT}
    return Decision(
        changes=changes,
        holder_id=target.id,
        words=side_note(step),
        telling=Telling(NoticeKind.DISPOSED),
        details=details,
        told="arrived",
    )


def bound(report: Report, details: dict[str, Any]) -> dict[str, Any]:
    """sop.md §5: after the second return the next disposition, made with the whole trail in view, binds."""
    if not report.flagged:
        return {}
    details["binding"] = True
    return {"binding": True, "flagged": False}


def returns_by_units(step: Step, agency_id: int | None) -> int:
    """How often units of this agency have handed the report back, whoever held it in between."""
    held = holdings.of_report(step.connection, step.report.id)
    units = [offices.node(step.connection, step.office, each.office_id) for each in held if each.returned]
    return sum(unit.kind is OfficeKind.UNIT and unit.agency_id == agency_id for unit in units)


def hand_back(step: Step) -> Decision:
    """Not within my authority: one level up. The second return flags the report for the national admin."""
    report, numbers = step.report, step.office.numbers.counts
    words = Words("reason", a_reason(step.inputs), messages.NOTE)
    details: dict[str, Any] = {"from": report.holder_id}
    if step.inputs.office_id is not None:
        details["suggested_office"] = offices.node(step.connection, step.office, step.inputs.office_id).id
    if step.inputs.ground is not None:
        details["suggested_ground"] = step.inputs.ground.value
    by_unit = report.holder_id == report.unit_id
    count = 1 + (report.unit_returns if by_unit else report.agency_returns)
    changes: dict[str, Any] = {"unit_id": None, "unit_returns" if by_unit else "agency_returns": count}
    if step.to is State.RECEIVED:
        changes["agency_id"] = None
        holder_id = offices.root_id(step.connection, step.office)
    else:
        holder_id = _agency_id(report)
    if count >= numbers.returns_before_binding:
        changes["flagged"] = True
        details["flagged"] = True
    return Decision(
        changes=changes,
        holder_id=holder_id,
        returned=True,
        words=words,
        telling=Telling(NoticeKind.RETURNED),
        details=details,
        told="returned",
        then=_flag(step) if changes.get("flagged") else _no_flag,
    )


def _no_flag(_connection: Connection, _report: Report, _message_id: int | None) -> None:
    return None


def _flag(step: Step) -> Any:
    from core import notifying

    def tell_national(connection: Connection, report: Report, _message_id: int | None) -> None:
        if report.holder_id != offices.root_id(connection, step.office):
            notifying.national(connection, step.office, report, "flagged", now=step.now)

    return tell_national


def recall(step: Step) -> Decision:
    """The agency admin takes it back from a unit, the national admin from anywhere."""
    report = step.report
    words = Words("reason", a_reason(step.inputs), messages.NOTE)
    details = {"from": report.holder_id}
    if step.to is State.RECEIVED:
        changes: dict[str, Any] = {"agency_id": None, "unit_id": None, **_NO_SETTLEMENT}
        holder_id = offices.root_id(step.connection, step.office)
    else:
        changes, holder_id = {"unit_id": None, **_NO_SETTLEMENT}, _agency_id(report)
    return Decision(
        changes=changes,
        holder_id=holder_id,
        words=words,
        telling=Telling(NoticeKind.RETURNED),
        details=details,
        told="recalled",
        then=partial(_tell_former, step=step),
    )


def _tell_former(connection: Connection, report: Report, _message_id: int | None, *, step: Step) -> None:
    from core import notifying

    notifying.office(connection, step.office, report, step.report.holder_id, "recalled", now=step.now)


def fall_back(step: Step) -> Decision:
    """The holder's last account was disabled: one level up, clocks unchanged (sop.md §1). Sealed ones pass the agency by."""
    report = step.report
    changes: dict[str, Any] = {}
    up = offices.root_id(step.connection, step.office)
    if report.holder_id == report.unit_id:
        changes["unit_id"] = None
        if not report.sealed:
            up = _agency_id(report)
    stands = step.to
    if report.state is State.AWAITING_REPORTER and report.before is not None:
        stands = changes["before"] = one_up(step.case, report.before)
    if stands is State.RECEIVED:
        changes["agency_id"] = None
    telling = Telling(NoticeKind.RETURNED) if report.is_open else None
    return Decision(changes=changes, holder_id=up, telling=telling, details={"from": report.holder_id}, told="fell_back")


def _agency_id(report: Report) -> int:
    if report.agency_id is None:
        raise InvalidInput("office_id", "no_agency")
    return report.agency_id


def chosen(step: Step) -> Office:
    """The office that was chosen; that it fits has been checked by the procedure."""
    if step.inputs.office_id is None:
        raise InvalidInput("office_id", "missing")
    row = offices.row(step.connection, step.office, step.inputs.office_id)
    if not row.active:
        raise InvalidInput("office_id", "inactive")
    return offices.node(step.connection, step.office, row.id)


def side_note(step: Step) -> Words | None:
    """What the one who hands down wants the receiver to know: internal."""
    return Words("note", step.inputs.reason, messages.NOTE) if step.inputs.reason else None
