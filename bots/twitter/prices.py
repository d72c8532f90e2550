"""What calls cost, in millionths of a US dollar, and how far a day's money goes. Pure: the clock and the sums are arguments.

Reading is charged per thing that comes back, each thing once in a UTC day; writing per call; what fails costs nothing
(docs.x.com/x-api/getting-started/pricing). Our own days are the office's, so that officials read what they can follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bots.twitter import Prices
from core.channels import Spending

MICRO = 1_000_000
LONGEST_INTERVAL_SECONDS = 15 * 60.0
_LEAST_ELAPSED = 1 / 24
"""A forecast from less than an hour would be made of chance."""


class Purpose(StrEnum):
    """What money is spent for. ANSWERS come first: the others live on what is left beyond the reserve for them."""

    ANSWERS = "answers"
    INVITATIONS = "invitations"
    DIRECTS = "directs"
    MENTIONS = "mentions"
    THREADS = "threads"
    DELETIONS = "deletions"
    CHECK = "check"


_LEAVES: Mapping[Purpose, float] = {
    Purpose.DIRECTS: 0.0,
    Purpose.INVITATIONS: 0.1,
    Purpose.MENTIONS: 0.2,
    Purpose.THREADS: 0.4,
    Purpose.DELETIONS: 0.65,
}
"""Of what is not reserved for answers each leaves so much to those before it: strangers who post in public, however much and
from however many accounts, spend nothing that a conversation in private needs."""

ONE_PERSON_SHARE, ONE_PERSON_MESSAGES = 0.2, 20
"""What answers to one person may cost in a day: this part of the money, and so many messages in any case."""

_POLLING = (Purpose.DIRECTS, Purpose.MENTIONS, Purpose.THREADS, Purpose.DELETIONS)


def micro(usd: float) -> int:
    """US dollars as whole millionths."""
    return round(usd * MICRO)


def reading(prices: Prices, counts: Mapping[str, int]) -> int:
    """What reading so many `posts`, `users`, `media` and `dms` costs."""
    each = {
        "posts": prices.post_read_usd,
        "users": prices.user_read_usd,
        "media": prices.media_read_usd,
        "dms": prices.dm_read_usd,
    }
    return sum(micro(each[kind]) * count for kind, count in counts.items())


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the office at a moment. `past`: the part of it that is over, 0 to 1; `left_seconds`: until midnight there."""

    date: datetime
    past: float
    left_seconds: float

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> Day:
        """The day that `now` (aware) belongs to."""
        local = now.astimezone(zone)
        begin = datetime.combine(local.date(), time.min, zone)
        end = datetime.combine(local.date() + timedelta(days=1), time.min, zone)
        length = end.timestamp() - begin.timestamp()
        left = end.timestamp() - now.timestamp()
        return cls(begin, 1 - left / length, left)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the day's money is divided. `answers_share`: the part that at its beginning is kept for answers alone."""

    limit: int
    answers_share: float

    def reserve(self, day: Day) -> int:
        """What polling leaves for the answers of the rest of the day: less and less of it is needed."""
        return round(self.limit * self.answers_share * (1 - day.past))

    def room(self, purpose: Purpose, spent: int, day: Day) -> int:
        """How much `purpose` may still spend now."""
        kept = 0.0 if purpose not in _LEAVES else self.limit * self._share(purpose) * (1 - day.past)
        return max(0, self.limit - spent - round(kept))

    def of_one_person(self, each: int) -> int:
        """How much answers to one person may cost in a day, where one costs `each`."""
        return max(round(self.limit * ONE_PERSON_SHARE), ONE_PERSON_MESSAGES * each)

    def _share(self, purpose: Purpose) -> float:
        return self.answers_share + (1 - self.answers_share) * _LEAVES[purpose]

    def wait_seconds(self, purpose: Purpose, spent: int, day: Day, cost: int = 0) -> float:
        """How long `purpose` must wait until it may spend `cost`; 0: it may now. Deletions wait for what nobody else needs."""
        if spent >= self.limit or spent + cost > self.limit:
            return day.left_seconds
        if purpose not in _LEAVES:
            return 0.0
        share = self._share(purpose)
        needed = self.limit - spent
        if share <= 0 or self.limit * share * (1 - day.past) < needed:
            return 0.0
        length = day.left_seconds / (1 - day.past)
        return max(1.0, day.left_seconds - length * needed / (self.limit * share) + 1)

    def forecast(self, spent: int, day: Day) -> int:
        """What the day will have cost if it goes on like this; never more than the limit allows."""
        going_on = round(spent / max(day.past, _LEAST_ELAPSED) * (1 - day.past)) + spent
        return max(spent, min(going_on, self.limit))

    def interval_seconds(self, usual: float, today: Sequence[Spending], day: Day) -> float:
        """How often to ask for news: less often by as much as the forecast for it passes what is left for it today."""
        polled = sum(one.micro_usd for one in today if one.purpose in _POLLING)
        left = self.limit - sum(one.micro_usd for one in today) - self.reserve(day)
        expected = polled / max(day.past, _LEAST_ELAPSED) * (1 - day.past)
        if expected <= left:
            return usual
        stretched = usual * expected / left if left > 0 else LONGEST_INTERVAL_SECONDS
        return max(usual, min(stretched, LONGEST_INTERVAL_SECONDS))
