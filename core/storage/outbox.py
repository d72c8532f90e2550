"""The outbox: one row is one physical message. Rows to one address leave in order of id (design.md, the road, 3).

waiting → sending (committed just before the I/O) → accepted | delivered | failed | unknown, or waiting again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Connection,
    LargeBinary,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    type_coerce,
    update,
)

from core.channels import Choice, Outcome, OutFile
from core.storage import crypto
from core.storage.tables import delivery_attempts, outbox

WAITING, SENDING, ACCEPTED, DELIVERED, FAILED, UNKNOWN = "waiting", "sending", "accepted", "delivered", "failed", "unknown"
GAVE_UP = "gave_up"
"""Detail of the last attempt of an entry that was tried long enough."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one physical message carries, already fitted to the channel."""

    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[OutFile, ...] = ()
    subject: str | None = None
    kind: str = ""  # the text key that it was rendered from
    clock: str | None = None  # starts when the whole bundle is delivered
    report_id: int | None = None
    message_id: int | None = None  # an official's words inside it
    in_reply_to: str | None = None  # source id of the person's message that it answers
    public: bool = False  # where others read along: nothing but the invitation; the table refuses anything else
    gathers: str | None = None  # what a later notice must know to take its place (core/merging.py)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `sealed` is what it carries, encrypted, None once purged: decrypted only where it is needed."""

    id: int
    channel: str
    address_id: int
    report_id: int | None
    message_id: int | None
    kind: str
    clock: str | None
    bundle: str
    part: int
    parts: int
    sealed: bytes | None = field(repr=False)
    language: str
    state: str
    repeat_of: int | None
    attempts: int
    vendor_id: str | None
    lease_owner: str | None
    created_at: datetime
    public: bool

    @property
    def payload(self) -> str | None:
        """JSON for `part_of`; None once purged. Raises ConfigurationError if it cannot be decrypted."""
        return None if self.sealed is None else crypto.decrypt_text(self.sealed)

    @property
    def key(self) -> str:
        """Stable over repeats; for Message-IDs."""
        return f"{self.bundle}.{self.part}"


_NAMES = tuple(Entry.__dataclass_fields__)
COLUMNS = [type_coerce(outbox.c.payload, LargeBinary).label(name) if name == "sealed" else outbox.c[name] for name in _NAMES]
_INSERT = outbox.insert()
_BY_IDS = select(*COLUMNS).where(outbox.c.id.in_(bindparam("ids", expanding=True))).order_by(outbox.c.id).with_for_update()
_BY_VENDOR = (
    select(*COLUMNS)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.vendor_id == bindparam("vendor"))
    .order_by(outbox.c.id.desc())
    .limit(1)
    .with_for_update()
)
_ANSWERED = (
    select(outbox.c.kind, outbox.c.address_id, outbox.c.report_id)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.vendor_id == bindparam("vendor"))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_WAITING_FOR = (
    select(*COLUMNS)
    .where(outbox.c.address_id == bindparam("address_id"), literal_column("state = 'waiting'"))
    .order_by(outbox.c.id)
    .with_for_update()
)
_BUNDLE = select(*COLUMNS).where(outbox.c.bundle == bindparam("bundle")).order_by(outbox.c.id).with_for_update()


def enqueue(
    connection: Connection,
    parts: Sequence[Part],
    *,
    channel: str,
    address_id: int,
    language: str,
    now: datetime,
    bundle: str = "",
    at: datetime | None = None,
) -> None:
    """What is said at once, in this order; not before `at`. The caller announces "outbox:<channel>"."""
    bundle = bundle or uuid4().hex
    rows = [
        {
            "channel": channel,
            "address_id": address_id,
            "report_id": part.report_id,
            "message_id": part.message_id,
            "kind": part.kind[:32],
            "clock": part.clock,
            "bundle": bundle,
            "part": number,
            "parts": len(parts),
            "payload": _dump(part),
            "language": language,
            "state": WAITING,
            "next_at": at or now,
            "created_at": now,
            "public": part.public,
        }
        for number, part in enumerate(parts)
    ]
    if rows:
        connection.execute(_INSERT, rows)


def _dump(part: Part) -> str:
    content: dict[str, Any] = {"text": part.text}
    if part.choices:
        content["choices"] = [[choice.token, choice.label] for choice in part.choices]
    if part.files:
        content["files"] = [[str(file.path), file.name, file.mime] for file in part.files]
    if part.subject is not None:
        content["subject"] = part.subject
    if part.in_reply_to is not None:
        content["in_reply_to"] = part.in_reply_to
    if part.gathers is not None:
        content["gathers"] = part.gathers
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def part_of(payload: str) -> Part:
    """What `enqueue` kept."""
    content = json.loads(payload)
    return Part(
        text=content["text"],
        choices=tuple(Choice(token, label) for token, label in content.get("choices", ())),
        files=tuple(OutFile(Path(path), name, mime) for path, name, mime in content.get("files", ())),
        subject=content.get("subject"),
        in_reply_to=content.get("in_reply_to"),
        gathers=content.get("gathers"),
    )


def locked(connection: Connection, ids: Sequence[int]) -> dict[int, Entry]:
    """Rows as they are now, by id, locked."""
    return {row[0]: Entry(*row) for row in connection.execute(_BY_IDS, {"ids": list(ids)})}


def by_vendor(connection: Connection, channel: str, vendor_id: str) -> Entry | None:
    """The entry that the vendor knows under this id, locked; the latest of several."""
    row = connection.execute(_BY_VENDOR, {"channel": channel, "vendor": vendor_id}).first()
    return Entry(*row) if row else None


@dataclass(frozen=True, slots=True)
class Answered:
    """One of our messages that somebody answers: what it was, to which address it went, which report it was about."""

    kind: str
    address_id: int
    report_id: int | None


def answered(connection: Connection, channel: str, vendor_id: str) -> Answered | None:
    """Our message that the vendor knows under this id; the latest of several. Not locked."""
    row = connection.execute(_ANSWERED, {"channel": channel, "vendor": vendor_id}).first()
    return Answered(*row) if row else None


def bundle(connection: Connection, name: str) -> list[Entry]:
    """Everything that was said at once, repeats too, locked."""
    return [Entry(*row) for row in connection.execute(_BUNDLE, {"bundle": name})]


def waiting_for(connection: Connection, address_id: int) -> list[Entry]:
    """What has not begun to leave for an address, locked."""
    return [Entry(*row) for row in connection.execute(_WAITING_FOR, {"address_id": address_id})]


def repeat(connection: Connection, entry: Entry, *, text: str, now: datetime, at: datetime) -> None:
    """The same message once more at `at`, as a row of its own. Nothing if its words were purged."""
    kept = entry.payload
    if kept is None:
        return
    content = json.loads(kept) | {"text": text}
    copied = (
        "channel",
        "address_id",
        "report_id",
        "message_id",
        "kind",
        "clock",
        "bundle",
        "part",
        "parts",
        "language",
        "public",
    )
    values = {name: getattr(entry, name) for name in copied}
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    connection.execute(
        outbox.insert().values(payload=payload, state=WAITING, next_at=at, created_at=now, repeat_of=entry.id, **values)
    )


def drop_waiting_repeat(connection: Connection, entry_id: int) -> None:
    """The original arrived after all; a repeat that was not tried yet is not needed."""
    connection.execute(delete(outbox).where(outbox.c.repeat_of == entry_id, outbox.c.state == WAITING, outbox.c.attempts == 0))


def move(connection: Connection, entry_id: int, address_id: int) -> None:
    """This entry goes to another address."""
    connection.execute(update(outbox).where(outbox.c.id == entry_id).values(address_id=address_id))


def erase_unreported(connection: Connection, address_id: int) -> None:
    """Erases the words of what was said to an address about a draft, once said (sop.md §3, cancel)."""
    connection.execute(
        update(outbox)
        .where(
            outbox.c.address_id == address_id,
            outbox.c.report_id.is_(None),
            outbox.c.payload.is_not(None),
            outbox.c.done_at.is_not(None),
        )
        .values(payload=None)
    )


def purge(connection: Connection, *, before: datetime, limit: int = 200) -> int:
    """Erases what was carried by messages that came to their end before `before`; how many. Call until 0.

    Their attempts that were only to be repeated go too: a vendor's long outage makes thousands. The last word on each stays.
    """
    due = (
        select(outbox.c.id)
        .where(outbox.c.done_at < before, outbox.c.payload.is_not(None))
        .order_by(outbox.c.done_at)
        .limit(limit)
    )
    ids = list(connection.execute(due).scalars())
    if ids:
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(payload=None))
        again = (delivery_attempts.c.outbox_id.in_(ids)) & (delivery_attempts.c.outcome == Outcome.AGAIN.value)
        connection.execute(delete(delivery_attempts).where(again, func.coalesce(delivery_attempts.c.detail, "") != GAVE_UP))
    return len(ids)
