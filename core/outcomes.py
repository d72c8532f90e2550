"""What a delivery's outcome means for its outbox entry, decided without I/O (design.md, the road, 3).

- Only *failed* and *delivered* are ends for good. A late word never moves an entry backwards:
  waiting < sending < unknown < accepted < delivered; *failed* gives way only to a receipt that says delivered.
- *Again* is tried for seven days after the entry was made, whatever the fault, then the entry has failed ("gave_up"); an
  invitation in public, which everybody sees come late, for one.
  While the fault lies with the vendor, our credentials or the budget, the whole channel rests for a while.
- *Accepted* becomes delivered by a receipt, or where the channel says so (`bounce_hours`) once nothing has come back for so
  long: it ripens. A bounce that comes later still does not take *delivered* back, because clocks have started from it and
  officials have read it; it is put on record as one more attempt, which the desk shows, and an address that is gone is marked.
  The reminder that every effect waits for then fails openly, so that silence on a dead address closes nobody's report.
  What was only kept here (detail "kept") never ripens, and no clock starts from it.
- *Unknown* is sent again at once only where a repeat shows once to the reader; else see `deserves_repeat`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.channels import KEPT, Capabilities, Delivery, Fault, Outcome
from core.storage.outbox import ACCEPTED, DELIVERED, FAILED, SENDING, UNKNOWN, WAITING, Entry

FIRST_BACKOFF_SECONDS = 2.0
LONGEST_BACKOFF_SECONDS = 15 * 60.0
KEEP_TRYING, PUBLIC_FOR = timedelta(days=7), timedelta(days=1)
REPEAT_AFTER = timedelta(minutes=10)
MOST_REPEATS = 5
"""How often an uncertain message is repeated on a channel where repeats do not show."""

_RANK = {WAITING: 0, SENDING: 1, UNKNOWN: 2, ACCEPTED: 3, DELIVERED: 5, FAILED: 4}
_CHANNEL_REST_SECONDS = {Fault.UNAVAILABLE: 5.0, Fault.UNAUTHORISED: 30.0, Fault.BUDGET: 15 * 60.0}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An entry's next state. `next_at` where it waits again; `ended`: it is done (as far as we will ever know)."""

    state: str
    next_at: datetime | None = None
    ended: bool = False
    gave_up: bool = False


def judge(entry: Entry, delivery: Delivery, capabilities: Capabilities, *, now: datetime, chance: float) -> Verdict:
    """What becomes of an entry after one attempt. `chance` in [0, 1) spreads the repeats."""
    match delivery.outcome:
        case Outcome.DELIVERED:
            return Verdict(DELIVERED, ended=True)
        case Outcome.ACCEPTED:
            waits = capabilities.receipts or capabilities.bounce_hours > 0 or delivery.detail == KEPT
            return Verdict(ACCEPTED if waits else DELIVERED, ended=True)
        case Outcome.FAILED if delivery.fault is Fault.RECIPIENT_MOVED and delivery.moved_to and entry.attempts < MOST_REPEATS:
            return Verdict(WAITING, next_at=now)
        case Outcome.FAILED:
            return Verdict(FAILED, ended=True)
        case Outcome.UNKNOWN:
            if capabilities.repeatable and entry.attempts < MOST_REPEATS:
                return Verdict(WAITING, next_at=now + _backoff(entry, None, chance))
            return Verdict(UNKNOWN, ended=True)
        case Outcome.AGAIN:
            if now - entry.created_at >= (PUBLIC_FOR if entry.public else KEEP_TRYING):
                return Verdict(FAILED, ended=True, gave_up=True)
            return Verdict(WAITING, next_at=now + _backoff(entry, delivery.retry_after_seconds, chance))


def _backoff(entry: Entry, asked_seconds: float | None, chance: float) -> timedelta:
    """Doubling with each attempt, up to half as much again by chance; never before the vendor's own wish."""
    doubled = min(FIRST_BACKOFF_SECONDS * 2 ** min(max(entry.attempts - 1, 0), 20), LONGEST_BACKOFF_SECONDS)
    if asked_seconds is not None:
        return timedelta(seconds=max(asked_seconds, 0.0) + chance)
    return timedelta(seconds=doubled * (1 + chance / 2))


def channel_rest(delivery: Delivery) -> timedelta | None:
    """How long the whole channel had better rest after this outcome."""
    if delivery.outcome is not Outcome.AGAIN or delivery.fault not in _CHANNEL_REST_SECONDS:
        return None
    return timedelta(seconds=delivery.retry_after_seconds or _CHANNEL_REST_SECONDS[delivery.fault])


def deserves_repeat(entry: Entry) -> bool:
    """Of uncertain messages only an official's words and what starts a clock are repeated, once (design.md, the road, 3)."""
    return entry.repeat_of is None and (entry.message_id is not None or entry.clock is not None)


def may_follow(state: str, new: str, *, by_receipt: bool = False) -> bool:
    """May an entry in `state` become `new` by a late word? Never backwards."""
    if state == FAILED:
        return by_receipt and new == DELIVERED
    return _RANK[new] > _RANK[state]
