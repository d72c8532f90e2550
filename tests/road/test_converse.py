"""The conversation's part of the road: what is told, submitted, erased and woken, each in one transaction."""

import pytest
from sqlalchemy import update

from core.channels import Delivery, Fault, Outcome
from core.conversing import tell
from core.delivery import deliver_next
from core.dialogue.model import Notice, NoticeKind
from core.errors import StaleConversation
from core.handling import handle_next
from core.storage import conversations, tables
from core.storage.outbox import part_of
from core.waking import ticks_due
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

STORY = "min anak sy demam td pagi di puskesmas sukamaju kota contoh disuruh bayar 20rb buat kartu, ga ada kuitansi. takut"


def say(world: World, *texts: str, sender: str = "budi", **more: object) -> None:
    for text in texts:
        number = len(world.rows("inbox"))
        world.accept(raw(f"m{number}", text, sender=sender, **more))
        world.handle_all()


def submitted(world: World, sender: str = "budi") -> int:
    """A report by conversation; its id."""
    say(world, STORY, "Sembunyikan", "Tidak ada", "Kirim", sender=sender)
    return int(world.rows("reports")[-1]["id"])


def notify(world: World, report_id: int, *, clock: str | None = None, words: str | None = None, message: bool = False) -> None:
    code = world.rows("reports", id=report_id)[0]["code"]
    with world.office.database.write() as connection:
        message_id = None
        if message:
            message_id = connection.execute(
                tables.messages.insert()
                .values(report_id=report_id, direction="out", kind="progress", words=words, at=world.now)
                .returning(tables.messages.c.id)
            ).scalar_one()
        notice = Notice(NoticeKind.PROGRESS, code, {"holder": "Dinas"}, words)
        tell(connection, world.office, report_id=report_id, notice=notice, now=world.now, message_id=message_id, clock=clock)


def test_a_conversation_becomes_a_report_with_its_files(world: World) -> None:
    say(world, STORY, "Sembunyikan")
    world.accept(raw("photo", files=[["f1", "photo", None, False]]))
    world.handle_all()
    say(world, "Kirim")
    (report,) = world.rows("reports")
    (attachment,) = world.rows("attachments")
    assert attachment["report_id"] == report["id"]
    assert attachment["message_id"] is not None
    assert world.rows("outbox")[-1]["report_id"] == report["id"]


def test_before_submission_nothing_exists_but_inbox_and_session(world: World) -> None:
    say(world, STORY, "Sembunyikan")
    assert world.rows("reports") == []
    assert world.rows("messages") == []
    assert world.rows("report_words") == []


def test_a_cancelled_draft_is_erased_at_once(world: World) -> None:
    say(world, STORY)
    world.accept(raw("photo", files=[["f1", "photo", None, False]]))
    world.handle_all()
    while deliver_next(world.office, world.door, owner="d", now=world.now):
        pass
    say(world, "batal", "ya")
    assert world.rows("attachments") == []
    bodies = {row["source_id"]: row["body"] for row in world.rows("inbox")}
    assert bodies["m0"] is None
    assert bodies["photo"] is None
    assert world.rows("outbox")[0]["payload"] is None


def test_an_officials_words_reach_the_reporter_with_their_clock_on_the_last_part(world: World) -> None:
    world = with_capabilities(world, text_limit=120)
    report_id = submitted(world)
    before = len(world.rows("outbox"))
    notify(world, report_id, clock="silence", words="Petugas kami sudah ke lokasi. " * 12, message=True)
    parts = world.rows("outbox")[before:]
    assert len(parts) > 1
    assert len({part["bundle"] for part in parts}) == 1
    assert [part["clock"] for part in parts] == [None] * (len(parts) - 1) + ["silence"]
    assert {part["report_id"] for part in parts} == {report_id}
    assert None not in {part["message_id"] for part in parts}


def test_a_notice_without_an_officials_words_is_kept_as_a_message(world: World) -> None:
    report_id = submitted(world)
    notify(world, report_id)
    assert world.rows("messages", report_id=report_id)[-1]["direction"] == "out"


def test_a_notice_goes_to_another_address_of_the_person_where_the_first_is_gone(world: World) -> None:
    report_id = submitted(world)
    say(world, "halo", sender="budi-2")
    first, second = world.rows("addresses")
    with world.office.database.write() as connection:
        connection.execute(
            update(tables.addresses).where(tables.addresses.c.id == second["id"]).values(person_id=first["person_id"])
        )
        connection.execute(update(tables.addresses).where(tables.addresses.c.id == first["id"]).values(gone_at=world.now))
    notify(world, report_id)
    assert world.rows("outbox")[-1]["address_id"] == second["id"]


def test_a_report_that_nobody_can_be_told_about_says_so(world: World) -> None:
    report_id = submitted(world)
    with world.office.database.write() as connection:
        connection.execute(update(tables.reports).values(address_id=None, person_id=None))
    before = len(world.rows("outbox"))
    notify(world, report_id)
    assert len(world.rows("outbox")) == before


def test_a_notice_in_between_makes_the_message_begin_again(world: World) -> None:
    report_id = submitted(world)
    with world.office.database.read() as connection:
        old = conversations.of_lane(connection, 1)
    assert old is not None
    notify(world, report_id)
    with pytest.raises(StaleConversation), world.office.database.write() as connection:
        conversations.save(connection, old, old.session, tick_at=None, spoke_at=None)


def test_a_draft_that_is_left_is_reminded_once_and_ends(world: World) -> None:
    say(world, STORY)
    assert ticks_due(world.office, world.now) == 0
    before = len(world.rows("outbox"))
    world.later(hours=25)
    assert ticks_due(world.office, world.now) == 1
    assert ticks_due(world.office, world.now) == 0
    assert len(world.rows("outbox")) == before + 1
    world.later(days=4)
    assert ticks_due(world.office, world.now) == 1
    world.later(days=60)
    while ticks_due(world.office, world.now):
        pass
    assert all(row["tick_at"] is None for row in world.rows("conversations"))


def test_a_public_word_is_invited_to_the_private_conversation_once_a_day(world: World) -> None:
    for number in range(3):
        world.accept(raw(f"p{number}", "lampu mati!!", sender="group-7", kind="public"))
    world.handle_all()
    assert len(world.rows("outbox")) == 1
    assert set(world.states().values()) == {"handled"}


def test_a_code_is_told_even_in_a_flood(world: World) -> None:
    limit = world.office.numbers.flood.messages
    say(world, *["tolong"] * (limit + 2), sender="ani")
    say(world, "KEBAKARAN di rumah sebelah, tolong cepat, jl melati 5 kota contoh!", sender="ani")
    (report,) = world.rows("reports")
    assert report["urgent"]
    assert world.rows("outbox")[-1]["report_id"] == report["id"]


def test_what_cannot_be_carried_out_leaves_nothing_behind(world: World) -> None:
    say(world, STORY, "Sembunyikan", "Tidak ada")
    with world.office.database.write() as connection:
        connection.execute(tables.offices.delete())  # nobody to receive it
    world.office.refresh()
    world.accept(raw("send", "Kirim"))
    handle_next(world.office, world.doors, owner="one", now=world.now)
    assert world.states()["send"] == "waiting"
    assert world.rows("reports") == []
    assert world.rows("history") == []


def test_a_clock_starts_once_when_the_last_part_has_arrived(world: World) -> None:
    world = with_capabilities(world, text_limit=120, receipts=True)
    report_id = submitted(world)
    clock = world.rows("clocks")[0]
    notify(world, report_id, clock=f"reminder:{clock['id']}", words="Mohon dijawab ya. " * 9, message=True)
    while deliver_next(world.office, world.door, owner="d", now=world.now):
        pass
    parts = [row for row in world.rows("outbox") if row["message_id"] is not None]
    assert len(parts) > 1
    for number, part in enumerate(reversed(parts)):  # the last one first
        assert world.rows("clocks")[0]["reminded_at"] is None
        world.later(minutes=1)
        world.accept(raw(f"r{number}", receipt=[part["vendor_id"], "delivered"]))
        world.handle_all()
    assert world.rows("clocks")[0]["reminded_at"] == world.now


def test_a_notice_of_which_one_part_failed_is_undelivered_as_a_whole_and_once(world: World) -> None:
    world = with_capabilities(world, text_limit=120)
    report_id = submitted(world)
    while deliver_next(world.office, world.door, owner="d", now=world.now):
        pass
    before = len(world.rows("outbox"))
    notify(world, report_id, clock="silence", words="Petugas kami sudah ke lokasi. " * 12, message=True)
    for row in world.rows("outbox")[before : before + 2]:
        world.door.outcomes[part_of(row["payload"]).text].append(Delivery(Outcome.FAILED, fault=Fault.REFUSED))
    while deliver_next(world.office, world.door, owner="d", now=world.now):
        pass
    (report,) = world.rows("reports")
    assert report["unreachable_since"] == world.now
    assert report["settled_at"] is None
