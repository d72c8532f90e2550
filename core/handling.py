"""Handle: waiting messages, lane by lane, in the sender's order, each in one transaction (design.md, the road, 2).

Only what the worker itself did not survive, or what broke in our code, counts as an attempt: the third is the last, then the
message goes to quarantine and the next one of its lane goes on. A message that was attempted before is claimed alone, and
handled while nothing else is in this process (core/suspects.py), so that one which kills its worker takes no innocent one's
attempts with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from core.channels import Channel, Inbound
from core.errors import StaleConversation, StaleReport, StorageUnavailable
from core.hearing import cleaned, hear
from core.office import Office
from core.steps import Step, passed
from core.storage import inbox, lanes
from core.storage.lanes import LaneRow
from core.suspects import Quiet
from core.units import Unit, in_senders_order, units_of

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30))
_REMEMBERED = 4_096

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A lane that is ours, and what waits in it; an attempt at `unit` is committed."""

    lane: LaneRow
    units: tuple[Unit, ...]
    unit: Unit


class Handler:
    """Handles what waits for the channels it is given. One for each thread; any number in any number of processes."""

    def __init__(self, office: Office, channels: Mapping[str, Channel], *, owner: str, quiet: Quiet | None = None) -> None:
        """`quiet`: shared with the other handlers of this process."""
        self._office = office
        self._quiet = quiet or Quiet()
        self._channels = channels
        self._owner = owner
        self._owed: list[Claim] = []
        self._sent: dict[tuple[int, ...], datetime | None] = {}

    def step(self, now: datetime, lanes_at_once: int = 8) -> int:
        """Claims up to so many lanes and handles the first message of each; how many. Raises StorageUnavailable."""
        self._pay_back()
        with self._office.database.read() as connection:
            if not lanes.any_ready(connection, list(self._channels), now):
                return 0
        with self._quiet.together():
            done, suspected = self._round(now, lanes_at_once, suspects=False)
        if suspected:
            with self._quiet.alone():
                done += self._round(now, lanes_at_once, suspects=True)[0]
        return done

    def _round(self, now: datetime, limit: int, *, suspects: bool) -> tuple[int, bool]:
        """How many lanes, and whether one waits whose message was attempted before."""
        claims, others, suspected = self._claim(now, limit, suspects=suspects)
        for place, claim in enumerate(claims):
            if not self._handle(claim, now):
                self._owed.extend(claims[place + 1 :])  # the database is away: the others were not attempted
                raise StorageUnavailable("the database does not answer now: try again")
        return len(claims) + others, suspected

    def _claim(self, now: datetime, limit: int, *, suspects: bool) -> tuple[list[Claim], int, bool]:
        """The claims, how many lanes were put right besides, and whether a suspect was passed over.

        `suspects`: one message that was attempted before, and nothing else; else none of those.
        """
        claims: list[Claim] = []
        others, suspected = 0, False
        with self._office.database.write() as connection:
            for lane in lanes.claimable(connection, list(self._channels), now, limit):
                units = units_of(inbox.first_waiting(connection, lane.id))
                if not units or units[0].ready_at > now:
                    if units:
                        lanes.postpone(connection, lane.id, units[0].ready_at)
                    else:
                        lanes.release(connection, lane.id)
                    others += 1
                    continue
                unit = units[0]
                if unit.attempts >= MOST_ATTEMPTS:
                    self._quarantine(connection, unit, "unfinished")
                    lanes.release(connection, lane.id)
                    others += 1
                    continue
                if (unit.attempts > 0) is not suspects:
                    suspected |= not suspects
                    continue
                claims.append(Claim(lane, units, unit))
                if suspects:
                    break
            if claims:
                lanes.lease(connection, [claim.lane.id for claim in claims], owner=self._owner, until=now + LEASE)
                inbox.begin_attempt(connection, [one for claim in claims for one in claim.unit.ids])
        return claims, others, suspected

    def _handle(self, claim: Claim, now: datetime) -> bool:
        """False: the database is away."""
        passed(Step.HANDLE_CLAIMED, claim.unit.rows[0].source_id)
        try:
            turn = self._attempt(claim, now)
        except StorageUnavailable:
            self._owed.append(claim)
            return False
        except (StaleReport, StaleConversation):  # an official was faster: it is read again as things stand now
            self._owed.append(claim)
        except Exception as error:
            log.warning("handling_failed", inbox_id=claim.unit.rows[0].id, error=type(error).__name__, at=place_of(error))
            try:
                self._failed(claim, f"exception:{type(error).__name__}", now)
            except StorageUnavailable:
                return False
        else:
            return turn is None or self._handle(turn, now)
        return True

    def _attempt(self, claim: Claim, now: datetime) -> Claim | None:
        """None: done with. Else an earlier message that was accepted later and must come first."""
        try:
            first = self._read(claim.lane.channel, claim.unit)
        except ValueError as error:
            self._out_of_the_way(claim, f"unreadable:{type(error).__name__}")
            return None
        except FileNotFoundError:
            self._out_of_the_way(claim, "body_lost")
            return None
        turn = self._turn(claim, first)
        if turn is not claim.unit:
            return self._swap(claim, turn, now)
        with self._office.database.write() as connection:
            if not lanes.lock(connection, claim.lane.id, self._owner):
                return None
            why = hear(
                connection,
                self._office,
                lane=claim.lane,
                inbound=first,
                inbox_id=claim.unit.rows[0].id,
                group=claim.unit.rows[0].group_key,
                now=now,
            )
            inbox.handled(connection, claim.unit.ids, at=now, why=why)
            lanes.release(connection, claim.lane.id)
            passed(Step.HANDLE_DECIDED, claim.unit.rows[0].source_id)
        passed(Step.HANDLE_COMMITTED, claim.unit.rows[0].source_id)
        return None

    def _read(self, channel: str, unit: Unit) -> Inbound:
        door = self._channels[channel]
        parts = [door.parse(inbox.body_of(row, self._office.files), row.source_id) for row in unit.rows]
        return cleaned(door.join(parts) if len(parts) > 1 else parts[0])

    def _turn(self, claim: Claim, first: Inbound) -> Unit:
        """Whose turn it is by the sender's clock, among what waits already."""
        if len(claim.units) == 1:
            return claim.unit
        sent_at: dict[int, datetime | None] = {claim.unit.rows[0].id: first.sent_at}
        for unit in claim.units[1:]:
            sent_at[unit.rows[0].id] = self._sent_at(claim.lane.channel, unit)
        return in_senders_order(claim.units, sent_at)[0]

    def _sent_at(self, channel: str, unit: Unit) -> datetime | None:
        """Remembered, so that a flood is not read anew for each of its messages."""
        key = tuple(unit.ids)
        if key not in self._sent:
            if len(self._sent) >= _REMEMBERED:
                self._sent.clear()
            try:
                self._sent[key] = self._read(channel, unit).sent_at
            except Exception:
                self._sent[key] = None  # its own attempt will tell
        return self._sent[key]

    def _swap(self, claim: Claim, turn: Unit, now: datetime) -> Claim | None:
        """The attempt is the earlier one's."""
        ready = turn.ready_at <= now
        with self._office.database.write() as connection:
            if not lanes.lock(connection, claim.lane.id, self._owner):
                return None
            inbox.give_back(connection, claim.unit.ids)
            if turn.attempts >= MOST_ATTEMPTS:
                self._quarantine(connection, turn, "unfinished")
                ready = False
            if not ready:
                lanes.postpone(connection, claim.lane.id, max(turn.ready_at, now))
                return None
            inbox.begin_attempt(connection, turn.ids)
        return Claim(claim.lane, (turn,), turn)

    def _failed(self, claim: Claim, why: str, now: datetime) -> None:
        attempts = claim.unit.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            self._out_of_the_way(claim, why)
            return
        with self._office.database.write() as connection:
            if lanes.lock(connection, claim.lane.id, self._owner):
                inbox.later(connection, claim.unit.ids, at=now + BACKOFF[attempts - 1], why=why)
                lanes.release(connection, claim.lane.id)

    def _out_of_the_way(self, claim: Claim, why: str) -> None:
        with self._office.database.write() as connection:
            if lanes.lock(connection, claim.lane.id, self._owner):
                self._quarantine(connection, claim.unit, why)
                lanes.release(connection, claim.lane.id)
                self._office.wakeups.announce(connection, "inbox")

    @staticmethod
    def _quarantine(connection: Connection, unit: Unit, why: str) -> None:
        inbox.quarantine(connection, unit.ids, why=why)
        log.warning("quarantined", inbox_id=unit.rows[0].id, reason=why)

    def finish(self) -> None:
        """Whoever stops gives back what was not attempted, where the database lets him."""
        with suppress(StorageUnavailable):
            self._pay_back()

    def _pay_back(self) -> None:
        """Attempts that failed only because the database was away were none."""
        if not self._owed:
            return
        with self._office.database.write() as connection:
            for claim in self._owed:
                ours = lanes.lock(connection, claim.lane.id, self._owner)
                inbox.give_back(connection, claim.unit.ids)
                if ours:
                    lanes.release(connection, claim.lane.id)
        self._owed.clear()


def place_of(error: Exception) -> str:
    """Where it broke, for whoever mends it: module and line, no words of anybody."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return f"{step.tb_frame.f_globals.get('__name__', '')}:{step.tb_lineno}" if step is not None else ""


def handle_next(office: Office, channels: Mapping[str, Channel], *, owner: str, now: datetime, lanes_at_once: int = 8) -> int:
    """Once around: claims up to so many lanes and handles the first message of each; how many."""
    return Handler(office, channels, owner=owner).step(now, lanes_at_once)


def run(office: Office, handler: Handler, stopped: Callable[[], bool], clock: Callable[[], datetime]) -> None:
    """Handles until `stopped()`; a database that is away is waited for."""
    while not stopped():
        try:
            busy = handler.step(clock())
        except StorageUnavailable:
            log.warning("storage_unavailable", doing="handle")
            office.wakeups.wait("inbox", 1.0)
            continue
        if not busy:
            office.wakeups.wait("inbox", 0.2)
    handler.finish()
