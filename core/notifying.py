"""Officials are told on the desk (sop.md §7): one row for each account that may see the report, with codes only.

Of an urgent report whoever has to act is told by mail too, at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from core import offices, officialmail
from core.casework.seeing import case_for_holders, case_of_report
from core.office import Office
from core.procedure.case import Case
from core.procedure.permissions import may_see
from core.procedure.vocabulary import Audience, OfficeKind, Role
from core.report import Report
from core.storage import accounts, holdings, notifications

ACTING = {OfficeKind.NATIONAL: Role.NATIONAL_ADMIN, OfficeKind.AGENCY: Role.AGENCY_ADMIN, OfficeKind.UNIT: Role.LIAISON}

Seats = tuple[tuple[int, Role], ...]


def holder(connection: Connection, office: Office, report: Report, kind: str, *, now: datetime, but: int | None = None) -> None:
    """Those who have to act now. `but`: the one who did it needs no news of it."""
    _tell(connection, office, report, [seat(connection, office, report.holder_id)], kind, now=now, but=but)


def office(connection: Connection, office: Office, report: Report, office_id: int, kind: str, *, now: datetime) -> None:
    """Those who act at one office, also one that held it until now."""
    seats = [seat(connection, office, office_id)]
    _tell(connection, office, report, seats, kind, now=now, case=case_of_report(connection, office, report, now=now))


def national(connection: Connection, office: Office, report: Report, kind: str, *, now: datetime) -> None:
    """The national admins, at any hour."""
    _tell(connection, office, report, [(offices.root_id(connection, office), Role.NATIONAL_ADMIN)], kind, now=now)


def nationals(connection: Connection, office: Office, kind: str, details: Mapping[str, int], *, now: datetime) -> None:
    """The national admins, of what is no report's: numbers only."""
    root = offices.root_id(connection, office)
    told = [account.id for account in accounts.of_office(connection, root, Role.NATIONAL_ADMIN)]
    notifications.add(connection, account_ids=told, kind=kind, report_id=None, details=dict(details), at=now)


def audience(
    connection: Connection,
    office: Office,
    report: Report,
    named: Iterable[Audience],
    kind: str,
    *,
    now: datetime,
    past: bool = False,
) -> None:
    """Those whom sop.md §6 names for a clock; the reporter is told elsewhere. `past`: and whoever held it before."""
    seats: list[tuple[int, Role]] = []
    if past:
        seats += [seat(connection, office, each.office_id) for each in holdings.of_report(connection, report.id)]
    for each in named:
        if each is Audience.HOLDER:
            seats.append(seat(connection, office, report.holder_id))
        elif each is Audience.LIAISON and report.unit_id is not None:
            seats.append((report.unit_id, Role.LIAISON))
        elif each is Audience.AGENCY_ADMIN and report.agency_id is not None:
            seats.append(seat(connection, office, report.agency_id))
        elif each is Audience.SUPERVISOR and report.agency_id is not None:
            seats.append((report.agency_id, Role.SUPERVISOR))
        elif each is Audience.NATIONAL_ADMIN:
            seats.append((offices.root_id(connection, office), Role.NATIONAL_ADMIN))
    case = case_of_report(connection, office, report, now=now) if past else None
    _tell(connection, office, report, seats, kind, now=now, case=case)


def seat(connection: Connection, office: Office, office_id: int) -> tuple[int, Role]:
    """Who acts for an office: the national admins for an agency that is external or has lost its people (sop.md §1, §2)."""
    row = offices.row(connection, office, office_id)
    if row.external or (row.kind is OfficeKind.AGENCY and office_id not in office.tree(connection).staffed):
        return offices.root_id(connection, office), Role.NATIONAL_ADMIN
    return row.id, ACTING[row.kind]


def _tell(
    connection: Connection,
    office: Office,
    report: Report,
    seats: Iterable[tuple[int, Role]],
    kind: str,
    *,
    now: datetime,
    but: int | None = None,
    case: Case | None = None,
) -> None:
    case = case or case_for_holders(connection, office, report)
    told = [
        account
        for office_id, role in dict.fromkeys(seats)
        for account in accounts.of_office(connection, office_id, role)
        if account.id != but and may_see(case, accounts.actor_of(account))
    ]
    ids = [account.id for account in told]
    notifications.add(connection, account_ids=ids, kind=kind, report_id=report.id, details={"code": report.code}, at=now)
    if report.urgent and kind in officialmail.AT_ONCE:
        officialmail.urgent(connection, office, report, told, now=now)
