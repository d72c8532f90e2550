"""design.md, the road, 3: a relay's yes and no bounce within 24 hours is a delivery; a kept mail never is; never backwards."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from core import settling
from core.channels import KEPT, Delivery, Fault, Outcome
from core.delivery import RIPEN_EVERY, Deliverer, deliver_next
from core.storage import tables
from tests.road.postbox import raw
from tests.road.test_converse import submitted
from tests.road.world import World, with_capabilities


@pytest.fixture
def post(world: World) -> World:
    return with_capabilities(world, receipts=True, bounce_hours=24, repeatable=True)


def deliver(world: World) -> None:
    while deliver_next(world.office, world.door, owner="sender", now=world.now):
        pass


def bounce(world: World, vendor_id: str, fault: Fault = Fault.RECIPIENT_GONE) -> None:
    world.accept(raw(f"bounce{len(world.rows('inbox'))}", receipt=[vendor_id, "failed", fault.value]))
    world.handle_all()


def state(world: World) -> str:
    return str(world.rows("outbox")[-1]["state"])


def reminder(world: World) -> str:
    """The clock of a reminder that waits for its delivery, sent to the reporter; nothing else is on the way."""
    report_id = submitted(world)
    deliver(world)
    clock = world.rows("clocks", report_id=report_id)[0]
    world.write_to("budi", "Pengingat", clock=f"reminder:{clock['id']}", report_id=report_id)
    return "Pengingat"


def reminded(world: World) -> datetime | None:
    found: datetime | None = world.rows("clocks")[0]["reminded_at"]
    return found


def test_accepted_becomes_delivered_a_day_later_and_not_before(post: World) -> None:
    post.write_to("budi", "halo")
    deliver(post)
    assert state(post) == "accepted"
    post.later(hours=23, minutes=59)
    deliver(post)
    assert state(post) == "accepted"
    post.later(minutes=1)
    deliver(post)
    assert state(post) == "delivered"
    assert post.door.texts == ["halo"]


def test_a_reminder_counts_once_it_is_ripe_as_having_arrived_that_day_before(post: World) -> None:
    """Else each reminder by mail would come late, and close a report days after the day that it names (sop.md §6)."""
    reminder(post)
    deliver(post)
    post.later(hours=12)
    deliver(post)
    assert reminded(post) is None
    post.later(hours=15)  # looked at late: it is dated back by the day that it had to ripen, no further
    deliver(post)
    assert reminded(post) == post.now - timedelta(hours=24)


def test_what_came_back_within_the_day_never_ripens(post: World) -> None:
    reminder(post)
    deliver(post)
    post.later(hours=3)
    bounce(post, post.rows("outbox")[-1]["vendor_id"])
    assert state(post) == "failed"
    assert post.rows("addresses")[0]["gone_at"] == post.now
    post.later(days=3)
    deliver(post)
    assert state(post) == "failed"
    assert reminded(post) is None
    assert post.rows("reports")[0]["unreachable_since"] is not None


def test_a_bounce_after_that_takes_nothing_back_but_is_seen(post: World) -> None:
    reminder(post)
    deliver(post)
    post.later(hours=25)
    deliver(post)
    started = reminded(post)
    post.later(days=2)
    bounce(post, post.rows("outbox")[-1]["vendor_id"])
    assert state(post) == "delivered"
    assert reminded(post) == started
    last = post.rows("delivery_attempts")[-1]
    assert (last["outcome"], last["fault"], last["detail"], last["at"]) == ("failed", "recipient_gone", "550", post.now)
    assert post.rows("addresses")[0]["gone_at"] == post.now


def test_a_mail_that_was_only_kept_is_never_delivered_even_once_there_is_a_relay(world: World) -> None:
    kept = with_capabilities(world, receipts=True, bounce_hours=0)
    text = reminder(kept)
    kept.door.outcomes[text].append(Delivery(Outcome.ACCEPTED, vendor_id="k1", detail=KEPT))
    deliver(kept)
    assert state(kept) == "accepted"
    kept.later(days=3)
    relayed = with_capabilities(kept, receipts=True, bounce_hours=24)
    deliver(relayed)
    assert state(relayed) == "accepted"
    assert reminded(relayed) is None


def test_a_channel_that_forgets_to_say_receipts_still_waits_for_bounces(world: World) -> None:
    post = with_capabilities(world, receipts=False, bounce_hours=24)
    post.write_to("budi", "halo")
    deliver(post)
    assert state(post) == "accepted"


def test_many_ripen_in_bites_and_two_processes_at_once_start_nothing_twice(post: World) -> None:
    total = 2 * settling.RIPEN_AT_ONCE + 7
    with post.office.database.write() as connection:
        post_id = _address(post, connection)
        rows = [_accepted(post, post_id, number) for number in range(total)]
        connection.execute(tables.outbox.insert(), rows)
    post.later(hours=24)
    counts: list[int] = []

    def ripen() -> None:
        while True:
            with post.office.database.write() as connection:
                count = settling.ripen(connection, post.office, post.door.name, now=post.now)
            counts.append(count)
            if not count:
                return

    threads = [threading.Thread(target=ripen) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == total
    assert max(counts) == settling.RIPEN_AT_ONCE
    assert {row["state"] for row in post.rows("outbox")} == {"delivered"}


def test_it_is_looked_for_once_a_minute(post: World) -> None:
    deliverer = Deliverer(post.office, post.door, owner="one")
    post.write_to("budi", "halo")
    deliverer.step(post.now)
    deliverer.wait(5)
    deliverer.step(post.now)
    half = RIPEN_EVERY.total_seconds() / 2
    deliverer.step(post.later(seconds=24 * 3600 - half))  # looked: nothing is ripe
    deliverer.step(post.later(seconds=half))
    assert state(post) == "accepted"
    deliverer.step(post.later(seconds=half))
    assert state(post) == "delivered"


def _address(world: World, connection: Any) -> int:
    from core.storage import people

    row, _new = people.ensure_address(
        connection, channel=world.door.name, value="budi", name=None, language="id", verified=True, now=world.now
    )
    return row.id


def _accepted(world: World, address_id: int, number: int) -> dict[str, Any]:
    return {
        "channel": world.door.name,
        "address_id": address_id,
        "kind": "x",
        "bundle": f"b{number}",
        "payload": None,
        "language": "id",
        "state": "accepted",
        "next_at": world.now,
        "created_at": world.now,
        "done_at": world.now,
        "vendor_id": f"v{number}",
    }
