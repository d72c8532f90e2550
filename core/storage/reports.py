"""Reports and their words. A change is saved against the version that was read: whoever comes second gets StaleReport."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, select, update

from core import trackingcode
from core.errors import NotFound, StaleReport
from core.procedure.case import OPEN
from core.procedure.vocabulary import Category, Closing, Field, Ground, Privacy, Role, State
from core.report import Report, ReportWords
from core.storage import people
from core.storage.tables import report_words, reports

_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "state": State,
    "before": State,
    "category": Category,
    "privacy": Privacy,
    "closing": Closing,
    "ground": Ground,
    "asked_role": Role,
    "asked_levels": lambda codes: frozenset(Role(code) for code in codes),
    "question_fields": lambda codes: tuple(Field(code) for code in codes),
}
_NAMES = tuple(field.name for field in fields(Report))
_COLUMNS = [reports.c[name] for name in _NAMES]
_WORDS = [report_words.c[field.name] for field in fields(ReportWords)]
_BY_ID = select(*_COLUMNS).where(reports.c.id == bindparam("report_id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_BY_CODE = select(*_COLUMNS).where(reports.c.code == bindparam("code"))
_BY_CODE_LOCKED = _BY_CODE.with_for_update()
_ADD = reports.insert().returning(*_COLUMNS)
_ADD_WORDS = report_words.insert()
_TOUCH = update(reports).where(reports.c.id == bindparam("this_id"))


def _report(row: Sequence[Any]) -> Report:
    values = {
        name: _KINDS[name](value) if name in _KINDS and value is not None else value
        for name, value in zip(_NAMES, row, strict=True)
    }
    return Report(**values)


def _stored(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(str(_stored(each)) for each in value)
    if isinstance(value, tuple):
        return [_stored(each) for each in value]
    return value


def get(connection: Connection, report_id: int, *, lock: bool = False) -> Report:
    """Raises NotFound. `lock`: nobody else changes it until this transaction ends (SQLite has one writer anyway)."""
    row = connection.execute(_BY_ID_LOCKED if lock else _BY_ID, {"report_id": report_id}).first()
    if row is None:
        raise NotFound("there is no such report")
    return _report(row)


def by_code(connection: Connection, code: str, *, lock: bool = False) -> Report:
    """By its canonical tracking code. Raises NotFound."""
    row = connection.execute(_BY_CODE_LOCKED if lock else _BY_CODE, {"code": code}).first()
    if row is None:
        raise NotFound("there is no such report")
    return _report(row)


def followers(connection: Connection, lead_id: int) -> Sequence[Report]:
    """The duplicates that mirror this report, oldest first."""
    return [
        _report(row) for row in connection.execute(select(*_COLUMNS).where(reports.c.lead_id == lead_id).order_by(reports.c.id))
    ]


def held_by(connection: Connection, office_ids: Sequence[int], *, after_id: int = 0, limit: int) -> Sequence[Report]:
    """Open reports that these offices hold, in order of id."""
    still = [each.value for each in OPEN]
    query = (
        select(*_COLUMNS)
        .where(reports.c.holder_id.in_(office_ids), reports.c.state.in_(still), reports.c.id > after_id)
        .order_by(reports.c.id)
        .limit(limit)
    )
    return [_report(row) for row in connection.execute(query)]


def unreachable_of(connection: Connection, person_id: int) -> Sequence[Report]:
    """A reporter's own reports, from any linked address, whose last words reached no address."""
    theirs = reports.c.person_id.in_(people.ids_of(connection, person_id))
    query = select(*_COLUMNS).where(theirs, reports.c.unreachable_since.is_not(None))
    return [_report(row) for row in connection.execute(query.order_by(reports.c.id))]


def of_person(connection: Connection, person_id: int, *, limit: int) -> Sequence[Report]:
    """A reporter's own reports, from any linked address, newest first."""
    theirs = reports.c.person_id.in_(people.ids_of(connection, person_id))
    query = select(*_COLUMNS).where(theirs).order_by(reports.c.id.desc()).limit(limit)
    return [_report(row) for row in connection.execute(query)]


def among(connection: Connection, report_ids: Sequence[int], *, of: Sequence[int]) -> set[int]:
    """Those of these reports that belong to one of these rows of `people`."""
    query = select(reports.c.id).where(reports.c.id.in_(report_ids), reports.c.person_id.in_(of))
    return set(connection.execute(query).scalars()) if report_ids else set()


def hand_over(connection: Connection, *, was: int, goes: int, address_id: int) -> None:
    """All reports of one row of `people` belong to another one, words about them go to this address."""
    values = {"person_id": goes, "address_id": address_id}
    connection.execute(update(reports).where(reports.c.person_id == was).values(values))


def addressed(connection: Connection, person_ids: Sequence[int]) -> Sequence[tuple[int, int, int | None]]:
    """(id, person, address) of all reports of these rows of `people`."""
    query = select(reports.c.id, reports.c.person_id, reports.c.address_id).where(reports.c.person_id.in_(person_ids))
    return [(row.id, row.person_id, row.address_id) for row in connection.execute(query.order_by(reports.c.id))]


def query_with_extra(extra: Sequence[ColumnElement[Any]], joined: FromClause, condition: ColumnElement[bool]) -> Select[Any]:
    """Reports, newest first, at most `:limit`, each with columns of tables that were joined to it; for `with_extra`."""
    query = select(*_COLUMNS, *extra).select_from(joined).where(condition)
    return query.order_by(reports.c.id.desc()).limit(bindparam("limit"))


def with_extra(
    connection: Connection, query: Select[Any], given: Mapping[str, Any]
) -> Sequence[tuple[Report, tuple[Any, ...]]]:
    """What such a query finds."""
    width = len(_NAMES)
    return [(_report(row[:width]), tuple(row[width:])) for row in connection.execute(query, given)]


def words_of(connection: Connection, report_id: int) -> ReportWords:
    """Raises NotFound, also once they have been erased."""
    row = connection.execute(select(*_WORDS).where(report_words.c.report_id == report_id)).first()
    if row is None:
        raise NotFound("the words of this report are not there any more")
    return ReportWords(*row)


def add(connection: Connection, *, words: Mapping[str, Any], **values: Any) -> Report:
    """A new report with its words. Columns that are not given take the table's defaults."""
    stored = {"asked_levels": [], "question_fields": []} | {name: _stored(value) for name, value in values.items()}
    row = connection.execute(_ADD, stored).one()
    report = _report(row)
    connection.execute(_ADD_WORDS, {"report_id": report.id, **words})
    return report


def save(connection: Connection, report: Report, **changes: Any) -> Report:
    """The next version with these columns changed. Raises StaleReport if somebody was faster."""
    stored = {name: _stored(value) for name, value in changes.items()}
    row = connection.execute(
        update(reports)
        .where(reports.c.id == report.id, reports.c.version == report.version)
        .values(version=report.version + 1, **stored)
        .returning(*_COLUMNS)
    ).first()
    if row is None:
        raise StaleReport("somebody changed this report in between: look at it again, then decide")
    return _report(row)


def touch(connection: Connection, report_id: int, **values: Any) -> None:
    """Sets columns that describe rather than decide (due_at, overdue, spoke_at, last_notice): no new version."""
    connection.execute(_TOUCH, {"this_id": report_id} | {name: _stored(value) for name, value in values.items()})


def change_words(connection: Connection, report_id: int, **values: Any) -> None:
    """Sets columns of the report's words."""
    connection.execute(update(report_words).where(report_words.c.report_id == report_id).values(values))


def due_at_of(connection: Connection, report_id: int) -> datetime | None:
    found: datetime | None = connection.execute(select(reports.c.due_at).where(reports.c.id == report_id)).scalar()
    return found


def new_code(connection: Connection, random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """A tracking code that no report has yet, canonical (`core.trackingcode.formatted` for people)."""
    while True:
        code = trackingcode.new(random_below)
        if connection.execute(select(reports.c.id).where(reports.c.code == code)).first() is None:
            return code
