"""design.md, the road, 2: a message that kills its worker stops nobody else, nor does it take an innocent one's attempts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from core.handling import Handler
from core.storage import inbox
from core.suspects import Quiet
from tests.road.postbox import raw
from tests.road.world import World


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def attempted_once(world: World, source_id: str) -> None:
    """As if the process that handled it had been killed."""
    (row,) = [row for row in world.rows("inbox") if row["source_id"] == source_id]
    with world.office.database.write() as connection:
        inbox.begin_attempt(connection, [row["id"]])


def attempts(world: World) -> dict[str, int]:
    return {row["source_id"]: row["attempts"] for row in world.rows("inbox")}


def test_what_was_attempted_before_is_handled_while_nothing_else_is_in_the_process(world: World) -> None:
    quiet = Quiet()
    world.accept(raw("m1", "halo", sender="ani"), raw("m2", "hai", sender="budi"))
    attempted_once(world, "m1")
    handler = Handler(world.office, {world.door.name: world.door}, owner="one", quiet=quiet)
    thread = threading.Thread(target=handler.step, args=(world.now,))
    with quiet.together():  # another thread is at something
        thread.start()
        eventually(lambda: quiet._alone is not None)
        assert world.states() == {"m1": "waiting", "m2": "handled"}
        assert attempts(world)["m1"] == 1, "no further attempt before it is alone"
    thread.join(10)
    assert world.states() == {"m1": "handled", "m2": "handled"}


def test_nobody_begins_anything_beside_a_suspect(world: World) -> None:
    quiet = Quiet()
    world.accept(raw("m2", "hai", sender="budi"))
    handler = Handler(world.office, {world.door.name: world.door}, owner="one", quiet=quiet)
    thread = threading.Thread(target=handler.step, args=(world.now,))
    with quiet.alone():
        thread.start()
        thread.join(0.05)
        assert attempts(world) == {"m2": 0}
    thread.join(10)
    assert world.states() == {"m2": "handled"}


def test_a_thread_that_hangs_holds_the_others_only_once() -> None:
    quiet = Quiet(longest_wait_seconds=0.05)
    with quiet.together(), quiet.alone(), quiet.together():
        assert quiet._alone is None, "whoever hangs alone counts no more"
        began = time.monotonic()
        with quiet.together(), quiet.together():
            assert time.monotonic() - began < 0.05
