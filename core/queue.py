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
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true

from core import piles
from core.piles import Tab
from core.procedure.case import Actor
from core.procedure.vocabulary import Category, Role, State
from core.storage.tables import report_words, reports

PAGE = 50
COUNT_MOST = 1000
WORDS_AMONG = 5000
TERMS_MOST = 5
_MOST_ID = 2**62

_OVER = (State.CLOSED, State.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the queue. `awaits_verdict`: a settlement waits for Beres or Belum.

    `unreachable`: the reporter has addresses, and every one has failed.
    """

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
    unreachable: bool
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
    unreachable: bool = False


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
    *("version", "settlement_at", "replied", "unreachable_since", "referred_at", "address_id"),
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
    key = piles.order()
    query = _lines().where(*piles.pile(actor, tab), *_filtered(filters)).order_by(*key).limit(PAGE + 1)
    if (seen := _read_cursor(after)) is not None:
        query = query.where(_beyond(key, seen))
    rows = list(conn.execute(query))
    if tab is Tab.RUNNING and not actor.has(Role.NATIONAL_ADMIN):
        others = (
            _lines().where(piles.entrusted(actor), piles.open_to(actor), *_filtered(filters)).order_by(*key).limit(PAGE + 1)
        )
        rows += conn.execute(others.where(_beyond(key, seen)) if seen is not None else others)
        rows.sort(key=_in_order)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(tuple(_item(row) for row in rows[:PAGE]), _cursor(last) if last is not None else None)


def waiting_count(conn: Connection, actor: Actor) -> int:
    """How many wait for this person, counted up to `COUNT_MOST`."""
    some = select(reports.c.id).where(*piles.pile(actor, Tab.WAITING)).limit(COUNT_MOST).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def find_words(conn: Connection, actor: Actor, words: str) -> Page:
    """Reports whose title or story holds all of these words, among the newest `WORDS_AMONG` that this person sees."""
    terms = words.split()[:TERMS_MOST]
    if not terms:
        return Page(())
    newest = (
        select(reports.c.id)
        .where(reports.c.id < _MOST_ID, piles.scope(actor), piles.open_to(actor))
        .order_by(reports.c.id.desc())
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


def _filtered(filters: Filters) -> tuple[ColumnElement[bool], ...]:
    category = reports.c.category == filters.category.value if filters.category else true()
    overdue = reports.c.overdue.is_(True) if filters.overdue else true()
    lost = and_(reports.c.unreachable_since.is_not(None), reports.c.address_id.is_not(None))
    return (category, overdue, lost if filters.unreachable else true())


# --- pages ---------------------------------------------------------------------------------------------------------------


def _lines() -> Select[Any]:
    return select(*_COLUMNS).outerjoin(report_words, report_words.c.report_id == reports.c.id)


def _over(conn: Connection, actor: Actor, filters: Filters, after: str | None) -> Page:
    """Newest first, each state by itself."""
    before = int(after) if after and after.isdecimal() and len(after) < 19 else _MOST_ID
    scope = true() if actor.has(Role.NATIONAL_ADMIN) else piles.scope(actor)
    rows: list[Row[Any]] = []
    for state in _OVER:
        query = _lines().where(
            reports.c.id < before, scope, reports.c.state == state.value, piles.open_to(actor), *_filtered(filters)
        )
        rows += conn.execute(query.order_by(reports.c.id.desc()).limit(PAGE + 1)).all()
    rows.sort(key=lambda row: -row.id)
    more = str(rows[PAGE - 1].id) if len(rows) > PAGE else None
    return Page(tuple(_item(row) for row in rows[:PAGE]), more)


def _beyond(key: Sequence[ColumnElement[Any]], seen: Sequence[Any]) -> ColumnElement[bool]:
    """Lines after `seen` in the order of `key`, column by column (row values would compare untyped)."""
    same: list[ColumnElement[bool]] = []
    ways = []
    for column, value in zip(key, seen, strict=True):
        ways.append(and_(*same, column > value))
        same.append(column == value)
    return or_(*ways)


def _in_order(row: Row[Any]) -> tuple[int, datetime, datetime, int]:
    """`piles.order`, for lines that are here already."""
    return (0 if row.urgent else 1, row.due_at or piles.NEVER, row.received_at, row.id)


def _cursor(row: Row[Any]) -> str:
    due = row.due_at or piles.NEVER
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
        unreachable=row.unreachable_since is not None and row.address_id is not None,
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
    query = _lines().where(
        reports.c.id.in_(set(report_ids)), or_(piles.scope(actor), piles.entrusted(actor)), piles.open_to(actor)
    )
    return {row.id: Titled(row.code, row.official_title or row.title) for row in conn.execute(query)}
