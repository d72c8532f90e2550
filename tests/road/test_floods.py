"""sop.md §3: a flood from one sender gets one reply per hour; everything is kept. Where a story is received at once, too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from core.channels import InboundKind, Raw
from core.handling import Handler
from core.storage.outbox import part_of
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

STORY = "Kemarin di puskesmas Sukamaju kota Contoh saya diminta Rp20.000 untuk kartu, tidak ada kuitansi, nomor {n}."
FIRE = "KEBAKARAN di rumah sebelah, tolong cepat, jl melati 5 kota contoh! nomor {n}"


def as_mailbox(world: World) -> World:
    return with_capabilities(world, receives_at_once=True, buttons=0, subjects=True)


@pytest.fixture
def post(world: World) -> World:
    return as_mailbox(world)


def letter(world: World, number: int, text: str = STORY, **more: Any) -> Raw:
    """Each a mail of its own, under a subject of its own."""
    return raw(f"m{number}", text.format(n=number), subject=f"Pungutan loket {number}", sent_at=world.now, **more)


def flood(world: World, numbers: range, **more: Any) -> None:
    world.accept(*(letter(world, number, **more) for number in numbers))
    handler = Handler(world.office, world.doors, owner="one")
    while handler.step(world.now):
        pass


def answered(world: World) -> int:
    """How many messages of theirs got an answer."""
    return len({row["bundle"] for row in world.rows("outbox")})


def kept_words(world: World) -> Counter[str]:
    return Counter(row["words"] for row in world.rows("messages", direction="in"))


def test_five_hundred_mails_in_a_minute_are_all_kept_and_answered_once_more_than_no_flood(sqlite_world: World) -> None:
    world = as_mailbox(sqlite_world)
    most = world.office.numbers.flood.messages
    flood(world, range(500))
    assert set(world.states().values()) == {"handled"}
    assert len(world.rows("reports")) == most
    assert answered(world) == most + 1
    assert kept_words(world) == Counter(STORY.format(n=number) for number in range(500))
    told = Counter(row["kind"] for row in world.rows("notifications"))
    assert sum(told.values()) <= most + 1

    world.later(minutes=world.office.numbers.flood.window_minutes)
    flood(world, range(500, 600))  # it goes on: the same flood, one reply
    assert answered(world) == most + 2
    assert len(world.rows("reports")) == most
    assert len(kept_words(world)) == 600


def test_what_a_flood_brings_is_added_to_the_latest_report_with_its_files_and_a_note(post: World) -> None:
    most = post.office.numbers.flood.messages
    flood(post, range(most))
    latest = post.rows("reports")[-1]
    flood(post, range(most, most + 3), files=[["f1", "photo", "bukti.jpg", False]])
    added = post.rows("messages", kind="addition")
    assert [row["words"] for row in added] == [STORY.format(n=number) for number in range(most, most + 3)]
    assert {row["report_id"] for row in added} == {latest["id"]}
    assert [row["message_id"] for row in post.rows("attachments")] == [row["id"] for row in added]
    (note,) = post.rows("messages", direction="note")
    assert (note["report_id"], note["words"]) == (latest["id"], post.office.text("id", "road.flood_note"))
    last = part_of(post.rows("outbox")[-1]["payload"])
    assert post.office.text("id", "road.flood") in last.text


def test_after_an_hour_of_peace_a_story_is_a_report_again(post: World) -> None:
    most = post.office.numbers.flood.messages
    flood(post, range(most + 2))
    post.later(minutes=post.office.numbers.flood.window_minutes)
    flood(post, range(100, 101))
    assert len(post.rows("reports")) == most + 1
    assert answered(post) == most + 2


def test_danger_to_life_is_heard_in_a_flood_and_does_not_become_one(post: World) -> None:
    most = post.office.numbers.flood.messages
    flood(post, range(most + 2))
    flood(post, range(100, 103), text=FIRE)
    urgent = [row for row in post.rows("reports") if row["urgent"]]
    assert len(urgent) == 1
    assert len(kept_words(post)) == most + 5
    assert answered(post) == most + 2


def test_a_flood_without_any_report_yet_makes_one_of_its_first_story(post: World) -> None:
    most = post.office.numbers.flood.messages
    flood(post, range(most + 1), text="tolong {n}")
    before = len(post.rows("reports"))
    flood(post, range(100, 103))
    assert len(post.rows("reports")) == max(before, 1)
    assert {STORY.format(n=number) for number in range(100, 103)} <= kept_words(post).keys()


def test_a_forged_flood_does_not_silence_the_one_whose_name_it_bears_nor_touch_their_reports(post: World) -> None:
    flood(post, range(1))
    mine = post.rows("reports")[0]
    most = post.office.numbers.flood.messages
    flood(post, range(100, 100 + most + 3), unverified=True)
    assert [row["words"] for row in post.rows("messages", report_id=mine["id"], direction="in")] == [STORY.format(n=0)]
    assert len(kept_words(post)) == most + 4
    before = answered(post)
    flood(post, range(200, 201))
    assert answered(post) == before + 1
    assert len(post.rows("reports")) == most + 2


def test_a_machine_that_answers_each_answer_is_not_answered_for_ever(post: World) -> None:
    most = post.office.numbers.flood.messages
    for number in range(3 * most):
        before = answered(post)
        post.accept(letter(post, number))
        post.handle_all()
        post.later(seconds=5)
        if answered(post) == before:
            break
    assert answered(post) <= most + 1


def test_pressed_buttons_are_no_flood(world: World) -> None:
    most = world.office.numbers.flood.messages
    world.accept(*(raw(f"m{n}", "halo", choice="1.send") for n in range(most + 5)))
    world.handle_all()
    assert answered(world) == most + 5


def test_machines_and_lists_are_recorded_and_never_answered(post: World) -> None:
    for number, kind in enumerate((InboundKind.AUTOMATIC, InboundKind.IGNORED)):
        post.accept(letter(post, number, kind=kind.value))
    post.handle_all()
    assert answered(post) == 0
    assert [row["reason"] for row in post.rows("inbox")] == ["automatic", "ignored"]
