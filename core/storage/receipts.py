"""Receipts that came before the vendor's id of their message was committed. Kept for a day, matched when it is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.channels import Fault, Outcome, Receipt
from core.storage.tables import early_receipts, outbox

_GONE = "gone"
"""How a failure is kept that says that the recipient is gone; its detail is not."""


def keep(connection: Connection, channel: str, receipt: Receipt, *, at: datetime) -> None:
    gone = receipt.outcome is Outcome.FAILED and receipt.fault is Fault.RECIPIENT_GONE
    outcome = _GONE if gone else receipt.outcome.value
    connection.execute(early_receipts.insert().values(channel=channel, vendor_id=receipt.vendor_id, outcome=outcome, at=at))


def take_matching(connection: Connection, channel: str) -> list[Receipt]:
    """Takes out those whose message is known by now, in the order in which they came."""
    query = (
        select(early_receipts.c.id, early_receipts.c.vendor_id, early_receipts.c.outcome)
        .join(outbox, (outbox.c.channel == early_receipts.c.channel) & (outbox.c.vendor_id == early_receipts.c.vendor_id))
        .where(early_receipts.c.channel == channel)
        .order_by(early_receipts.c.id)
        .limit(200)
        .with_for_update(of=early_receipts, skip_locked=True)
    )
    rows = connection.execute(query).all()
    if rows:
        connection.execute(delete(early_receipts).where(early_receipts.c.id.in_({row.id for row in rows})))
    return [_receipt(row.vendor_id, row.outcome) for row in rows]


def _receipt(vendor_id: str, outcome: str) -> Receipt:
    if outcome == _GONE:
        return Receipt(vendor_id, Outcome.FAILED, fault=Fault.RECIPIENT_GONE)
    return Receipt(vendor_id, Outcome(outcome))


def purge(connection: Connection, *, before: datetime) -> None:
    """Drops those that matched nothing; they were about messages of another installation."""
    connection.execute(delete(early_receipts).where(early_receipts.c.at < before))
