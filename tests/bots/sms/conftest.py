"""The SMS channel behind either gateway, each for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bots.sms.doors import KannelDoor, TwilioDoor


@pytest.fixture
def kannel() -> Iterator[KannelDoor]:
    """Kannel with a stand-in for its smsbox, open."""
    door = KannelDoor()
    door.open()
    yield door
    door.shut()


@pytest.fixture
def twilio() -> Iterator[TwilioDoor]:
    """Twilio with a stand-in for its API, open."""
    door = TwilioDoor()
    door.open()
    yield door
    door.shut()
