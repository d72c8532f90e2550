"""The service between X and the desk: people write in public and in private; the real client library, a clock that moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.office import Office
from core.storage import tables
from tests.acceptance.city import CODE, AnyCity, Clock, furnish, wib
from tests.bots.xapi import Person, XApi

__all__ = ["CODE", "Citizen", "Clock", "Vendor", "XCity", "open_city", "wib"]

WAIT_SECONDS = 15.0


@dataclass
class Vendor:
    """X brings nothing: what people said is on its way until it stands in the inbox. `said`: the source ids of that."""

    x: XApi
    office: Office | None = None
    said: set[str] = field(default_factory=set)

    def pending(self) -> bool:
        """False, too, for what the service will never ask for: take it out of `said`."""
        if not self.said or self.office is None:
            return bool(self.said)
        inbox = tables.inbox.c
        with self.office.database.read() as connection:
            query = select(inbox.source_id).where(inbox.channel == "twitter", inbox.source_id.in_(self.said))
            self.said -= set(connection.execute(query).scalars())
        return bool(self.said)

    def brings(self, source_id: str) -> str:
        """Something is on its way to us under this source id; its number at X."""
        self.said.add(source_id)
        return source_id.partition(":")[2]

    def wait(self, ready: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < deadline, f"not within {seconds} s; under way: {sorted(self.said)[:3]}"
            time.sleep(0.01)


class XCity(AnyCity[Vendor]):
    """Its vendor is the X API on loopback."""

    @property
    def x(self) -> XApi:
        return self.vendor.x

    def citizen(self, who: str = "siti", **facts: Any) -> Citizen:
        """Somebody on X; see `tests.bots.xapi.people.People.person` for the facts."""
        return Citizen(self, self.x.person(who, **facts))

    def standing(self) -> str:
        """What the desk's page of the channels reads like; what they say of themselves is written every ten seconds: now."""
        worker = self.service._worker
        assert worker is not None
        worker._report()
        return self.page("nasional", "/layanan")

    def public(self) -> list[str]:
        """All that we ever said in public."""
        return [post.text for post in self.x.public_posts()]


@dataclass
class Citizen:
    """A person on X who reads what we wrote in private."""

    city: XCity
    person: Person
    seen: int = 0

    def tweets(self, text: str, media: list[str] | None = None) -> str:
        """In public; the post's id, once the service has dealt with it."""
        number = self.posts(text, media)
        self.city.quiet()
        return number

    def posts(self, text: str, media: list[str] | None = None) -> str:
        """In public, and does not wait; the post's id."""
        return self.city.vendor.brings(f"tweet:{self.person.tweets(text, media or [])}")

    def replies(self, to: str, text: str, media: list[str] | None = None) -> str:
        """Under a post, one's own or another's, and does not wait; the post's id."""
        return self.city.vendor.brings(f"tweet:{self.person.replies(to, text, media or [])}")

    def says(self, text: str, media: list[str] | None = None) -> str:
        """In private; what the service answers there, read at once."""
        self.writes(text, media)
        return self.reads()

    def writes(self, text: str, media: list[str] | None = None) -> str:
        """In private, and does not wait; the message's id."""
        return self.city.vendor.brings(f"dm:{self.person.dms(text, media or [])}")

    def reads(self) -> str:
        """What came in private since the last look."""
        self.city.quiet()
        texts = self.person.reads()
        new, self.seen = texts[self.seen :], len(texts)
        return "\n".join(new)

    def reports(self, story: str) -> str:
        """From the first private message to the code, the short way; the code."""
        for words in (story, "Sembunyikan", "Tidak ada"):
            self.says(words)
        found = CODE.findall(self.says("Kirim"))
        assert len(found) == 1, found
        return str(found[0])


def door(x: XApi, **more: Any) -> dict[str, Any]:
    """The channel's settings for a service in a test: quick, with money enough, no waiting for threads."""
    quick = {"poll_seconds": 0.05, "thread_seconds": 0, "budget_usd_per_day": 1e6, "messages_per_second": 1000}
    return {**x.settings(), **quick, "seconds_between": 0, "answer_timeout_seconds": 2.0, **more}


@contextmanager
def open_city(
    url: str,
    folder: Path,
    *,
    start: datetime,
    passwords: dict[str, str] | None = None,
    config: Mapping[str, Any] | None = None,
    **more: Any,
) -> Iterator[XCity]:
    """Everything that `lapor serve` starts, on the demonstration government, until the block ends.

    `passwords`: where the database holds the demonstration already. `config`: of config.yaml; `more`: of the channel.
    """
    clock = Clock(start)
    with XApi(clock=lambda: clock().timestamp()) as x:
        channels = {"twitter": door(x, **more)}
        service, passwords = furnish(url, folder, channels, clock=clock, passwords=passwords, more=config)
        city = XCity(service, Vendor(x, service.office), clock, passwords)
        try:
            service.start()
            x.wait(lambda: x.calls("events") and x.calls("mentions"))
            yield city
        finally:
            city.close()
