"""What every test may use: databases (`tests/databases.py`) and the `needs` marker (`tests/left_out.py`)."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.databases", "tests.left_out"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    faults = Path(__file__).parent / "faults"
    for item in items:
        if item.path.is_relative_to(faults):
            item.add_marker("faults")
