"""What is handled as one message, and in which order (design.md, the road, 2).

The sender's order inside a lane is `Inbound.sent_at`; a message without it keeps its place behind the one accepted before it;
what is sent at the same moment keeps the order of acceptance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.storage.inbox import InboxRow


@dataclass(frozen=True, slots=True)
class Unit:
    """What is handled as one message: a delivery, or the parts of one group."""

    rows: tuple[InboxRow, ...]

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]

    @property
    def ready_at(self) -> datetime:
        return max(row.ready_at for row in self.rows)

    @property
    def attempts(self) -> int:
        return max(row.attempts for row in self.rows)


def units_of(rows: Sequence[InboxRow]) -> tuple[Unit, ...]:
    """Deliveries of one group belong together, at the place of the first."""
    together: dict[object, list[InboxRow]] = {}
    for row in rows:
        together.setdefault(row.group_key or row.id, []).append(row)
    return tuple(Unit(tuple(parts)) for parts in together.values())


def in_senders_order(units: Sequence[Unit], sent_at: Mapping[int, datetime | None]) -> list[Unit]:
    """`sent_at` by the id of a unit's first row."""
    latest = datetime.min.replace(tzinfo=UTC)
    keyed: list[tuple[datetime, int, Unit]] = []
    for place, unit in enumerate(units):
        moment = sent_at.get(unit.rows[0].id)
        keyed.append((moment or latest, place, unit))
        latest = max(latest, moment) if moment else latest
    return [unit for _, _, unit in sorted(keyed, key=lambda item: item[:2])]
