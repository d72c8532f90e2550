"""The outbox: one row is one physical message. Rows to one address leave in order of id (design.md, the road, 3).

waiting → sending (committed just before the I/O) → accepted | delivered | failed | unknown, or waiting again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)

from core.channels import Choice, Outcome, OutFile
from core.errors import ConfigurationError
from core.storage import crypto
from core.storage.tables import addresses, delivery_attempts, outbox

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

    @property
    def payload(self) -> str | None:
        """JSON for `part_of`; None once purged. Raises ConfigurationError if it cannot be decrypted."""
        return None if self.sealed is None else crypto.decrypt_text(self.sealed)

    @property
    def key(self) -> str:
        """Stable over repeats; for Message-IDs."""
        return f"{self.bundle}.{self.part}"


_NAMES = tuple(Entry.__dataclass_fields__)
_COLUMNS = [type_coerce(outbox.c.payload, LargeBinary).label(name) if name == "sealed" else outbox.c[name] for name in _NAMES]
_ADDRESS = type_coerce(addresses.c.address, LargeBinary)
_EARLIER = outbox.alias("earlier")
# Spelled out, because a bound value hides the partial indexes.
_EARLIER_OPEN: ColumnElement[bool] = literal_column("earlier.state IN ('waiting','sending')")
_EARLIER_SENDING: ColumnElement[bool] = literal_column("earlier.state = 'sending'")
_SENDING_NOW: ColumnElement[bool] = literal_column("state = 'sending'")
_OUTBOX_WAITING: ColumnElement[bool] = literal_column("outbox.state = 'waiting'")
_OUTBOX_OPEN: ColumnElement[bool] = literal_column("outbox.state IN ('waiting','sending')")

_INSERT = outbox.insert()
_INSERT_ATTEMPT = delivery_attempts.insert()
_BLOCKED = (
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.address_id == outbox.c.address_id,
        _EARLIER_OPEN,
        or_(
            _EARLIER_SENDING,  # a later one too: it overtook a repeat that waited, and may be under way when that is due
            # A repeat that waits for its ten minutes holds nobody up.
            (_EARLIER.c.id < outbox.c.id) & or_(_EARLIER.c.repeat_of.is_(None), _EARLIER.c.next_at <= bindparam("now")),
        ),
    )
    .exists()
)
_HEADS = (
    select(*_COLUMNS, _ADDRESS)
    .join_from(outbox, addresses, addresses.c.id == outbox.c.address_id)
    .where(
        outbox.c.channel == bindparam("channel"),
        outbox.c.next_at <= bindparam("now"),
        _OUTBOX_OPEN,
        _OUTBOX_WAITING,
        ~_BLOCKED,
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(bindparam("limit"))
)
_TO_ONE = addresses.c.lookup == bindparam("to")
_HEADS_TO_ONE = _HEADS.where(_TO_ONE)
_HEADS_LOCKED = _HEADS.with_for_update(of=outbox, skip_locked=True)
_HEADS_TO_ONE_LOCKED = _HEADS_TO_ONE.with_for_update(of=outbox, skip_locked=True)
_SENDING = (
    update(outbox)
    .where(outbox.c.id == bindparam("entry_id"))
    .values(state=SENDING, attempts=outbox.c.attempts + 1, lease_until=bindparam("until"), lease_owner=bindparam("owner"))
)
_LATER = update(outbox).where(outbox.c.id == bindparam("entry_id")).values(next_at=bindparam("at"))
_HOLD_BACK = (
    update(outbox)
    .where(
        outbox.c.address_id == bindparam("of_address"),
        outbox.c.id > bindparam("after_id"),
        _OUTBOX_OPEN,
        _OUTBOX_WAITING,
        outbox.c.next_at < bindparam("at"),
    )
    .values(next_at=bindparam("at"))
)
_BY_IDS = select(*_COLUMNS).where(outbox.c.id.in_(bindparam("ids", expanding=True))).order_by(outbox.c.id).with_for_update()
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("entry_id"))
    .values(
        state=bindparam("new_state"),
        next_at=func.coalesce(bindparam("at", type_=outbox.c.next_at.type), outbox.c.next_at),
        vendor_id=func.coalesce(bindparam("vendor"), outbox.c.vendor_id),
        done_at=bindparam("done"),
        lease_until=None,
        lease_owner=None,
    )
)
_EXPIRED = (
    select(*_COLUMNS)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.lease_until < bindparam("now"), _SENDING_NOW)
    .order_by(outbox.c.id)
    .limit(200)
    .with_for_update(skip_locked=True)
)
_BY_VENDOR = (
    select(*_COLUMNS)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.vendor_id == bindparam("vendor"))
    .order_by(outbox.c.id.desc())
    .limit(1)
    .with_for_update()
)
_BUNDLE = select(*_COLUMNS).where(outbox.c.bundle == bindparam("bundle")).order_by(outbox.c.id).with_for_update()


def enqueue(
    connection: Connection,
    parts: Sequence[Part],
    *,
    channel: str,
    address_id: int,
    language: str,
    now: datetime,
    bundle: str = "",
) -> None:
    """What is said at once, in this order. The caller announces "outbox:<channel>"."""
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
            "next_at": now,
            "created_at": now,
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
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def part_of(payload: str) -> Part:
    """What `enqueue` kept."""
    content = json.loads(payload)
    return Part(
        text=content["text"],
        choices=tuple(Choice(token, label) for token, label in content.get("choices", ())),
        files=tuple(OutFile(Path(path), name, mime) for path, name, mime in content.get("files", ())),
        subject=content.get("subject"),
    )


def any_due(connection: Connection, channel: str, now: datetime, *, to: str | None = None) -> bool:
    """A look without a lock: is there anything to send? `to`: the look-up of the one address that matters."""
    given = {"channel": channel, "now": now, "limit": 1} | ({"to": to} if to else {})
    return connection.execute(_HEADS_TO_ONE if to else _HEADS, given).first() is not None


def heads(connection: Connection, channel: str, *, now: datetime, limit: int, to: str | None = None) -> list[tuple[Entry, str]]:
    """The first open entry of each address that is due, with its address; locked. At most one of an address.

    `to`: only those to the address of this look-up.

    The address is "" where it cannot be decrypted: one altered row must not silence the channel.
    """
    given = {"channel": channel, "now": now, "limit": limit} | ({"to": to} if to else {})
    rows = connection.execute(_HEADS_TO_ONE_LOCKED if to else _HEADS_LOCKED, given)
    found = [(Entry(*row[:-1]), _readable(row[-1])) for row in rows]
    taken: set[int] = set()
    firsts = []
    for entry, address in found:  # a due repeat and the entry after it may both look like a head
        if entry.address_id not in taken:
            taken.add(entry.address_id)
            firsts.append((entry, address))
    return firsts


def _readable(sealed: bytes) -> str:
    try:
        return crypto.decrypt_text(sealed)
    except ConfigurationError:
        return ""


def sending(connection: Connection, ids: Sequence[int], *, owner: str, until: datetime) -> None:
    """To be committed just before the I/O. Counts the attempt."""
    if ids:
        connection.execute(_SENDING, [{"entry_id": one, "owner": owner, "until": until} for one in ids])


def not_sent(connection: Connection, ids: Sequence[int], *, owner: str) -> None:
    """Claimed, but no thread of `owner` has begun to send them: they wait again, and the attempt was none."""
    if ids:
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.state == SENDING, outbox.c.lease_owner == owner)
            .values(state=WAITING, attempts=outbox.c.attempts - 1, lease_until=None, lease_owner=None)
        )


def later(connection: Connection, moments: Mapping[int, datetime]) -> None:
    """Not before these moments (pacing)."""
    if moments:
        connection.execute(_LATER, [{"entry_id": one, "at": at} for one, at in moments.items()])


def hold_back(connection: Connection, entries: Sequence[tuple[Entry, datetime]]) -> None:
    """What waits behind an entry until a moment waits as long: a vendor's long outage must not make every look slow."""
    rows = [{"of_address": entry.address_id, "after_id": entry.id, "at": at} for entry, at in entries]
    if rows:
        connection.execute(_HOLD_BACK, rows)


def locked(connection: Connection, ids: Sequence[int]) -> dict[int, Entry]:
    """Rows as they are now, by id, locked."""
    return {row[0]: Entry(*row) for row in connection.execute(_BY_IDS, {"ids": list(ids)})}


@dataclass(frozen=True, slots=True)
class Settled:
    """A row's new state. `next_at`: when it may be tried again; `done_at`: when it came to its end."""

    entry_id: int
    state: str
    next_at: datetime | None = None
    vendor_id: str | None = None
    done_at: datetime | None = None


def settle(connection: Connection, changes: Sequence[Settled]) -> None:
    if changes:
        rows = [
            {"entry_id": one.entry_id, "new_state": one.state, "at": one.next_at, "vendor": one.vendor_id, "done": one.done_at}
            for one in changes
        ]
        connection.execute(_SETTLE, rows)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended; `detail` is a vendor's code, never words."""

    outbox_id: int
    outcome: str
    fault: str | None = None
    detail: str | None = None


def log_attempts(connection: Connection, attempts: Sequence[Attempt], *, at: datetime) -> None:
    if attempts:
        rows = [
            {
                "outbox_id": a.outbox_id,
                "at": at,
                "outcome": a.outcome,
                "fault": a.fault,
                "detail": (a.detail or "")[:120] or None,
            }
            for a in attempts
        ]
        connection.execute(_INSERT_ATTEMPT, rows)


def expired(connection: Connection, channel: str, now: datetime) -> list[Entry]:
    """In sending with a lease that ran out: whoever sent it died, nobody knows what came of it."""
    return [Entry(*row) for row in connection.execute(_EXPIRED, {"channel": channel, "now": now})]


def by_vendor(connection: Connection, channel: str, vendor_id: str) -> Entry | None:
    """The entry that the vendor knows under this id, locked; the latest of several."""
    row = connection.execute(_BY_VENDOR, {"channel": channel, "vendor": vendor_id}).first()
    return Entry(*row) if row else None


def bundle(connection: Connection, name: str) -> list[Entry]:
    """Everything that was said at once, repeats too, locked."""
    return [Entry(*row) for row in connection.execute(_BUNDLE, {"bundle": name})]


def repeat(connection: Connection, entry: Entry, *, text: str, now: datetime, at: datetime) -> None:
    """The same message once more at `at`, as a row of its own. Nothing if its words were purged."""
    kept = entry.payload
    if kept is None:
        return
    content = json.loads(kept) | {"text": text}
    copied = ("channel", "address_id", "report_id", "message_id", "kind", "clock", "bundle", "part", "parts", "language")
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
