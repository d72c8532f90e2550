"""People and the addresses they write from. Names and addresses are encrypted; an address is found by its keyed hash.

Several rows of `people` can be one person, who proved it with a one-time code (core/storage/links.py): `same_as` then names the
first of them, never a chain. Each address keeps the row that it came with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import StorageUnavailable
from core.storage.crypto import lookup
from core.storage.tables import addresses, people

AnyRow = Row[*tuple[Any, ...]]

_SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AddressRow:
    """Where a person can be written to, with what the person is called and speaks."""

    id: int
    person_id: int
    channel: str
    address: str
    verified: bool
    seen_at: datetime
    gone_at: datetime | None
    language: str
    name: str | None
    preferred_at: datetime | None = None  # since when the person wants notices here rather than where they reported


def one(person: ColumnElement[Any]) -> Any:
    """The person that a row of `people` stands for, as a subquery: itself, or the row that it is the same as."""
    rows = people.alias()
    return select(func.coalesce(rows.c.same_as, rows.c.id)).where(rows.c.id == person).scalar_subquery()


def everybody(person: ColumnElement[Any] | int) -> Select[tuple[int]]:
    """Ids of all rows of `people` that are the same person as this one, itself included; for `IN`."""
    given = bindparam(None, person) if isinstance(person, int) else person
    rows = people.alias()
    return select(rows.c.id).where(or_(rows.c.id == one(given), rows.c.same_as == one(given)))


_QUERY = select(
    addresses.c.id,
    addresses.c.person_id,
    addresses.c.channel,
    addresses.c.address,
    addresses.c.verified,
    addresses.c.seen_at,
    addresses.c.gone_at,
    people.c.language,
    people.c.name,
    addresses.c.preferred_at,
).join_from(addresses, people, people.c.id == addresses.c.person_id)

_BY_ID = _QUERY.where(addresses.c.id == bindparam("address_id"))
_BY_LOOKUP = _QUERY.where(addresses.c.channel == bindparam("channel"), addresses.c.lookup == bindparam("lookup"))
_ADD_PERSON = people.insert().returning(people.c.id)
_ADD_ADDRESS = {
    name: insert.on_conflict_do_nothing(index_elements=["channel", "lookup"]).returning(addresses.c.id)
    for name, insert in (("sqlite", sqlite.insert(addresses)), ("postgresql", postgresql.insert(addresses)))
}


def _row(row: AnyRow) -> AddressRow:
    return AddressRow(*tuple(row))


def address(connection: Connection, address_id: int) -> AddressRow | None:
    row = connection.execute(_BY_ID, {"address_id": address_id}).first()
    return _row(row) if row else None


def find_address(connection: Connection, channel: str, value: str) -> AddressRow | None:
    row = connection.execute(_BY_LOOKUP, {"channel": channel, "lookup": lookup(channel, value)}).first()
    return _row(row) if row else None


_OF_PERSON = _QUERY.where(addresses.c.person_id.in_(everybody(bindparam("person_id"))))


_IDS = everybody(bindparam("person_id"))


def ids_of(connection: Connection, person_id: int) -> Sequence[int]:
    """Ids of all rows of `people` that are the same person, this one included."""
    return [row.id for row in connection.execute(_IDS, {"person_id": person_id})]


def addresses_of(connection: Connection, person_id: int) -> tuple[AddressRow, ...]:
    """All addresses of a person, linked ones too, those that still work first, the latest used before the others."""
    known = [_row(row) for row in connection.execute(_OF_PERSON, {"person_id": person_id})]
    return tuple(sorted(known, key=lambda each: (each.gone_at is not None, -each.seen_at.timestamp(), each.id)))


def are_one(connection: Connection, person_id: int | None, other_id: int | None) -> bool:
    """Are these two rows the same person?"""
    if person_id is None or other_id is None or person_id == other_id:
        return person_id is not None and person_id == other_id
    return connection.execute(_ARE_ONE, {"person_id": person_id, "other_id": other_id}).first() is not None


def preferred(known: Sequence[AddressRow]) -> AddressRow | None:
    """The one of a person's addresses that was preferred last: before they were linked, two may have been."""
    wished = [each for each in known if each.preferred_at is not None]
    return max(wished, key=lambda each: (each.preferred_at or each.seen_at, each.id), default=None)


_ARE_ONE = select(people.c.id).where(people.c.id == bindparam("other_id"), people.c.id.in_(everybody(bindparam("person_id"))))


def one_of(connection: Connection, person_id: int) -> int:
    """The id that stands for the whole person: the same from every linked address."""
    found = connection.execute(select(func.coalesce(people.c.same_as, people.c.id)).where(people.c.id == person_id)).scalar()
    return person_id if found is None else int(found)


def prefer(connection: Connection, person_id: int, address_id: int | None, *, at: datetime) -> None:
    """Notices go to this address of the person from now on; None: again to where each report came from."""
    theirs = addresses.c.person_id.in_(ids_of(connection, person_id))
    connection.execute(update(addresses).where(theirs, addresses.c.preferred_at.is_not(None)).values(preferred_at=None))
    if address_id is not None:
        connection.execute(update(addresses).where(addresses.c.id == address_id).values(preferred_at=at))


def ensure_address(
    connection: Connection, *, channel: str, value: str, name: str | None, language: str, verified: bool, now: datetime
) -> tuple[AddressRow, bool]:
    """The address and whether it is new. A known one is marked as seen now, at most once an hour, if it is `verified`.

    `seen_at` of the returned row is the moment *before* this message, so that a long silence can be told (sop.md §7).
    """
    known = find_address(connection, channel, value)
    if known is not None:
        if verified and now - known.seen_at > _SEEN_EVERY:
            connection.execute(update(addresses).where(addresses.c.id == known.id).values(seen_at=now))
        return known, False
    person_id = connection.execute(_ADD_PERSON, {"name": name, "language": language, "created_at": now}).scalar_one()
    made = connection.execute(
        _ADD_ADDRESS[connection.dialect.name],
        {
            "person_id": person_id,
            "channel": channel,
            "address": value,
            "lookup": lookup(channel, value),
            "verified": verified,
            "seen_at": now,
            "created_at": now,
        },
    ).scalar()
    if made is None:  # another lane of the same address was first
        connection.execute(people.delete().where(people.c.id == person_id))
        return _known(connection, channel, value), False
    return AddressRow(int(made), person_id, channel, value, verified, now, None, language, name), True


def _known(connection: Connection, channel: str, value: str) -> AddressRow:
    found = find_address(connection, channel, value)
    if found is None:
        raise StorageUnavailable("an address came and went in between: try again")
    return found


def mark_gone(connection: Connection, address_id: int, *, at: datetime | None) -> None:
    """The address does not take messages any more (`at`), or does again (None)."""
    connection.execute(update(addresses).where(addresses.c.id == address_id).values(gone_at=at))


def mark_verified(connection: Connection, address_id: int) -> None:
    """Somebody who can only be this person has written from there."""
    connection.execute(update(addresses).where(addresses.c.id == address_id).values(verified=True))


def remember(connection: Connection, person_id: int, *, language: str | None = None, name: str | None = None) -> None:
    """Keeps what the person said about themselves; None leaves it."""
    values = {key: value for key, value in (("language", language), ("name", name)) if value is not None}
    if values:
        connection.execute(update(people).where(people.c.id == person_id).values(values))


def hand_name(connection: Connection, was: int, goes: int) -> None:
    """The name goes to another row of the same person; where that has one already, it is gone."""
    name = name_of(connection, was)
    if name is not None and name_of(connection, goes) is None:
        remember(connection, goes, name=name)
    connection.execute(update(people).where(people.c.id == was).values(name=None))


def name_of(connection: Connection, person_id: int) -> str | None:
    """The name, for those who may see it: ask `core.procedure.permissions.may_see_identity` first."""
    name: str | None = connection.execute(select(people.c.name).where(people.c.id == person_id)).scalar()
    return name


def change_address(connection: Connection, address_id: int, value: str) -> None:
    """The vendor says that this address has a new name. Look first whether `value` is known already."""
    row = connection.execute(select(addresses.c.channel, addresses.c.erasing_at).where(addresses.c.id == address_id)).one()
    found_again = {} if row.erasing_at is not None else {"lookup": lookup(row.channel, value), "gone_at": None}
    connection.execute(update(addresses).where(addresses.c.id == address_id).values(address=value, **found_again))
