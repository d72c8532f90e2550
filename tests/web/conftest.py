"""A desk on a fresh database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.storage.crypto import Keys, use_keys
from tests.web.house import House, build


@pytest.fixture
def house_on_either(database_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite and on PostgreSQL."""
    use_keys(Keys.from_secret(b"a secret of the tests, nothing else"))
    built = build(database_url, tmp_path)
    yield built
    built.office.close()


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    use_keys(Keys.from_secret(b"a secret of the tests, nothing else"))
    built = build(sqlite_url, tmp_path)
    yield built
    built.office.close()
