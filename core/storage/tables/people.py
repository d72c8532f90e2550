"""People, where they can be written to, and what was said last."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from core.storage.tables.base import Id, key, metadata, ref
from core.storage.types import Encrypted, Instant

people = Table(
    "people",
    metadata,
    key(),
    Column("name", Encrypted, nullable=True),
    Column("language", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant, nullable=True),
)

addresses = Table(
    "addresses",
    metadata,
    key(),
    ref("person_id", "people.id", index=True),
    Column("channel", String(20), nullable=False),
    Column("address", Encrypted, nullable=False),
    Column("lookup", String(64), nullable=False),  # keyed HMAC of the address
    Column("verified", Boolean, nullable=False, server_default=text("true")),
    Column("seen_at", Instant, nullable=False),  # last word from there
    Column("gone_at", Instant, nullable=True),  # blocked us or does not exist any more
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "lookup"),
)

conversations = Table(  # one for each lane that a person has spoken in
    "conversations",
    metadata,
    key(),
    Column("lane_id", Id, ForeignKey("lanes.id"), nullable=False, unique=True),
    ref("address_id", "addresses.id", index=True),
    Column("channel", String(20), nullable=False),
    Column("session", Encrypted, nullable=True),  # dialogue session as JSON
    Column("script_version", Integer, nullable=False),
    Column("tick_at", Instant, nullable=True),  # next moment at which the dialogue wants to be woken
    Column("spoke_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("0")),
    Index(
        "ix_conversations_due",
        "tick_at",
        sqlite_where=text("tick_at IS NOT NULL"),
        postgresql_where=text("tick_at IS NOT NULL"),
    ),
)
