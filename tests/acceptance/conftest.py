"""The service at work, on Friday 13 March 2026, 09.00 WIB."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.world import City, open_city, wib

FRIDAY = wib(3, 13)


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path) -> Iterator[City]:
    """By polling, on SQLite."""
    with open_city(sqlite_url, tmp_path, start=FRIDAY) as opened:
        yield opened


@pytest.fixture(params=["sqlite-polling", "postgres-webhook"])
def any_city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    """Once on each database and once by each way in."""
    database, _, mode = request.param.partition("-")
    with open_city(request.getfixturevalue(f"{database}_url"), tmp_path, mode=mode, start=FRIDAY) as opened:
        yield opened
