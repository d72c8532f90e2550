"""What may leave now: the first open message of each address, claimed before it is sent, given back, or lost with its sender.

`sending` is committed just before the I/O; a lease that expires there means that nobody knows what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, LargeBinary, bindparam, literal_column, or_, select, type_coerce, update

from core.channels import KEPT
from core.errors import ConfigurationError
from core.storage import crypto
from core.storage.outbox import COLUMNS, SENDING, WAITING, Entry
from core.storage.tables import addresses, delivery_attempts, outbox

_ADDRESS = type_coerce(addresses.c.address, LargeBinary)
_EARLIER = outbox.alias("earlier")
# Spelled out, because a bound value hides the partial indexes.
_EARLIER_OPEN: ColumnElement[bool] = literal_column("earlier.state IN ('waiting','sending')")
_EARLIER_SENDING: ColumnElement[bool] = literal_column("earlier.state = 'sending'")
_SENDING_NOW: ColumnElement[bool] = literal_column("state = 'sending'")
_ACCEPTED_NOW: ColumnElement[bool] = literal_column("outbox.state = 'accepted'")
_OUTBOX_WAITING: ColumnElement[bool] = literal_column("outbox.state = 'waiting'")
_OUTBOX_OPEN: ColumnElement[bool] = literal_column("outbox.state IN ('waiting','sending')")

_BLOCKED = (
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.address_id == outbox.c.address_id,
        _EARLIER_OPEN,
        or_(
            _EARLIER_SENDING,  # a later one too: it overtook a repeat that waited, and may be under way when that is due
            # A repeat that waits for its ten minutes holds nobody up; neither do an answer in public, which has limits and
            # money of its own, and what is said in private each other.
            (_EARLIER.c.id < outbox.c.id)
            & or_(
                _EARLIER.c.repeat_of.is_(None) & _EARLIER.c.public.is_(False) & outbox.c.public.is_(False),
                _EARLIER.c.next_at <= bindparam("now"),
            ),
        ),
    )
    .exists()
)
_HEADS = (
    select(*COLUMNS, _ADDRESS)
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
_TO_ONE = or_(addresses.c.lookup == bindparam("to"), addresses.c.erasing_at.is_not(None))  # found by no look-up any more
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
        outbox.c.public.is_(False),
        _OUTBOX_OPEN,
        _OUTBOX_WAITING,
        outbox.c.next_at < bindparam("at"),
    )
    .values(next_at=bindparam("at"))
)
_EXPIRED = (
    select(*COLUMNS)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.lease_until < bindparam("now"), _SENDING_NOW)
    .order_by(outbox.c.id)
    .limit(200)
    .with_for_update(skip_locked=True)
)

_RIPE = (
    select(*COLUMNS)
    .where(
        outbox.c.channel == bindparam("channel"),
        outbox.c.done_at <= bindparam("before"),
        _ACCEPTED_NOW,
        ~select(delivery_attempts.c.id)
        .where(delivery_attempts.c.outbox_id == outbox.c.id, delivery_attempts.c.detail == KEPT)
        .exists(),
    )
    .order_by(outbox.c.done_at)
    .limit(bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
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
        if entry.address_id not in taken and (to is None or crypto.lookup(channel, address) == to):
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
    """What waits behind an entry until a moment waits as long: a vendor's long outage must not make every look slow.

    Nothing waits behind an answer in public.
    """
    rows = [{"of_address": entry.address_id, "after_id": entry.id, "at": at} for entry, at in entries if not entry.public]
    if rows:
        connection.execute(_HOLD_BACK, rows)


def expired(connection: Connection, channel: str, now: datetime) -> list[Entry]:
    """In sending with a lease that ran out: whoever sent it died, nobody knows what came of it."""
    return [Entry(*row) for row in connection.execute(_EXPIRED, {"channel": channel, "now": now})]


def ripe(connection: Connection, channel: str, *, before: datetime, limit: int) -> list[Entry]:
    """Accepted before `before`, and nothing has come back since; locked. What was only kept here is never among them."""
    return [Entry(*row) for row in connection.execute(_RIPE, {"channel": channel, "before": before, "limit": limit})]
