"""Which posts are watched for being deleted: their ids, by the day on which they were written. Nobody's name or number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from bots.twitter.envelope import Found
from core.channels import Keepsakes

MOST_A_DAY = 2_000
"""More are not watched: looking each up once a day costs."""


class Watch:
    """`days`: how long a post is watched; 0: not at all."""

    def __init__(self, keep: Keepsakes, *, days: int, now_day: datetime) -> None:
        self._keep, self._days, self._started = keep, days, now_day

    def add(self, found: Iterable[Found]) -> None:
        """From now on, these. Safe to repeat."""
        if not self._days:
            return
        by_day: dict[str, list[str]] = {}
        for one in found:
            if one.raw is not None and one.starts:
                number = one.raw.source_id.rpartition(":")[2]
                by_day.setdefault(_name(one.at or self._started), []).append(number)
        for name, numbers in by_day.items():
            known = self._of(name)
            new = [number for number in dict.fromkeys(numbers) if number not in known]
            if new:
                self._write(name, [*known, *new][:MOST_A_DAY])

    def after(self, number: int, most: int, now: datetime) -> Sequence[str]:
        """The next watched ones with a higher id, in order."""
        watched = {one for name in self._names(now) for one in self._of(name)}
        return sorted((one for one in watched if int(one) > number), key=int)[:most]

    def drop(self, numbers: Iterable[str], now: datetime) -> None:
        """They are gone: nothing more will happen to them."""
        lost = set(numbers)
        for name in self._names(now) if lost else ():
            known = self._of(name)
            if lost & set(known):
                self._write(name, [one for one in known if one not in lost])

    def tidy(self, now: datetime) -> None:
        """Forgets the days that are over."""
        for back in range(self._days + 1, self._days + 31):
            name = _name(now - timedelta(days=back))
            if self._keep.read(name) is not None:
                self._keep.write(name, None)

    def _names(self, now: datetime) -> Sequence[str]:
        return [_name(now - timedelta(days=back)) for back in range(-1, self._days + 1)]

    def _of(self, name: str) -> list[str]:
        return [one for one in (self._keep.read(name) or "").split() if one.isascii() and one.isdigit() and len(one) < 20]

    def _write(self, name: str, numbers: Sequence[str]) -> None:
        self._keep.write(name, " ".join(numbers) or None)


def _name(moment: datetime) -> str:
    return f"watch:{moment.astimezone(UTC):%Y-%m-%d}"
