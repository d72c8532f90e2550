from collections.abc import Iterator
from pathlib import Path

import pytest

from core.storage.crypto import Keys, use_keys
from tests.road.postbox import CAPABILITIES
from tests.road.world import World, open_world


def _world(url: str, folder: Path) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the road"))
    opened = open_world(url, folder, CAPABILITIES)
    yield opened
    opened.office.close()


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    yield from _world(database_url, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """For what is about SQLite's file alone."""
    yield from _world(sqlite_url, tmp_path)


@pytest.fixture
def postgres_world(postgres_url: str, tmp_path: Path) -> Iterator[World]:
    """For what is about PostgreSQL's connections alone."""
    yield from _world(postgres_url, tmp_path)
