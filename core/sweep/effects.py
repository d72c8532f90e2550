"""One thing that the sweep did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SweepEffect:
    """`job` and `slot` name it uniquely: it never happens again. `report`: a tracking code; None: no report's."""

    job: str
    slot: str
    report: str | None
    what: str
