"""The road in: lanes and what waits in them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, UniqueConstraint, text

from core.storage.tables.base import key, metadata, ref
from core.storage.types import EncryptedBytes, Instant

lanes = Table(  # the unit of claim: one sender's waiting messages
    "lanes",
    metadata,
    key(),
    Column("channel", String(20), nullable=False),
    Column("lookup", String(64), nullable=False),  # keyed HMAC of the lane
    Column("ready_at", Instant, nullable=True),  # when its first waiting message may be handled; null: nothing waits
    Column("lease_until", Instant, nullable=True),
    Column("lease_owner", String(40), nullable=True),
    UniqueConstraint("channel", "lookup"),
    Index(
        "ix_lanes_ready", "ready_at", sqlite_where=text("ready_at IS NOT NULL"), postgresql_where=text("ready_at IS NOT NULL")
    ),
)

inbox = Table(
    "inbox",
    metadata,
    key(),
    Column("channel", String(20), nullable=False),
    Column("source_id", String(200), nullable=False),
    ref("lane_id", "lanes.id"),
    Column("group_key", String(120), nullable=True),
    Column("ready_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("body", EncryptedBytes, nullable=True),  # the vendor's bytes; null once purged or when in a file
    Column("body_file", String(64), nullable=True),  # SHA-256 of an encrypted file for bodies over 64 KiB
    Column("size_bytes", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # waiting | handled | quarantined
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # unfinished attempts
    Column("reason", String(200), nullable=True),  # why it is in quarantine: a code and an exception's type, no words
    Column("handled_at", Instant, nullable=True),
    UniqueConstraint("channel", "source_id"),
    CheckConstraint("state IN ('waiting','handled','quarantined')", name="state"),
    Index(
        "ix_inbox_waiting",
        "lane_id",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_quarantined",
        "received_at",
        sqlite_where=text("state = 'quarantined'"),
        postgresql_where=text("state = 'quarantined'"),
    ),
    Index(
        "ix_inbox_group",
        "lane_id",
        "group_key",
        sqlite_where=text("group_key IS NOT NULL"),
        postgresql_where=text("group_key IS NOT NULL"),
    ),
    Index(
        "ix_inbox_purge",
        "handled_at",
        sqlite_where=text("body IS NOT NULL OR body_file IS NOT NULL"),
        postgresql_where=text("body IS NOT NULL OR body_file IS NOT NULL"),
    ),
)
