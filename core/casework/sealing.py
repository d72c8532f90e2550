"""Sealed reports: only named accounts see them, never those that they accuse (sop.md §1, §3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection

from core import notifying
from core.casework.handing import bound, chosen, returns_by_units, side_note
from core.casework.inputs import a_reason
from core.casework.moving import Decision, Step, Telling, Words
from core.dialogue.model import NoticeKind
from core.errors import InvalidInput, Refused
from core.procedure.vocabulary import OfficeKind
from core.report import Report
from core.storage import access, accounts, messages


def dispose_sealed(step: Step) -> Decision:
    """Straight to an oversight unit or a unit that is not accused; only named accounts see it from now on."""
    target = chosen(step)
    named = _named(step)
    if target.id in step.inputs.accused_office_ids:
        raise InvalidInput("office_id", "accused")
    _somebody_must_act(step, target.id, named)
    details: dict[str, Any] = {"office": target.id, "cleared": list(named)}
    changes = {
        "agency_id": target.agency_id,
        "unit_id": target.id,
        "sealed": True,
        "unit_returns": returns_by_units(step, target.agency_id),
    }
    return Decision(
        changes=changes | bound(step.report, details),
        holder_id=target.id,
        words=side_note(step),
        telling=Telling(NoticeKind.DISPOSED),
        details=details,
        told="arrived",
        then=partial(_shut, step=step),
    )


def seal(step: Step) -> Decision:
    """From now on only the named accounts see it; the national admins too while they hold it."""
    named = _named(step)
    if step.case.holder_kind is not OfficeKind.NATIONAL:
        if step.report.holder_id in step.inputs.accused_office_ids:
            raise Refused("accused_holds")
        _somebody_must_act(step, step.report.holder_id, named)
    return Decision(changes={"sealed": True}, details={"cleared": list(named)}, then=partial(_shut, step=step))


def unseal(step: Step) -> Decision:
    """Lifted by the national admin, with the reason on record; last, what is shut only to the one concerned (a child's)."""
    sealed = step.report.sealed

    def open_up(connection: Connection, report: Report, _message_id: int | None) -> None:
        access.remove(connection, report_id=report.id, kind=access.CLEARED if sealed else access.ACCUSED)

    words = Words("reason", a_reason(step.inputs), messages.NOTE)
    return Decision(changes={"sealed": False}, words=words, details={"lifted": "seal" if sealed else "concerned"}, then=open_up)


def _named(step: Step) -> tuple[int, ...]:
    named = tuple(dict.fromkeys(step.inputs.account_ids))
    if set(named) & set(step.inputs.accused_account_ids):
        raise InvalidInput("account_ids", "accused")
    return named


def _somebody_must_act(step: Step, office_id: int, named: tuple[int, ...]) -> None:
    """A sealed report needs somebody who acts for its holder among those who may open it."""
    seat, role = notifying.seat(step.connection, step.office, office_id)
    if not any(account.id in named for account in accounts.of_office(step.connection, seat, role)):
        raise InvalidInput("account_ids", "nobody_acts")


def _shut(connection: Connection, report: Report, _message_id: int | None, *, step: Step) -> None:
    """Who was named before is not named any more; whom it accuses stays accused."""
    given = step.inputs
    access.remove(connection, report_id=report.id, kind=access.CLEARED)
    access.add(connection, report_id=report.id, kind=access.CLEARED, account_ids=given.account_ids)
    access.add(
        connection,
        report_id=report.id,
        kind=access.ACCUSED,
        account_ids=given.accused_account_ids,
        office_ids=given.accused_office_ids,
    )
