"""What a monitor reads of the road: a channel in trouble or silent, messages that nobody handles."""

from __future__ import annotations

from datetime import timedelta

from core.storage import channelstates
from lapor.readiness import readiness
from tests.road.postbox import raw
from tests.road.world import World


def said(world: World, trouble: str | None) -> None:
    with world.office.database.write() as connection:
        channelstates.keep(connection, "postbox", last_success_at=None, trouble=trouble, at=world.now)


def test_a_channels_trouble_and_its_silence_are_told(world: World) -> None:
    said(world, "unauthorised")
    assert readiness(world.office, now=world.now)["channels"]["postbox"]["trouble"] == "unauthorised"
    said(world, None)
    assert readiness(world.office, now=world.now)["channels"]["postbox"]["trouble"] is None
    world.later(minutes=3)
    assert readiness(world.office, now=world.now)["channels"]["postbox"]["trouble"] == "silent"


def test_the_last_success_of_any_process_counts(world: World) -> None:
    with world.office.database.write() as connection:
        channelstates.keep(connection, "postbox", last_success_at=world.now, trouble=None, at=world.now)
    world.later(seconds=5)
    said(world, None)
    assert readiness(world.office, now=world.now)["channels"]["postbox"]["last_success_at"] == world.now - timedelta(seconds=5)


def test_messages_that_nobody_handles_are_told(world: World) -> None:
    world.accept(raw("m1", "halo"))
    assert readiness(world.office, now=world.now)["handling"] == "ok"
    world.later(minutes=6)
    assert readiness(world.office, now=world.now)["handling"] == "late"
    world.handle_all()
    assert readiness(world.office, now=world.now)["handling"] == "ok"
