"""Cost follows the work: what has been handled, sent and fetched costs nothing any more, and a week's backlog is worked off."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event

from core.channels import Delivery, Fault, FetchState, Outcome
from core.delivery import deliver_next
from core.fetching import fetch_next
from core.handling import Handler
from core.storage import attachments, claims, conversations, inbox, lanes, outbox, receipts
from tests.road.postbox import raw
from tests.road.world import World

MANY = 100_000

_NUMBERS = {
    "sqlite": f"WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY + 999}) ",
    "postgresql": f"WITH n(i) AS (SELECT generate_series(1000, {MANY + 999})) ",
}
_LONG_AGO = {"sqlite": "'2026-01-01T00:00:00.000000+00:00'", "postgresql": "'2026-01-01T00:00:00Z'::timestamptz"}
_NOTHING = {"sqlite": "X'00'", "postgresql": "'\\x00'::bytea"}
_DONE = (
    ("people", "id, language, created_at", "i, 'id', {at}"),
    (
        "addresses",
        "id, person_id, channel, address, lookup, seen_at, created_at",
        "i, i, 'postbox', {no}, 'a' || i, {at}, {at}",
    ),
    ("lanes", "id, channel, lookup", "i, 'postbox', 'l' || i"),
    ("conversations", "id, lane_id, address_id, channel, script_version, spoke_at", "i, i, i, 'postbox', 1, {at}"),
    (
        "inbox",
        "id, channel, source_id, lane_id, group_key, ready_at, received_at, size_bytes, state, handled_at",
        "i, 'postbox', 's' || i, i, 'g' || i, {at}, {at}, 9, 'handled', {at}",
    ),
    (
        "outbox",
        "id, channel, address_id, kind, bundle, language, state, attempts, next_at, vendor_id, created_at, done_at",
        "i, 'postbox', i, 'x', 'b' || i, 'id', 'delivered', 1, {at}, 'v' || i, {at}, {at}",
    ),
    (
        "attachments",
        "id, conversation_id, channel, source_id, kind, state, attempts, created_at",
        "i, i, 'postbox', 's' || i, 'photo', 'gone', 1, {at}",
    ),
)


def fill(world: World) -> None:
    """Everything of long ago is done; little waits."""
    dialect = world.database.dialect
    words = {"at": _LONG_AGO[dialect], "no": _NOTHING[dialect]}
    with world.office.database.write() as connection:
        for table, columns, values in _DONE:
            numbers = _NUMBERS[dialect]
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({columns}) {numbers} SELECT {values.format(**words)} FROM n"
                if dialect == "sqlite"
                else f"{numbers} INSERT INTO {table} ({columns}) SELECT {values.format(**words)} FROM n"
            )
    with world.office.database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
    for number in range(20):
        world.accept(raw(f"m{number}", "halo", sender=f"p{number}", files=[["f", "photo", None, False]]))
    for _ in range(3):
        world.handle()
    world.later(seconds=1)


@contextmanager
def plans(connection: Connection) -> Iterator[list[str]]:
    """The plans of the statements that run inside, one line for each step."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            seen.append((statement, parameters[0] if many else parameters))

    found: list[str] = []
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(connection, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in seen:
        rows = connection.exec_driver_sql(how + statement, parameters).all()
        found += [f"{row[-1]} ← {statement[:90]}" for row in rows]


def whole_tables(lines: list[str]) -> list[str]:
    big = [table for table, _, _ in _DONE] + ["earlier"]
    bad = []
    for line in lines:
        step = line.partition(" ← ")[0]
        if "Seq Scan on " in step and step.split("Seq Scan on ")[1].split()[0] in big:
            bad.append(line)
        if step.startswith("SCAN ") and step.split()[1] in big and "INDEX" not in step:
            bad.append(line)
    return bad


def test_no_claim_and_no_purge_looks_at_what_is_done(world: World) -> None:
    fill(world)
    now, channels = world.now, [world.door.name]
    before = now - timedelta(days=30)
    looks: dict[str, Callable[[Connection], object]] = {
        "any_ready": lambda c: lanes.any_ready(c, channels, now),
        "claimable": lambda c: lanes.claimable(c, channels, now, 8),
        "first_waiting": lambda c: inbox.first_waiting(c, 1),
        "release": lambda c: lanes.release(c, 5_000),
        "straggler": lambda c: inbox.is_straggler(c, 5_000, "g5000"),
        "of_lane": lambda c: conversations.of_lane(c, 5_000),
        "ticks": lambda c: conversations.due(c, now, 200),
        "any_due": lambda c: claims.any_due(c, world.door.name, now),
        "heads": lambda c: claims.heads(c, world.door.name, now=now, limit=8),
        "expired": lambda c: claims.expired(c, world.door.name, now),
        "by_vendor": lambda c: outbox.by_vendor(c, world.door.name, "v5000"),
        "bundle": lambda c: outbox.bundle(c, "b5000"),
        "receipts": lambda c: receipts.take_matching(c, world.door.name),
        "fetch": lambda c: attachments.claim(c, world.door.name, now=now, until=now, limit=1),
        "erase": lambda c: attachments.erase_draft(c, 5_000, ["s5000"]),
        "purge_inbox": lambda c: inbox.purge(c, world.office.files, before=before),
        "purge_outbox": lambda c: outbox.purge(c, before=before),
        "quarantined": lambda c: inbox.quarantined(c),
    }
    found: dict[str, list[str]] = {}
    for name, look in looks.items():
        with world.office.database.write() as connection:
            with plans(connection) as lines:
                look(connection)
            assert lines, name
            found[name] = whole_tables(lines)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_weeks_backlog_is_worked_off_in_order_with_little_memory(sqlite_world: World) -> None:
    world, total = sqlite_world, 2_000
    for start in range(0, total, 200):
        world.accept(*(raw(f"m{n}", "tolong", sender=f"s{n % 40}") for n in range(start, start + 200)))
    most_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, early = time.monotonic(), 0.0
    done = 0
    while handled := world.handle():
        done += handled
        if not early and done >= total // 4:
            early = time.monotonic() - began
    late = (time.monotonic() - began - early) / 3
    assert set(world.states().values()) == {"handled"}
    assert late < 3 * early  # the last quarter costs no more than the first
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most_before < 64 * 1024  # KiB
    by_lane: dict[int, list[int]] = {}
    for row in sorted(world.rows("messages") or world.rows("inbox"), key=lambda row: row["id"]):
        by_lane.setdefault(row.get("conversation_id") or row["lane_id"], []).append(row["id"])
    assert all(ids == sorted(ids) for ids in by_lane.values())


def test_one_senders_flood_is_read_once_and_not_again_for_each_message(world: World) -> None:
    total = 60
    world.accept(*(raw(f"m{n}", "tolong", sent_at=world.now) for n in range(total)))
    handler = Handler(world.office, world.doors, owner="one")
    while handler.step(world.now):
        pass
    assert set(world.states().values()) == {"handled"}
    assert len(world.door.parsed) <= 3 * total


def test_what_waits_behind_a_message_that_waits_is_not_looked_at_each_time(world: World) -> None:
    world.write_to("budi", "1", "2", "3")
    world.door.outcomes["1"].append(Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=600))
    deliver_next(world.office, world.door, owner="one", now=world.now)
    assert {row["next_at"] >= world.now + timedelta(seconds=600) for row in world.rows("outbox")} == {True}
    world.later(seconds=601)
    while deliver_next(world.office, world.door, owner="one", now=world.now):
        pass
    assert world.door.texts == ["1", "1", "2", "3"]


def test_names_of_files_may_be_anything(world: World) -> None:
    names = ["../../etc/passwd", "a\u202egpj.exe", "", "x" * 5_000, "\0", "C:\\con", "/abs"]
    for number, name in enumerate(names):
        world.door.contents[f"f{number}"] = b"bukti"
        world.accept(raw(f"m{number}", "jalan rusak", sender=f"s{number}", files=[[f"f{number}", "document", name, False]]))
    world.handle_all()
    while fetch_next(world.office, world.door, now=world.now):
        pass
    assert {row["state"] for row in world.rows("attachments")} == {FetchState.STORED.value}
    root = world.office.files.root
    assert {path.parent.parent.parent for path in root.rglob("*") if path.is_file()} == {root}
