"""A name server on a loopback port that knows the TXT records it is given, and domains that never answer."""

from __future__ import annotations

import socket
import threading
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """`with NameServer({"s._domainkey.a.id": b"v=DKIM1; …"}, silent=("b.id",)) as server: … server.where`"""

    def __init__(self, records: dict[str, bytes], silent: tuple[str, ...] = ()) -> None:
        self.records, self.silent = records, silent
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="nameserver")

    @property
    def where(self) -> str:
        """For `authenticity.nameservers`."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, peer = self._socket.recvfrom(4_096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            question = query.question[0]
            name = question.name.to_text().rstrip(".").lower()
            self.asked.append(name)
            if any(name == one or name.endswith(f".{one}") for one in self.silent):
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            record = self.records.get(name)
            if record is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                pieces = " ".join(f'"{record[at : at + 250].decode()}"' for at in range(0, len(record), 250))
                answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", "TXT", pieces))
            self._socket.sendto(answer.to_wire(), peer)
