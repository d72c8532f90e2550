"""A report as the procedure sees it, with what other tables know of it; and whether somebody may see it at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.errors import NotFound
from core.office import Office
from core.procedure.case import Actor, Case, PastHolder
from core.procedure.permissions import may_see
from core.procedure.vocabulary import ClockKind, State
from core.report import Report, Surroundings, case_of
from core.storage import access, clocks, holdings, reports

_LIMITS_OF_A_UNIT = (ClockKind.INITIAL_RESPONSE, ClockKind.ANSWER, ClockKind.SETTLEMENT)


def case_of_report(connection: Connection, office: Office, report: Report, *, now: datetime) -> Case:
    """Loads holders, exceptions and silence of the unit: two statements, a third while a unit holds it."""
    return _case(
        connection,
        office,
        report,
        held=holdings.of_report(connection, report.id),
        unit_silent=_unit_is_silent(connection, office, report, now=now),
    )


def case_for_holders(connection: Connection, office: Office, report: Report) -> Case:
    """The same for asking whether those who hold it now may see it: what is over and what is late does not matter to them."""
    return _case(connection, office, report, held=(), unit_silent=False)


def _case(
    connection: Connection, office: Office, report: Report, *, held: Sequence[holdings.Holding], unit_silent: bool
) -> Case:
    exceptions = access.of_report(connection, report.id)
    needed = {each.office_id for each in held} | {each.office_id for each in exceptions} | {report.agency_id, report.unit_id}
    tree = {each: offices.node(connection, office, each) for each in needed | {report.holder_id} if each is not None}
    around = Surroundings(
        offices=tree,
        past_holders=tuple(PastHolder(tree[each.office_id], each.until) for each in held if each.until is not None),
        returned_by=frozenset(each.office_id for each in held if each.returned),
        supporting_ids=tuple(e.office_id for e in exceptions if e.kind == access.SUPPORTING and e.office_id is not None),
        accused_office_ids=tuple(e.office_id for e in exceptions if e.kind == access.ACCUSED and e.office_id is not None),
        accused_account_ids=frozenset(
            e.account_id for e in exceptions if e.kind == access.ACCUSED and e.account_id is not None
        ),
        cleared_account_ids=frozenset(
            e.account_id for e in exceptions if e.kind == access.CLEARED and e.account_id is not None
        ),
        unit_silent=unit_silent,
    )
    return case_of(report, around)


def case_for(
    connection: Connection, office: Office, *, report_id: int, by: Actor, now: datetime, lock: bool = False
) -> tuple[Report, Case]:
    """The report and its case for somebody. Raises NotFound alike where there is none and where `by` must not see it."""
    report = reports.get(connection, report_id, lock=lock)
    case = case_of_report(connection, office, report, now=now)
    if not may_see(case, by):
        raise NotFound("there is no such report")
    return report, case


def _unit_is_silent(connection: Connection, office: Office, report: Report, *, now: datetime) -> bool:
    """A unit holds it and is past a limit of its own, or past the date that it promised (sop.md §5: "a silent unit")."""
    if report.unit_id is None or report.holder_id != report.unit_id:
        return False
    zone = offices.row(connection, office, report.unit_id).zone
    own_promise = report.handling_state is State.IN_PROGRESS  # at the unit still: what another office promised
    if own_promise and report.promised_on is not None and now.astimezone(ZoneInfo(zone)).date() > report.promised_on:
        return True
    return any(
        clock.kind in _LIMITS_OF_A_UNIT and clock.due_at is not None and clock.due_at <= now
        for clock in clocks.running(connection, report.id)
    )
