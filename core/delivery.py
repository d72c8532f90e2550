"""Deliver: what the outbox holds leaves, one message of an address at a time, many addresses at once (design.md, road 3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial
from time import monotonic, sleep

import structlog
from sqlalchemy import Connection

from core import settling
from core.channels import Channel, Delivery, Fault, Outbound, Outcome
from core.errors import ConfigurationError, StorageUnavailable
from core.office import Office
from core.outcomes import channel_rest
from core.pacing import Pace
from core.steps import Step, passed
from core.storage import claims, outbox
from core.storage.crypto import lookup
from core.storage.outbox import Entry, Part

LEASE = timedelta(seconds=90)
"""Longer than any adapter's time-out: a lease that ends means that the sender died."""
LOOK_AROUND = timedelta(seconds=1)
"""How often dead leases and early receipts are looked for."""
RIPEN_EVERY = timedelta(minutes=1)
"""How often it is looked whether accepted messages count as delivered by now."""
_RETRY_SECONDS = 0.1
_THREAD_CHARACTERS = 16

log = structlog.get_logger(__name__)
_chance = random.Random().random  # noqa: S311 - spreads retries, guards nothing


class Deliverer:
    """Sends one channel's messages. `step` is called in a loop by one thread; I/O that takes time is the pool's threads'.

    `workers`: how many sends at once. A message is claimed only when a thread is free for it, so that its lease covers the I/O.
    `to`: the one address that this process can reach (a terminal's); what is for others leaves through others.
    """

    def __init__(
        self,
        office: Office,
        channel: Channel,
        *,
        owner: str,
        workers: int = 8,
        to: str | None = None,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self._to = None if to is None else lookup(channel.name, to)
        self._office = office
        self._channel = channel
        self._owner = owner
        self._workers = workers
        self._chance = chance
        limits = channel.capabilities
        self._pace = Pace(per_second=limits.messages_per_second, seconds_between=limits.seconds_between)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"send-{channel.name}")
        self._flying: dict[Future[Delivery], Entry] = {}
        self._unwritten: list[tuple[Entry, Delivery]] = []
        self._looked_at: datetime | None = None
        self._ripened_at: datetime | None = None

    @property
    def flying(self) -> int:
        """Sends that are under way, and outcomes that could not be written yet."""
        return len(self._flying) + len(self._unwritten)

    def step(self, now: datetime) -> int:
        """Writes the outcomes that are there and starts what may leave; how many of both. One transaction.

        Raises StorageUnavailable: outcomes are kept and written at the next step.
        """
        self._collect(now)
        looking = self._looked_at is None or abs(now - self._looked_at) >= LOOK_AROUND  # clocks are put back, too
        free = min(self._workers - len(self._flying), self._pace.allowance(now))
        if not (self._unwritten or looking or (free > 0 and self._anything(now))):
            return 0
        written = self._unwritten
        with self._office.database.write() as connection:
            noticed = self._look_around(connection, now) if looking else 0
            if written:
                settling.record(connection, self._office, written, owner=self._owner, now=now, chance=self._chance)
            claimed = self._claim(connection, now, free) if free > 0 else []
        self._unwritten = []
        if written:
            passed(Step.SEND_RECORDED)
        if claimed:
            passed(Step.SEND_CLAIMED)
        self._looked_at = now if looking else self._looked_at
        for entry, address in claimed:
            self._pace.spend(entry.address_id, now)
            if self._channel.capabilities.instant:
                self._keep(entry, self._send(entry, address), now)
            else:
                self._flying[self._pool.submit(self._send, entry, address)] = entry
        return len(written) + len(claimed) + noticed

    def wait(self, timeout_seconds: float) -> None:
        """Until a send comes back, at the most so long."""
        if self._flying and not self._unwritten:
            wait(self._flying, timeout=timeout_seconds, return_when=FIRST_COMPLETED)

    def finish(self, now: Callable[[], datetime], timeout_seconds: float) -> None:
        """Waits for what is under way, writes it, starts nothing. What no thread has begun to send goes back.

        What is not back by then is written when it comes, if the process lives so long; else it becomes unknown with its lease.
        Raises StorageUnavailable if the database stays away for so long.
        """
        until = monotonic() + timeout_seconds
        not_begun = [self._flying.pop(future).id for future in list(self._flying) if future.cancel()]
        wait(self._flying, timeout=timeout_seconds)
        self._collect(now())
        for future, entry in self._flying.items():
            future.add_done_callback(partial(self._write_late, entry, now))
        self._pool.shutdown(wait=False, cancel_futures=True)
        while self._unwritten or not_begun:
            try:
                with self._office.database.write() as connection:
                    claims.not_sent(connection, not_begun, owner=self._owner)
                    settling.record(
                        connection, self._office, self._unwritten, owner=self._owner, now=now(), chance=self._chance
                    )
                self._unwritten, not_begun = [], []
            except StorageUnavailable:
                if monotonic() >= until:
                    raise
                sleep(_RETRY_SECONDS)

    def _write_late(self, entry: Entry, now: Callable[[], datetime], future: Future[Delivery]) -> None:
        try:
            with self._office.database.write() as connection:
                late = [(entry, future.result())]
                settling.record(connection, self._office, late, owner=self._owner, now=now(), chance=self._chance)
        except Exception as error:
            log.warning("late_outcome_lost", outbox_id=entry.id, error=type(error).__name__)

    def _anything(self, now: datetime) -> bool:
        with self._office.database.read() as connection:
            return claims.any_due(connection, self._channel.name, now, to=self._to)

    def _look_around(self, connection: Connection, now: datetime) -> int:
        found = settling.expire(connection, self._office, self._channel.name, now=now, chance=self._chance)
        if self._channel.capabilities.receipts:
            found += settling.match_early(connection, self._office, self._channel.name, now=now)
        if self._channel.capabilities.bounce_hours and (self._ripened_at is None or abs(now - self._ripened_at) >= RIPEN_EVERY):
            ripened = settling.ripen(connection, self._office, self._channel.name, now=now)
            found += ripened
            if ripened < settling.RIPEN_AT_ONCE:  # else there is more, and the next look goes on
                self._ripened_at = now
        return found

    def _claim(self, connection: Connection, now: datetime, limit: int) -> list[tuple[Entry, str]]:
        claimed: list[tuple[Entry, str]] = []
        too_soon: dict[int, datetime] = {}
        for entry, address in claims.heads(connection, self._channel.name, now=now, limit=limit, to=self._to):
            moment = self._pace.next_for(entry.address_id, now)
            if moment is None:
                claimed.append((entry, address))
            else:
                too_soon[entry.id] = moment
        claims.later(connection, too_soon)
        claims.sending(connection, [entry.id for entry, _ in claimed], owner=self._owner, until=now + LEASE)
        return claimed

    def _collect(self, now: datetime) -> None:
        for future in [one for one in self._flying if one.done()]:
            self._keep(self._flying.pop(future), future.result(), now)

    def _keep(self, entry: Entry, delivery: Delivery, now: datetime) -> None:
        self._unwritten.append((entry, delivery))
        rest = channel_rest(delivery)
        if rest is not None:
            self._pace.pause(now + rest)

    def _send(self, entry: Entry, address: str) -> Delivery:
        if entry.sealed is None:
            return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="purged")
        try:
            part = outbox.part_of(entry.payload or "")
        except (ConfigurationError, ValueError, LookupError, TypeError) as error:
            address, part = "", Part("")
            log.error("unreadable", outbox_id=entry.id, error=type(error).__name__)  # noqa: TRY400 - a message may hold words
        if not address:  # altered, or another key: certainly not sent, and whoever puts the key back wants it to go on
            return Delivery(Outcome.AGAIN, detail="unreadable")
        outbound = Outbound(
            key=entry.key,
            address=address,
            text=part.text,
            choices=part.choices,
            files=part.files,
            subject=part.subject,
            language=entry.language,
            repeat=entry.repeat_of is not None,
            in_reply_to=part.in_reply_to,
            thread=None if entry.report_id is None else lookup("thread", str(entry.report_id))[:_THREAD_CHARACTERS],
            public=entry.public,
        )
        try:
            delivery = self._channel.send(outbound)
            passed(Step.SEND_DONE)
            return delivery
        except Exception as error:  # a defect of the adapter: it may have sent before it broke
            log.warning("send_raised", channel=entry.channel, outbox_id=entry.id, error=type(error).__name__)
            return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=type(error).__name__)


def deliver_next(office: Office, channel: Channel, *, owner: str, now: datetime, workers: int = 8) -> int:
    """Sends what is due of one channel, once around, and waits for the outcomes; how many were sent."""
    deliverer = Deliverer(office, channel, owner=owner, workers=workers)
    try:
        deliverer.step(now)
        started = deliverer.flying
    finally:
        deliverer.finish(lambda: now, LEASE.total_seconds())
    return started


def run(office: Office, deliverer: Deliverer, name: str, stopped: Callable[[], bool], clock: Callable[[], datetime]) -> None:
    """Delivers until `stopped()`; a database that is away is waited for."""
    topic = f"outbox:{name}"
    while not stopped():
        try:
            busy = deliverer.step(clock())
        except StorageUnavailable:
            log.warning("storage_unavailable", doing="deliver", channel=name)
            office.wakeups.wait(topic, 1.0)
            continue
        if deliverer.flying:
            deliverer.wait(0.01)
        elif not busy:
            office.wakeups.wait(topic, 0.2)
