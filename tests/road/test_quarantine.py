"""What lies in quarantine can be looked at as it came, by a national admin alone, and each look is on record."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from core.handling import MOST_ATTEMPTS
from core.procedure.case import Actor, Grant, Office
from core.procedure.vocabulary import OfficeKind, Role
from core.quarantine import raw_of
from tests.road.postbox import raw
from tests.road.world import World

ROOT = Office(1, OfficeKind.NATIONAL, "/1/")
NATIONAL = Actor.account(7, Grant(Role.NATIONAL_ADMIN, ROOT))
EXAMINER = Actor.account(8, Grant(Role.EXAMINER, ROOT))


def looks(world: World) -> list[tuple[str, int, int]]:
    return [(row["action"], row["account_id"], row["subject_id"]) for row in world.rows("audit")]


def poisoned(world: World, text: str = "surat") -> tuple[int, bytes]:
    """A message that breaks whoever reads it; its id and its bytes."""
    letter = raw("m1", text, poison=True)
    world.accept(letter)
    for _ in range(MOST_ATTEMPTS):
        world.handle()
        world.later(minutes=1)
    assert world.states() == {"m1": "quarantined"}
    return int(world.rows("inbox")[0]["id"]), letter.body


@pytest.mark.parametrize("text", ["surat", "panjang " * 10_000])
def test_a_national_admin_reads_exactly_what_came_and_the_look_is_on_record(world: World, text: str) -> None:
    inbox_id, body = poisoned(world, text)
    assert raw_of(world.office, inbox_id, NATIONAL, now=world.now) == body
    assert looks(world) == [("quarantine_read", 7, inbox_id)]


def test_nobody_else_does_and_nothing_but_quarantine_is_readable(world: World) -> None:
    inbox_id, _body = poisoned(world)
    world.accept(raw("m2", "halo", sender="ani"))
    world.handle_all()
    for other, by in ((inbox_id, EXAMINER), (inbox_id, Actor.system()), (inbox_id + 1, NATIONAL), (99, NATIONAL)):
        with pytest.raises(NotFound):
            raw_of(world.office, other, by, now=world.now)
    assert looks(world) == []
