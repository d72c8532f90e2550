"""design.md, the road, 2: lanes, the sender's order, attempts and quarantine."""

import threading
from datetime import timedelta

import pytest

from core.errors import NotFound, StorageUnavailable
from core.handling import BACKOFF, LEASE, Handler
from core.storage import inbox, lanes
from tests.road.postbox import raw
from tests.road.world import World


def test_a_first_message_is_answered_in_one_transaction(world: World) -> None:
    world.accept(raw("m1", "lampu jalan di depan rumah saya mati sudah dua minggu"))
    assert world.handle() == 1
    assert world.states() == {"m1": "handled"}
    assert [row["state"] for row in world.rows("outbox")] == ["waiting"]
    (conversation,) = world.rows("conversations")
    assert conversation["version"] == 1
    (lane,) = world.rows("lanes")
    assert (lane["ready_at"], lane["lease_until"], lane["lease_owner"]) == (None, None, None)


def test_messages_of_a_lane_are_handled_one_after_the_other(world: World) -> None:
    world.accept(raw("m1", "halo"), raw("m2", "jalan rusak"), raw("m3", "sejak kemarin"))
    assert world.handle() == 1
    assert world.states() == {"m1": "handled", "m2": "waiting", "m3": "waiting"}
    world.handle_all()
    assert set(world.states().values()) == {"handled"}


def test_what_was_accepted_later_but_sent_earlier_is_handled_first(world: World) -> None:
    first, second = world.now - timedelta(seconds=9), world.now - timedelta(seconds=4)
    world.accept(raw("second", "di kota contoh", sent_at=second), raw("first", "jalan rusak", sent_at=first))
    world.handle()
    assert world.states() == {"second": "waiting", "first": "handled"}
    assert [row["attempts"] for row in world.rows("inbox")] == [0, 0]
    world.handle_all()
    assert set(world.states().values()) == {"handled"}


def test_a_message_without_a_time_keeps_its_place_behind_the_one_before_it(world: World) -> None:
    early, late = world.now - timedelta(seconds=9), world.now - timedelta(seconds=4)
    world.accept(raw("a", "satu", sent_at=early), raw("press", choice="x:1"), raw("b", "dua", sent_at=late))
    world.handle()
    world.handle()
    assert world.states() == {"a": "handled", "press": "handled", "b": "waiting"}


def test_other_lanes_do_not_wait(world: World) -> None:
    world.accept(raw("p1", poison=True), raw("a1", "halo", sender="ani"), raw("c1", "halo", sender="cici"))
    assert world.handle() == 3
    assert world.states() == {"p1": "waiting", "a1": "handled", "c1": "handled"}


def test_an_album_waits_until_it_is_complete_and_is_one_message(world: World) -> None:
    complete = world.now + timedelta(seconds=2)
    world.accept(raw("p1", "lampu mati", group="g", ready_at=complete, files=[["f1", "photo", None, False]]))
    world.accept(raw("p2", group="g", ready_at=complete, files=[["f2", "photo", None, False]]), raw("t", "ini fotonya"))
    world.handle()
    assert set(world.states().values()) == {"waiting"}
    assert [row["attempts"] for row in world.rows("inbox")] == [0, 0, 0]
    world.later(seconds=2)
    world.handle()
    assert world.states() == {"p1": "handled", "p2": "handled", "t": "waiting"}
    assert {row["source_id"] for row in world.rows("attachments")} == {"p1"}
    assert len(world.rows("attachments")) == 2


def test_a_straggler_of_an_album_is_an_addition(world: World) -> None:
    world.accept(raw("p1", "lampu jalan mati dua minggu", group="g", files=[["f1", "photo", None, False]]))
    world.handle_all()
    world.accept(raw("p2", group="g", files=[["f2", "photo", None, False]]))
    world.handle_all()
    assert set(world.states().values()) == {"handled"}
    assert [row["source_id"] for row in world.rows("attachments")] == ["p1", "p2"]


def test_a_message_that_breaks_our_code_is_quarantined_at_the_third_attempt_and_the_next_goes_on(world: World) -> None:
    world.accept(raw("bad", poison=True), raw("good", "halo"))
    world.handle_all()
    assert world.states() == {"bad": "waiting", "good": "waiting"}
    world.later(seconds=BACKOFF[0].total_seconds())
    world.handle_all()
    assert world.states() == {"bad": "waiting", "good": "waiting"}
    world.later(seconds=BACKOFF[1].total_seconds())
    world.handle_all()
    assert world.states() == {"bad": "quarantined", "good": "handled"}
    (kept,) = world.rows("inbox", state="quarantined")
    assert kept["reason"] == "exception:RuntimeError"


def test_what_cannot_be_read_is_quarantined_at_once(world: World) -> None:
    world.accept(raw("bad", unreadable=True), raw("good", "halo"))
    world.handle_all()
    assert world.states() == {"bad": "quarantined", "good": "handled"}


def test_a_message_that_kills_its_worker_three_times_is_quarantined(world: World) -> None:
    world.accept(raw("killer", "halo"), raw("next", "halo lagi"))
    for _ in range(3):
        _claim_and_die(world)
        world.later(seconds=LEASE.total_seconds() + 1)
    assert world.rows("inbox")[0]["attempts"] == 3
    world.handle_all()
    assert world.states() == {"killer": "quarantined", "next": "handled"}
    assert world.rows("inbox")[0]["reason"] == "unfinished"


def test_a_message_that_was_attempted_before_is_claimed_alone(world: World) -> None:
    world.accept(*(raw(name, "halo", sender=name) for name in ("a", "b", "c")))
    _claim_and_die(world)
    assert [row["attempts"] for row in world.rows("inbox")] == [1, 1, 1]
    world.later(seconds=LEASE.total_seconds() + 1)
    _claim_and_die(world)
    assert sorted(row["attempts"] for row in world.rows("inbox")) == [1, 1, 2]


def _claim_and_die(world: World) -> None:
    """What a worker leaves behind that was killed between its claim and its handling: the claim is committed."""
    dead = Handler(world.office, world.doors, owner="dead")
    claims, _, suspected = dead._claim(world.now, 8, suspects=False)
    if suspected and not claims:
        dead._claim(world.now, 8, suspects=True)


def test_a_leased_lane_is_left_alone_until_the_lease_ends(world: World) -> None:
    world.accept(raw("m1", "halo"))
    _claim_and_die(world)
    assert world.handle() == 0
    world.later(seconds=LEASE.total_seconds() + 1)
    assert world.handle() == 1


def test_whoever_lost_the_lease_does_not_handle(world: World) -> None:
    world.accept(raw("m1", "halo"))
    slow = Handler(world.office, world.doors, owner="slow")
    (claim,), *_ = slow._claim(world.now, 8, suspects=False)
    world.later(seconds=LEASE.total_seconds() + 1)
    assert world.handle() == 1
    assert slow._handle(claim, world.now)
    assert len(world.rows("outbox")) == 1


def test_a_database_that_is_away_costs_no_attempt(world: World) -> None:
    world.accept(raw("m1", "halo"), raw("m2", "halo", sender="ani"))
    handler = Handler(world.office, world.doors, owner="one")
    for _ in range(4):
        world.database.writes_left = 1  # the claim still goes through
        with pytest.raises(StorageUnavailable):
            handler.step(world.now)
        world.database.writes_left = None
        handler._pay_back()
    assert [row["attempts"] for row in world.rows("inbox")] == [0, 0]
    assert handler.step(world.now) == 2
    assert set(world.states().values()) == {"handled"}


def test_two_handlers_never_have_the_same_lane(world: World) -> None:
    names = [f"s{number}" for number in range(12)]
    for index in range(3):
        world.accept(*(raw(f"{name}-{index}", "halo", sender=name) for name in names))
    seen: list[tuple[str, int]] = []

    def work(owner: str) -> None:
        handler = Handler(world.office, world.doors, owner=owner)
        while True:
            claims, others, _ = handler._claim(world.now, 2, suspects=False)
            if not claims and not others:
                return
            for claim in claims:
                seen.append((owner, claim.unit.rows[0].id))
                assert handler._handle(claim, world.now)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.handle_all()
    assert len({row for _, row in seen}) == len(seen)
    assert set(world.states().values()) == {"handled"}
    assert len(world.states()) == 36


def test_a_message_that_arrives_while_its_lane_is_handled_is_not_forgotten(world: World) -> None:
    world.accept(raw("m1", "halo"))
    handler = Handler(world.office, world.doors, owner="one")
    (claim,), *_ = handler._claim(world.now, 1, suspects=False)
    arriving = threading.Thread(target=lambda: world.accept(raw("m2", "jalan rusak")))
    with world.database.write() as connection:  # handling, with the lane locked
        assert lanes.lock(connection, claim.lane.id, "one")
        arriving.start()
        arriving.join(0.3)
        assert arriving.is_alive()  # it waits for the lane
        inbox.handled(connection, claim.unit.ids, at=world.now)
        lanes.release(connection, claim.lane.id)
    arriving.join()
    assert world.rows("lanes")[0]["ready_at"] == world.now
    assert world.handle() == 1
    assert world.states() == {"m1": "handled", "m2": "handled"}


def test_the_desk_sees_quarantine_and_can_retry(world: World) -> None:
    world.accept(raw("bad", unreadable=True))
    world.handle_all()
    with world.database.read() as connection:
        (row,) = inbox.quarantined(connection)
    assert row.reason == "unreadable:ValueError"
    with world.database.write() as connection:
        inbox.retry(connection, row.id, now=world.now)
    assert world.states() == {"bad": "waiting"}
    assert world.handle() == 1
    assert world.states() == {"bad": "quarantined"}
    with pytest.raises(NotFound), world.database.write() as connection:
        inbox.retry(connection, row.id + 1, now=world.now)


@pytest.mark.parametrize("kind", ["automatic", "ignored"])
def test_machines_are_recorded_and_never_answered(world: World, kind: str) -> None:
    world.accept(raw("m1", "Saya sedang cuti", kind=kind))
    world.handle_all()
    assert world.rows("inbox")[0]["reason"] == kind
    assert world.rows("outbox") == []
    assert world.rows("people") == []


def test_a_blocked_address_is_gone_until_its_person_writes_again(world: World) -> None:
    world.accept(raw("m1", "halo"), raw("m2", kind="blocked"))
    world.handle_all()
    assert world.rows("addresses")[0]["gone_at"] == world.now
    world.accept(raw("m3", "halo lagi"))
    world.handle_all()
    assert world.rows("addresses")[0]["gone_at"] is None


def test_a_flood_gets_one_reply_an_hour_and_everything_is_kept(world: World) -> None:
    most = world.office.numbers.flood.messages
    for number in range(most + 5):
        world.accept(raw(f"m{number}", "tolong"))
    world.handle_all()
    assert set(world.states().values()) == {"handled"}
    bundles = {row["bundle"] for row in world.rows("outbox")}
    assert len(bundles) == most + 1  # the last one says that we will be silent
    world.later(minutes=world.office.numbers.flood.window_minutes)
    world.accept(raw("after", "halo"))
    world.handle_all()
    assert len({row["bundle"] for row in world.rows("outbox")}) == most + 2


def test_what_a_database_cannot_keep_is_answered_all_the_same(world: World) -> None:
    world.accept(
        raw("nul", "jalan\0 rusak \ud83d pak"), raw("empty", "", sender="ani"), raw("long", "🙂" * 4096, sender="cici")
    )
    world.handle_all()
    assert set(world.states().values()) == {"handled"}
    assert len({row["address_id"] for row in world.rows("outbox")}) == 3


def test_bytes_of_handled_messages_are_erased_after_their_time(world: World) -> None:
    world.accept(raw("m1", "halo"), raw("m2", "x" * 70_000, sender="ani"))
    world.handle_all()
    world.accept(raw("m3", "belum"))
    with world.database.write() as connection:
        assert inbox.purge(connection, world.office.files, before=world.now + timedelta(seconds=1)) == 2
        assert inbox.purge(connection, world.office.files, before=world.now + timedelta(seconds=1)) == 0
    assert [row["body"] is None for row in world.rows("inbox")] == [True, True, False]
    assert [path for path in (world.office.files.root / "sealed").rglob("*") if path.is_file()] == []
