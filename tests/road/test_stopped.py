"""STOP: nothing more leaves for whoever said it, also nothing that waits already; the report stays (sop.md §7)."""

from __future__ import annotations

from core.delivery import deliver_next
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

STORY = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."


def send_all(world: World) -> None:
    while deliver_next(world.office, world.door, owner="sender", now=world.now):
        pass


def test_what_waits_to_leave_is_called_off_and_only_the_answer_leaves(world: World) -> None:
    world = with_capabilities(world, receives_at_once=True, costs=True, buttons=0)
    world.accept(raw("m1", STORY))
    world.handle_all()
    send_all(world)
    (report,) = world.rows("reports")
    world.write_to("budi", "Laporan Anda diteruskan.", report_id=report["id"], kind="notice.disposed")
    world.write_to("ani", "Untuk orang lain.")

    world.accept(raw("m2", "STOP"))
    world.handle_all()
    send_all(world)

    states = world.outbox()
    assert states["Laporan Anda diteruskan."] == "failed"
    assert states["Untuk orang lain."] == "delivered"
    assert "Laporan Anda diteruskan." not in world.door.texts
    assert states[world.door.texts[-1]] == states[world.door.texts[-2]] == "delivered"
    (attempt,) = [row for row in world.rows("delivery_attempts") if row["outcome"] == "failed"]
    assert (attempt["fault"], attempt["detail"]) == ("recipient_gone", "stopped")
    (row,) = world.rows("reports")
    assert row["state"] == report["state"]
