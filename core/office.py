"""The intake office at work: everything a use case needs besides what it is asked to do, in one frozen bundle."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from core import texts
from core.channels import Capabilities
from core.config import Config
from core.dialogue.understanding.offices import Directory, Entry
from core.procedure.calendar import WorkingCalendar
from core.procedure.numbers import Numbers
from core.storage import offices
from core.storage.engine import Database
from core.storage.files import FileStore
from core.storage.offices import OfficeRow
from core.storage.tables import accounts, calendar_changes, grants
from core.storage.tables import offices as offices_table
from core.storage.wakeups import Wakeups

T = TypeVar("T")

_FRESH_SECONDS = 5.0


@dataclass(frozen=True)
class Tree:
    """The directory as it is now: offices by id, and which of them somebody works in."""

    by_id: Mapping[int, OfficeRow]
    staffed: frozenset[int]
    directory: Directory
    root_id: int | None


class _Cached:
    """A value that is read again at most every few seconds, and only if its stamp has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._stamp: object = None
        self._value: Any = None

    def get(self, stamp: Callable[[], object], build: Callable[[], T]) -> T:
        if monotonic() >= self._until or self._value is None:
            with self._lock:
                if monotonic() >= self._until or self._value is None:
                    current = stamp()
                    if current != self._stamp or self._value is None:
                        self._value, self._stamp = build(), current
                    self._until = monotonic() + _FRESH_SECONDS
        value: T = self._value
        return value

    def forget(self) -> None:
        self._until = 0.0


@dataclass(frozen=True)
class Office:
    """Configuration, database, files and what is derived from them. One per process; safe in every thread.

    `owner` names this process in leases. Directory and calendar follow changes by other processes within five seconds;
    `refresh()` makes this process see its own at once.
    """

    config: Config
    database: Database
    files: FileStore
    wakeups: Wakeups
    channels: Mapping[str, Capabilities]
    owner: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}")
    _tree: _Cached = field(default_factory=_Cached, repr=False)
    _calendars: _Cached = field(default_factory=_Cached, repr=False)

    @property
    def numbers(self) -> Numbers:
        """The procedure's numbers (sop.md), as configured."""
        return self.config.procedure

    @property
    def zone(self) -> str:
        """The office's own zone (IANA name)."""
        return self.config.office.timezone

    @property
    def language(self) -> str:
        return self.config.office.language

    def text(self, language: str, key: str, **params: Any) -> str:
        """A sentence of the catalogue; see `core.texts.text`."""
        return texts.text(language, key, **params)

    def tree(self, connection: Connection | None = None) -> Tree:
        """The directory. `connection`: the caller's transaction, so that none is opened inside it."""
        return self._tree.get(
            lambda: self._with(connection, _tree_stamp),
            lambda: self._with(connection, _read_tree),
        )

    def directory(self, connection: Connection | None = None) -> Directory:
        """The offices by the words that people use for them."""
        return self.tree(connection).directory

    def calendar(self, zone: str | None = None, connection: Connection | None = None) -> WorkingCalendar:
        """Working days in `zone` (default: the office's), with the officials' changes (sop.md §6)."""
        changes, made = self._calendars.get(
            lambda: self._with(connection, _calendar_stamp),
            lambda: (self._with(connection, _read_changes), dict[str, WorkingCalendar]()),
        )
        wanted = zone or self.zone
        if wanted not in made:
            off, working = changes
            made[wanted] = WorkingCalendar(wanted, additions=off, removals=working)
        return made[wanted]

    def refresh(self) -> None:
        """Looks at the directory and the calendar anew at the next use."""
        self._tree.forget()
        self._calendars.forget()

    def close(self) -> None:
        self.wakeups.close()
        self.database.dispose()

    def _with(self, connection: Connection | None, read: Callable[[Connection], T]) -> T:
        if connection is not None:
            return read(connection)
        with self.database.read() as own:
            return read(own)


def open_office(config: Config, channels: Mapping[str, Capabilities]) -> Office:
    """The office of this process; keys must have been loaded (`core.storage.crypto.use_keys`)."""
    database = Database(config.database)
    return Office(
        config=config, database=database, files=FileStore(config.files), wakeups=Wakeups(database), channels=dict(channels)
    )


def _tree_stamp(connection: Connection) -> tuple[Any, ...]:
    here = select(func.count(), func.max(offices_table.c.id), func.count().filter(offices_table.c.active)).select_from(
        offices_table
    )
    people = select(func.count(), func.max(grants.c.id)).select_from(grants)
    away = select(func.count(accounts.c.disabled_at), func.max(accounts.c.disabled_at))  # one goes while another comes
    return (
        *connection.execute(here).one(),
        *connection.execute(people).one(),
        *connection.execute(away).one(),
    )


def _read_tree(connection: Connection) -> Tree:
    rows = offices.every(connection)
    by_id = {row.id: row for row in rows}
    entries = [
        Entry(
            id=row.id,
            name=row.name,
            keywords=row.keywords,
            kind=row.kind,
            agency_id=row.agency_id,
            path=_names_above(row, by_id),
        )
        for row in rows
        if row.active and row.parent_id is not None
    ]
    return Tree(
        by_id=by_id,
        staffed=offices.staffed_ids(connection),
        directory=Directory(entries),
        root_id=next((row.id for row in rows if row.parent_id is None), None),
    )


def _names_above(row: OfficeRow, by_id: Mapping[int, OfficeRow]) -> tuple[str, ...]:
    """Names from the agency down to the parent; the national root is nobody's address."""
    above = [by_id[int(part)] for part in row.path.strip("/").split("/")][1:-1]
    return tuple(office.name for office in above)


def _calendar_stamp(connection: Connection) -> tuple[Any, ...]:
    changes = select(func.count(), func.max(calendar_changes.c.id), func.count(calendar_changes.c.undone_at))
    return tuple(connection.execute(changes).one())


def _read_changes(connection: Connection) -> tuple[dict[Any, str], frozenset[Any]]:
    rows = connection.execute(
        select(calendar_changes.c.day, calendar_changes.c.working, calendar_changes.c.name)
        .where(calendar_changes.c.undone_at.is_(None))
        .order_by(calendar_changes.c.id)
    ).all()
    last = {row.day: row for row in rows}
    off = {day: row.name for day, row in last.items() if not row.working}
    return off, frozenset(day for day, row in last.items() if row.working)


def now_utc() -> datetime:
    """The present moment; only the outermost layer (lapor, adapters, the desk's request) asks."""
    return datetime.now(UTC)
