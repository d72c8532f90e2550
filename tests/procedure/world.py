"""A small government to test the procedure with, and a report that stands well in each state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.procedure.calendar import WorkingCalendar
from core.procedure.case import Actor, Case, Grant, Office
from core.procedure.vocabulary import Category, Ground, OfficeKind, Role, State

CALENDAR = WorkingCalendar("Asia/Jakarta")


def office(office_id: int, kind: OfficeKind, path: str, agency_id: int | None = None, **more: bool) -> Office:
    return Office(office_id, kind, path, agency_id, **more)


NATIONAL = office(1, OfficeKind.NATIONAL, "/1/")
CITY = office(2, OfficeKind.AGENCY, "/1/2/", 2)
HEALTH = office(3, OfficeKind.UNIT, "/1/2/3/", 2)
PUSKESMAS = office(4, OfficeKind.UNIT, "/1/2/3/4/", 2)
SCHOOL = office(5, OfficeKind.UNIT, "/1/2/5/", 2)
INSPECTORATE = office(6, OfficeKind.UNIT, "/1/2/6/", 2, oversight=True)
MINISTRY = office(7, OfficeKind.AGENCY, "/1/7/", 7)
MINISTRY_UNIT = office(8, OfficeKind.UNIT, "/1/7/8/", 7)
EXTERNAL = office(9, OfficeKind.AGENCY, "/1/9/", 9, external=True, staffed=False)
NEIGHBOUR = office(22, OfficeKind.AGENCY, "/1/22/", 22)  # its id begins like the city's

REPORTER_ID = 77
REPORTER = Actor.reporter(REPORTER_ID)
STRANGER = Actor.reporter(78)
SYSTEM = Actor.system()


def official(account_id: int, role: Role, where: Office) -> Actor:
    return Actor.account(account_id, Grant(role, where))


NATIONAL_ADMIN = official(101, Role.NATIONAL_ADMIN, NATIONAL)
AGENCY_ADMIN = official(102, Role.AGENCY_ADMIN, CITY)
LIAISON = official(103, Role.LIAISON, PUSKESMAS)
EXAMINER = official(104, Role.EXAMINER, CITY)
COORDINATOR = official(105, Role.COORDINATOR, CITY)
SUPERVISOR = official(106, Role.SUPERVISOR, CITY)
HEALTH_LIAISON = official(107, Role.LIAISON, HEALTH)
SCHOOL_LIAISON = official(108, Role.LIAISON, SCHOOL)
INSPECTOR = official(109, Role.LIAISON, INSPECTORATE)
OTHER_AGENCY_ADMIN = official(110, Role.AGENCY_ADMIN, MINISTRY)
OTHER_LIAISON = official(111, Role.LIAISON, MINISTRY_UNIT)
NEIGHBOUR_ADMIN = official(112, Role.AGENCY_ADMIN, NEIGHBOUR)

BY_ROLE = {
    Role.REPORTER: REPORTER,
    Role.SYSTEM: SYSTEM,
    Role.NATIONAL_ADMIN: NATIONAL_ADMIN,
    Role.AGENCY_ADMIN: AGENCY_ADMIN,
    Role.LIAISON: LIAISON,
    Role.EXAMINER: EXAMINER,
    Role.COORDINATOR: COORDINATOR,
    Role.SUPERVISOR: SUPERVISOR,
}


def moment(day: str, hour: int = 3) -> datetime:
    """An aware UTC instant; three o'clock UTC is ten in the morning in Jakarta."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


NOW = moment("2026-07-15")  # a Wednesday in a month without holidays
LONG_AGO = moment("2026-06-18")  # more than ten working days before
LATELY = moment("2026-07-13")


def standing(state: State, category: Category = Category.GRIEVANCE, *, held_by: Office | None = None) -> Case:
    """A report to which everything has happened that a guard may ask for, so that only state, role and category decide."""
    with_national = state in (State.RECEIVED, State.ARCHIVED, State.DRAFT)
    holder = held_by or (NATIONAL if with_national else CITY if state is State.AT_AGENCY else PUSKESMAS)
    case = Case(
        state=state,
        category=category,
        classified=True,
        reporter_id=REPORTER_ID,
        holder=holder,
        agency=None if with_national else CITY,
        unit=holder if holder.kind is OfficeKind.UNIT else None,
        notice_shown=True,
        settlements=1,
        followed_up=True,
        settled_at=LONG_AGO,
        settlement_delivered_at=LONG_AGO,
        unreachable_since=LONG_AGO,
        not_settled_count=1,
        dispute_count=1,
        finding_on_record=True,
    )
    if state is State.AWAITING_REPORTER:
        return replace(case, before=State.AT_UNIT, asked_by=Role.LIAISON, question_delivered_at=LONG_AGO)
    if state is State.CLOSED:
        return replace(case, closed_at=LATELY)
    if state is State.ARCHIVED:
        return replace(case, before=State.AT_AGENCY, archived_at=LATELY, ground=Ground.INCOMPLETE)
    return case
