"""What every test may use: databases (`databases.py`), the `needs` marker (`left_out.py`), what spares time (`thrift.py`)."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.databases", "tests.left_out", "tests.thrift"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    faults = Path(__file__).parent / "faults"
    for item in items:
        if item.path.is_relative_to(faults):
            item.add_marker("faults")
