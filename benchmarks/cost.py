"""What 1,000 reports cost on each channel, by the prices of its settings, from a run of whole cases (`benchmarks/cases.py`).

Counted is what the service says and hears at a door with the real channel's capabilities: SMS in segments, X by the adapter's
own ledger (reading is charged once for each thing and UTC day, writing per call); the others are free of charge.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.cases import MIX, MORNING, Citizen, Street
from benchmarks.places import prepared, sqlite
from benchmarks.till import Till, unhurried
from bots import email, sms, telegram, twitter
from bots.twitter.budget import Budget, Purpose
from bots.twitter.standing import Standing
from core.alphabet import segments
from core.channels import Capabilities, Health, Inbound, InboundKind, InMemory, Outbound
from core.config import load
from lapor import wiring

CASES = 250
REPORTS = 1_000
ZONE = "Asia/Jakarta"
DAY_SECONDS = 86_400
NO_LIMIT_USD = 1e6

Took = Callable[[Inbound | Outbound, datetime], object]


@dataclass
class Count:
    """What passed one door."""

    received: int = 0
    sent: int = 0
    public: int = 0
    segments: int = 0
    characters: int = 0

    def took(self, message: Inbound | Outbound, at: datetime) -> None:  # noqa: ARG002 - a count knows no time
        if isinstance(message, Inbound):
            self.received += 1
            return
        self.sent += 1
        self.public += message.public
        self.segments += segments(message.text)
        self.characters += len(message.text)

    def each(self, cases: int) -> str:
        length = self.characters / self.sent
        return f"{self.received / cases:.1f} messages in, {self.sent / cases:.1f} out of {length:.0f} characters"


class Ledger:
    """X's charges: what the adapter books for the same messages."""

    def __init__(self, settings: twitter.Settings) -> None:
        self._prices, self._keep, self.now = settings.prices, InMemory(), MORNING
        standing = Standing(Health(), lambda: self.now)
        self._budget = Budget(settings, self._keep, standing, zone=ZONE, now=lambda: self.now)
        self.posts: list[str] = []
        self.newest: list[tuple[str, str]] = []  # (id of a direct message, whose conversation)
        self._numbers = 0

    def took(self, message: Inbound | Outbound, at: datetime) -> None:
        self._numbers, self.now = self._numbers + 1, at
        number = str(self._numbers)
        if isinstance(message, Inbound) and message.kind is InboundKind.PUBLIC:
            self._budget.read(Purpose.MENTIONS, posts=[number], users=[message.sender.address])
            self._budget.read(Purpose.THREADS, posts=[number])
            self.posts.append(number)
        elif isinstance(message, Inbound):
            self._direct(number, message.sender.address)
        elif message.public:
            self._budget.book(Purpose.INVITATIONS, self._prices.post_create_usd)
        else:
            self._budget.book(Purpose.ANSWERS, self._prices.dm_create_usd)
            self._direct(number, message.address)  # our own come back in the list of events, and cost

    def _direct(self, number: str, person: str) -> None:
        self._budget.read(Purpose.DIRECTS, dms=[number], users=[person, "us"])
        self.newest = [*self.newest, (number, person)][-5:]

    def look_for_deletions(self, days: int) -> None:
        """Each post is looked up once a day."""
        for _ in range(days):
            self.now += timedelta(days=1)
            for start in range(0, len(self.posts), 100):
                self._budget.read(Purpose.DELETIONS, posts=self.posts[start : start + 100])

    def poll(self, day: datetime, every_seconds: float) -> None:
        """A day on which nobody writes: the newest messages are seen again and again, and charged once in a UTC day."""
        for number in range(int(DAY_SECONDS / every_seconds)):
            self.now = day + timedelta(seconds=number * every_seconds)
            dms, people = zip(*self.newest, strict=True)
            self._budget.read(Purpose.DIRECTS, dms=dms, users=["us", *people])
            self._budget.read(Purpose.MENTIONS)

    def spent(self) -> dict[str, tuple[int, float]]:
        """Calls and US dollars by purpose, since the beginning."""
        found: dict[str, tuple[int, float]] = {}
        for days in range(-1, 90):
            for one in self._keep.spent((MORNING + timedelta(days=days)).date()):
                calls, usd = found.get(one.purpose, (0, 0.0))
                found[one.purpose] = calls + one.calls, usd + one.micro_usd / 1e6
        return found


def run() -> Iterator[str]:
    yield f"{CASES} whole cases on each channel; of ten: four complete at once, four with gaps, one asked back, one Belum"
    for name, capabilities in (("telegram", telegram.CAPABILITIES), ("email", email.CAPABILITIES)):
        count = Count()
        live(name, capabilities, count.took)
        yield f"{name}: {count.each(CASES)}; {REPORTS} reports cost nothing but the line"
    yield from over_sms()
    yield from over_x()


def over_sms() -> Iterator[str]:
    settings, count = sms.Settings(), Count()
    live("sms", sms.CAPABILITIES, count.took)
    each = count.segments / CASES
    price = each * REPORTS * settings.price_per_segment
    yield f"sms: {count.each(CASES)}; {each:.2f} segments a report at {settings.price_per_segment:.0f} {settings.currency}"
    yield f"sms: {REPORTS} reports: {each * REPORTS:,.0f} segments, {price:,.0f} {settings.currency}"


def over_x() -> Iterator[str]:
    settings = twitter.Settings(budget_usd_per_day=NO_LIMIT_USD)
    count, ledger = Count(), Ledger(settings)

    def took(message: Inbound | Outbound, at: datetime) -> None:
        count.took(message, at)
        ledger.took(message, at)

    live("twitter", replace(twitter.CAPABILITIES, public_name=f"@{settings.handle}"), took, in_public=2)
    ledger.look_for_deletions(settings.deletions_days)
    spent = ledger.spent()
    yield f"twitter: {count.each(CASES)}, {count.public / CASES:.1f} of them in public"
    scale = REPORTS / CASES
    for purpose, (calls, usd) in spent.items():
        yield f"twitter: {REPORTS} reports, {purpose}: {calls * scale:,.0f} calls, {usd * scale:.2f} USD"
    whole = sum(usd for _, usd in spent.values())
    carried = twitter.Settings().budget_usd_per_day / (whole / CASES)
    yield f"twitter: {REPORTS} reports: {whole * scale:.2f} USD; the budget of a day carries {carried:.0f}"
    quiet = Ledger(settings)
    quiet.newest = ledger.newest
    quiet.poll(MORNING, settings.poll_seconds)
    calls, usd = (sum(column) for column in zip(*quiet.spent().values(), strict=True))
    yield f"twitter: a day of polling every {settings.poll_seconds:.0f} s without news: {calls:,} calls, {usd:.2f} USD"


def live(name: str, capabilities: Capabilities, took: Took, *, in_public: int = 0) -> None:
    """All cases behind one door on a fresh SQLite; one in so many begins in public (0: none)."""
    citizens = [
        Citizen(f"62812{number:07}", number, MIX[number % len(MIX)], in_public > 0 and number // len(MIX) % in_public == 0)
        for number in range(CASES)
    ]
    with sqlite() as url, tempfile.TemporaryDirectory() as folder:
        till = Till(name, unhurried(capabilities), took)
        office = wiring.open_with_keys(load(prepared(url, Path(folder))), {name: till.capabilities})
        try:
            Street(office, till).live(citizens)
        finally:
            office.close()
