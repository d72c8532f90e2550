"""Clocks, jobs, the calendar."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint, text

from core.storage.tables.base import key, metadata, ref
from core.storage.types import Instant

clocks = Table(
    "clocks",
    metadata,
    key(),
    ref("report_id", "reports.id", index=True),
    ref("office_id", "offices.id", null=True),  # whose leg it is
    Column("kind", String(20), nullable=False),
    Column("zone", String(40), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("target_days", Integer, nullable=True),
    Column("limit_days", Integer, nullable=False),
    Column("pauses", JSON, nullable=False),  # [[from, to|null, allowance|null], …] ISO instants
    Column("stopped_at", Instant, nullable=True),
    Column("due_at", Instant, nullable=True),  # first instant after the limit; null while paused or stopped
    Column("next_at", Instant, nullable=True),  # next moment at which the sweep has something to do with it
    Column("reminded_at", Instant, nullable=True),  # when the reminder that its effect presupposes arrived
    Column("done", JSON, nullable=False),  # codes of effects that have happened: target, reminder, warning_45, due, …
    Index("ix_clocks_due", "next_at", sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL")),
)

reminders = Table(  # what the reporter is to be reminded of: told outside quiet hours, one message a day (sop.md §7)
    "reminders",
    metadata,
    key(),
    ref("clock_id", "clocks.id"),
    ref("report_id", "reports.id", index=True),
    Column("kind", String(32), nullable=False),  # the notice's
    Column("made_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("told_with", BigInteger, nullable=True),  # told: the first of those that one message told together
    Index("ix_reminders_due", "not_before", sqlite_where=text("told_with IS NULL"), postgresql_where=text("told_with IS NULL")),
    Index("ix_reminders_told", "told_with"),
    UniqueConstraint("clock_id", "kind"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("owner", String(40), nullable=False),
    Column("until", Instant, nullable=False),
)

job_runs = Table(  # an effect happens once: unique by job and slot, in the effect's own transaction
    "job_runs",
    metadata,
    Column("job", String(40), primary_key=True),
    Column("slot", String(120), primary_key=True),
    Column("at", Instant, nullable=False),
)

calendar_changes = Table(
    "calendar_changes",
    metadata,
    key(),
    Column("day", Date, nullable=False, index=True),
    Column("working", Boolean, nullable=False),  # true: a working day after all; false: a day off
    Column("name", String(120), nullable=False),
    Column("reason", String(300), nullable=False),
    ref("account_id", "accounts.id", null=True),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant, nullable=True),
)

channel_states = Table(  # what running channels say of themselves, for the desk and /readyz
    "channel_states",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("last_success_at", Instant, nullable=True),
    Column("trouble", String(40), nullable=True),
    Column("remarks", JSON, nullable=True),  # what officials should know besides: code → parameters
    Column("at", Instant, nullable=False),
)

channel_notes = Table(  # what a channel remembers over restarts: cursors, nothing personal
    "channel_notes",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

spendings = Table(  # what a channel's calls have cost, by day of the office's zone
    "spendings",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("purpose", String(20), primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("micro_usd", BigInteger, nullable=False),  # millionths of a US dollar
)
