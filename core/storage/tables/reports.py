"""Reports, their words, their trail and their files."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from core.storage.tables.base import Id, key, metadata, ref
from core.storage.types import Encrypted, Instant

reports = Table(
    "reports",
    metadata,
    key(),
    Column("code", String(16), nullable=False, unique=True),  # tracking code, canonical (no dashes)
    ref("person_id", "people.id", null=True, index=True),
    ref("address_id", "addresses.id", null=True),  # where its notices go
    Column("channel", String(20), nullable=False),
    Column("language", String(5), nullable=False),
    Column("state", String(20), nullable=False),
    Column("before", String(20), nullable=True),  # state to return to from awaiting_reporter or archived
    Column("category", String(24), nullable=False),
    Column("classified", Boolean, nullable=False, server_default=text("false")),  # an official has confirmed the category
    Column("needs_inspection", Boolean, nullable=False, server_default=text("false")),
    Column("privacy", String(12), nullable=False),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("sealed", Boolean, nullable=False, server_default=text("false")),
    Column("child", Boolean, nullable=False, server_default=text("false")),
    Column("overdue", Boolean, nullable=False, server_default=text("false")),
    Column("flagged", Boolean, nullable=False, server_default=text("false")),  # a second return: before the national admin
    Column("binding", Boolean, nullable=False, server_default=text("false")),
    Column("final", Boolean, nullable=False, server_default=text("false")),
    Column("objected", Boolean, nullable=False, server_default=text("false")),
    Column("withdraw_wish", Boolean, nullable=False, server_default=text("false")),
    ref("holder_id", "offices.id"),  # the office that has to act now
    ref("agency_id", "offices.id", null=True),
    ref("unit_id", "offices.id", null=True),
    ref("asker_id", "offices.id", null=True),  # who asked the question it waits for
    ref("lead_id", "reports.id", null=True, index=True),  # a duplicate's lead
    ref("origin_id", "reports.id", null=True),  # split from, or re-reported after
    Column("agency_returns", Integer, nullable=False, server_default=text("0")),
    Column("unit_returns", Integer, nullable=False, server_default=text("0")),
    Column("settlements", Integer, nullable=False, server_default=text("0")),
    Column("settled_at", Instant, nullable=True),  # when the last settlement was delivered
    Column("not_settled", Integer, nullable=False, server_default=text("0")),
    Column("disputes", Integer, nullable=False, server_default=text("0")),
    Column("finding", String(12), nullable=True),  # proven | partly | not
    Column("rating", Integer, nullable=True),
    Column("promised_on", Date, nullable=True),
    Column("promise_missed_at", Instant, nullable=True),
    Column("received_at", Instant, nullable=False),  # the clocks' start
    Column("arrived_on", Date, nullable=True),  # registered reports: the day it reached the office
    Column("holder_since", Instant, nullable=False),
    Column("followed_up_at", Instant, nullable=True),
    Column("closed_at", Instant, nullable=True),
    Column("closing", String(16), nullable=True),
    Column("archived_at", Instant, nullable=True),
    Column("ground", String(24), nullable=True),
    Column("referred_at", Instant, nullable=True),
    Column("due_at", Instant, nullable=True),  # nearest due of its open legs; for the queue
    Column("asked_role", String(20), nullable=True),  # in which role the open question was asked; kept after a give up
    Column("asked_levels", JSON, nullable=False),  # list[Role]: levels whose question was delivered; the first of each pauses
    Column("question_id", Id, nullable=True),  # the open question's message
    Column("question_fields", JSON, nullable=False),  # list[Field]
    Column("question_at", Instant, nullable=True),  # when the open question was delivered
    Column("settlement_at", Instant, nullable=True),  # when the last settlement was put on record
    Column("replied", Boolean, nullable=False, server_default=text("false")),  # a reply that no newer settlement answers
    Column("inspecting", Boolean, nullable=False, server_default=text("false")),  # the inspection has begun
    Column("unreachable_since", Instant, nullable=True),  # last failed attempt, once every known address has failed
    Column("ombudsman_choice", String(16), nullable=True),  # with_identity | without | not_at_all
    Column("ombudsman_asked_at", Instant, nullable=True),
    Column("last_notice", String(32), nullable=True),  # NoticeKind that the reporter heard last
    Column("spoke_at", Instant, nullable=False),  # the last message about it, either way
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("ix_reports_queue", "holder_id", "state", "due_at"),
    Index("ix_reports_agency", "agency_id", "state"),
    Index(
        "ix_reports_promised",
        "promised_on",
        sqlite_where=text("promised_on IS NOT NULL AND promise_missed_at IS NULL"),
        postgresql_where=text("promised_on IS NOT NULL AND promise_missed_at IS NULL"),
    ),
    Index("ix_reports_unit", "unit_id", "state"),
    CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating"),
)

report_words = Table(  # the reporter's own words and what was composed from them; erasable
    "report_words",
    metadata,
    Column("report_id", Id, ForeignKey("reports.id"), primary_key=True),
    Column("title", String(200), nullable=False),  # composed
    Column("official_title", String(200), nullable=True),
    Column("story", Text, nullable=False),
    Column("when_words", String(300), nullable=True),
    Column("when_from", Date, nullable=True),
    Column("when_to", Date, nullable=True),
    Column("where_words", String(500), nullable=True),
    Column("latitude", Float, nullable=True),
    Column("longitude", Float, nullable=True),
    Column("who_words", String(300), nullable=True),
    ref("who_office_id", "offices.id", null=True),
    Column("hoped", Text, nullable=True),
    Column("evidence_none", Boolean, nullable=False, server_default=text("false")),
)

report_access = Table(  # sealed reports: only these accounts; accused: these never (sop.md §1)
    "report_access",
    metadata,
    key(),
    ref("report_id", "reports.id", index=True),
    ref("account_id", "accounts.id", null=True),
    ref("office_id", "offices.id", null=True),
    Column("kind", String(12), nullable=False),  # cleared | accused | supporting
    Index("ix_report_access_account", "account_id", "kind"),
    Index("ix_report_access_office", "office_id", "kind"),
)

holdings = Table(  # who held it and when; the trail of a return, and what past holders may still read
    "holdings",
    metadata,
    key(),
    ref("report_id", "reports.id", index=True),
    ref("office_id", "offices.id", index=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=True),
    Column("returned", Boolean, nullable=False, server_default=text("false")),
)

history = Table(
    "history",
    metadata,
    key(),
    ref("report_id", "reports.id", index=True),
    Column("at", Instant, nullable=False),
    Column("move", String(20), nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    ref("account_id", "accounts.id", null=True),
    ref("office_id", "offices.id", null=True),  # the office the move went to, or that acted
    Column("message_id", Id, nullable=True),  # the words that went with it, while they exist
    Column("details", JSON, nullable=False),  # codes and ids only
)

messages = Table(  # words both ways, and notes
    "messages",
    metadata,
    key(),
    ref("report_id", "reports.id", null=True, index=True),
    ref("conversation_id", "conversations.id", null=True, index=True),
    Column("direction", String(4), nullable=False),  # in | out | note
    Column(
        "kind", String(20), nullable=False
    ),  # story, addition, answer, edit, question, response, progress, settlement, reason, note, …
    Column("words", Text, nullable=False),
    Column("whole", Text, nullable=True),  # everything that stood in the message, where `words` is its newest part
    ref("account_id", "accounts.id", null=True),
    Column("inbox_id", Id, nullable=True),
    Column("source_id", String(200), nullable=True),
    ref("edits_id", "messages.id", null=True),
    Column("possible_identity", Boolean, nullable=False, server_default=text("false")),
    Column("at", Instant, nullable=False),
    Column("deleted_at", Instant, nullable=True),  # its sender took it away at the vendor's; this copy stays
    Column("public", Boolean, nullable=False, server_default=text("false")),  # said where others read along
    Index("ix_messages_source", "source_id", "conversation_id"),
)

blobs = Table(  # content-addressed files; gone with their last reference
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mime", String(100), nullable=False),  # sniffed, never what the sender said
    Column("created_at", Instant, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    key(),
    ref("message_id", "messages.id", null=True, index=True),
    ref("report_id", "reports.id", null=True, index=True),
    ref("conversation_id", "conversations.id", null=True, index=True),
    Column("channel", String(20), nullable=False),
    Column("inbox_id", Id, nullable=True),
    Column("source_id", String(200), nullable=True),  # the message that it came with, as the dialogue's drafts name it
    Column("ref", Encrypted, nullable=True),  # the vendor's handle
    Column("kind", String(12), nullable=False),
    Column("name", Encrypted, nullable=True),
    Column("said_mime", String(100), nullable=True),
    Column("said_bytes", BigInteger, nullable=True),
    Column("inline", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(12), nullable=False),  # FetchState
    Column("sha256", String(64), ForeignKey("blobs.sha256"), nullable=True, index=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=True),  # when to fetch; null: nothing to do
    Column("lease_until", Instant, nullable=True),
    Column("suspect", Boolean, nullable=False, server_default=text("false")),  # its bytes are not what the sender called them
    Column("told", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Index(
        "ix_attachments_due", "next_at", sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL")
    ),
)
