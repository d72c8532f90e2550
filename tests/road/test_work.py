"""The threads of one process: a message goes all the way, and stopping is clean."""

import threading
import time
from collections.abc import Callable

from core.working import Worker, accepting
from tests.road.postbox import raw
from tests.road.world import World


def until(done: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_what_is_accepted_is_answered_and_stopping_takes_seconds(world: World) -> None:
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=2)
    worker.start()
    accept = accepting(world.office)
    accept([raw(f"m{number}", "jalan rusak pak", sender=f"s{number}") for number in range(20)])
    assert until(lambda: len(world.door.sent) >= 20)
    assert worker.alive
    began = time.monotonic()
    assert worker.stop()
    assert time.monotonic() - began < 5
    assert {row["state"] for row in world.rows("outbox")} == {"delivered"}
    assert len({outbound.address for outbound in world.door.sent}) == 20


def test_stopping_waits_for_what_is_under_way(world: World) -> None:
    world.door.seconds_per_send = 0.7
    world.write_to("budi", "halo")
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=0)
    worker.start()
    assert until(lambda: world.outbox() == {"halo": "sending"})
    assert worker.stop()
    assert world.outbox() == {"halo": "delivered"}


def test_a_database_that_comes_back_is_noticed(world: World) -> None:
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=1)
    world.database.away = True
    worker.start()
    time.sleep(0.3)
    world.database.away = False
    accepting(world.office)([raw("m1", "halo")])
    assert until(lambda: bool(world.door.sent))
    assert worker.stop()


def test_a_process_that_only_handles_sends_nothing(world: World) -> None:
    worker = Worker(world.office, world.doors, handlers=1)
    worker.start()
    accepting(world.office)([raw("m1", "halo")])
    assert until(lambda: world.states() == {"m1": "handled"})
    assert worker.stop()
    assert world.door.sent == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("handle-", "deliver-", "fetch-"))]
