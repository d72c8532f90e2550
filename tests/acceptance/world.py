"""The whole service in this process between a Bot API server and the desk, with a clock that the test moves."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bots import telegram
from core import sweep
from core.channels import Surroundings
from core.config import parse
from core.office import open_office
from core.storage import tables
from core.storage.crypto import Keys, use_keys
from lapor import demo, wiring
from lapor.serve import PARTS, Service
from tests.acceptance.pages import Official
from tests.bots.botapi import TOKEN, BotApi, Sent

KEY = b"a secret of the acceptance tests"
SECRET = "webhook-secret-of-the-tests"
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
QUIET_SECONDS = 10.0


def wib(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 in western Indonesian time."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Jakarta")).astimezone(UTC)


class Clock:
    """Runs like any clock, and can be put forward."""

    def __init__(self, start: datetime) -> None:
        self._base, self._since = start, time.monotonic()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._base.timestamp() + time.monotonic() - self._since, UTC)

    def set(self, moment: datetime) -> None:
        assert moment > self(), "time does not run backwards"
        self._base, self._since = moment, time.monotonic()


@dataclass
class City:
    """The service at work, its people and its vendor."""

    service: Service
    vendor: BotApi
    clock: Clock
    passwords: dict[str, str]
    _officials: dict[str, Official] = field(default_factory=dict)

    # --- officials

    def official(self, login: str) -> Official:
        if login not in self._officials:
            url = self.service.addresses["desk"]
            self._officials[login] = Official(url, f"{login}@demo.test", self.passwords[login])
        return self._officials[login]

    def does(self, login: str, move: str, code: str, **given: str) -> None:
        """An official makes a move on the page; then everything that follows from it has left the house."""
        self.official(login).does(move, code, **given)
        self.quiet()

    # --- time

    def on(self, moment: datetime) -> None:
        """It is `moment` now, and the sweep has looked around."""
        self.quiet()
        self.clock.set(moment)
        sweep.run(self.service.office, at=moment)
        self.quiet()

    def quiet(self) -> None:
        """Until nothing waits for the service: no update, no message in, no message out, no file."""
        self.vendor.wait(self._idle, QUIET_SECONDS)

    def _idle(self) -> bool:
        if self.vendor.pending():
            return False
        now = self.clock()
        with self.service.office.database.read() as connection:
            waiting = connection.execute(select(tables.inbox.c.id).where(tables.inbox.c.state == "waiting").limit(1)).first()
            leaving = connection.execute(
                select(tables.outbox.c.id)
                .where(
                    tables.outbox.c.state.in_(("waiting", "sending")),
                    (tables.outbox.c.next_at <= now) | (tables.outbox.c.state == "sending"),
                )
                .limit(1)
            ).first()
            fetching = connection.execute(
                select(tables.attachments.c.id).where(tables.attachments.c.state == "pending").limit(1)
            ).first()
        return waiting is None and leaving is None and fetching is None

    # --- what is kept

    def rows(self, table: str) -> list[dict[str, Any]]:
        source = tables.metadata.tables[table]
        with self.service.office.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(select(source).order_by(next(iter(source.c))))]

    def report(self, code: str) -> dict[str, Any]:
        return next(row for row in self.rows("reports") if row["code"] == code.replace("-", ""))

    def citizen(self, chat: int, name: str = "Siti") -> Citizen:
        self.vendor.person(chat, first_name=name)
        return Citizen(self, chat)


@dataclass
class Citizen:
    """A person with a telephone: writes, presses, reads on."""

    city: City
    chat: int
    seen: int = 0

    def says(self, text: str, **content: Any) -> str:
        """Writes; what the service answers, read at once."""
        self.city.vendor.say(self.chat, text, **content)
        return self.reads()

    def sends_photo(self, content: bytes, caption: str | None = None) -> str:
        self.city.vendor.send_photo(self.chat, content, caption)
        return self.reads()

    def presses(self, label: str) -> str:
        """Presses the latest button of this name that was sent."""
        message, token = self.button(label)
        self.city.vendor.press(self.chat, message.message_id, token)
        return self.reads()

    def button(self, label: str) -> tuple[Sent, str]:
        for message in reversed(self.city.vendor.sent(self.chat)):
            for shown, token in message.buttons:
                if shown == label:
                    return message, token
        raise AssertionError(f"no button {label!r}; the last words were {self.last()!r}")

    def reads(self) -> str:
        """What came since the last look."""
        self.city.quiet()
        messages = self.city.vendor.sent(self.chat)
        new, self.seen = messages[self.seen :], len(messages)
        return "\n".join(message.text for message in new)

    def last(self) -> str:
        messages = self.city.vendor.sent(self.chat)
        return messages[-1].text if messages else ""

    def labels(self) -> list[str]:
        """Buttons under the last message."""
        messages = self.city.vendor.sent(self.chat)
        return [label for label, _ in messages[-1].buttons] if messages else []

    def reports(self, story: str) -> str:
        """From the first message to the code, the short way; the code."""
        self.says(story)
        self.presses("Sembunyikan")
        self.presses("Tidak ada")
        answer = self.presses("Kirim")
        found = CODE.findall(answer)
        assert len(found) == 1, answer
        return str(found[0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_city(
    url: str, folder: Path, *, mode: str = "polling", start: datetime, passwords: dict[str, str] | None = None
) -> Iterator[City]:
    """Everything that `lapor serve` starts, on the demonstration government, until the block ends.

    `passwords`: by log-in, where the database holds the demonstration already.
    """
    use_keys(Keys.from_secret(KEY))
    clock, port = Clock(start), free_port()
    with BotApi() as vendor:
        door = {
            "enabled": True,
            "token": TOKEN,
            "api_url": vendor.url,
            "mode": mode,
            "webhook_secret": SECRET,
            "messages_per_second": 1000,
            "seconds_between": 0,
            "album_seconds": 0.3,
        }
        config = parse(
            {
                "office": {"public_url": f"http://127.0.0.1:{port}"},
                "database": url,
                "files": str(folder / "files"),
                "desk": {"listen": "127.0.0.1:0"},
                "ingress": {"listen": f"127.0.0.1:{port}"},
                "channels": {"telegram": door},
            },
            folder=folder,
        )
        built = telegram.build(
            config.channel("telegram", telegram.Settings),
            Surroundings(config.office.public_url, wiring.menu()),
            now=clock,
        )
        channels = {"telegram": built}
        office = open_office(config, wiring.capabilities(channels))
        if passwords is None:
            passwords = {one.email.partition("@")[0]: one.password for one in demo.fill(office, now=clock())}
        service = Service(office, channels, (*PARTS, "telegram"), clock)
        city = City(service, vendor, clock, passwords)
        try:
            service.start()
            yield city
        finally:
            for official in city._officials.values():
                official.close()
            service.stop()
