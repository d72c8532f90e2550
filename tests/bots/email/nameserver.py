"""A name server on loopback for one test: TXT records, silence and failure on request. It counts what it is asked."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """`records`: name without the final dot → text. `silent`: it answers nothing at all; `silent_domains`: nothing below these.

    `broken_domains`: below these it says SERVFAIL.
    """

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.silent = False
        self.silent_domains: tuple[str, ...] = ()
        self.broken_domains: tuple[str, ...] = ()
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="nameserver")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                packet, peer = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(packet)
            name = query.question[0].name
            key = name.to_text(omit_final_dot=True).lower()
            self.asked[key] += 1
            if self.silent or key.endswith(tuple(f".{domain}" for domain in self.silent_domains)):
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            if key.endswith(tuple(f".{domain}" for domain in self.broken_domains)):
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif key in self.records:
                text = self.records[key]
                pieces = " ".join(f'"{text[place : place + 250]}"' for place in range(0, len(text) or 1, 250))
                answer.answer.append(dns.rrset.from_text(name, 300, "IN", "TXT", pieces))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self._socket.sendto(answer.to_wire(max_size=4096), peer)
