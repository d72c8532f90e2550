"""What was begun at one door goes on at another with a one-time code, and nothing of it is lost (issue 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.fetching import fetch_next
from core.storage.outbox import part_of
from tests.road.doors import CHAT, OTHER, PAPER, STORY, Street, link, street_of
from tests.road.world import World


@pytest.fixture
def street(sqlite_world: World) -> Street:
    return street_of(sqlite_world)


@pytest.fixture
def both(world: World) -> Street:
    """On each database."""
    return street_of(world)


def test_a_draft_goes_on_where_the_code_is_entered_with_its_files(street: Street) -> None:
    street.boxes["chat"].contents["photo"] = b"\xff\xd8\xff\xe0 a photo"
    street.say("chat", STORY, files=[["photo", "photo", "a.jpg", False]])
    said = link(street, "chat", "paper")
    assert "Lampu" in said
    assert "Nama Anda" in said  # the question that nobody had answered
    assert "dilanjutkan di Surat" in street.heard("chat")
    street.say("paper", "sembunyikan")
    street.say("paper", "kirim")
    (report,) = street.rows("reports")
    assert report["channel"] == "paper"
    (file,) = street.rows("attachments")
    assert (file["report_id"], file["channel"]) == (report["id"], "chat")
    assert fetch_next(street.office, street.boxes["chat"], now=street.now)
    assert street.rows("attachments")[0]["state"] == "stored"


def test_an_edit_at_the_old_door_finds_its_words_after_the_report_was_sent_from_the_new_one(street: Street) -> None:
    source_id = street.drop("chat", STORY)
    street.settle()
    link(street, "chat", "paper")
    for answer in ("sembunyikan", "tidak ada", "kirim"):
        street.say("paper", answer)
    (story,) = street.rows("messages", kind="story")
    assert story["source_id"] == source_id
    conversation = next(row for row in street.rows("conversations") if row["channel"] == "chat")
    assert story["conversation_id"] == conversation["id"]


def test_an_edit_at_the_old_door_reaches_the_draft_that_goes_on_at_the_new_one(street: Street) -> None:
    source_id = street.drop("chat", STORY)
    street.settle()
    link(street, "chat", "paper")
    street.say("chat", STORY.replace("dua minggu", "tiga minggu"), kind="edit", edits=source_id)
    for answer in ("sembunyikan", "tidak ada", "kirim"):
        street.say("paper", answer)
    (story,) = street.rows("messages", kind="story")
    assert "tiga minggu" in story["words"]
    street.say("chat", STORY.replace("dua minggu", "empat minggu"), kind="edit", edits=source_id)
    (edit,) = street.rows("messages", kind="edit")
    assert edit["edits_id"] == story["id"]


def test_a_cancel_after_the_move_erases_what_was_said_at_both_doors(both: Street) -> None:
    both.say("chat", STORY, files=[["photo", "photo", "a.jpg", False]])
    told = both.rows("inbox")[0]
    link(both, "chat", "paper")
    both.say("paper", "sembunyikan")
    both.arrive()
    both.say("paper", "batal")
    both.arrive()
    both.say("paper", "ya")
    assert both.rows("attachments") == []
    assert next(row for row in both.rows("inbox") if row["id"] == told["id"])["body"] is None
    assert not any("Lampu" in part_of(row["payload"]).text for row in both.rows("outbox") if row["payload"] is not None)


def test_the_old_door_rests_and_takes_a_new_story(street: Street) -> None:
    street.say("chat", STORY)
    link(street, "chat", "paper")
    street.heard("chat")
    street.say("chat", OTHER)
    assert "Sampah" in street.say("chat", "sembunyikan") + street.say("chat", "tidak ada")


def test_where_both_doors_have_a_draft_it_is_asked_and_the_other_one_waits(both: Street) -> None:
    both.say("chat", STORY)
    both.say("paper", OTHER)
    said = link(both, "chat", "paper")
    assert "1. Sampah" in said
    assert "2. Lampu" in said
    assert "Lampu" in both.say("paper", "2")
    both.heard("chat")
    for answer in ("sembunyikan", "tidak ada", "kirim"):
        both.say("paper", answer)
    resumed = both.say("chat", "lanjutkan")
    assert "Sampah" in resumed
    for answer in ("sembunyikan", "tidak ada", "kirim"):
        both.say("chat", answer)
    assert [row["channel"] for row in both.rows("reports")] == ["paper", "chat"]


def test_where_both_doors_have_a_draft_each_may_stay_where_it_is(street: Street) -> None:
    street.say("chat", STORY)
    street.say("paper", OTHER)
    link(street, "chat", "paper")
    assert "tersimpan di Obrolan" in street.say("paper", "1")
    for door in ("paper", "chat"):
        for answer in ("sembunyikan", "tidak ada", "kirim"):
            street.say(door, answer)
    assert len(street.rows("reports")) == 2


def test_what_is_missing_of_a_report_by_sms_is_told_elsewhere(street: Street) -> None:
    street.say("text", "LAPOR diminta 20rb buat kartu di puskesmas sukamaju")
    said = link(street, "text", "chat")
    assert "1" in said
    street.say("chat", "1 kemarin 2 kota Contoh 3 tidak ada")
    (words,) = street.rows("report_words")
    assert words["when_words"] is not None


def test_a_draft_that_comes_to_a_door_where_stories_are_received_at_once_is_received(street: Street) -> None:
    street.say("chat", STORY)
    said = link(street, "chat", "text")
    (report,) = street.rows("reports")
    assert report["code"] in said
    assert report["channel"] == "text"


def test_what_was_told_in_public_goes_on_where_the_code_is_entered(sqlite_world: World) -> None:
    street = street_of(sqlite_world, chat=replace(CHAT, public=True), paper=PAPER)
    street.say("chat", STORY, kind="public")
    said = link(street, "chat", "paper")
    assert "ampu" in said
