"""How far we have read, over restarts, and what may have been missed. Notes hold ids of messages and moments, nobody's name.

Reading goes backwards from the newest, storing goes forwards from the oldest: a `Backlog` holds what lies between, and the
`Cursor` moves only over what is committed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bots.twitter.envelope import Found
from bots.twitter.wire import time_of
from core.channels import Keepsakes

GAP_DAYS = 14
"""How long a gap is shown."""
MOST_GAPS = 20
AHEAD = timedelta(hours=26)
"""So wrong our own clock may be."""
MOST_ID = 2**63

STILL_THERE = timedelta(minutes=5)
"""A cursor that does not move is written anew so often: it says since when something may be missing."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """`number`: the newest id that is committed; None before the first. `at`: up to when everything was read, aware UTC."""

    number: int | None
    at: datetime


def may_be(number: int, now: datetime) -> bool:
    """Can this id have been given out by now? One from the future, once believed, would hide whatever comes until then."""
    at = time_of(number)
    return number < MOST_ID and (at is None or at <= now + AHEAD)


def read(keep: Keepsakes, name: str, now: datetime | None = None) -> Cursor | None:
    """None before the first start, and where the note is none of ours. What lies beyond `now` is not believed."""
    try:
        told = json.loads(keep.read(f"cursor:{name}") or "null")
        at = datetime.fromisoformat(told["at"])
        number = told["number"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if at.tzinfo is None or not (number is None or type(number) is int):
        return None
    at = at.astimezone(UTC)
    if now is None:
        return Cursor(number, at)
    return Cursor(number if number is None or may_be(number, now) else None, min(at, now))


def write(keep: Keepsakes, name: str, cursor: Cursor, now: datetime | None = None) -> Cursor:
    """Moves it, never backwards: another process may have come further. Returns how far it stands now."""
    stored = read(keep, name, now)
    if stored is not None and stored.number is not None and (cursor.number is None or stored.number > cursor.number):
        cursor = replace(cursor, number=stored.number)
    keep.write(f"cursor:{name}", json.dumps({"number": cursor.number, "at": cursor.at.isoformat()}))
    return cursor


class Backlog:
    """What was read and waits to be stored. Bounded: the newest are let go of first, they will be read again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[tuple[int, str], Found] = {}
        self.shortened = False

    def __len__(self) -> int:
        return len(self._found)

    def add(self, page: Iterable[Found]) -> bool:
        """A page; repeated, overlapping and unordered ones are fine. A later look at the same thing replaces the earlier.

        Whether there was anything on it that was not here yet.
        """
        new = False
        for one in page:
            new = new or _place(one) not in self._found
            self._found[_place(one)] = one
        if len(self._found) > self._most:
            for place in sorted(self._found)[self._most :]:
                del self._found[place]
            self.shortened = True
        return new

    def oldest_first(self, most: int) -> Sequence[Found]:
        return [self._found[place] for place in sorted(self._found)[:most]]

    def stored(self, done: Iterable[Found]) -> None:
        """These are committed."""
        for one in done:
            self._found.pop(_place(one), None)


def _place(found: Found) -> tuple[int, str]:
    """By its id; what has none is told apart by its content."""
    return found.number, "" if found.number or found.raw is None else found.raw.source_id


@dataclass(frozen=True, slots=True)
class Gap:
    """Between these moments something may have been missed (aware UTC); known since `noted_at`."""

    since: datetime
    until: datetime
    noted_at: datetime


def gaps(keep: Keepsakes, now: datetime) -> list[Gap]:
    """Those of the last two weeks, the oldest first."""
    try:
        told = json.loads(keep.read("gaps") or "[]")
        known = [Gap(*(datetime.fromisoformat(moment) for moment in one)) for one in told]
    except (ValueError, TypeError, RecursionError):
        return []
    aware = [gap for gap in known if gap.since.tzinfo and gap.until.tzinfo and gap.noted_at.tzinfo]
    return [gap for gap in aware if now - gap.noted_at < timedelta(days=GAP_DAYS)]


def note_gap(keep: Keepsakes, since: datetime, until: datetime, now: datetime) -> Sequence[Gap]:
    """Remembers it, the same one only once; all that are known."""
    known = [gap for gap in gaps(keep, now) if (gap.since, gap.until) != (since, until)]
    known = [*known, Gap(since, until, now)][-MOST_GAPS:]
    told = [[one.since.isoformat(), one.until.isoformat(), one.noted_at.isoformat()] for one in known]
    keep.write("gaps", json.dumps(told))
    return known


def shown(known: Sequence[Gap]) -> dict[str, str] | None:
    """Parameters of the remark `gap`: the whole span in which something may be missing; None where nothing is."""
    if not known:
        return None
    since, until = min(gap.since for gap in known), max(gap.until for gap in known)
    return {"since": f"{since:%Y-%m-%d %H:%M} UTC", "until": f"{until:%Y-%m-%d %H:%M} UTC"}
