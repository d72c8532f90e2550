"""Answers to our own messages, and what our answers carry: which report, which thread, which subject, the whole of a text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core import trackingcode
from core.channels import FileRef, Inbound, MediaKind, Sender
from core.delivery import deliver_next
from core.dialogue.model import Heard
from core.facts import facts_for
from core.hearing import MOST_FILES, MOST_WHOLE_CHARACTERS, cleaned
from core.storage import conversations, outbox
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

STORY = "Kemarin di puskesmas Sukamaju kota Contoh saya diminta Rp20.000 untuk kartu, tidak ada kuitansi."
LAMP = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."


@pytest.fixture
def post(world: World) -> World:
    return with_capabilities(world, receives_at_once=True, buttons=0, subjects=True)


def says(world: World, text: str, **more: Any) -> str:
    source = f"m{len(world.rows('inbox'))}"
    world.accept(raw(source, text, **more))
    world.handle_all()
    while deliver_next(world.office, world.door, owner="sender", now=world.now):
        pass
    return source


def replying_to(world: World, reply_to: str, *, verified: bool = True, lane: int = 1) -> str | None:
    """Which report the dialogue is told that a message is about."""
    inbound = Inbound(world.door.name, "x", Sender("budi", verified=verified), text="beres", reply_to=reply_to)
    with world.office.database.read() as connection:
        conversation = conversations.of_lane(connection, lane)
        assert conversation is not None
        facts = facts_for(connection, world.office, conversation, Heard(inbound), now=world.now)
    if facts.replying_to is not None:
        assert facts.replying_to in {report.code for report in facts.reports}
    return facts.replying_to


def about(world: World, code: str) -> str:
    """The vendor's id of our last message about a report."""
    report_id = next(row["id"] for row in world.rows("reports") if row["code"] == code)
    return str(world.rows("outbox", report_id=report_id)[-1]["vendor_id"])


def test_a_reply_is_about_the_report_of_the_message_that_it_answers(post: World) -> None:
    says(post, STORY, subject="Pungutan")
    says(post, LAMP, subject="Lampu mati")
    first, second = [row["code"] for row in post.rows("reports")]
    assert replying_to(post, about(post, first)) == first
    assert replying_to(post, about(post, second)) == second
    assert replying_to(post, "nobody knows it") is None
    assert replying_to(post, about(post, first), verified=False) is None


def test_only_what_went_to_the_very_address_counts(post: World) -> None:
    says(post, STORY)
    says(post, LAMP, sender="ani")
    budis, _anis = [row["code"] for row in post.rows("reports")]
    ani = post.rows("conversations")[1]["lane_id"]
    assert replying_to(post, about(post, budis), lane=ani) is None
    before = post.rows("messages", report_id=post.rows("reports")[0]["id"])
    says(post, "beres", sender="ani", reply_to=about(post, budis))
    assert post.rows("messages", report_id=post.rows("reports")[0]["id"]) == before


def test_a_reply_finds_its_report_however_many_and_however_old(post: World) -> None:
    places = (
        "Melati",
        "Mawar",
        "Kenanga",
        "Anggrek",
        "Dahlia",
        "Flamboyan",
        "Cempaka",
        "Teratai",
        "Seroja",
        "Kamboja",
        "Sakura",
    )
    for place in places:
        says(post, LAMP.replace("Melati", place), subject=f"Lampu jalan {place} mati")
    assert len(post.rows("reports")) == len(places)
    oldest = post.rows("reports")[0]["code"]
    post.later(days=100)
    assert replying_to(post, about(post, oldest)) == oldest


@pytest.mark.parametrize("kind", ["digest", "urgent_mail", "test"])
def test_an_answer_to_what_officials_were_sent_is_recorded_and_never_a_report(post: World, kind: str) -> None:
    post.write_to("budi", "Ringkasan", kind=kind, subject="Ringkasan")
    deliver_next(post.office, post.door, owner="sender", now=post.now)
    vendor_id = post.rows("outbox")[0]["vendor_id"]
    says(post, STORY, reply_to=vendor_id)
    assert post.rows("inbox")[-1]["reason"] == "reply_to_digest"
    assert post.rows("reports") == post.rows("conversations") == []
    assert len(post.rows("outbox")) == 1


def test_an_answer_names_what_it_answers_its_thread_and_no_more_than_a_code_in_its_subject(post: World) -> None:
    source = says(post, STORY, subject="Pungutan")
    later = says(post, "terima kasih")
    first, *_others, last = post.door.sent
    code = trackingcode.formatted(post.rows("reports")[0]["code"])
    assert (first.in_reply_to, last.in_reply_to) == (source, later)
    assert first.thread is not None
    assert len(first.thread) == 16
    assert str(post.rows("reports")[0]["id"]) != first.thread
    assert first.subject == post.office.text("id", "subject.report", code=code)
    assert "Pungutan" not in (first.subject or "")


def test_two_reports_are_two_threads_and_talk_about_none_has_none(post: World) -> None:
    says(post, "halo")
    says(post, STORY, subject="Pungutan")
    says(post, LAMP, subject="Lampu mati")
    threads = {outbound.thread for outbound in post.door.sent}
    assert len(threads) == 3
    hello = post.door.sent[0]
    assert hello.thread is None
    assert hello.subject == post.office.text("id", "subject.conversation", office=post.office.config.office.name)


def test_a_channel_without_subjects_gets_none(world: World) -> None:
    says(world, "halo")
    assert {outbound.subject for outbound in world.door.sent} == {None}


def test_a_repeat_answers_the_same_message_as_the_original(post: World) -> None:
    post.write_to("budi", "halo", in_reply_to="m7", subject="Laporan", clock="silence")
    with post.office.database.write() as connection:
        (entry,) = outbox.locked(connection, [1]).values()
        outbox.repeat(connection, entry, text="lagi", now=post.now, at=post.now)
    original, repeated = [outbox.part_of(row["payload"]) for row in post.rows("outbox")]
    assert replace(repeated, text=original.text) == original
    assert repeated.in_reply_to == "m7"


def test_the_whole_of_a_message_is_kept_beside_its_newest_words(post: World) -> None:
    says(post, STORY, whole=f"{STORY}\n\n> Pada Senin Lapor menulis:\n> halo")
    more = "Mereka minta lagi hari ini di loket dua."
    says(post, more, whole=f"{more}\n> kutipan", reply_to=about(post, post.rows("reports")[0]["code"]))
    says(post, "terima kasih", whole="terima kasih ")
    story, addition, *rest = post.rows("messages", direction="in")
    assert story["whole"].endswith("> halo")
    assert addition["whole"].endswith("> kutipan")
    assert all(row["whole"] is None for row in rest)


def test_a_whole_that_says_no_more_is_not_kept_twice_and_an_endless_one_is_cut() -> None:
    inbound = Inbound("postbox", "m1", Sender("budi"), text="halo", whole=" halo\n")
    assert cleaned(inbound).whole is None
    assert cleaned(replace(inbound, whole="halo\0\n> kutipan")).whole == "halo\n> kutipan"
    assert len(cleaned(replace(inbound, whole="x" * 10**6)).whole or "") == MOST_WHOLE_CHARACTERS


def test_attachments_that_are_too_many_are_counted_with_those_the_channel_left_out() -> None:
    files = tuple(FileRef(f"f{number}", MediaKind.PHOTO) for number in range(MOST_FILES + 3))
    inbound = Inbound("postbox", "m1", Sender("budi"), text="halo", files=files, files_left_out=4)
    assert (len(cleaned(inbound).files), cleaned(inbound).files_left_out) == (MOST_FILES, 7)
