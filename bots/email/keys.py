"""TXT records with the public keys of mail signatures: asked of the DNS with a time-out, remembered for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from time import monotonic

from bots.email import nameserver
from bots.email.results import is_somebodys

REMEMBERED_SECONDS = 300.0
SILENT_SECONDS = 10.0
"""Nothing is asked for so long where nobody answers at all: a dead resolver must not cost every mail its whole patience."""
OWNER_SILENT_SECONDS = 60.0
"""A domain that did not answer is not asked for so long: a stranger's dead name server must not keep us from the others."""
OWNERS_FOR_SILENCE = 3
"""Domains in a row that did not answer: then it is the resolver."""
MOST_REMEMBERED = 500


class Unanswered(Exception):
    """The DNS does not answer: nothing is known."""


class Broken(Unanswered):
    """It answers that it cannot tell now (SERVFAIL): nothing is known either, but it cost nothing."""


class Keys:
    """Looks them up. Safe to call from several threads."""

    def __init__(self, nameservers: Sequence[str], timeout_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._nameservers = tuple(nameserver(value) for value in nameservers)
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, bytes | None]] = OrderedDict()
        self._silent_until = float("-inf")
        self._unanswered: OrderedDict[str, float] = OrderedDict()  # owner → until when it is not asked
        self._in_a_row: set[str] = set()
        self._lock = threading.Lock()

    def txt(self, name: bytes, timeout: float = 0.0) -> bytes | None:  # noqa: ARG002 - as dkimpy calls it
        """The record, None where there is none. Raises `Unanswered`."""
        try:
            asked = name.decode("ascii").lower()
        except UnicodeDecodeError:
            return None
        now, owner = self._clock(), owner_of(asked)
        with self._lock:
            at, record = self._known.get(asked, (float("-inf"), None))
            if now - at < REMEMBERED_SECONDS:
                return record
            if now < self._silent_until or now < self._unanswered.get(owner, float("-inf")):
                raise Unanswered
        try:
            record = self._ask(asked)
        except Broken:
            raise
        except Unanswered:
            self._was_silent(owner)
            raise
        with self._lock:
            self._in_a_row.clear()
            self._known[asked] = (self._clock(), record)
            self._known.move_to_end(asked)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return record

    def _was_silent(self, owner: str) -> None:
        with self._lock:
            now = self._clock()
            self._unanswered[owner] = now + OWNER_SILENT_SECONDS
            self._unanswered.move_to_end(owner)
            while len(self._unanswered) > MOST_REMEMBERED:
                self._unanswered.popitem(last=False)
            self._in_a_row.add(owner)
            if len(self._in_a_row) >= OWNERS_FOR_SILENCE:
                self._in_a_row.clear()
                self._silent_until = now + SILENT_SECONDS

    def _ask(self, name: str) -> bytes | None:
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not self._nameservers)
            if self._nameservers:
                resolver.nameservers = [address for address, _ in self._nameservers]
                resolver.nameserver_ports = dict(self._nameservers)
            answer = resolver.resolve(name, "TXT", lifetime=self._timeout_seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.Timeout, dns.resolver.NoResolverConfiguration, OSError) as error:
            raise Unanswered from error
        except dns.resolver.NoNameservers as error:
            raise Broken from error
        except dns.exception.DNSException:  # a name that is none
            return None
        for record in answer:
            return b"".join(record.strings)
        return None


def owner_of(name: str) -> str:
    """The shortest ending of a name that can be somebody's own, so that no stranger has a thousand of them."""
    labels = name.rstrip(".").split(".")
    endings = (".".join(labels[-count:]) for count in range(2, len(labels) + 1))
    return next((ending for ending in endings if is_somebodys(ending)), name)
