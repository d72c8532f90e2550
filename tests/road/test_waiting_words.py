"""Words behind "addition, or a new report?" that nobody answers: a day later they are in a report, once, and that is said."""

from __future__ import annotations

from core.waking import ticks_due
from tests.road.test_converse import say
from tests.road.world import World, with_capabilities

THEFT = "motor saya hilang di parkiran rsud contoh kemarin sore jam 4, satpam cuek"
LAMP = "lampu jalan di jl anggrek mati semua sejak 2 minggu lalu"
FIRE = "kebakaran di pasar melati sekarang!!! tolong"


def test_words_that_wait_behind_a_question_are_in_a_report_a_day_later(world: World) -> None:
    world = with_capabilities(world, receives_at_once=True, costs=True)
    say(world, THEFT, "x", LAMP)
    assert LAMP not in [row["words"] for row in world.rows("messages")]
    world.later(hours=25)
    assert ticks_due(world.office, world.now) == 1
    kept = [row for row in world.rows("messages") if row["words"] == LAMP]
    assert [row["report_id"] for row in kept] == [world.rows("reports")[0]["id"]]
    world.later(hours=25)
    assert ticks_due(world.office, world.now) == 0


def test_danger_after_an_unanswered_receipt_is_an_urgent_report(world: World) -> None:
    world = with_capabilities(world, receives_at_once=True, costs=True)
    say(world, LAMP)
    world.later(hours=2)
    say(world, FIRE)
    assert [bool(row["urgent"]) for row in world.rows("reports")] == [False, True]


def test_evidence_that_is_to_come_is_not_recorded_as_none(world: World) -> None:
    world = with_capabilities(world, receives_at_once=True, costs=True)
    say(world, LAMP, "1. ada foto, saya lampirkan nanti")
    (told,) = world.rows("report_words")
    assert not told["evidence_none"]
