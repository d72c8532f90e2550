"""A short siege, so that the long one (`make faults`) stays fit to be laid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.siege import Extent
from tests.faults.test_siege import besiege


@pytest.mark.timeout(280)
@pytest.mark.parametrize("door, messages", [("telegram-polling", 30), ("mail", 24), ("sms", 24)])
def test_one_death_at_each_step_loses_nothing(door: str, messages: int, sqlite_url: str, tmp_path: Path) -> None:
    besiege(tmp_path, sqlite_url, door, Extent(kills_per_step=1, messages=messages))
