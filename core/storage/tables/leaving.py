"""The road out: one row is one physical message."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from core.storage.tables.base import Id, key, metadata, ref
from core.storage.types import Encrypted, Instant

outbox = Table(  # one row is one physical message; rows to one address leave in order of id
    "outbox",
    metadata,
    key(),
    Column("channel", String(20), nullable=False),
    ref("address_id", "addresses.id"),
    ref("report_id", "reports.id", null=True, index=True),
    ref("message_id", "messages.id", null=True, index=True),  # an official's words inside it
    Column("kind", String(32), nullable=False),  # the text key that it was rendered from
    Column(
        "clock", String(20), nullable=True
    ),  # a clock that starts with its delivery: silence | clarification | reminder code
    Column("bundle", String(32), nullable=False),  # what was said at once; with `part` the key that stays over repeats
    Column("part", Integer, nullable=False, server_default=text("0")),
    Column("parts", Integer, nullable=False, server_default=text("1")),  # a notice is delivered when its last part is
    Column("payload", Encrypted, nullable=True),  # JSON: text, choices, files, subject, in_reply_to
    Column("language", String(5), nullable=False),
    Column("state", String(10), nullable=False),  # waiting | sending | accepted | delivered | failed | unknown
    Column("repeat_of", Id, ForeignKey("outbox.id"), nullable=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=True),
    Column("lease_owner", String(40), nullable=True),
    Column("vendor_id", String(120), nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant, nullable=True),
    Column("public", Boolean, nullable=False, server_default=text("false")),  # others read along
    CheckConstraint(  # sop.md §7: in public nothing but the invitation, whatever the code above believes
        "NOT public OR (report_id IS NULL AND message_id IS NULL AND clock IS NULL AND kind LIKE 'public.%')", name="public"
    ),
    CheckConstraint("state IN ('waiting','sending','accepted','delivered','failed','unknown')", name="state"),
    Index(
        "ix_outbox_open",
        "address_id",
        "id",
        sqlite_where=text("state IN ('waiting','sending')"),
        postgresql_where=text("state IN ('waiting','sending')"),
    ),
    Index(
        "ix_outbox_due",
        "channel",
        "next_at",
        sqlite_where=text("state IN ('waiting','sending')"),
        postgresql_where=text("state IN ('waiting','sending')"),
    ),
    Index(
        "ix_outbox_sending",
        "channel",
        "lease_until",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(
        "ix_outbox_accepted",
        "channel",
        "done_at",
        sqlite_where=text("state = 'accepted'"),
        postgresql_where=text("state = 'accepted'"),
    ),
    Index(  # what failed lately, counted for monitors
        "ix_outbox_failed",
        "done_at",
        "channel",
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
    Index("ix_outbox_bundle", "bundle"),
    Index("ix_outbox_purge", "done_at", sqlite_where=text("payload IS NOT NULL"), postgresql_where=text("payload IS NOT NULL")),
    Index("ix_outbox_vendor", "channel", "vendor_id"),
)

early_receipts = Table(  # a vendor's word on a message whose vendor id is not committed yet
    "early_receipts",
    metadata,
    key(),
    Column("channel", String(20), nullable=False),
    Column("vendor_id", String(120), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_early_receipts_vendor", "channel", "vendor_id"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    key(),
    ref("outbox_id", "outbox.id", index=True),
    Column("at", Instant, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("fault", String(20), nullable=True),
    Column("detail", String(120), nullable=True),
)
