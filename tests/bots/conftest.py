"""A Bot API server and the doors, each for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bots.telegram import Mode
from tests.bots.contract import ConsoleDoor, Door, EmailDoor, TelegramDoor
from tests.bots.sms.doors import KannelDoor, TwilioDoor
from tests.bots.xapi.door import TwitterDoor

DOORS: dict[str, Callable[[Path], Door]] = {
    "telegram-polling": lambda _: TelegramDoor(Mode.POLLING),
    "telegram-webhook": lambda _: TelegramDoor(Mode.WEBHOOK),
    "console": ConsoleDoor,
    "email": lambda _: EmailDoor(),
    "sms-kannel": lambda _: KannelDoor(),
    "sms-twilio": lambda _: TwilioDoor(),
    "twitter": lambda _: TwitterDoor(),
}
WITHOUT_FILES = ("sms-kannel",)


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """Every adapter in turn."""
    opened = DOORS[request.param](tmp_path)
    yield opened
    opened.shut()


@pytest.fixture(params=[name for name in DOORS if name not in WITHOUT_FILES])
def door_for_files(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """Every adapter that brings files."""
    opened = DOORS[request.param](tmp_path)
    yield opened
    opened.shut()


@pytest.fixture
def polling() -> Iterator[TelegramDoor]:
    """Telegram by long polling, not listening yet."""
    opened = TelegramDoor(Mode.POLLING)
    yield opened
    opened.shut()


@pytest.fixture
def webhook() -> Iterator[TelegramDoor]:
    """Telegram by webhook, not listening yet."""
    opened = TelegramDoor(Mode.WEBHOOK)
    yield opened
    opened.shut()
