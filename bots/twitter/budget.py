"""The day's money: who may spend, and the ledger in which everything stands before anybody acts on what was bought.

Writing is booked before the call and taken back where it came to nothing. Reading is booked when the answer is there and before
it is stored: after a kill between the two the same page comes again, and X charges a thing once a day. The ledger is shared by
all processes (`Keepsakes`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bots.twitter import Settings
from bots.twitter.prices import MICRO, Day, Policy, Purpose, micro, reading
from bots.twitter.standing import Standing
from core.channels import Keepsakes, Spending
from core.errors import StorageUnavailable

_MOST_SEEN = 200_000
_NEWS = (Purpose.DIRECTS, Purpose.MENTIONS)

__all__ = ["Booking", "Budget", "Purpose"]


@dataclass(frozen=True, slots=True)
class Booking:
    """What was set aside for one call; `wait_seconds` above 0: nothing was. `person`: whom it is for;
    `of_person`: it is only for this one that nothing more is spent today."""

    purpose: Purpose
    day: date
    cost: int
    wait_seconds: float
    person: str = ""
    of_person: bool = False


class Budget:
    """Safe to use from several threads. Every method raises StorageUnavailable while the ledger is away."""

    def __init__(
        self, settings: Settings, keep: Keepsakes, standing: Standing, *, zone: str, now: Callable[[], datetime]
    ) -> None:
        self._prices = settings.prices
        self._policy = Policy(micro(settings.budget_usd_per_day), settings.answers_share)
        self._keep, self._standing, self._zone, self._now = keep, standing, ZoneInfo(zone), now
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._seen_on = now().astimezone(UTC).date()
        self._persons: dict[str, int] = {}
        self._persons_on: date | None = None
        self._saving: dict[Purpose, datetime] = {}

    def wait(self, purpose: Purpose) -> float:
        """Seconds until `purpose` may spend; 0.0: it may now."""
        day, today = self._today()
        seconds = self._policy.wait_seconds(purpose, _sum(today), day)
        self._tell(today, day)
        if purpose in _NEWS:
            self._tell_saving(purpose, seconds)
        return seconds

    def page(self, purpose: Purpose, *, least: int, most: int) -> int:
        """How many things one page may bring, so that a single answer does not spend what is kept for others."""
        day, today = self._today()
        prices = self._prices
        of_one = {"dms": 1} if purpose is Purpose.DIRECTS else {"posts": 2}  # a post, and the one that it answers
        each = reading(prices, {**of_one, "users": 1, "media": 2})
        room = self._policy.room(purpose, _sum(today), day)
        return most if each == 0 else min(max(room // each, least), most)

    def read(
        self,
        purpose: Purpose,
        *,
        posts: Iterable[str] = (),
        users: Iterable[str] = (),
        media: Iterable[str] = (),
        dms: Iterable[str] = (),
    ) -> None:
        """Books one call that brought these (by their ids). To be called before anything of it is stored."""
        counts = self._new({"posts": posts, "users": users, "media": media, "dms": dms})
        on = Day.of(self._now(), self._zone).date.date()
        self._spend(purpose, on, reading(self._prices, counts), calls=1)

    def book(self, purpose: Purpose, usd: float, *, person: str = "") -> Booking:
        """Books a call that costs so much, before it is made. With `wait_seconds` above 0 nothing is: not before then.

        `person`: whom it is for, where that is to be limited.
        """
        day, today = self._today()
        cost = micro(usd)
        wait = self._policy.wait_seconds(purpose, _sum(today), day, cost)
        booking = Booking(purpose, day.date.date(), cost, wait, person)
        if wait > 0:
            self._tell(today, day)
        elif not self._granted(booking):
            return replace(booking, wait_seconds=day.left_seconds, of_person=True)
        elif _sum(self._set_aside(booking)) > self._policy.limit:  # others were quicker
            self.back(booking)
            return replace(booking, wait_seconds=day.left_seconds)
        return booking

    def back(self, booking: Booking) -> None:
        """What was booked came to nothing, and X charges nothing for it."""
        self._ungranted(booking)
        self._spend(booking.purpose, booking.day, -booking.cost, calls=-1)

    def interval(self, usual_seconds: float) -> float:
        """How often to ask for news, stretched so that the money for it lasts until midnight."""
        day, today = self._today()
        return self._policy.interval_seconds(usual_seconds, today, day)

    def told(self) -> dict[str, str]:
        """How the day stands, in US dollars: `spent`, `limit`, `forecast`."""
        day, today = self._today()
        return self._words(today, day)

    def _granted(self, booking: Booking) -> bool:
        """Nobody alone spends the day's money. Counted in memory, by this process: no list of who wrote how much is kept."""
        if not booking.person:
            return True
        with self._lock:
            if booking.day != self._persons_on:
                self._persons, self._persons_on = {}, booking.day
            sum_of_day = self._persons.get(booking.person, 0) + booking.cost
            if sum_of_day > self._policy.of_one_person(micro(self._prices.dm_create_usd)):
                return False
            self._persons[booking.person] = sum_of_day
        return True

    def _ungranted(self, booking: Booking) -> None:
        with self._lock:
            if booking.person and booking.day == self._persons_on:
                self._persons[booking.person] = self._persons.get(booking.person, 0) - booking.cost

    def _set_aside(self, booking: Booking) -> list[Spending]:
        try:
            return self._spend(booking.purpose, booking.day, booking.cost, calls=1)
        except StorageUnavailable:
            self._ungranted(booking)
            raise

    def _new(self, things: dict[str, Iterable[str]]) -> dict[str, int]:
        """How many of each kind are not paid yet in this UTC day. What an earlier process paid counts again: rather so."""
        day = self._now().astimezone(UTC).date()
        with self._lock:
            if day != self._seen_on or len(self._seen) > _MOST_SEEN:
                self._seen, self._seen_on = set(), day
            fresh = {(kind, one) for kind, ids in things.items() for one in ids} - self._seen
            self._seen |= fresh
        return {kind: sum(1 for of, _ in fresh if of == kind) for kind in things}

    def _spend(self, purpose: Purpose, on: date, cost: int, *, calls: int) -> list[Spending]:
        self._keep.spend(on, purpose, micro_usd=cost, calls=calls)
        day, today = self._today()
        self._tell(today, day)
        return today

    def _today(self) -> tuple[Day, list[Spending]]:
        day = Day.of(self._now(), self._zone)
        return day, list(self._keep.spent(day.date.date()))

    def _tell(self, today: Iterable[Spending], day: Day) -> None:
        spent = list(today)
        self._standing.remark("budget", self._words(spent, day))
        answer = micro(self._prices.dm_create_usd)
        over = self._policy.wait_seconds(Purpose.ANSWERS, _sum(spent), day, answer) > 0
        self._standing.trouble("budget", "budget" if over else None)

    def _tell_saving(self, purpose: Purpose, seconds: float) -> None:
        """That no news are asked for is said openly: until when, in the office's own time."""
        now = self._now()
        with self._lock:
            self._saving = {one: until for one, until in self._saving.items() if one is not purpose and until > now}
            if seconds > 0:
                self._saving[purpose] = now + timedelta(seconds=seconds)
            until = max(self._saving.values(), default=None)
        said = None if until is None else {"until": f"{until.astimezone(self._zone):%H:%M}"}
        self._standing.remark("saving", said)

    def _words(self, today: Iterable[Spending], day: Day) -> dict[str, str]:
        spent = _sum(today)
        sums = {"spent": spent, "limit": self._policy.limit, "forecast": self._policy.forecast(spent, day)}
        return {name: f"{value / MICRO:.2f}" for name, value in sums.items()}


def _sum(today: Iterable[Spending]) -> int:
    return sum(one.micro_usd for one in today)
