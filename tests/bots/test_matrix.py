"""The guide for a new channel tells the truth."""

from __future__ import annotations

import re

from core.channels import Fault, Outcome
from tests.bots.matrix import PAGE, channels, matrix, written


def test_the_table_of_capabilities_is_the_code() -> None:
    assert {"console", "telegram"} <= set(channels())
    assert written(PAGE.read_text(encoding="utf-8")) == matrix(), "run `python -m tests.bots.matrix`"


def test_the_guide_names_every_outcome_and_fault() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## How a delivery ends")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) - {"moved_to", "retry_after_seconds"} == {*Outcome, *Fault}
