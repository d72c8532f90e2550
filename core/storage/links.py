"""One-time codes and what they have linked. A code is kept as its keyed hash only.

Who is one person stands in `people.same_as`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from core.storage import people, throttles
from core.storage.crypto import lookup
from core.storage.tables import link_codes, links
from core.storage.tables import people as rows

VALID = timedelta(minutes=15)
KEPT = timedelta(days=1)
"""So long an expired code is told from one that never was."""

_PURPOSE = "link"  # keeps the hash apart from those of addresses
_TURN = "linking"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code that was given: its keyed hash, to which address, in which conversation, until when."""

    lookup: str
    address_id: int
    conversation_id: int
    expires_at: datetime
    used_at: datetime | None


_CODE = select(*(link_codes.c[name] for name in CodeRow.__dataclass_fields__)).with_for_update()
_BY_LOOKUP = _CODE.where(link_codes.c.lookup == bindparam("lookup"))


def take_turn(connection: Connection, *, now: datetime) -> None:
    """Until this transaction ends nobody else links or undoes: groups of people are changed by one at a time."""
    throttles.count(connection, _TURN, now=now, window=VALID)


def give(connection: Connection, *, code: str, address_id: int, conversation_id: int, now: datetime) -> None:
    """Keeps a new code; an earlier one of this address that was not used is void from now on."""
    unused = (link_codes.c.address_id == address_id) & link_codes.c.used_at.is_(None)
    connection.execute(delete(link_codes).where(unused))
    connection.execute(
        link_codes.insert().values(
            lookup=lookup(_PURPOSE, code),
            address_id=address_id,
            conversation_id=conversation_id,
            made_at=now,
            expires_at=now + VALID,
        )
    )


def find(connection: Connection, code: str) -> CodeRow | None:
    """The code, locked."""
    return get(connection, lookup(_PURPOSE, code))


def get(connection: Connection, ref: str) -> CodeRow | None:
    """A code by its keyed hash, locked. Never by its row's number: SQLite gives those of deleted rows again."""
    row = connection.execute(_BY_LOOKUP, {"lookup": ref}).first()
    return CodeRow(*row) if row else None


def used(connection: Connection, ref: str, *, at: datetime) -> None:
    connection.execute(update(link_codes).where(link_codes.c.lookup == ref).values(used_at=at))


def purge(connection: Connection, *, now: datetime) -> int:
    """Forgets codes that expired a day ago; how many."""
    return int(connection.execute(delete(link_codes).where(link_codes.c.expires_at < now - KEPT)).rowcount)


def join(
    connection: Connection, *, address_id: int, person_id: int, other_address_id: int, other_id: int, at: datetime
) -> None:
    """Both are one person from now on, with everybody whom either was already. Take the turn first."""
    first, second = sorted((people.one_of(connection, person_id), people.one_of(connection, other_id)))
    if first != second:
        moved = or_(rows.c.id == second, rows.c.same_as == second)
        connection.execute(update(rows).where(moved).values(same_as=first))
    connection.execute(links.insert().values(address_id=address_id, other_address_id=other_address_id, at=at))


def leave(connection: Connection, *, address_id: int, person_id: int, by: int, at: datetime) -> None:
    """This address's person stands alone again; the others stay one. `by`: the address that asked. Take the turn first."""
    others = [one for one in people.ids_of(connection, person_id) if one != person_id]
    connection.execute(update(rows).where(rows.c.id == person_id).values(same_as=None))
    if others:
        first = min(others)
        connection.execute(update(rows).where(rows.c.id == first).values(same_as=None))
        connection.execute(update(rows).where(rows.c.id.in_(others), rows.c.id != first).values(same_as=first))
    theirs = or_(links.c.address_id == address_id, links.c.other_address_id == address_id)
    connection.execute(update(links).where(theirs, links.c.undone_at.is_(None)).values(undone_at=at, undone_by=by))
