"""The service behind a gateway: people with plain phones, a real Kannel and its test network between, the desk, the clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from core.alphabet import segments
from core.channels import Channel
from core.storage import tables
from tests.acceptance.city import AnyCity, Clock, free_port, furnish
from tests.bots.sms.kannel import SECRET, Kannel

CODE = re.compile(r"\b[0-9A-Z]{9}\b")
"""As a text has it: without strokes."""
SITI, BUDI = "081234567890", "081298765432"


@dataclass
class Network:
    """What the city asks of its vendor. `said`: texts that went into the network. `before`: what another one had delivered."""

    kannel: Kannel
    said: int = 0
    before: int = 0
    arrived: Callable[[], bool] = lambda: True

    def pending(self) -> bool:
        return not self.arrived()

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + 2 * seconds
        while not ready():
            assert time.monotonic() < deadline, f"not within {2 * seconds} s; what came out last: {self.kannel.lines()[-3:]}"
            time.sleep(0.02)


class SmsCity(AnyCity[Network]):
    """What Kannel has taken and has not reported yet is still under way."""

    @property
    def kannel(self) -> Kannel:
        return self.vendor.kannel

    @property
    def sms(self) -> Channel:
        return self.service.channels["sms"]

    def phone(self, number: str = SITI) -> Phone:
        return Phone(self, number)

    def kept(self) -> list[dict[str, Any]]:
        """Every text that came in, once each, whatever became of it."""
        return [row for row in self.rows("inbox") if not row["source_id"].startswith("dlr:")]

    def out(self, code: str) -> list[dict[str, Any]]:
        """Outgoing texts about a report."""
        report_id = self.report(code)["id"]
        return [row for row in self.rows("outbox") if row["report_id"] == report_id]

    def calls(self, path: str, *, secret: str = SECRET, **fields: str) -> int:
        """Somebody calls our ingress as Kannel would; the status."""
        url = self.service.addresses["ingress"] + path
        return httpx.get(url, params=fields, auth=("kannel", secret), timeout=20.0).status_code

    def ready(self) -> dict[str, Any]:
        """What /readyz says."""
        found: dict[str, Any] = httpx.get(f"{self.service.addresses['ingress']}/readyz", timeout=20.0).json()
        return found

    def _idle(self) -> bool:
        return super()._idle() and not self.vendor.pending()  # again: what just left has not been reported yet

    def everything_arrived(self) -> bool:
        """Each text of a phone is in the inbox, each of ours at its phone, and each report about it back."""
        inbox, outbox = tables.inbox.c, tables.outbox.c
        with self.service.office.database.read() as connection:
            counting = select(func.count()).where(inbox.channel == "sms", inbox.source_id.not_like("dlr:%"))
            kept = connection.execute(counting).scalar_one()
            ours = select(outbox.state, func.count()).where(outbox.channel == "sms").group_by(outbox.state)
            counted = connection.execute(ours).all()
        states = {str(state): int(count) for state, count in counted}
        reported = not (self.sms.capabilities.receipts and states.get("accepted"))
        shown = self.kannel.texts() + self.vendor.before
        return kept >= self.vendor.said and reported and shown >= states.get("delivered", 0)


@dataclass
class Phone:
    """A person with a plain phone, whose number the network shows as `number`."""

    city: SmsCity
    number: str
    seen: int = 0

    @property
    def address(self) -> str:
        """As the service keeps it: +62…"""
        return "+62" + self.number.removeprefix("+").removeprefix("62").removeprefix("0")

    def says(self, text: str) -> str:
        """Writes; what the service answers, read at once. Each text of it went as one segment."""
        self.sends(text)
        return self.reads()

    def sends(self, text: str) -> None:
        """Writes, and does not wait."""
        self.city.vendor.said += 1
        self.city.kannel.say(self.number, text)

    def reads(self) -> str:
        """What came since the last look."""
        self.city.quiet()
        texts = self.texts()
        new, self.seen = texts[self.seen :], len(texts)
        return "\n".join(new)

    def texts(self) -> list[str]:
        return self.city.kannel.shown(self.address)

    def segments(self) -> int:
        """How many messages the office paid for, as the network counted them."""
        return self.city.kannel.segments(self.address)

    def reports(self, story: str) -> str:
        """The code of a report that begins with this text."""
        answer = self.says(story)
        found = CODE.findall(answer)
        assert len(found) == 1, answer
        assert segments(answer) == 1, answer
        return str(found[0])


@contextmanager
def open_sms_city(
    url: str,
    folder: Path,
    *,
    start: datetime,
    passwords: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
    **settings: Any,
) -> Iterator[SmsCity]:
    """Everything that `lapor serve` starts, with Kannel in front, until the block ends. `settings`: keys of channels.sms."""
    clock, port = Clock(start), free_port()
    with Kannel(folder, f"http://127.0.0.1:{port}") as kannel:
        door = kannel.settings | {"messages_per_second": 1000} | settings
        service, passwords = furnish(url, folder, {"sms": door}, clock=clock, port=port, passwords=passwords, more=more)
        network = Network(kannel)
        city = SmsCity(service, network, clock, passwords)
        network.arrived = city.everything_arrived
        network.said = len(city.kept())
        network.before = sum(row["state"] == "delivered" for row in city.rows("outbox"))
        try:
            service.start()
            yield city
        finally:
            city.close()
