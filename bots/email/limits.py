"""What one stranger may use up: connections, mails a minute, memory. Pure but for the counters; for one event loop only."""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Sequence

MOST_SENDERS_REMEMBERED = 10_000


class Connections:
    """How many are open, in all and from one peer."""

    def __init__(self, most: int, most_per_peer: int) -> None:
        self._most, self._most_per_peer = most, most_per_peer
        self._open: Counter[str] = Counter()
        self._total = 0

    def enter(self, peer: str, *, trusted: bool) -> bool:
        """Counts one more; False: no room. The office's own MTA brings everybody's mail: for it only the total holds."""
        if self._total >= self._most or (not trusted and self._open[peer] >= self._most_per_peer):
            return False
        self._open[peer] += 1
        self._total += 1
        return True

    def leave(self, peer: str) -> None:
        """One that had entered is closed."""
        self._total -= 1
        self._open[peer] -= 1
        if self._open[peer] <= 0:
            del self._open[peer]


class Pace:
    """A bucket for each envelope sender and peer: `per_minute` at once, refilled evenly."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, sender: str, peer: str, now_seconds: float) -> bool:
        """One more mail of this sender; False: too many."""
        key = (sender.lower(), peer)
        left, at = self._buckets.pop(key, (float(self._per_minute), now_seconds))
        left = min(float(self._per_minute), left + (now_seconds - at) * self._per_minute / 60)
        allowed = left >= 1
        self._buckets[key] = (left - allowed, now_seconds)
        while len(self._buckets) > MOST_SENDERS_REMEMBERED:
            self._buckets.popitem(last=False)
        return allowed


class Memory:
    """Bytes of mails that were read and are not yet committed."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self.taken_bytes = 0

    def take(self, count: int) -> bool:
        """Room for so many more; False: there is none, and nothing was taken."""
        if self.taken_bytes + count > self._most:
            return False
        self.taken_bytes += count
        return True

    def give_back(self, count: int) -> None:
        """They are committed or thrown away."""
        self.taken_bytes -= count


class Peers:
    """The mail servers whose word counts: the office's own."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def __contains__(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)
