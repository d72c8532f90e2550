"""Which category the words propose (sop.md §4); the reporter confirms it, an official may correct it."""

from __future__ import annotations

from typing import NamedTuple

from core.procedure.vocabulary import Category


class Proposal(NamedTuple):
    """A proposed category. `confidence` in 0…1; under 0.5 it is little more than the default (a grievance)."""

    category: Category
    confidence: float
