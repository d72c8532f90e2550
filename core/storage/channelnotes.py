"""What a channel remembers over restarts (cursors, never anything personal), and what its calls have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from core.channels import Spending
from core.storage.tables import channel_notes, spendings
from core.storage.upsert import insert


def read(connection: Connection, channel: str, name: str) -> str | None:
    query = select(channel_notes.c.value).where(channel_notes.c.channel == channel, channel_notes.c.name == name)
    value: str | None = connection.execute(query).scalar()
    return value


def write(connection: Connection, channel: str, name: str, value: str | None, *, at: datetime) -> None:
    """None forgets it."""
    if value is None:
        connection.execute(delete(channel_notes).where(channel_notes.c.channel == channel, channel_notes.c.name == name))
        return
    said = insert(connection, channel_notes).values(channel=channel, name=name, value=value, at=at)
    connection.execute(said.on_conflict_do_update(index_elements=["channel", "name"], set_={"value": value, "at": at}))


def spend(connection: Connection, channel: str, day: date, purpose: str, *, calls: int, micro_usd: int) -> None:
    """Adds to what was spent on that day."""
    said = insert(connection, spendings).values(channel=channel, day=day, purpose=purpose, calls=calls, micro_usd=micro_usd)
    more = {
        "calls": spendings.c.calls + said.excluded.calls,
        "micro_usd": spendings.c.micro_usd + said.excluded.micro_usd,
    }
    connection.execute(said.on_conflict_do_update(index_elements=["channel", "day", "purpose"], set_=more))


def spent(connection: Connection, channel: str, day: date) -> Sequence[Spending]:
    """What was spent on that day, by purpose."""
    query = (
        select(spendings.c.purpose, spendings.c.calls, spendings.c.micro_usd)
        .where(spendings.c.channel == channel, spendings.c.day == day)
        .order_by(spendings.c.purpose)
    )
    return [Spending(*row) for row in connection.execute(query)]


def spent_since(connection: Connection, first: date) -> Mapping[str, Mapping[str, Sequence[tuple[date, Spending]]]]:
    """What was spent from that day on: channel → purpose → days, the latest first. Only channels whose calls cost anything."""
    columns = (spendings.c.channel, spendings.c.purpose, spendings.c.day, spendings.c.calls, spendings.c.micro_usd)
    query = select(*columns).where(spendings.c.day >= first).order_by(*columns[:2], spendings.c.day.desc())
    found: dict[str, dict[str, list[tuple[date, Spending]]]] = {}
    for row in connection.execute(query):
        each = Spending(row.purpose, row.calls, row.micro_usd)
        found.setdefault(row.channel, {}).setdefault(row.purpose, []).append((row.day, each))
    return found
