"""A database with keys loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.storage.crypto import Keys, use_keys
from core.storage.engine import Database, open_database

FRIDAY = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def keys() -> None:
    use_keys(Keys.from_secret(b"a secret of the tests"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.dispose()
