"""What waits for an official, what is under way, what waits for the reporter, what is over: pages of reports, a search.

Cost follows the page, not the table: reports are found by holder and state (`ix_reports_queue`), a national admin's that are
over newest first along the key; words are looked for among the newest `WORDS_AMONG` only. Identity is never
searched.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, false, func, literal, not_, or_, select, true

from core.procedure.case import Actor
from core.procedure.vocabulary import Category, OfficeKind, Role, State
from core.storage.access import ACCUSED, CLEARED, SUPPORTING
from core.storage.tables import accounts, grants, offices, report_access, report_words, reports
from core.storage.types import Instant

PAGE = 50
COUNT_MOST = 1000
WORDS_AMONG = 5000
TERMS_MOST = 5
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_MOST_ID = 2**62

_TO_ACT = (State.RECEIVED, State.AT_AGENCY, State.AT_UNIT, State.IN_PROGRESS)
_OVER = (State.CLOSED, State.ARCHIVED)
_READING = (Role.AGENCY_ADMIN, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR)


class Tab(StrEnum):
    """The four piles of the desk."""

    WAITING = "waiting"  # I have to act
    RUNNING = "running"  # somebody else has to; with what this person supports or is named for, wherever it stands
    REPORTER = "reporter"  # the reporter has to
    OVER = "over"  # closed or archived


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue. `awaits_verdict`: a settlement waits for Beres or Belum."""

    id: int
    code: str
    state: State
    category: Category
    title: str | None  # None: the words have been erased
    where: str | None
    urgent: bool
    overdue: bool
    sealed: bool
    child: bool
    flagged: bool
    awaits_verdict: bool
    referred: bool
    due_at: datetime | None
    received_at: datetime
    holder_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE` lines; `after` is the cursor of the next page."""

    items: tuple[Item, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    category: Category | None = None
    overdue: bool = False


_SHOWN = (
    *(
        "id",
        "code",
        "state",
        "category",
        "urgent",
        "overdue",
        "sealed",
        "child",
        "flagged",
        "due_at",
        "received_at",
        "holder_id",
    ),
    *("version", "settlement_at", "replied", "unreachable_since", "referred_at"),
)
_COLUMNS = [
    *(reports.c[name] for name in _SHOWN),
    *(report_words.c[name] for name in ("title", "official_title", "where_words")),
]


def page(conn: Connection, actor: Actor, tab: Tab, *, filters: Filters | None = None, after: str | None = None) -> Page:
    """The page of a pile that follows the cursor `after` (one that cannot be read: the first page)."""
    filters = filters or Filters()
    if tab is Tab.OVER:
        return _over(conn, actor, filters, after)
    key = _key()
    query = _lines().where(*_pile(actor, tab), *_filtered(filters)).order_by(*key).limit(PAGE + 1)
    if (seen := _read_cursor(after)) is not None:
        query = query.where(_beyond(key, seen))
    rows = list(conn.execute(query))
    if tab is Tab.RUNNING and not actor.has(Role.NATIONAL_ADMIN):
        entrusted = _lines().where(_entrusted(actor), _open_to(actor), *_filtered(filters)).order_by(*key).limit(PAGE + 1)
        rows += conn.execute(entrusted.where(_beyond(key, seen)) if seen is not None else entrusted)
        rows.sort(key=_in_order)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(tuple(_item(row) for row in rows[:PAGE]), _cursor(last) if last is not None else None)


def waiting_count(conn: Connection, actor: Actor) -> int:
    """How many wait for this person, counted up to `COUNT_MOST`."""
    some = select(reports.c.id).where(*_pile(actor, Tab.WAITING)).limit(COUNT_MOST).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def find_words(conn: Connection, actor: Actor, words: str) -> Page:
    """Reports whose title or story holds all of these words, among the newest `WORDS_AMONG` that this person sees."""
    terms = words.split()[:TERMS_MOST]
    if not terms:
        return Page(())
    newest = (
        select(reports.c.id).where(reports.c.id < _MOST_ID, _scope(actor), _open_to(actor)).order_by(reports.c.id.desc())
    ).limit(WORDS_AMONG)
    held = [
        or_(
            *(
                column.icontains(term, autoescape=True)
                for column in (report_words.c.title, report_words.c.official_title, report_words.c.story)
            )
        )
        for term in terms
    ]
    query = _lines().where(reports.c.id.in_(newest), *held).order_by(reports.c.id.desc()).limit(PAGE)
    return Page(tuple(_item(row) for row in conn.execute(query)))


# --- which reports -------------------------------------------------------------------------------------------------------


def _pile(actor: Actor, tab: Tab) -> tuple[ColumnElement[bool], ...]:
    mine = reports.c.holder_id.in_(_acting(actor))
    verdict = and_(
        reports.c.state == State.IN_PROGRESS.value,
        reports.c.settlement_at.is_not(None),
        reports.c.replied.is_(False),
        reports.c.unreachable_since.is_(None),
    )
    if tab is Tab.WAITING:
        return (mine, reports.c.state.in_(_codes(_TO_ACT)), not_(verdict), _open_to(actor))
    if tab is Tab.RUNNING:
        return (_scope(actor), reports.c.state.in_(_codes(_TO_ACT)), not_(mine), not_(verdict), _open_to(actor))
    asked = reports.c.state == State.AWAITING_REPORTER.value
    open_states = (State.IN_PROGRESS.value, State.AWAITING_REPORTER.value)
    return (_scope(actor), reports.c.state.in_(open_states), or_(asked, verdict), _open_to(actor))


def _entrusted(actor: Actor) -> ColumnElement[bool]:
    """Open reports outside this person's tree all the same: the own unit supports, or a sealed one names this account."""
    units = [unit.id for unit in actor.offices(Role.LIAISON) if unit.kind is OfficeKind.UNIT]
    supports = and_(report_access.c.office_id.in_(units), report_access.c.kind == SUPPORTING)
    named = and_(report_access.c.account_id == actor.account_id, report_access.c.kind == CLEARED)
    entrusted = select(report_access.c.report_id).where(or_(supports, named))
    return and_(
        reports.c.id.in_(entrusted), reports.c.state.in_(_codes((*_TO_ACT, State.AWAITING_REPORTER))), not_(_scope(actor))
    )


def _unstaffed() -> ColumnElement[bool]:
    """Nobody there can act: the office above does (sop.md §1, Holder)."""
    acting = (Role.NATIONAL_ADMIN.value, Role.AGENCY_ADMIN.value, Role.LIAISON.value)
    somebody = (
        select(grants.c.id)
        .join(accounts, accounts.c.id == grants.c.account_id)
        .where(grants.c.office_id == offices.c.id, grants.c.role.in_(acting), accounts.c.disabled_at.is_(None))
    )
    return or_(offices.c.external.is_(True), not_(exists(somebody.correlate(offices))))


def _acting(actor: Actor) -> Select[Any]:
    """The offices for which this person acts (sop.md §1)."""
    own = [grant.office_id for grant in actor.grants if grant.role in (Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON)]
    conditions: list[ColumnElement[bool]] = [offices.c.id.in_(own)]
    if actor.has(Role.NATIONAL_ADMIN):
        conditions.append(and_(offices.c.kind == OfficeKind.AGENCY.value, _unstaffed()))
    if agencies := [agency.id for agency in actor.offices(Role.AGENCY_ADMIN)]:
        conditions.append(and_(offices.c.kind == OfficeKind.UNIT.value, offices.c.agency_id.in_(agencies), _unstaffed()))
    return select(offices.c.id).where(or_(*conditions))


def _scope(actor: Actor) -> ColumnElement[bool]:
    """The reports held in this person's tree; the national admins' tree is everything, said so that the index still serves."""
    if actor.has(Role.NATIONAL_ADMIN):
        return reports.c.holder_id.in_(select(offices.c.id))
    trees = [agency.path for role in _READING for agency in actor.offices(role) if agency.kind is OfficeKind.AGENCY]
    trees += [unit.path for unit in actor.offices(Role.LIAISON) if unit.kind is OfficeKind.UNIT]
    if not trees:
        return false()
    return reports.c.holder_id.in_(select(offices.c.id).where(or_(*(offices.c.path.startswith(path) for path in trees))))


def _open_to(actor: Actor) -> ColumnElement[bool]:
    """`core.procedure.permissions` as a condition: sealed ones for named accounts, none for whom the report accuses."""
    exceptions = select(report_access.c.id).where(report_access.c.report_id == reports.c.id).correlate(reports)
    me = report_access.c.account_id == actor.account_id
    cleared: ColumnElement[bool] = exists(exceptions.where(me, report_access.c.kind == CLEARED))
    accused = exists(exceptions.where(me, report_access.c.kind == ACCUSED))
    national = select(offices.c.id).where(offices.c.kind == OfficeKind.NATIONAL.value)
    if actor.has(Role.NATIONAL_ADMIN):
        somebody = exists(exceptions.where(report_access.c.kind == CLEARED))
        cleared = or_(cleared, not_(somebody), reports.c.holder_id.in_(national))
        return and_(not_(accused), or_(reports.c.sealed.is_(False), cleared))
    above = {int(part) for unit in actor.offices(Role.LIAISON) for part in unit.path.strip("/").split("/")}
    against_us = exists(
        exceptions.where(report_access.c.kind == ACCUSED, report_access.c.office_id.in_(sorted(above)), _is_unit())
    )
    grave = or_(reports.c.needs_inspection.is_(True), reports.c.sealed.is_(True), reports.c.child.is_(True))
    return and_(not_(accused), or_(reports.c.sealed.is_(False), cleared), not_(and_(grave, against_us)))


def _is_unit() -> ColumnElement[bool]:
    return report_access.c.office_id.in_(select(offices.c.id).where(offices.c.kind == OfficeKind.UNIT.value))


def _filtered(filters: Filters) -> tuple[ColumnElement[bool], ...]:
    category = reports.c.category == filters.category.value if filters.category else true()
    return (category, reports.c.overdue.is_(True) if filters.overdue else true())


# --- pages ---------------------------------------------------------------------------------------------------------------


def _lines() -> Select[Any]:
    return select(*_COLUMNS).outerjoin(report_words, report_words.c.report_id == reports.c.id)


def _over(conn: Connection, actor: Actor, filters: Filters, after: str | None) -> Page:
    """Newest first, each state by itself."""
    before = int(after) if after and after.isdecimal() and len(after) < 19 else _MOST_ID
    scope = true() if actor.has(Role.NATIONAL_ADMIN) else _scope(actor)
    rows: list[Row[Any]] = []
    for state in _OVER:
        query = _lines().where(
            reports.c.id < before, scope, reports.c.state == state.value, _open_to(actor), *_filtered(filters)
        )
        rows += conn.execute(query.order_by(reports.c.id.desc()).limit(PAGE + 1)).all()
    rows.sort(key=lambda row: -row.id)
    more = str(rows[PAGE - 1].id) if len(rows) > PAGE else None
    return Page(tuple(_item(row) for row in rows[:PAGE]), more)


def _flag_first(flag: ColumnElement[bool]) -> ColumnElement[int]:
    """0 for what is flagged, so that it comes first on both databases."""
    return case((flag.is_(True), 0), else_=1)


def _key() -> tuple[ColumnElement[Any], ...]:
    """Urgent ones first, then the nearest due date, then the oldest."""
    due = func.coalesce(reports.c.due_at, literal(_NEVER, Instant), type_=Instant)
    return (_flag_first(reports.c.urgent), due, reports.c.received_at, reports.c.id)


def _beyond(key: Sequence[ColumnElement[Any]], seen: Sequence[Any]) -> ColumnElement[bool]:
    """Lines after `seen` in the order of `key`, column by column (row values would compare untyped)."""
    same: list[ColumnElement[bool]] = []
    ways = []
    for column, value in zip(key, seen, strict=True):
        ways.append(and_(*same, column > value))
        same.append(column == value)
    return or_(*ways)


def _in_order(row: Row[Any]) -> tuple[int, datetime, datetime, int]:
    """`_key`, for lines that are here already."""
    return (0 if row.urgent else 1, row.due_at or _NEVER, row.received_at, row.id)


def _cursor(row: Row[Any]) -> str:
    due = row.due_at or _NEVER
    plain = f"{0 if row.urgent else 1}|{due.isoformat()}|{row.received_at.isoformat()}|{row.id}"
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[int, datetime, datetime, int] | None:
    """None for no cursor and for one that is not ours."""
    if not cursor:
        return None
    try:
        flag, due, received, number = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        seen = (int(flag), _instant(due), _instant(received), int(number))
    except (ValueError, OverflowError, binascii.Error):
        return None
    return seen if seen[0] in (0, 1) and 0 < seen[3] < _MOST_ID else None


def _instant(text: str) -> datetime:
    """Raises ValueError, OverflowError for what no row can hold."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a cursor's moments know their zone")
    return at.astimezone(UTC)


def _codes(states: Sequence[State]) -> list[str]:
    return [state.value for state in states]


def _item(row: Row[Any]) -> Item:
    state = State(row.state)
    pending = row.settlement_at is not None and not row.replied and row.unreachable_since is None
    return Item(
        id=row.id,
        code=row.code,
        state=state,
        category=Category(row.category),
        title=row.official_title or row.title,
        where=row.where_words,
        urgent=row.urgent,
        overdue=row.overdue,
        sealed=row.sealed,
        child=row.child,
        flagged=row.flagged,
        awaits_verdict=state is State.IN_PROGRESS and pending,
        referred=row.referred_at is not None,
        due_at=row.due_at,
        received_at=row.received_at,
        holder_id=row.holder_id,
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class Titled:
    """A report by its code and title, for a line that points to it."""

    code: str
    title: str | None


def titles(conn: Connection, actor: Actor, report_ids: Sequence[int]) -> Mapping[int, Titled]:
    """Those of these reports that stand in this person's tree now, by id."""
    query = _lines().where(reports.c.id.in_(set(report_ids)), or_(_scope(actor), _entrusted(actor)), _open_to(actor))
    return {row.id: Titled(row.code, row.official_title or row.title) for row in conn.execute(query)}
