"""The table of capabilities in docs/adding-a-channel.md, from the code. `python -m tests.bots.matrix` writes it."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import fields
from pathlib import Path

import bots
from core.channels import Capabilities

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-channel.md"
BEGIN, END = "tests/bots/test_matrix.py -->\n", "<!-- /matrix -->"


def channels() -> dict[str, Capabilities]:
    """Every folder under bots/ by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(bots.__path__) if module.ispkg)
    found = {name: getattr(importlib.import_module(f"bots.{name}"), "CAPABILITIES", None) for name in names}
    return {name: capabilities for name, capabilities in found.items() if isinstance(capabilities, Capabilities)}


def matrix() -> str:
    """The table as Markdown."""
    columns = channels()
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    rows += [[f"`{field.name}`", *(_cell(getattr(c, field.name)) for c in columns.values())] for field in fields(Capabilities)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(value: float | bool | str) -> str:
    if isinstance(value, str):
        return value or "–"
    return {True: "yes", False: "–"}[value] if isinstance(value, bool) else f"{value:,g}" if value < 1e6 else f"{value:,.0f}"


def written(page: str) -> str:
    """What stands between the marks."""
    return page.partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    head, tail = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}{matrix()}{END}{tail}", encoding="utf-8")
