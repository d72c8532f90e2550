"""The whole service in this process with a clock that the test moves, and the people at its desk; whatever the door."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core import sweep
from core.channels import Surroundings
from core.config import parse
from core.keepsakes import Shelf
from core.office import open_office
from core.storage import crypto, tables
from core.storage.crypto import Keys, use_keys
from lapor import demo, wiring
from lapor.serve import PARTS, Service
from tests.acceptance.pages import Official

KEY = b"a secret of the acceptance tests"
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


class Vendor(Protocol):
    """Whatever stands between the citizens and the service."""

    def pending(self) -> object:
        """Is anything from a citizen still on its way to us?"""

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        """Until `ready()`; fails after `seconds`."""


V = TypeVar("V", bound=Vendor)


@dataclass
class AnyCity(Generic[V]):
    """The service at work, its officials and its vendor."""

    service: Service
    vendor: V
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

    def page(self, login: str, path: str) -> str:
        """What a page of the desk reads like to this official."""
        official = self.official(login)
        status = official.open(path)
        assert status == 200, f"{path}: {status} {official.text()}"
        return official.text()

    # --- time

    def on(self, moment: datetime) -> None:
        """It is `moment` now, and the sweep has looked around."""
        self.quiet()
        self.clock.set(moment)
        self.quiet()
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

    # --- its end

    def close(self) -> None:
        for official in self._officials.values():
            official.close()
        self.service.stop()


def furnish(
    url: str,
    folder: Path,
    channels: Mapping[str, Mapping[str, Any]],
    *,
    clock: Clock,
    port: int | None = None,
    passwords: dict[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
    parts: Sequence[str] = PARTS,
) -> tuple[Service, dict[str, str]]:
    """Everything that `lapor serve` runs, not started, on the demonstration government; the accounts' passwords by log-in.

    `channels`: settings by name. `passwords`: where the database holds the demonstration already. `more`: of config.yaml.
    """
    use_keys(Keys.from_secret(KEY))
    port, rest = port or free_port(), dict(more or {})
    config = parse(
        {
            "office": {"public_url": f"http://127.0.0.1:{port}", **rest.pop("office", {})},
            "database": url,
            "files": str(folder / "files"),
            "desk": {"listen": "127.0.0.1:0"},
            "ingress": {"listen": f"127.0.0.1:{port}"},
            "channels": {name: {"enabled": True, **settings} for name, settings in channels.items()},
            **rest,
        },
        folder=folder,
    )
    around = Surroundings(
        config.office.public_url,
        wiring.menu(),
        office=config.office.name,
        sign=partial(crypto.lookup, "channel"),
        zone=config.office.timezone,
    )
    built, shelf = {}, Shelf()
    for name in channels:
        module = wiring.package(name)
        settings = config.channel(name, module.Settings)
        built[name] = module.build(settings, replace(around, keep=shelf.of(name)), now=clock)
    office = open_office(config, wiring.capabilities(built))
    shelf.open(office)
    if passwords is None:
        passwords = {one.email.partition("@")[0]: one.password for one in demo.fill(office, now=clock())}
    return Service(office, built, (*parts, *channels), clock), passwords


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
