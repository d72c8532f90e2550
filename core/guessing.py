"""Codes that are not the sender's own: what they show, and how many may be tried (sop.md §7: nobody guesses a report).

A code alone shows label and dates. Unknown and mistyped codes are counted for each person, over all linked addresses, and for
everybody together. Who tried too many gets one answer in the hour; until then no code of somebody else is looked up for them, a
right one neither. Own reports are never held back.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from core import notifying, trackingcode
from core.dialogue.model import Guesses, PublicFacts
from core.office import Office
from core.procedure.vocabulary import State
from core.storage import people, throttles
from core.storage.tables import history, reports

WINDOW = timedelta(hours=1)
MOST_OF_ONE, MOST_OF_ALL = 10, 300
MOST_UNDER_SIEGE = 2
"""How many unknown codes one person may try in the window once all together tried more than `MOST_OF_ALL`."""
_TOLD_EVERY = timedelta(days=1)
_ALL, _TOLD_ADMINS = "guess:all", "guess:admins"
_WORDS_BESIDE = 8
"""A long message is a story: what only looks like a code in it is none."""

Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the codes of one message show, and whether this person has guessed too much. `until`: aware UTC."""

    public: tuple[PublicFacts, ...] = ()
    guesses: Guesses = Guesses.FEW
    until: datetime | None = None


NOTHING = LookedUp()


def look_up(connection: Connection, office: Office, words: str, *, own: Set[str], person_id: int, now: datetime) -> LookedUp:
    """Counts what is unknown. `own`: codes of the person's own reports, which need no looking up."""
    typed = [each for each in trackingcode.read(words) if (each.code or each.typed) not in own]
    if not typed:
        return NOTHING
    good = [each.code for each in typed if each.code is not None]
    found = _found(connection, good)
    person = people.one_of(connection, person_id)
    mine = _mine(connection, person_id, found)
    unknown = len(good) - len(found) + _mistyped(words, typed)
    others = [row for row in found if row.code not in mine]
    if not others and not unknown:
        return LookedUp(_facts(office, found))
    count, since = throttles.seen(connection, f"guess:{person}", now=now, window=WINDOW)
    if count >= _most(connection, now):
        until = (since or now) + WINDOW
        first = throttles.count(connection, f"guess_told:{person}", now=now, window=until - now) == 1
        shown = _facts(office, [row for row in found if row.code in mine])
        return LookedUp(shown, Guesses.TOO_MANY if first else Guesses.SILENT, until)
    for _ in range(unknown):
        throttles.count(connection, f"guess:{person}", now=now, window=WINDOW)
        if throttles.count(connection, _ALL, now=now, window=WINDOW) == MOST_OF_ALL + 1:
            _tell_admins(connection, office, now)
    return LookedUp(_facts(office, found))


def _most(connection: Connection, now: datetime) -> int:
    of_all = throttles.so_far(connection, _ALL, now=now, window=WINDOW)
    return MOST_UNDER_SIEGE if of_all > MOST_OF_ALL else MOST_OF_ONE


def _mistyped(words: str, typed: Sequence[trackingcode.Typed]) -> int:
    """Codes of the right length that fail their check, in a message that is about them."""
    if len(trackingcode.without(words).split()) > _WORDS_BESIDE:
        return 0
    return sum(1 for each in typed if each.code is None and len(each.typed) == trackingcode.RANDOM_CHARACTERS + 1)


def _found(connection: Connection, codes: Sequence[str]) -> Sequence[Found]:
    if not codes:
        return ()
    changed = select(func.max(history.c.at)).where(history.c.report_id == reports.c.id).scalar_subquery()
    query = select(reports.c.code, reports.c.state, reports.c.received_at, reports.c.person_id, changed.label("changed_at"))
    return connection.execute(query.where(reports.c.code.in_(codes))).all()


def _mine(connection: Connection, person_id: int, found: Sequence[Found]) -> Set[str]:
    """Own reports that are too old to be at hand."""
    if not found:
        return frozenset()
    ids = set(connection.execute(people.everybody(person_id)).scalars()) | {person_id}
    return {row.code for row in found if row.person_id in ids}


def _facts(office: Office, found: Sequence[Found]) -> tuple[PublicFacts, ...]:
    zone = ZoneInfo(office.zone)
    return tuple(
        PublicFacts(
            code=row.code,
            state=State(row.state),
            received_on=row.received_at.astimezone(zone).date(),
            changed_on=row.changed_at.astimezone(zone).date() if row.changed_at else None,
        )
        for row in found
    )


def _tell_admins(connection: Connection, office: Office, now: datetime) -> None:
    """Once a day at the most."""
    if throttles.count(connection, _TOLD_ADMINS, now=now, window=_TOLD_EVERY) > 1:
        return
    notifying.nationals(connection, office, "guessing", {}, now=now)
