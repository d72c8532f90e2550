"""Category, danger and child on 294 further messages, with figures (sop.md §3, §4). Written and labelled by one hand.

Rows: category, kind of danger, `child`, text; "-" stands for none, or for a category that nobody would argue about.

development.tsv, 170 rows, was looked at while the cues were made: its figures say that the cues do what they were made for.
held_out.tsv, 124 rows, was written before its hand had seen the cues (the first 97) or before it was first read with the
finished ones (the last 27). First reading, before → after the cues were made anew:

    first 97: category 47 of 76 → 73, danger missed 12 of 18 → 1, false alarms 1 of 79 → 1, child 95 of 97 → 97
    last 27:  category 11 of 14 → 11, danger missed  7 of 12 → 5, false alarms 0 of 15 → 0, child 27 of 27 → 27

The first 97 are flattered: the same hand made the cues afterwards. The last 27 are nearer to what unknown words meet: nearly
half of the dangers told in unusual words are missed by such lists. What those rows missed was then added, since a miss may
cost a life; the floors below therefore guard what was reached, they do not predict.
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
