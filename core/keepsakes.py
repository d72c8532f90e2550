"""What channels remember over restarts, in the house's database (`core.channels.Keepsakes`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from core.channels import InMemory, Keepsakes, Spending
from core.office import Office, now_utc
from core.storage import channelnotes, leases


class Shelf:
    """Where every channel's keepsakes lie. Channels are built before the office is open: until `open`, nothing outlives the
    process (as for a command that sends one test message)."""

    def __init__(self) -> None:
        self.office: Office | None = None

    def open(self, office: Office) -> None:
        """From now on the database keeps it."""
        self.office = office

    def of(self, channel: str) -> Keepsakes:
        return Kept(self, channel)


class Kept:
    """One channel's keepsakes."""

    def __init__(self, shelf: Shelf, channel: str, clock: Callable[[], datetime] = now_utc) -> None:
        self._shelf = shelf
        self._channel = channel
        self._clock = clock
        self._loose = InMemory()

    def read(self, name: str) -> str | None:
        office = self._shelf.office
        if office is None:
            return self._loose.read(name)
        with office.database.read() as connection:
            return channelnotes.read(connection, self._channel, name)

    def write(self, name: str, value: str | None) -> None:
        office = self._shelf.office
        if office is None:
            self._loose.write(name, value)
            return
        with office.database.write() as connection:
            channelnotes.write(connection, self._channel, name, value, at=self._clock())

    def spend(self, day: date, purpose: str, *, micro_usd: int, calls: int = 1) -> None:
        office = self._shelf.office
        if office is None:
            self._loose.spend(day, purpose, micro_usd=micro_usd, calls=calls)
            return
        with office.database.write() as connection:
            channelnotes.spend(connection, self._channel, day, purpose, calls=calls, micro_usd=micro_usd)

    def spent(self, day: date) -> Sequence[Spending]:
        office = self._shelf.office
        if office is None:
            return self._loose.spent(day)
        with office.database.read() as connection:
            return channelnotes.spent(connection, self._channel, day)

    def turn(self, name: str, seconds: float) -> bool:
        office = self._shelf.office
        if office is None:
            return True
        now = self._clock()
        with office.database.write() as connection:
            until = now + timedelta(seconds=seconds)
            return leases.take(connection, f"{self._channel}:{name}"[:60], office.owner, now=now, until=until)
