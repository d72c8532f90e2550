"""What the conversation may know of the reporter's own reports, from whichever linked address they were filed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from core import offices
from core.dialogue.model import NoticeKind, ReportFacts
from core.notices import last_day
from core.office import Office
from core.procedure.vocabulary import Ground, State
from core.report import Report
from core.storage import people, reports
from core.storage.tables import messages, report_words
from core.storage.tables import reports as reports_table

_OVER = (State.CLOSED.value, State.ARCHIVED.value)
_ANSWERABLE = timedelta(days=90)  # of the calendar: longer than every window of sop.md §5
_SHOWN = 10
_JOINED = reports_table.outerjoin(report_words, report_words.c.report_id == reports_table.c.id).outerjoin(
    messages, messages.c.id == reports_table.c.question_id
)
_EXTRA = (report_words.c.title, report_words.c.official_title, messages.c.words)
_STILL = or_(
    reports_table.c.state.not_in(_OVER),
    reports_table.c.closed_at > bindparam("since", type_=reports_table.c.closed_at.type),
    reports_table.c.archived_at > bindparam("since", type_=reports_table.c.closed_at.type),
)
_MINE = reports_table.c.person_id == bindparam("person_id")
_OURS = reports_table.c.person_id.in_(bindparam("person_ids", expanding=True))
_OWN = reports.query_with_extra(_EXTRA, _JOINED, and_(_MINE, _STILL))
_OWN_LINKED = reports.query_with_extra(_EXTRA, _JOINED, and_(_OURS, _STILL))
"""Built once: every turn of every conversation asks one of them. Whoever is linked with nobody pays nothing for links."""


def facts_for(
    connection: Connection,
    office: Office,
    *,
    person_id: int,
    now: datetime,
    limit: int = _SHOWN,
    linked: Sequence[int] = (),
) -> tuple[ReportFacts, ...]:
    """Newest first: open ones and those that can still be answered. One statement, which on most turns finds nothing.

    `linked`: the rows of `people` that are the same person, this one included; none if there are no others.
    """
    given: dict[str, Any] = {"since": now - _ANSWERABLE, "limit": limit}
    given |= {"person_ids": list(linked)} if linked else {"person_id": person_id}
    found = reports.with_extra(connection, _OWN_LINKED if linked else _OWN, given)
    return tuple(
        _facts(connection, office, report, title=official or title or "", question=question, now=now)
        for report, (title, official, question) in found
    )


_ONE = reports.query_with_extra(
    _EXTRA,
    _JOINED,
    and_(reports_table.c.id == bindparam("report_id"), reports_table.c.person_id.in_(people.everybody(bindparam("person_id")))),
)


_NAMED = reports.query_with_extra(
    _EXTRA,
    _JOINED,
    and_(
        reports_table.c.code.in_(bindparam("codes", expanding=True)),
        reports_table.c.person_id.in_(people.everybody(bindparam("person_id"))),
        _STILL,
    ),
)


def facts_named(
    connection: Connection, office: Office, *, person_id: int, codes: Collection[str], now: datetime
) -> tuple[ReportFacts, ...]:
    """Those of this person with these codes that can still be answered, however many are newer."""
    given: dict[str, Any] = {"person_id": person_id, "codes": list(codes), "since": now - _ANSWERABLE, "limit": len(codes)}
    return tuple(
        _facts(connection, office, report, title=official or title or "", question=question, now=now)
        for report, (title, official, question) in reports.with_extra(connection, _NAMED, given)
    )


_COUNTED = (
    select(func.count(), func.coalesce(func.sum(case((reports_table.c.state.not_in(_OVER), 1), else_=0)), 0))
    .select_from(reports_table)
    .where(reports_table.c.person_id.in_(people.everybody(bindparam("person_id"))), _STILL)
)


def counted(connection: Connection, *, person_id: int, now: datetime) -> tuple[int, int]:
    """How many of this person's reports are open or can still be answered, and how many of them are open."""
    found = connection.execute(_COUNTED, {"person_id": person_id, "since": now - _ANSWERABLE}).one()
    return int(found[0]), int(found[1])


def facts_of(connection: Connection, office: Office, *, person_id: int, report_id: int, now: datetime) -> ReportFacts | None:
    """One report of this person, however old; None if it is not theirs."""
    found = reports.with_extra(connection, _ONE, {"person_id": person_id, "report_id": report_id, "limit": 1})
    for report, (title, official, question) in found:
        return _facts(connection, office, report, title=official or title or "", question=question, now=now)
    return None


def _facts(
    connection: Connection, office: Office, report: Report, *, title: str, question: str | None, now: datetime
) -> ReportFacts:
    holder = offices.row(connection, office, report.holder_id)
    waiting = report.state is State.AWAITING_REPORTER
    return ReportFacts(
        code=report.code,
        title=title,
        state=report.state,
        category=report.category,
        holder_name=holder.name,
        due_on=last_day(report.due_at, holder.zone) if report.due_at else None,
        settled=report.state is State.IN_PROGRESS and report.settlement_at is not None and not report.replied,
        question=(question or "") if waiting else None,
        question_fields=report.question_fields if waiting else (),
        disputable=_disputable(connection, office, report, now),
        objectionable=_objectionable(connection, office, report, now),
        rateable=report.state is State.CLOSED,
        rating=report.rating,
        open=report.is_open,
        received_on=report.received_at.astimezone(ZoneInfo(office.zone)).date(),
        ombudsman_asked=report.ombudsman_asked_at is not None and report.ombudsman_choice is None,
        spoke_at=report.spoke_at,
        last_notice=NoticeKind(report.last_notice) if report.last_notice else None,
        urgent=report.urgent,
    )


def _disputable(connection: Connection, office: Office, report: Report, now: datetime) -> bool:
    """sop.md §5: closed, within ten working days, not after a final decision."""
    if report.state is not State.CLOSED or report.final or report.closed_at is None:
        return False
    return now < office.calendar(None, connection).due_after(report.closed_at, office.numbers.windows.dispute_days)


def _objectionable(connection: Connection, office: Office, report: Report, now: datetime) -> bool:
    """sop.md §5: archived, once, within thirty working days, not spam."""
    if report.state is not State.ARCHIVED or report.objected or report.ground is Ground.SPAM or report.archived_at is None:
        return False
    return now < office.calendar(None, connection).due_after(report.archived_at, office.numbers.windows.object_days)
