"""Offices and the officials who work there."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, UniqueConstraint, text

from core.storage.tables.base import key, metadata, ref
from core.storage.types import Encrypted, Instant

offices = Table(
    "offices",
    metadata,
    key(),
    Column("kind", String(16), nullable=False),  # OfficeKind
    ref("parent_id", "offices.id", null=True, index=True),
    ref("agency_id", "offices.id", null=True, index=True),  # the agency it belongs to; itself for an agency
    Column("path", String(255), nullable=False, unique=True),  # "/1/4/9/": ids from the root to itself
    Column("name", String(200), nullable=False),
    Column("keywords", JSON, nullable=False),  # list[str]: short names and words people use
    Column("zone", String(40), nullable=False),  # IANA name; WIB, WITA or WIT
    Column("external", Boolean, nullable=False, server_default=text("false")),  # no accounts here (sop.md §2)
    Column("oversight", Boolean, nullable=False, server_default=text("false")),  # inspektorat and the like (sop.md §1)
    Column("limits", JSON, nullable=False),  # own shorter limits; {} = the standard ones
    Column("contact", Encrypted, nullable=True),  # where an external agency's letter goes
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    key(),
    Column("email", String(254), nullable=False, unique=True),  # lower-case
    Column("name", String(200), nullable=False),
    Column("password_hash", String(255), nullable=False),  # Argon2id
    Column("language", String(5), nullable=False),
    Column("demonstration", Boolean, nullable=False, server_default=text("false")),
    Column("disabled_at", Instant, nullable=True),
    Column("created_at", Instant, nullable=False),
)

grants = Table(  # a role at an office; a person may hold several (sop.md §1)
    "grants",
    metadata,
    key(),
    ref("account_id", "accounts.id", index=True),
    Column("role", String(20), nullable=False),
    ref("office_id", "offices.id", index=True),
    UniqueConstraint("account_id", "role", "office_id"),
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    ref("account_id", "accounts.id", index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

throttles = Table(  # counts per key and window: log-in attempts, code look-ups, replies to a flood
    "throttles",
    metadata,
    Column("key", String(96), primary_key=True),  # purpose:hash
    Column("window_at", Instant, nullable=False, index=True),
    Column("count", Integer, nullable=False),
)
