"""The whole schema. Instants are aware UTC (`Instant`); codes are short strings from `core/procedure/vocabulary.py`.

People's words, names, addresses and files live in tables that can be erased (`people`, `addresses`, `report_words`, `messages`,
`attachments`, `outbox`, `inbox`, `conversations`); `history` and `audit` hold ids, codes and salted hashes only.
"""

from __future__ import annotations

from core.storage.tables.arriving import inbox, lanes
from core.storage.tables.base import metadata
from core.storage.tables.leaving import delivery_attempts, early_receipts, outbox
from core.storage.tables.officials import accounts, desk_sessions, grants, offices, throttles
from core.storage.tables.people import addresses, conversations, link_codes, links, people
from core.storage.tables.reports import attachments, blobs, history, holdings, messages, report_access, report_words, reports
from core.storage.tables.time import (
    calendar_changes,
    channel_notes,
    channel_states,
    clocks,
    job_runs,
    leases,
    reminders,
    spendings,
)
from core.storage.tables.trail import audit, audit_chain, notifications

__all__ = [
    "accounts",
    "addresses",
    "attachments",
    "audit",
    "audit_chain",
    "blobs",
    "calendar_changes",
    "channel_notes",
    "channel_states",
    "clocks",
    "conversations",
    "delivery_attempts",
    "desk_sessions",
    "early_receipts",
    "grants",
    "history",
    "holdings",
    "inbox",
    "job_runs",
    "lanes",
    "leases",
    "link_codes",
    "links",
    "messages",
    "metadata",
    "notifications",
    "offices",
    "outbox",
    "people",
    "reminders",
    "report_access",
    "report_words",
    "reports",
    "spendings",
    "throttles",
]
