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
from core.procedure.vocabulary import State
from core.report import Report
from core.storage import access, messages


def dispose(step: Step) -> Decision:
    """To an agency (national admin) or to a unit of the own agency, at any depth (agency admin)."""
    target = _chosen(step)
    report = step.report
    details: dict[str, Any] = {"office": target.id}
    if step.to is State.AT_AGENCY:
        changes: dict[str, Any] = {"agency_id": target.id, "unit_id": None}
        if target.id != report.agency_id:
            changes["unit_returns"] = 0
        if report.flagged:  # sop.md §5: made with the whole trail in view, it binds
            changes |= {"binding": True, "flagged": False}
            details["binding"] = True
    else:
        changes = {"unit_id": target.id}
    return Decision(
        changes=changes,
        holder_id=target.id,
        words=_side_note(step),
        telling=Telling(NoticeKind.DISPOSED),
        details=details,
        told="arrived",
    )


def dispose_sealed(step: Step) -> Decision:
    """Straight to an oversight unit or a unit that is not accused; only named accounts see it from now on (sop.md §1)."""
    target = _chosen(step)
    accounts = tuple(dict.fromkeys(step.inputs.account_ids))
    if set(accounts) & set(step.inputs.accused_account_ids):
        raise InvalidInput("account_ids", "accused")
    if target.id in step.inputs.accused_office_ids:
        raise InvalidInput("office_id", "accused")
    return Decision(
        changes={"agency_id": target.agency_id, "unit_id": target.id, "sealed": True},
        holder_id=target.id,
        words=_side_note(step),
        telling=Telling(NoticeKind.DISPOSED),
        details={"office": target.id, "cleared": list(accounts)},
        told="arrived",
        then=partial(_seal, step=step),
    )


def _seal(connection: Connection, report: Report, _message_id: int | None, *, step: Step) -> None:
    given = step.inputs
    access.add(connection, report_id=report.id, kind=access.CLEARED, account_ids=given.account_ids)
    access.add(
        connection,
        report_id=report.id,
        kind=access.ACCUSED,
        account_ids=given.accused_account_ids,
        office_ids=given.accused_office_ids,
    )


def hand_back(step: Step) -> Decision:
    """Not within my authority: one level up. The second return flags the report for the national admin."""
    report, numbers = step.report, step.office.numbers.counts
    words = Words("reason", a_reason(step.inputs), messages.NOTE)
    details: dict[str, Any] = {"from": report.holder_id}
    if step.inputs.office_id is not None:
        details["suggested_office"] = offices.node(step.connection, step.office, step.inputs.office_id).id
    if step.inputs.ground is not None:
        details["suggested_ground"] = step.inputs.ground.value
    if step.to is State.RECEIVED:
        count = report.agency_returns + 1
        changes: dict[str, Any] = {"agency_id": None, "unit_id": None, "agency_returns": count}
        holder_id = offices.root_id(step.connection, step.office)
    else:
        count = report.unit_returns + 1
        changes = {"unit_id": None, "unit_returns": count}
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
        changes: dict[str, Any] = {"agency_id": None, "unit_id": None}
        holder_id = offices.root_id(step.connection, step.office)
    else:
        changes, holder_id = {"unit_id": None}, _agency_id(report)
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
    if step.to is State.RECEIVED:
        changes["agency_id"] = None
    if report.state is State.AWAITING_REPORTER and report.before is not None:
        changes["before"] = one_up(step.case, report.before)
    return Decision(changes=changes, holder_id=up, details={"from": report.holder_id}, told="fell_back")


def _agency_id(report: Report) -> int:
    if report.agency_id is None:
        raise InvalidInput("office_id", "no_agency")
    return report.agency_id


def _chosen(step: Step) -> Office:
    """The office that was chosen; that it fits has been checked by the procedure."""
    if step.inputs.office_id is None:
        raise InvalidInput("office_id", "missing")
    row = offices.row(step.connection, step.office, step.inputs.office_id)
    if not row.active:
        raise InvalidInput("office_id", "inactive")
    return offices.node(step.connection, step.office, row.id)


def _side_note(step: Step) -> Words | None:
    """What the one who hands down wants the receiver to know: internal."""
    return Words("note", step.inputs.reason, messages.NOTE) if step.inputs.reason else None
