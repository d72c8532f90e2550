"""How fast a channel may be written to: a bucket for the whole channel, a distance for one address. Scheduled, never slept.

In memory, one for each process and channel: where several processes run one channel, the vendor's "too fast" evens it out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_PRUNE_ABOVE = 5_000


class Pace:
    """A token bucket that holds one second's worth, refilled by the moments it is asked at."""

    def __init__(self, *, per_second: float, seconds_between: float) -> None:
        self._per_second = per_second
        self._most = max(per_second, 1.0)
        self._between = timedelta(seconds=seconds_between)
        self._tokens = self._most
        self._at: datetime | None = None
        self._not_before: datetime | None = None
        self._last: dict[int, datetime] = {}

    def allowance(self, now: datetime) -> int:
        """How many messages may leave now."""
        if self._not_before is not None and now < self._not_before:
            return 0
        if self._at is not None and now > self._at:
            self._tokens = min(self._most, self._tokens + (now - self._at).total_seconds() * self._per_second)
        self._at = now
        return int(self._tokens)

    def next_for(self, address_id: int, now: datetime) -> datetime | None:
        """When this address may be written to again; None: now."""
        last = self._last.get(address_id)
        if last is None or now - last >= self._between:
            return None
        return last + self._between

    def spend(self, address_id: int, now: datetime) -> None:
        """A message to this address leaves."""
        self._tokens -= 1
        if self._between:
            self._last[address_id] = now
            if len(self._last) > _PRUNE_ABOVE:
                self._last = {key: at for key, at in self._last.items() if now - at < self._between}

    def pause(self, until: datetime) -> None:
        """Nothing leaves before `until`: the vendor, our credentials or our budget are the trouble, not one address."""
        self._not_before = max(until, self._not_before or until)
