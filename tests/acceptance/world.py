"""The service between a Bot API server and the desk: citizens with a telephone that can chat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.acceptance.city import CODE, KEY, AnyCity, Clock, free_port, furnish, wib
from tests.bots.botapi import TOKEN, BotApi, Sent

__all__ = ["CODE", "KEY", "Citizen", "City", "Clock", "free_port", "open_city", "wib"]

SECRET = "webhook-secret-of-the-tests"


class City(AnyCity[BotApi]):
    """Its vendor is the Bot API."""

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


def door(vendor: BotApi, mode: str = "polling") -> dict[str, Any]:
    """The channel's settings for a service in a test: quick."""
    return {
        "token": TOKEN,
        "api_url": vendor.url,
        "mode": mode,
        "webhook_secret": SECRET,
        "messages_per_second": 1000,
        "seconds_between": 0,
        "album_seconds": 0.3,
    }


@contextmanager
def open_city(
    url: str, folder: Path, *, mode: str = "polling", start: datetime, passwords: dict[str, str] | None = None
) -> Iterator[City]:
    """Everything that `lapor serve` starts, on the demonstration government, until the block ends.

    `passwords`: by log-in, where the database holds the demonstration already.
    """
    clock = Clock(start)
    with BotApi() as vendor:
        service, passwords = furnish(url, folder, {"telegram": door(vendor, mode)}, clock=clock, passwords=passwords)
        city = City(service, vendor, clock, passwords)
        try:
            service.start()
            yield city
        finally:
            city.close()
