"""A Bot API server and the doors, each for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.telegram import Mode
from tests.bots.contract import ConsoleDoor, Door, TelegramDoor


@pytest.fixture(params=["telegram-polling", "telegram-webhook", "console"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """Every adapter in turn."""
    kind: str = request.param
    opened: Door = ConsoleDoor(tmp_path) if kind == "console" else TelegramDoor(Mode(kind.partition("-")[2]))
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
