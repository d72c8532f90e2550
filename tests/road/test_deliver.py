"""design.md, the road, 3: the outbox in order, every outcome, uncertain messages, receipts, pacing."""

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest

from core import settling
from core.channels import Delivery, Fault, Outcome, Receipt
from core.delivery import LEASE, Deliverer, deliver_next
from core.outcomes import KEEP_TRYING, MOST_REPEATS, REPEAT_AFTER
from core.storage import attempts, claims, outbox, tables
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities


def deliver(world: World) -> int:
    return deliver_next(world.office, world.door, owner="sender", now=world.now)


def deliver_all(world: World) -> None:
    while deliver(world):
        pass


def fails(world: World, text: str, *deliveries: Delivery) -> None:
    world.door.outcomes[text] = deque(deliveries)


def test_messages_to_one_address_leave_in_order_one_at_a_time(world: World) -> None:
    world.write_to("budi", "1", "2", "3")
    world.write_to("ani", "a", "b")
    world.door.seconds_per_send = 0.02
    assert deliver(world) == 2
    deliver_all(world)
    assert [text for text in world.door.texts if text in "123"] == ["1", "2", "3"]
    assert [text for text in world.door.texts if text in "ab"] == ["a", "b"]
    assert set(world.door.most_at_once.values()) == {1}


def test_a_message_that_must_wait_holds_back_those_behind_it(world: World) -> None:
    world.write_to("budi", "1", "2")
    fails(world, "1", Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=30))
    deliver_all(world)
    assert world.outbox() == {"1": "waiting", "2": "waiting"}
    world.later(seconds=29)
    assert deliver(world) == 0
    world.later(seconds=2)
    deliver_all(world)
    assert world.door.texts == ["1", "1", "2"]


def test_acceptance_is_delivery_where_there_are_no_receipts(world: World) -> None:
    world.write_to("budi", "halo")
    deliver(world)
    (row,) = world.rows("outbox")
    assert (row["state"], row["vendor_id"], row["done_at"], row["lease_owner"]) == ("delivered", "v1", world.now, None)
    assert [(each["outcome"], each["fault"]) for each in world.rows("delivery_attempts")] == [("accepted", None)]


def test_with_receipts_acceptance_is_not_delivery(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    world.write_to("budi", "halo")
    deliver(world)
    assert world.outbox() == {"halo": "accepted"}
    world.accept(raw("r1", receipt=["v1", "delivered"]))
    world.handle_all()
    assert world.outbox() == {"halo": "delivered"}


def test_a_late_receipt_never_moves_a_delivery_backwards(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    world.write_to("budi", "halo")
    deliver(world)
    for number, outcome in enumerate(("delivered", "accepted", "failed")):
        world.accept(raw(f"r{number}", receipt=["v1", outcome]))
        world.handle_all()
        assert world.outbox() == {"halo": "delivered"}


def test_a_receipt_can_say_that_an_accepted_message_failed_and_delivered_wins_over_failed(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    world.write_to("budi", "halo")
    deliver(world)
    world.accept(raw("r1", receipt=["v1", "failed"]))
    world.handle_all()
    assert world.outbox() == {"halo": "failed"}
    world.accept(raw("r2", receipt=["v1", "delivered"]))
    world.handle_all()
    assert world.outbox() == {"halo": "delivered"}


def test_a_receipt_that_comes_before_its_messages_id_is_matched_later(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    world.accept(raw("r1", receipt=["v1", "delivered"]))
    world.handle_all()
    assert len(world.rows("early_receipts")) == 1
    world.write_to("budi", "halo")
    deliver(world)
    world.later(seconds=2)
    deliver(world)
    assert world.outbox() == {"halo": "delivered"}
    assert world.rows("early_receipts") == []


def test_failed_is_for_good_and_a_gone_recipient_is_remembered(world: World) -> None:
    world.write_to("budi", "halo", "lagi")
    fails(world, "halo", Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="403"))
    deliver_all(world)
    assert world.outbox() == {"halo": "failed", "lagi": "delivered"}
    assert world.rows("addresses")[0]["gone_at"] == world.now
    world.later(days=1)
    assert deliver(world) == 0


def test_a_recipient_that_moved_gets_it_at_the_new_address(world: World) -> None:
    world.write_to("budi", "halo")
    fails(world, "halo", Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_MOVED, moved_to="budi-baru"))
    deliver_all(world)
    assert [outbound.address for outbound in world.door.sent] == ["budi", "budi-baru"]
    assert world.outbox() == {"halo": "delivered"}


def test_again_is_tried_with_growing_pauses_and_given_up_after_seven_days(world: World) -> None:
    world.write_to("budi", "halo")
    world.door.outcomes["halo"] = deque([Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE)] * 10_000)
    pauses = []
    for _ in range(6):
        deliver(world)
        (row,) = world.rows("outbox")
        pauses.append((row["next_at"] - world.now).total_seconds())
        world.now = row["next_at"]
    assert all(later > earlier for earlier, later in zip(pauses, pauses[2:], strict=False))
    world.later(seconds=KEEP_TRYING.total_seconds())
    deliver(world)
    assert world.outbox() == {"halo": "failed"}
    assert world.rows("delivery_attempts")[-1]["detail"] == "gave_up"


def test_an_uncertain_message_is_unknown_and_an_ordinary_one_is_never_repeated(world: World) -> None:
    world.write_to("budi", "halo", "lagi")
    fails(world, "halo", Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN))
    deliver_all(world)
    assert world.outbox() == {"halo": "unknown", "lagi": "delivered"}
    world.later(days=2)
    assert deliver(world) == 0


def test_an_officials_uncertain_words_are_repeated_once_after_ten_minutes_and_marked(world: World) -> None:
    message_id = _official_words(world)
    world.write_to("budi", "Kami sudah ke lokasi.", message_id=message_id)
    world.write_to("budi", "lagi")
    fails(world, "Kami sudah ke lokasi.", Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN))
    marked = "(Mungkin terkirim dua kali.) Kami sudah ke lokasi."
    fails(world, marked, Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN))
    deliver_all(world)
    assert world.door.texts == ["Kami sudah ke lokasi.", "lagi"]  # the repeat holds nobody up
    world.later(seconds=REPEAT_AFTER.total_seconds() - 1)
    assert deliver(world) == 0
    world.later(seconds=1)
    deliver_all(world)
    assert world.door.texts[-1] == marked
    assert world.door.sent[-1].repeat
    assert world.door.sent[-1].key == world.door.sent[0].key
    world.later(days=1)
    assert deliver(world) == 0  # once, whatever came of it
    assert [row["state"] for row in world.rows("outbox")] == ["unknown", "delivered", "unknown"]


def test_a_notice_that_starts_a_clock_is_repeated_too(world: World) -> None:
    world.write_to("budi", "Pengingat", clock="silence")
    fails(world, "Pengingat", Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN))
    deliver_all(world)
    world.later(seconds=REPEAT_AFTER.total_seconds())
    assert deliver(world) == 1


def test_a_receipt_for_the_original_makes_its_repeat_needless(world: World) -> None:
    world = with_capabilities(world, receipts=True)
    world.write_to("budi", "Pengingat", clock="silence")
    fails(world, "Pengingat", Delivery(Outcome.UNKNOWN, vendor_id="v9", fault=Fault.UNCERTAIN))
    deliver(world)
    assert len(world.rows("outbox")) == 2
    world.accept(raw("r1", receipt=["v9", "delivered"]))
    world.handle_all()
    assert [row["state"] for row in world.rows("outbox")] == ["delivered"]


def test_where_repeats_do_not_show_an_uncertain_message_is_sent_again_with_the_same_key(world: World) -> None:
    world = with_capabilities(world, repeatable=True)
    world.write_to("budi", "halo")
    fails(world, "halo", *[Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN)] * 2)
    for _ in range(3):
        deliver(world)
        world.later(minutes=1)
    assert world.outbox() == {"halo": "delivered"}
    assert len({outbound.key for outbound in world.door.sent}) == 1
    assert len(world.rows("outbox")) == 1
    assert MOST_REPEATS > 2


def test_a_sender_that_died_leaves_unknown_behind_before_anybody_claims_again(world: World) -> None:
    world.write_to("budi", "halo", "lagi")
    _die_while_sending(world)
    assert deliver(world) == 0  # the lease holds the address
    world.later(seconds=LEASE.total_seconds() + 1)
    deliver_all(world)
    assert world.outbox() == {"halo": "unknown", "lagi": "delivered"}
    assert world.door.texts == ["lagi"]
    assert next((row["outcome"], row["detail"]) for row in world.rows("delivery_attempts")) == ("unknown", "lease_expired")


@pytest.mark.parametrize("early", [True, False])
def test_a_receipt_that_names_our_key_says_what_became_of_a_dead_senders_message(world: World, early: bool) -> None:
    world = with_capabilities(world, receipts=True)
    world.write_to("budi", "halo")
    _die_while_sending(world)
    (row,) = world.rows("outbox")
    word = Receipt(f"{row['bundle']}.{row['part']}", Outcome.DELIVERED)

    def comes() -> None:
        with world.office.database.write() as connection:
            settling.receipt(connection, world.office, world.door.name, word, now=world.now)

    if early:
        comes()
    world.later(seconds=LEASE.total_seconds() + 1)
    deliver_all(world)
    if not early:
        assert world.outbox() == {"halo": "unknown"}
        comes()
    assert world.outbox() == {"halo": "delivered"}
    assert world.door.texts == []


def _die_while_sending(world: World) -> None:
    """What a sender leaves that was killed after it committed `sending`."""
    with world.office.database.write() as connection:
        (head,) = claims.heads(connection, world.door.name, now=world.now, limit=1)
        claims.sending(connection, [head[0].id], owner="dead", until=world.now + LEASE)


def test_good_news_of_a_sender_that_lost_its_lease_counts_and_bad_news_does_not(world: World) -> None:
    world.write_to("budi", "gut")
    world.write_to("ani", "bad")
    fails(world, "bad", Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE))
    slow = Deliverer(world.office, world.door, owner="slow")
    slow.step(world.now)
    slow.wait(5)
    world.later(seconds=LEASE.total_seconds() + 1)
    with world.office.database.write() as connection:
        for entry in claims.expired(connection, world.door.name, world.now):
            attempts.settle(connection, [attempts.Settled(entry.id, "unknown", done_at=world.now)])
    slow.finish(lambda: world.now, 5)
    assert world.outbox() == {"gut": "delivered", "bad": "unknown"}


def test_outcomes_survive_a_database_that_is_away(world: World) -> None:
    world.write_to("budi", "halo")
    deliverer = Deliverer(world.office, world.door, owner="one")
    deliverer.step(world.now)
    deliverer.wait(5)
    world.database.away = True
    with pytest.raises(Exception, match="cut off"):
        deliverer.step(world.now)
    world.database.away = False
    assert deliverer.step(world.now) == 1
    assert world.outbox() == {"halo": "delivered"}


def test_a_channel_is_written_to_no_faster_than_it_takes(world: World) -> None:
    world = with_capabilities(world, messages_per_second=2.0)
    for name in ("a", "b", "c", "d", "e"):
        world.write_to(name, name)
    deliverer = Deliverer(world.office, world.door, owner="one")
    for expected in (2, 2, 3, 5):  # two at once, then one each half second
        deliverer.step(world.now)
        _settled(world, deliverer)
        assert len(world.door.sent) == expected
        world.later(seconds={2: 0.25, 3: 1.0}.get(expected, 1.0))


def test_an_address_is_written_to_with_the_distance_that_the_channel_asks_for(world: World) -> None:
    world = with_capabilities(world, seconds_between=1.0)
    world.write_to("budi", "1", "2")
    world.write_to("ani", "a")
    deliverer = Deliverer(world.office, world.door, owner="one")
    for _ in range(3):
        deliverer.step(world.now)
        deliverer.wait(5)
    assert sorted(world.door.texts) == ["1", "a"]
    world.later(seconds=1)
    deliverer.step(world.now)
    deliverer.wait(5)
    assert world.door.texts[-1] == "2"


def test_a_channel_whose_credentials_are_refused_rests(world: World) -> None:
    world.write_to("budi", "1")
    fails(world, "1", Delivery(Outcome.AGAIN, fault=Fault.UNAUTHORISED))
    deliverer = Deliverer(world.office, world.door, owner="one")
    deliverer.step(world.now)
    deliverer.wait(5)
    deliverer.step(world.now)
    world.write_to("ani", "2")
    world.later(seconds=29)
    deliverer.step(world.now)
    assert world.door.texts == ["1"]
    world.later(seconds=1)
    deliverer.step(world.now)
    _settled(world, deliverer)
    assert sorted(world.door.texts) == ["1", "1", "2"]


def _settled(world: World, deliverer: Deliverer) -> None:
    """Waits until nothing is under way."""
    while deliverer.flying:
        deliverer.wait(5)
        deliverer.step(world.now)


def test_a_process_claims_only_the_channel_that_it_runs(world: World) -> None:
    world.write_to("budi", "halo")
    other = replace(world.door, name="other")
    assert deliver_next(replace(world.office, channels={"other": other.capabilities}), other, owner="x", now=world.now) == 0
    assert world.outbox() == {"halo": "waiting"}


def test_what_delivered_messages_carried_is_erased_after_its_time(world: World) -> None:
    world.write_to("budi", "halo")
    deliver(world)
    world.write_to("budi", "belum")
    with world.office.database.write() as connection:
        assert outbox.purge(connection, before=world.now + timedelta(seconds=1)) == 1
    assert [row["payload"] is None for row in world.rows("outbox")] == [True, False]


def _official_words(world: World) -> int:
    with world.office.database.write() as connection:
        return int(
            connection.execute(
                tables.messages.insert()
                .values(direction="out", kind="progress", words="Kami sudah ke lokasi.", at=world.now)
                .returning(tables.messages.c.id)
            ).scalar_one()
        )
