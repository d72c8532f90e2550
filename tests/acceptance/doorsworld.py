"""The service with every door open: X, Telegram, SMS through a real Kannel, e-mail through real SMTP, and the desk.

`city.x`, `city.telegram`, `city.sms` and `city.mail` are the worlds of one door over the same service; whichever of them waits
waits for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lapor.serve import Service
from tests.acceptance import mailworld, smsworld, world, xworld
from tests.acceptance.city import AnyCity, Clock, free_port, furnish
from tests.bots.botapi import BotApi
from tests.bots.email.postoffice import PostOffice
from tests.bots.sms.kannel import Kannel
from tests.bots.xapi import XApi

LONGEST_WAIT_SECONDS = 20.0


@dataclass
class Everything:
    """All that stands between the citizens and the service. Each door says of itself what is still on its way."""

    def pending(self) -> bool:
        return False

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + max(seconds, LONGEST_WAIT_SECONDS)
        while not ready():
            assert time.monotonic() < deadline, "something is still on its way"
            time.sleep(0.02)


class _Together:
    """One door of several: it is quiet when all are."""

    whole: DoorsCity

    def quiet(self) -> None:
        self.whole.quiet()


class XDoor(_Together, xworld.XCity):
    """As the city with X alone."""


class TelegramDoor(_Together, world.City):
    """As the city with Telegram alone."""


class SmsDoor(_Together, smsworld.SmsCity):
    """As the city behind Kannel alone."""


class MailDoor(_Together, mailworld.MailCity):
    """As the city with a relay alone."""


class DoorsCity(AnyCity[Everything]):
    """Its doors are cities of their own."""

    x: XDoor
    telegram: TelegramDoor
    sms: SmsDoor
    mail: MailDoor

    def _idle(self) -> bool:
        return all(door._idle() for door in (self.x, self.telegram, self.sms, self.mail))


@dataclass(frozen=True)
class Vendors:
    """The four, each on loopback."""

    x: XApi
    telegram: BotApi
    kannel: Kannel
    post: PostOffice


def _furnished(service: Service, clock: Clock, passwords: dict[str, str], vendors: Vendors) -> DoorsCity:
    city = DoorsCity(service, Everything(), clock, passwords)
    city.x = XDoor(service, xworld.Vendor(vendors.x, service.office), clock, passwords)
    city.telegram = TelegramDoor(service, vendors.telegram, clock, passwords)
    network = smsworld.Network(vendors.kannel)
    city.sms = SmsDoor(service, network, clock, passwords)
    network.arrived = city.sms.everything_arrived
    city.mail = MailDoor(service, mailworld.Post(vendors.post), clock, passwords)
    for door in (city.x, city.telegram, city.sms, city.mail):
        door.whole, door._officials = city, city._officials
    return city


@contextmanager
def open_city(url: str, folder: Path, *, start: datetime, passwords: dict[str, str] | None = None) -> Iterator[DoorsCity]:
    """Everything that `lapor serve` starts, with all four channels, until the block ends.

    `passwords`: by log-in, where the database holds the demonstration already.
    """
    clock, port = Clock(start), free_port()
    with ExitStack() as open_:
        vendors = Vendors(
            x=open_.enter_context(XApi(clock=lambda: clock().timestamp())),
            telegram=open_.enter_context(BotApi()),
            kannel=open_.enter_context(Kannel(folder, f"http://127.0.0.1:{port}")),
            post=open_.enter_context(PostOffice()),
        )
        channels = {
            "twitter": xworld.door(vendors.x),
            "telegram": world.door(vendors.telegram),
            "sms": vendors.kannel.settings | {"messages_per_second": 1000},
            "email": mailworld.door(vendors.post),
        }
        service, passwords = furnish(url, folder, channels, clock=clock, port=port, passwords=passwords)
        city = _furnished(service, clock, passwords, vendors)
        try:
            service.start()
            yield city
        finally:
            city.close()
