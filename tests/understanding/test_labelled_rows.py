"""Category, danger and child on 294 further messages, with figures (sop.md §3, §4). Written and labelled by one hand.

Rows: category, kind of danger, `child`, text; "-" stands for none, or for a category that nobody would argue about.

development.tsv, 170 rows, was looked at while the cues were made: its figures say that the cues do what they were made for.
held_out.tsv, 124 rows: 97 written before their author had seen the cues, 27 written after the cues were made anew and before
they were first read with them. Old cues → new cues at the first reading:

    the 97: category 47 of 76 → 72, danger missed 12 of 18 → 2, false alarms 1 of 79 → 1, child right 95 of 97 → 97
    the 27: category 11 of 14 → 11, danger missed  7 of 12 → 5, false alarms 0 of 15 → 0, child right 27 of 27 → 27

The 97 are flattered, since the same author made the cues afterwards. Two more batches, in unusual words on purpose, now part
of development, read at their first reading with the cues of that moment: category 17 of 30 and 14 of 22, danger missed 10 of
12 and 10 of 15, false alarms 1 of 30 and 3 of 23. So of dangers told in words that the lists do not know about half or more
are missed. Whatever a batch missed was added afterwards where it was a danger, since a miss may cost a life, from held_out.tsv
as well: the floors below guard what was reached, they predict nothing.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from core.dialogue.understanding.category import propose
from core.dialogue.understanding.danger import child_in, danger_in

ROWS = Path(__file__).parent / "labelled_rows"


class Row(NamedTuple):
    category: str
    danger: str
    child: str
    text: str


class Figures(NamedTuple):
    """Shares in 0…1: right categories, dangers found, right kinds of those, quiet messages left quiet, children."""

    category: float
    found: float
    kind: float
    quiet: float
    child: float


def rows(name: str) -> list[Row]:
    with (ROWS / name).open(encoding="utf-8", newline="") as file:
        _head, *told = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [Row(*fields) for fields in told]


def measured(told: list[Row]) -> Figures:
    right: Counter[str] = Counter()
    for row in told:
        danger = danger_in(row.text)
        right["category"] += row.category != "-" and propose(row.text).category == row.category
        right["child"] += (child_in(row.text) is not None) == (row.child == "child")
        right["found"] += row.danger != "-" and danger is not None
        right["kind"] += danger is not None and danger.kind == row.danger
        right["quiet"] += row.danger == "-" and danger is None
    dangers = sum(row.danger != "-" for row in told)
    return Figures(
        category=right["category"] / sum(row.category != "-" for row in told),
        found=right["found"] / dangers,
        kind=right["kind"] / max(right["found"], 1),
        quiet=right["quiet"] / (len(told) - dangers),
        child=right["child"] / len(told),
    )


@pytest.mark.parametrize(
    "name,floor",
    [
        ("development.tsv", Figures(category=0.98, found=0.97, kind=0.97, quiet=0.99, child=0.99)),
        ("held_out.tsv", Figures(category=0.93, found=0.92, kind=0.90, quiet=0.97, child=0.98)),
    ],
)
def test_labelled_messages_are_read_at_least_as_well_as_before(name: str, floor: Figures) -> None:
    reached = measured(rows(name))
    too_low = {field: value for field, value in reached._asdict().items() if value < getattr(floor, field)}
    assert not too_low


def test_no_message_stands_in_both_parts() -> None:
    assert not {row.text for row in rows("development.tsv")} & {row.text for row in rows("held_out.tsv")}
