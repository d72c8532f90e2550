"""People, where they can be written to, and what was said last."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

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
    ref("same_as", "people.id", null=True, index=True),  # somebody proved to be both; never a chain: null there
    Column("reminded_on", Date, nullable=True),  # the day of the latest reminder: never two on one day (sop.md §7)
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
    Column("preferred_at", Instant, nullable=True),  # since when the person wants notices here rather than where they reported
    Column("erasing_at", Instant, nullable=True),  # forgotten since; the address itself goes once its last message has left
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "lookup"),
    Index(
        "ix_addresses_erasing",
        "erasing_at",
        sqlite_where=text("erasing_at IS NOT NULL"),
        postgresql_where=text("erasing_at IS NOT NULL"),
    ),
)

link_codes = Table(  # one-time codes that prove that two addresses are one person's
    "link_codes",
    metadata,
    key(),
    Column("lookup", String(64), nullable=False, unique=True),  # keyed HMAC of the code
    ref("address_id", "addresses.id", index=True),  # who was given it, in private
    ref("conversation_id", "conversations.id"),  # what was under way there can go on elsewhere
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=True),
)

links = Table(  # which address proved to be whose, and who took it back
    "links",
    metadata,
    key(),
    ref("address_id", "addresses.id", index=True),  # where the code was entered
    ref("other_address_id", "addresses.id", index=True),  # where it was given
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant, nullable=True),
    ref("undone_by", "addresses.id", null=True),
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
