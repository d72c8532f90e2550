"""Outcomes and receipts carried into the database: the entry, its attempt, its address, and the clocks that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from core import timekeeping
from core.channels import Delivery, Fault, Outcome, Receipt
from core.errors import StorageUnavailable
from core.office import Office
from core.outcomes import REPEAT_AFTER, Verdict, deserves_repeat, judge, may_follow
from core.storage import attempts, claims, outbox, people, receipts, reports
from core.storage.attempts import Attempt, Settled
from core.storage.outbox import ACCEPTED, DELIVERED, FAILED, SENDING, UNKNOWN, Entry

log = structlog.get_logger(__name__)

_BY_RECEIPT = {Outcome.ACCEPTED: ACCEPTED, Outcome.DELIVERED: DELIVERED, Outcome.FAILED: FAILED}


def record(
    connection: Connection,
    office: Office,
    results: Sequence[tuple[Entry, Delivery]],
    *,
    owner: str,
    now: datetime,
    chance: Callable[[], float],
) -> None:
    """Writes what became of attempts that `owner` made. A lease lost meanwhile lets only good news through."""
    rows = outbox.locked(connection, [entry.id for entry, _ in results])
    changes: list[Settled] = []
    followed: list[tuple[Entry, Delivery, Verdict]] = []
    tried: list[Attempt] = []
    for sent, delivery in results:
        entry = rows.get(sent.id)
        if entry is None:
            continue
        verdict = judge(entry, delivery, office.channels[entry.channel], now=now, chance=chance())
        tried.append(_attempt(entry, delivery, verdict))
        this_attempt = entry.attempts == sent.attempts + 1  # not a later one of ours, begun after this one's lease had ended
        mine = entry.state == SENDING and entry.lease_owner == owner and this_attempt
        good = verdict.state in (ACCEPTED, DELIVERED) and may_follow(entry.state, verdict.state)
        if mine or good:
            changes.append(
                Settled(entry.id, verdict.state, verdict.next_at, delivery.vendor_id, now if verdict.ended else None)
            )
            followed.append((entry, delivery, verdict))
    attempts.settle(connection, changes)
    claims.hold_back(
        connection,
        [
            (entry, verdict.next_at)
            for entry, delivery, verdict in followed
            if delivery.outcome is Outcome.AGAIN and verdict.next_at is not None and entry.repeat_of is None
        ],
    )
    attempts.log(connection, tried, at=now)
    for entry, delivery, verdict in followed:
        _consequences(connection, office, entry, verdict.state, now)
        _address(connection, entry, delivery, now)


def call_off(connection: Connection, office: Office, address_id: int, *, now: datetime) -> int:
    """Whoever says STOP gets nothing more of what still waits to leave: it has failed, and whoever counts on it is told."""
    return _call_off(connection, office, outbox.waiting_for(connection, address_id), "stopped", now)


def _call_off(connection: Connection, office: Office, waiting: Sequence[Entry], why: str, now: datetime) -> int:
    attempts.settle(connection, [Settled(entry.id, FAILED, None, None, now) for entry in waiting])
    stopped = [Attempt(entry.id, Outcome.FAILED.value, Fault.RECIPIENT_GONE.value, why) for entry in waiting]
    attempts.log(connection, stopped, at=now)
    for entry in waiting:
        _consequences(connection, office, entry, FAILED, now)
    return len(waiting)


def call_off_about(connection: Connection, office: Office, address_id: int, *, persons: Sequence[int], now: datetime) -> int:
    """What waits to leave for this address about reports of these people (rows) goes nowhere: it is somebody else's by now."""
    waiting = [entry for entry in outbox.waiting_for(connection, address_id) if entry.report_id is not None]
    theirs = reports.among(connection, [entry.report_id for entry in waiting if entry.report_id is not None], of=persons)
    return _call_off(connection, office, [entry for entry in waiting if entry.report_id in theirs], "unlinked", now)


def expire(connection: Connection, office: Office, channel: str, *, now: datetime, chance: Callable[[], float]) -> int:
    """Sendings whose worker died become unknown before anybody may claim them again; how many."""
    lost = claims.expired(connection, channel, now)
    if not lost:
        return 0
    uncertain = Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="lease_expired")
    verdicts = [(entry, judge(entry, uncertain, office.channels[channel], now=now, chance=chance())) for entry in lost]
    names = office.channels[channel].receipts
    attempts.settle(
        connection,
        [
            # What the vendor called it died with the sender. A receipt that names our own key still finds it.
            Settled(
                entry.id, each.state, each.next_at, entry.key if names and each.ended else None, now if each.ended else None
            )
            for entry, each in verdicts
        ],
    )
    attempts.log(connection, [_attempt(entry, uncertain, each) for entry, each in verdicts], at=now)
    for entry, each in verdicts:
        _consequences(connection, office, entry, each.state, now)
    return len(lost)


def receipt(connection: Connection, office: Office, channel: str, word: Receipt, *, now: datetime) -> bool:
    """A vendor's later word on one of our messages. False: no message has this id (yet); it is kept until one has."""
    entry = outbox.by_vendor(connection, channel, word.vendor_id)
    if entry is None:
        receipts.keep(connection, channel, word, at=now)
        return False
    new = _BY_RECEIPT.get(word.outcome)
    if new == FAILED and entry.state != FAILED:
        _bounced(connection, entry, word, now)
    if new is not None and may_follow(entry.state, new, by_receipt=True):
        attempts.settle(connection, [Settled(entry.id, new, None, None, now)])
        _consequences(connection, office, entry, new, now)
    return True


def _bounced(connection: Connection, entry: Entry, word: Receipt, now: datetime) -> None:
    """Why it failed stands beside our own attempts, also where it comes too late to change anything; the address is marked."""
    fault = word.fault or Fault.REFUSED
    said = Delivery(Outcome.FAILED, fault=fault, detail=word.detail)
    attempts.log(connection, [Attempt(entry.id, said.outcome.value, fault.value, word.detail)], at=now)
    _address(connection, entry, said, now)


RIPEN_AT_ONCE = 200


def ripen(connection: Connection, office: Office, channel: str, *, now: datetime) -> int:
    """Accepted messages of which nothing came back for `bounce_hours` are delivered, now; how many, 200 at the most.

    Safe to run twice and at the same time: rows that another one looks at are passed over.
    """
    hours = office.channels[channel].bounce_hours
    if hours <= 0:
        return 0
    before = now - timedelta(hours=hours)
    entries = claims.ripe(connection, channel, before=before, limit=RIPEN_AT_ONCE)
    attempts.settle(connection, [Settled(entry.id, DELIVERED, None, None, now) for entry in entries])
    for entry in entries:
        _consequences(connection, office, entry, DELIVERED, now, arrived_by=before)
    return len(entries)


def match_early(connection: Connection, office: Office, channel: str, *, now: datetime) -> int:
    """Receipts that came before their message's id was committed; how many were matched."""
    words = receipts.take_matching(connection, channel)
    for word in words:
        receipt(connection, office, channel, word, now=now)
    return len(words)


def _attempt(entry: Entry, delivery: Delivery, verdict: Verdict) -> Attempt:
    fault = delivery.fault.value if delivery.fault else None
    return Attempt(entry.id, delivery.outcome.value, fault, outbox.GAVE_UP if verdict.gave_up else delivery.detail)


def _consequences(
    connection: Connection, office: Office, entry: Entry, state: str, now: datetime, arrived_by: datetime | None = None
) -> None:
    """A defect in one report's clocks must not silence a whole channel: it is logged, the outcome stands."""
    good = state in (ACCEPTED, DELIVERED)
    if state not in (FAILED, UNKNOWN) and not (good and (entry.parts > 1 or entry.clock or entry.message_id)):
        return
    try:
        with connection.begin_nested():
            _follow(connection, office, entry, state, now, arrived_by or now)
    except (StorageUnavailable, OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error("consequence_failed", outbox_id=entry.id, report_id=entry.report_id, state=state, error=type(error).__name__)  # noqa: TRY400 - a message may hold words


def _follow(connection: Connection, office: Office, entry: Entry, state: str, now: datetime, arrived_by: datetime) -> None:
    if state == UNKNOWN and deserves_repeat(entry):
        _repeat(connection, office, entry, now)
    if state in (ACCEPTED, DELIVERED) and entry.repeat_of is None and (entry.message_id or entry.clock):
        outbox.drop_waiting_repeat(connection, entry.id)
    if entry.report_id is None:
        return
    if state == FAILED:
        _undelivered(connection, office, entry, entry.report_id, now)
    elif state == DELIVERED:
        _start_clocks(connection, office, entry, now, arrived_by)


def _undelivered(connection: Connection, office: Office, entry: Entry, report_id: int, now: datetime) -> None:
    """A notice of which one part failed did not arrive; said once, with the clock that would have started."""
    rows = outbox.bundle(connection, entry.bundle) if entry.parts > 1 else [entry]
    if any(row.state == FAILED and row.part != entry.part for row in rows):
        return
    clock = next((row.clock for row in rows if row.clock is not None), None)
    timekeeping.undelivered(connection, office, report_id=report_id, clock=clock, now=now)


def _start_clocks(connection: Connection, office: Office, entry: Entry, now: datetime, arrived_by: datetime) -> None:
    """A notice is delivered when its last part is, once: a repeat that arrives too starts nothing again (sop.md §6)."""
    if entry.clock is None and entry.parts == 1:
        return
    rows = outbox.bundle(connection, entry.bundle)
    arrived = {row.part for row in rows if row.state == DELIVERED}
    arrived_before = {row.part for row in rows if row.state == DELIVERED and row.id != entry.id}
    everything = set(range(entry.parts))
    if arrived != everything or arrived_before == everything:
        return
    for clock, message_id in {row.clock: row.message_id for row in rows if row.clock is not None}.items():
        report_id = next(row.report_id for row in rows if row.clock == clock)
        if report_id is not None:
            timekeeping.delivered(
                connection, office, report_id=report_id, clock=clock, message_id=message_id, now=now, arrived_by=arrived_by
            )


def _repeat(connection: Connection, office: Office, entry: Entry, now: datetime) -> None:
    payload = entry.payload
    if payload is None:
        return
    text = office.text(entry.language, "road.possible_repeat", words=outbox.part_of(payload).text)
    outbox.repeat(connection, entry, text=text, now=now, at=now + REPEAT_AFTER)


def _address(connection: Connection, entry: Entry, delivery: Delivery, now: datetime) -> None:
    if delivery.fault is Fault.RECIPIENT_GONE:
        people.mark_gone(connection, entry.address_id, at=now)
    elif delivery.fault is Fault.RECIPIENT_MOVED and delivery.moved_to:
        known = people.find_address(connection, entry.channel, delivery.moved_to)
        if known is None:
            people.change_address(connection, entry.address_id, delivery.moved_to)
        elif known.id != entry.address_id:
            outbox.move(connection, entry.id, known.id)
