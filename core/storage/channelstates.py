"""What running channels say of themselves, for `/readyz`, `lapor check` and the desk. One row for each channel that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from core.storage.tables import channel_states
from core.storage.upsert import insert

SILENT_AFTER = timedelta(minutes=2)
"""A channel that has said nothing for so long does not run any more, or hangs with its whole process."""
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class ChannelState:
    """`trouble`: a code of `Health.trouble`, "stopped" where a thread of it hangs; `at`: when it was said.

    `remarks` as in `Health`.
    """

    channel: str
    last_success_at: datetime | None
    trouble: str | None
    at: datetime
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def trouble_at(self, now: datetime) -> str | None:
        """The trouble as it looks at `now`: "silent" where nobody has said anything for two minutes."""
        return SILENT if now - self.at > SILENT_AFTER else self.trouble


def keep(
    connection: Connection,
    channel: str,
    *,
    last_success_at: datetime | None,
    trouble: str | None,
    at: datetime,
    remarks: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """The latest word of whoever runs `channel`; the last success of any process counts."""
    given = {"trouble": trouble, "at": at, "remarks": {code: dict(each) for code, each in (remarks or {}).items()}}
    said = insert(connection, channel_states).values(channel=channel, last_success_at=last_success_at, **given)
    kept = func.coalesce(said.excluded.last_success_at, channel_states.c.last_success_at)
    connection.execute(said.on_conflict_do_update(index_elements=["channel"], set_={"last_success_at": kept, **given}))


def forget(connection: Connection, channel: str) -> None:
    """It was stopped on purpose. Another process that runs it too says so again within seconds."""
    connection.execute(delete(channel_states).where(channel_states.c.channel == channel))


def every(connection: Connection) -> list[ChannelState]:
    columns = [channel_states.c[name] for name in ("channel", "last_success_at", "trouble", "at", "remarks")]
    rows = connection.execute(select(*columns).order_by(channel_states.c.channel))
    return [ChannelState(row.channel, row.last_success_at, row.trouble, row.at, row.remarks or {}) for row in rows]
