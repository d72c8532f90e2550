"""What officials are told, and the trail of who did what."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, LargeBinary, String, Table, text

from core.storage.tables.base import Id, key, metadata, ref
from core.storage.types import Instant

notifications = Table(
    "notifications",
    metadata,
    key(),
    ref("account_id", "accounts.id"),
    ref("report_id", "reports.id", null=True),
    Column("kind", String(32), nullable=False),
    Column("details", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant, nullable=True),
    Index(
        "ix_notifications_unread",
        "account_id",
        "id",
        sqlite_where=text("read_at IS NULL"),
        postgresql_where=text("read_at IS NULL"),
    ),
)

audit = Table(  # append-only (triggers); ids, codes, salted hashes
    "audit",
    metadata,
    key(),
    Column("at", Instant, nullable=False),
    Column("role", String(20), nullable=False),
    Column("account_id", Id, nullable=True),
    Column("action", String(40), nullable=False),
    Column("subject", String(20), nullable=False),
    Column("subject_id", Id, nullable=True),
    Column("details", JSON, nullable=False),
)

audit_chain = Table(  # sealed after the commit by one leased sealer
    "audit_chain",
    metadata,
    Column("position", Id, primary_key=True, autoincrement=False),
    Column("audit_id", Id, nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
)
