from collections.abc import Iterator
from pathlib import Path

import pytest

from core.storage.crypto import Keys, use_keys
from tests.usecases.world import World, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(database_url, tmp_path)
    yield opened
    opened.office.close()
