"""What every test may use: databases (`databases.py`), the `needs` marker (`left_out.py`), what spares time (`thrift.py`)."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.left_out", "tests.thrift"]

settings.register_profile("shared", deadline=5_000)  # a worker has half a processor; what may take how long is asked elsewhere
settings.load_profile("shared")

MOST_WORKERS = 8
"""Each holds some 300 MB and takes seconds to read all tests before its first."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two for each processor: half of the time a test waits for a server, a gateway or a process that it started."""
    return min(2 * len(os.sched_getaffinity(0)), MOST_WORKERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    faults = Path(__file__).parent / "faults"
    for item in items:
        if item.path.is_relative_to(faults):
            item.add_marker("faults")
