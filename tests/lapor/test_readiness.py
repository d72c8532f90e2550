"""`/readyz`: what a monitor reads, and that it stays fast on a large database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from core.office import Office
from core.storage import channelstates, people
from core.storage.tables import inbox, lanes, outbox
from lapor.readiness import readiness

NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)


def entry(address_id: int, state: str, done_at: datetime | None, channel: str = "console") -> dict[str, Any]:
    return {
        "channel": channel,
        "address_id": address_id,
        "kind": "notice",
        "bundle": "b",
        "language": "id",
        "state": state,
        "next_at": NOON,
        "created_at": NOON,
        "done_at": done_at,
    }


@pytest.fixture
def address(office: Office) -> int:
    with office.database.write() as conn:
        made, _ = people.ensure_address(
            conn, channel="console", value="warga", name=None, language="id", verified=True, now=NOON
        )
        return made.id


def put(office: Office, *rows: dict[str, Any]) -> None:
    with office.database.write() as conn:
        conn.execute(insert(outbox), list(rows))


def test_what_waits_and_what_failed_in_the_last_day_is_told_for_each_channel(office: Office, address: int) -> None:
    put(
        office,
        entry(address, "waiting", None),
        entry(address, "sending", None),
        entry(address, "failed", NOON - timedelta(hours=23)),
        entry(address, "failed", NOON - timedelta(hours=25)),
        entry(address, "failed", NOON - timedelta(hours=1), channel="other"),
        entry(address, "delivered", NOON),
    )
    with office.database.write() as conn:
        channelstates.keep(conn, "console", last_success_at=NOON, trouble=None, at=NOON)
    told = readiness(office, now=NOON)
    assert told["outbox_waiting"] == {"console": 2}
    assert told["outbox_failed_24h"] == {"console": 1, "other": 1}
    assert told["channels"] == {
        "console": {"last_success_at": NOON, "trouble": None, "at": NOON, "waiting": 2, "failed_24h": 1, "remarks": {}},
    }
    assert told["spool"] == {"waiting": 0, "oldest_at": None, "unreadable": 0}


def test_no_count_walks_through_a_whole_table(office: Office) -> None:
    asked: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(office.database.engine, "before_cursor_execute", note)
    readiness(office, now=NOON)
    event.remove(office.database.engine, "before_cursor_execute", note)
    steps = []
    with office.database.read() as conn:
        for statement, parameters in asked:
            if any(table.name in statement for table in (inbox, lanes, outbox)):
                plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps += [row.detail for row in plan if row.detail.startswith(("SCAN", "SEARCH"))]
    used = {name for step in steps for name in re.findall(r"INDEX (ix_\w+)", step)}
    assert len(steps) == 4
    assert used == {"ix_lanes_ready", "ix_inbox_quarantined", "ix_outbox_due", "ix_outbox_failed"}


def test_a_database_without_tables_says_what_to_run(office: Office) -> None:
    with office.database.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    told = readiness(office, now=NOON)
    assert (told["ready"], told["database"]) == (False, "run lapor migrate")
    assert told["spool"]["waiting"] == 0
