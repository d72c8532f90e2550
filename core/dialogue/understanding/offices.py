"""The directory of offices and the search in it by people's own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.procedure.vocabulary import OfficeKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One office. `path`: names from its agency down to its parent; `keywords`: other names that people use for it."""

    id: int
    name: str
    kind: OfficeKind
    agency_id: int | None
    keywords: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeHit:
    """An office that the words may mean. `score` in 0…100; `confident`: the words themselves name it, and no other as well."""

    entry: Entry
    score: float
    confident: bool = False


class Directory:
    """All offices that a report can go to, indexed once, read-only afterwards."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries
