"""The service between its own SMTP door and a post office: people with mailboxes, a relay that misbehaves on request."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.channels import KEPT
from core.storage import tables
from tests.acceptance.city import CODE, AnyCity, Clock, furnish
from tests.acceptance.post import Correspondent
from tests.bots.email.authority import Authority
from tests.bots.email.postoffice import PostOffice, words

US = "lapor@kota.test"
SITI, BUDI = "siti@warga.test", "budi@warga.test"


@dataclass
class Post:
    """What the city asks of its vendor. A mail is in the inbox before its sender hears 250: nothing is ever on its way."""

    office: PostOffice

    def pending(self) -> bool:
        return False

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        self.office.wait(ready, seconds)


class MailCity(AnyCity[Post]):
    """`relay`: the post office that our relay setting points at; nobody there where mails are only kept."""

    trust: ssl.SSLContext | None = None

    @property
    def relay(self) -> PostOffice:
        return self.vendor.office

    @property
    def door(self) -> tuple[str, int]:
        """Where our SMTP server listens."""
        host, _, port = self.service.addresses["email"].rpartition(":")
        return host, int(port)

    def client(self) -> smtplib.SMTP:
        """A well-behaved mail server, connected."""
        return smtplib.SMTP(*self.door, local_hostname="mail.warga.test", timeout=20)

    def citizen(self, address: str = SITI, name: str = "Siti Aminah") -> Reader:
        return Reader(self, Correspondent(address, self.door, self.relay, name=name, to=US, now=self.clock, trust=self.trust))

    def in_a_day(self) -> None:
        """A day later, which is when a mail of which nothing came back counts as delivered (design.md, the road, 3)."""
        self.on(self.clock() + timedelta(hours=24, minutes=5))

    def handled(self) -> None:
        """Until every mail that came was read; the answers may wait for a relay that is away."""
        self.relay.wait(lambda: all(row["state"] != "waiting" for row in self.rows("inbox")))

    def tried(self) -> None:
        """Until a mail was tried to be sent, once more."""
        before = len(self.rows("delivery_attempts"))
        self.relay.wait(lambda: len(self.rows("delivery_attempts")) > before)

    def inbox(self, why: str | None = None) -> list[dict[str, Any]]:
        return [row for row in self.rows("inbox") if why is None or row["state"] == why]

    def out(self, code: str) -> list[dict[str, Any]]:
        """Outgoing messages about a report."""
        report_id = self.report(code)["id"]
        return [row for row in self.rows("outbox") if row["report_id"] == report_id]

    def _idle(self) -> bool:
        return super()._idle() and not self._ripe()

    def _ripe(self) -> bool:
        """Is there a mail that counts as delivered by now, and nobody has looked yet?"""
        hours = self.service.channels["email"].capabilities.bounce_hours
        entry, attempt = tables.outbox.c, tables.delivery_attempts.c
        kept = select(attempt.id).where(attempt.outbox_id == entry.id, attempt.detail == KEPT).exists()
        before = self.clock() - timedelta(hours=hours)
        accepted = (entry.channel == "email", entry.state == "accepted", entry.done_at <= before)
        ripe = select(entry.id).where(*accepted, ~kept).limit(1)
        with self.service.office.database.read() as connection:
            return hours > 0 and connection.execute(ripe).first() is not None


@dataclass
class Reader:
    """A person with a mailbox, who writes, waits for what comes of it, and reads it."""

    city: MailCity
    post: Correspondent
    mails: list[EmailMessage] = field(default_factory=list)

    def writes(self, text: str, subject: str | None = "Laporan", **more: Any) -> str:
        """A new mail; what the service answers, read at once."""
        self.post.writes(text, subject=subject, **more)
        return self.reads()

    def answers(self, text: str, to: EmailMessage | None = None, **more: Any) -> str:
        """Presses reply under the latest mail of ours, or under `to`; what the service answers."""
        self.post.answers(to or self.last(), text, **more)
        return self.reads()

    def hands_in(self, raw: bytes, mail_from: str | None = None, to: str = US) -> str:
        """These bytes as a mail; what the service answers."""
        with self.city.client() as client:
            client.sendmail(self.post.address if mail_from is None else mail_from, [to], raw)
        return self.reads()

    def reads(self) -> str:
        """What came since the last look."""
        self.city.quiet()
        new = self.post.reads()
        self.mails += new
        return "\n\n".join(words(mail) for mail in new)

    def last(self) -> EmailMessage:
        assert self.mails, "nothing has come yet"
        return self.mails[-1]

    def reports(self, text: str, subject: str = "Laporan", **more: Any) -> str:
        """A first mail that is a report; its code."""
        answer = self.writes(text, subject, **more)
        found = set(CODE.findall(answer))
        assert len(found) == 1, answer
        return str(found.pop())


def door(office: PostOffice | None, tls: Authority | None = None) -> dict[str, Any]:
    """The channel's settings for a service in a test, with this relay or none."""
    settings: dict[str, Any] = {"listen": "127.0.0.1:0", "address": US, "messages_per_second": 1000}
    settings["mails_per_minute"] = 100_000
    if office is not None:
        relay = {"host": office.host, "port": office.port}
        settings["relay"] = relay | ({} if tls is None else {"security": "starttls", "ca": tls.ca})
    if tls is not None:
        settings["tls"] = {"certificate": tls.certificate, "key": tls.key}
    return settings


@contextmanager
def open_mail_city(
    url: str,
    folder: Path,
    *,
    start: datetime,
    passwords: dict[str, str] | None = None,
    tls: Authority | None = None,
    relayed: bool = True,
    more: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Iterator[MailCity]:
    """Everything that `lapor serve` starts, with a post office behind, until the block ends.

    `tls`: both ways over STARTTLS. `relayed` False: no relay, as on the defaults. `settings`: keys of channels.email.
    """
    clock = Clock(start)
    context = None if tls is None else tls.server()
    with PostOffice(tls=context) as office:
        channels = {"email": door(office if relayed else None, tls) | settings}
        service, passwords = furnish(url, folder, channels, clock=clock, passwords=passwords, more=more)
        city = MailCity(service, Post(office), clock, passwords)
        city.trust = None if tls is None else ssl.create_default_context(cafile=str(tls.ca))
        try:
            service.start()
            yield city
        finally:
            city.close()
