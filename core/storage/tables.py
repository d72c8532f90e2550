"""The whole schema. Instants are aware UTC (`Instant`); codes are short strings from `core/procedure/vocabulary.py`.

People's words, names, addresses and files live in tables that can be erased (`people`, `addresses`, `report_words`, `messages`,
`attachments`, `outbox`, `inbox`, `conversations`); `history` and `audit` hold ids, codes and salted hashes only.
"""

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
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.types import Encrypted, EncryptedBytes, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(target), nullable=null, index=index)


# --- offices and officials -------------------------------------------------------------------------------------------

offices = Table(
    "offices",
    metadata,
    _id(),
    Column("kind", String(16), nullable=False),  # OfficeKind
    _ref("parent_id", "offices.id", null=True, index=True),
    _ref("agency_id", "offices.id", null=True, index=True),  # the agency it belongs to; itself for an agency
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
    _id(),
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
    _id(),
    _ref("account_id", "accounts.id", index=True),
    Column("role", String(20), nullable=False),
    _ref("office_id", "offices.id", index=True),
    UniqueConstraint("account_id", "role", "office_id"),
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("account_id", "accounts.id", index=True),
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

# --- people and conversations ------------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    _id(),
    Column("name", Encrypted, nullable=True),
    Column("language", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant, nullable=True),
)

addresses = Table(
    "addresses",
    metadata,
    _id(),
    _ref("person_id", "people.id", index=True),
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
    _id(),
    Column("lane_id", Id, ForeignKey("lanes.id"), nullable=False, unique=True),
    _ref("address_id", "addresses.id", index=True),
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

# --- the road in -------------------------------------------------------------------------------------------------------

lanes = Table(  # the unit of claim: one sender's waiting messages
    "lanes",
    metadata,
    _id(),
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
    _id(),
    Column("channel", String(20), nullable=False),
    Column("source_id", String(200), nullable=False),
    _ref("lane_id", "lanes.id"),
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

# --- reports -------------------------------------------------------------------------------------------------------------

reports = Table(
    "reports",
    metadata,
    _id(),
    Column("code", String(16), nullable=False, unique=True),  # tracking code, canonical (no dashes)
    _ref("person_id", "people.id", null=True, index=True),
    _ref("address_id", "addresses.id", null=True),  # where its notices go
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
    _ref("holder_id", "offices.id"),  # the office that has to act now
    _ref("agency_id", "offices.id", null=True),
    _ref("unit_id", "offices.id", null=True),
    _ref("asker_id", "offices.id", null=True),  # who asked the question it waits for
    _ref("lead_id", "reports.id", null=True, index=True),  # a duplicate's lead
    _ref("origin_id", "reports.id", null=True),  # split from, or re-reported after
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
    _ref("who_office_id", "offices.id", null=True),
    Column("hoped", Text, nullable=True),
    Column("evidence_none", Boolean, nullable=False, server_default=text("false")),
)

report_access = Table(  # sealed reports: only these accounts; accused: these never (sop.md §1)
    "report_access",
    metadata,
    _id(),
    _ref("report_id", "reports.id", index=True),
    _ref("account_id", "accounts.id", null=True),
    _ref("office_id", "offices.id", null=True),
    Column("kind", String(12), nullable=False),  # cleared | accused | supporting
)

holdings = Table(  # who held it and when; the trail of a return, and what past holders may still read
    "holdings",
    metadata,
    _id(),
    _ref("report_id", "reports.id", index=True),
    _ref("office_id", "offices.id", index=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=True),
    Column("returned", Boolean, nullable=False, server_default=text("false")),
)

history = Table(
    "history",
    metadata,
    _id(),
    _ref("report_id", "reports.id", index=True),
    Column("at", Instant, nullable=False),
    Column("move", String(20), nullable=False),
    Column("from_state", String(20), nullable=False),
    Column("to_state", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    _ref("account_id", "accounts.id", null=True),
    _ref("office_id", "offices.id", null=True),  # the office the move went to, or that acted
    Column("message_id", Id, nullable=True),  # the words that went with it, while they exist
    Column("details", JSON, nullable=False),  # codes and ids only
)

messages = Table(  # words both ways, and notes
    "messages",
    metadata,
    _id(),
    _ref("report_id", "reports.id", null=True, index=True),
    _ref("conversation_id", "conversations.id", null=True, index=True),
    Column("direction", String(4), nullable=False),  # in | out | note
    Column(
        "kind", String(20), nullable=False
    ),  # story, addition, answer, edit, question, response, progress, settlement, reason, note, …
    Column("words", Text, nullable=False),
    _ref("account_id", "accounts.id", null=True),
    Column("inbox_id", Id, nullable=True),
    Column("source_id", String(200), nullable=True),
    _ref("edits_id", "messages.id", null=True),
    Column("possible_identity", Boolean, nullable=False, server_default=text("false")),
    Column("at", Instant, nullable=False),
    Index("ix_messages_source", "conversation_id", "source_id"),
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
    _id(),
    _ref("message_id", "messages.id", null=True, index=True),
    _ref("report_id", "reports.id", null=True, index=True),
    _ref("conversation_id", "conversations.id", null=True, index=True),
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

# --- the road out ----------------------------------------------------------------------------------------------------------

outbox = Table(  # one row is one physical message; rows to one address leave in order of id
    "outbox",
    metadata,
    _id(),
    Column("channel", String(20), nullable=False),
    _ref("address_id", "addresses.id"),
    _ref("report_id", "reports.id", null=True, index=True),
    _ref("message_id", "messages.id", null=True, index=True),  # an official's words inside it
    Column("kind", String(32), nullable=False),  # the text key that it was rendered from
    Column(
        "clock", String(20), nullable=True
    ),  # a clock that starts with its delivery: silence | clarification | reminder code
    Column("bundle", String(32), nullable=False),  # what was said at once; with `part` the key that stays over repeats
    Column("part", Integer, nullable=False, server_default=text("0")),
    Column("parts", Integer, nullable=False, server_default=text("1")),  # a notice is delivered when its last part is
    Column("payload", Encrypted, nullable=True),  # JSON: text, choices, files, subject
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
    Index("ix_outbox_bundle", "bundle"),
    Index("ix_outbox_purge", "done_at", sqlite_where=text("payload IS NOT NULL"), postgresql_where=text("payload IS NOT NULL")),
    Index("ix_outbox_vendor", "channel", "vendor_id"),
)

early_receipts = (
    Table(  # a vendor's word on a message whose vendor id was not committed yet; matched later, or dropped after a day
        "early_receipts",
        metadata,
        _id(),
        Column("channel", String(20), nullable=False),
        Column("vendor_id", String(120), nullable=False),
        Column("outcome", String(10), nullable=False),
        Column("at", Instant, nullable=False),
        Index("ix_early_receipts_vendor", "channel", "vendor_id"),
    )
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    _id(),
    _ref("outbox_id", "outbox.id", index=True),
    Column("at", Instant, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("fault", String(20), nullable=True),
    Column("detail", String(120), nullable=True),
)

# --- clocks, jobs, calendar ------------------------------------------------------------------------------------------------

clocks = Table(
    "clocks",
    metadata,
    _id(),
    _ref("report_id", "reports.id", index=True),
    _ref("office_id", "offices.id", null=True),  # whose leg it is
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
    _id(),
    Column("day", Date, nullable=False, index=True),
    Column("working", Boolean, nullable=False),  # true: a working day after all; false: a day off
    Column("name", String(120), nullable=False),
    Column("reason", String(300), nullable=False),
    _ref("account_id", "accounts.id", null=True),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant, nullable=True),
)

channel_states = Table(  # what running channels say of themselves, for the desk and /readyz
    "channel_states",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("last_success_at", Instant, nullable=True),
    Column("trouble", String(40), nullable=True),
    Column("at", Instant, nullable=False),
)

# --- officials are told; the trail ----------------------------------------------------------------------------------------

notifications = Table(
    "notifications",
    metadata,
    _id(),
    _ref("account_id", "accounts.id"),
    _ref("report_id", "reports.id", null=True),
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
    _id(),
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
