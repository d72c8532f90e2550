"""An office with one door in memory, and looks into its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from core.channels import Capabilities, Raw, Stored
from core.config import Config
from core.errors import StorageUnavailable
from core.handling import handle_next
from core.intake import accept
from core.office import Office
from core.storage import people, tables
from core.storage.engine import Database
from core.storage.files import FileStore
from core.storage.outbox import Part, enqueue
from core.storage.wakeups import Wakeups
from tests.road.postbox import Postbox

FRIDAY = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
"""Friday 13 March 2026, 09:00 in Jakarta."""


class Failing(Database):
    """A real database whose connection can be cut: `away`, or after so many more writes."""

    away = False
    writes_left: int | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        if self.away:
            raise StorageUnavailable("cut off by the test")
        with super().read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self.writes_left is not None:
            self.writes_left -= 1
        if self.away or (self.writes_left is not None and self.writes_left < 0):
            raise StorageUnavailable("cut off by the test")
        with super().write() as connection:
            yield connection


@dataclass
class World:
    """The office, its door, and the moment it is."""

    office: Office
    door: Postbox
    database: Failing
    now: datetime = FRIDAY
    owner: str = field(default="test")

    @property
    def doors(self) -> Mapping[str, Postbox]:
        return {self.door.name: self.door}

    def later(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now

    def accept(self, *raws: Raw) -> Sequence[Stored]:
        return accept(self.office, raws, now=self.now)

    def handle(self, lanes_at_once: int = 8) -> int:
        return handle_next(self.office, self.doors, owner=self.owner, now=self.now, lanes_at_once=lanes_at_once)

    def handle_all(self) -> None:
        while self.handle():
            pass

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows in order of their first column."""
        source = tables.metadata.tables[table]
        query = select(source).order_by(next(iter(source.c)))
        for name, value in where.items():
            query = query.where(source.c[name] == value)
        with self.office.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def states(self) -> dict[str, str]:
        """State of each delivery by source id."""
        return {row["source_id"]: row["state"] for row in self.rows("inbox")}

    def write_to(self, name: str, *texts: str, **part: Any) -> None:
        """Puts messages to a person into the outbox, one after the other."""
        with self.office.database.write() as connection:
            address, _ = people.ensure_address(
                connection, channel=self.door.name, value=name, name=None, language="id", verified=True, now=self.now
            )
            for text in texts:
                enqueue(
                    connection, [Part(text, **part)], channel=self.door.name, address_id=address.id, language="id", now=self.now
                )

    def outbox(self) -> dict[str, str]:
        """State of each outgoing message by its text."""
        from core.storage.outbox import part_of

        return {part_of(row["payload"]).text: row["state"] for row in self.rows("outbox")}


def open_world(url: str, folder: Path, capabilities: Capabilities) -> World:
    door = Postbox(capabilities=capabilities)
    database = Failing(url)
    office = Office(
        config=Config(database=url),
        database=database,
        files=FileStore(folder / "files"),
        wakeups=Wakeups(database),
        channels={door.name: capabilities},
    )
    with database.write() as connection:
        connection.execute(
            tables.offices.insert().values(
                id=1, kind="national", path="/1/", name="Pusat", keywords=[], zone="Asia/Jakarta", limits={}, created_at=FRIDAY
            )
        )
    return World(office, door, database)


def with_capabilities(world: World, **changes: Any) -> World:
    """The same office with a door that can do something else."""
    capabilities = replace(world.door.capabilities, **changes)
    world.door.capabilities = capabilities
    return replace(world, office=replace(world.office, channels={world.door.name: capabilities}))
