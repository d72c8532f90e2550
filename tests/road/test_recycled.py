"""Numbers are recycled: whoever speaks after six months without a code is somebody new, at linked doors too (sop.md §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import addressing
from core.dialogue.model import Mode, Notice, NoticeKind, Session
from core.storage import conversations
from tests.road.doors import CHAT, OTHER, PAPER, TEXT, Street, code_at, file_report, link, street_of
from tests.road.world import World


@pytest.fixture
def both(world: World) -> Street:
    """On each database."""
    return street_of(world)


@pytest.fixture
def street(sqlite_world: World) -> Street:
    return street_of(sqlite_world)


def half_a_year(street: Street, *, spoken: str = "") -> None:
    """In which something is said at one door now and then, and nothing at the others."""
    for _ in range(7):
        street.now += timedelta(days=30)
        if spoken:
            street.say(spoken, "terima kasih")
    for door in street.boxes:
        street.heard(door)


def address(street: Street, door: str) -> dict[str, Any]:
    return next(row for row in street.rows("addresses") if row["channel"] == door)


def file_at_once(street: Street, door: str, story: str = OTHER) -> str:
    street.say(door, story)
    return str(street.rows("reports")[-1]["code"])


def test_what_the_new_owner_of_a_linked_number_files_is_seen_at_that_number_alone(both: Street) -> None:
    lamp = file_report(both, "chat")
    link(both, "chat", "text")
    both.say("chat", "kabari di sini")
    half_a_year(both, spoken="chat")
    assert "Lampu" not in both.say("text", "halo")
    waste = file_at_once(both, "text")
    assert "sudah dipisah dari SMS" in both.heard("chat")
    assert waste not in both.say("chat", "laporan saya").replace("-", "")
    assert waste in both.say("text", "status")
    assert lamp not in both.say("text", "laporan saya").replace("-", "")
    assert {"begin_anew"} <= {row["action"] for row in both.rows("audit")}


def test_what_was_filed_from_the_number_before_stays_with_the_person_at_the_other_door(both: Street) -> None:
    old = file_at_once(both, "text", "Lampu jalan di Jalan Melati kota Contoh mati sejak Senin, gelap sekali.")
    link(both, "text", "chat")
    half_a_year(both, spoken="chat")
    file_at_once(both, "text")
    report = next(row for row in both.rows("reports") if row["code"] == old)
    chat = address(both, "chat")
    assert (report["person_id"], report["address_id"]) == (chat["person_id"], chat["id"])
    assert "Lampu" in both.say("chat", f"status {old}")
    assert "Lampu" not in both.say("text", f"status {old}")


def test_with_a_code_of_the_old_reports_the_linked_number_stays_linked(street: Street) -> None:
    lamp = file_report(street, "chat")
    link(street, "chat", "text")
    half_a_year(street, spoken="chat")
    assert "kodenya cocok" in street.say("text", lamp)
    waste = file_at_once(street, "text")
    assert waste in street.say("chat", "laporan saya").replace("-", "")


def test_a_linked_number_without_reports_is_not_opened_by_a_first_word_after_the_silence(street: Street) -> None:
    link(street, "chat", "text")
    half_a_year(street, spoken="chat")
    street.say("text", "halo")
    assert "Sebutkan kode" in street.say("text", "SAMBUNG")
    assert "Sebutkan kode" in street.say("text", "kabari di sini")
    file_report(street, "chat")
    assert "Lampu" not in street.say("text", "laporan saya")


def test_news_goes_where_the_person_was_heard_and_not_to_a_number_that_gave_no_code(street: Street) -> None:
    file_report(street, "text", "Lampu jalan di Jalan Melati kota Contoh mati sejak Senin, gelap sekali.")
    link(street, "text", "chat")
    half_a_year(street, spoken="chat")
    street.say("text", "halo")
    (report,) = street.rows("reports")
    with street.office.database.write() as connection:
        found = addressing.conversation_for(connection, street.office, report["id"], street.now)
    assert found is not None
    assert found.channel == "chat"


def test_whoever_has_lost_the_old_code_sees_and_withdraws_what_was_filed_since(street: Street) -> None:
    old = file_report(street, "paper")
    half_a_year(street)
    new = file_report(street, "paper", OTHER)
    said = street.say("paper", "laporan saya").replace("-", "")
    assert new in said
    assert old not in said
    assert "lebih lama" in said
    assert "dicabut?" in street.say("paper", "cabut laporan")
    street.say("paper", "1")
    assert {row["code"]: row["state"] for row in street.rows("reports")} == {old: "received", new: "archived"}
    assert "kodenya cocok" in street.say("paper", old)


def test_a_yes_after_the_silence_answers_no_question_from_before_it(street: Street) -> None:
    street.say("paper", "hapus data saya")
    half_a_year(street)
    street.say("paper", "ya")
    assert address(street, "paper")["erasing_at"] is None
    file_report(street, "paper")
    street.say("paper", "cabut laporan")
    half_a_year(street)
    street.say("paper", "ya")
    assert street.rows("reports")[-1]["state"] == "received"


def test_what_waited_unread_before_the_silence_is_read_by_nobody_after_it(street: Street) -> None:
    street.say("text", "halo")
    words = "Uang pungutan di loket dua sudah dikembalikan."
    with street.office.database.write() as connection:
        row = conversations.locked(connection, street.rows("conversations")[0]["id"])
        assert row is not None
        session = Session(
            unread=(Notice(NoticeKind.PROGRESS, "K7M42QXT9", words=words),),
            mode=Mode.DISAMBIGUATE,
            telling="told",
            pending_text="Petugas loket dua minta uang kepada saya kemarin pagi",
        )
        conversations.save(connection, row, session, tick_at=None, spoke_at=None)
    half_a_year(street)
    assert words not in street.say("text", "INFO")
    assert "loket" not in street.say("text", "lapor")


def test_a_question_about_a_report_ends_when_the_doors_part(sqlite_world: World) -> None:
    """What was taken over is answered by nobody whose report it is not, and no message is lost in quarantine."""
    street = street_of(sqlite_world, chat=CHAT, text=TEXT, paper=PAPER)
    street.say("text", "Lampu jalan di Jalan Melati mati, gelap sekali")
    link(street, "text", "chat")
    street.say("text", "pisah")
    street.heard("chat")
    assert street.say("chat", "1 kemarin 2 kota Contoh") != ""
    assert {row["state"] for row in street.rows("inbox")} == {"handled"}
    assert street.rows("messages", kind="answer") == []


def test_a_cry_for_help_of_another_is_not_added_to_after_the_doors_have_parted(sqlite_world: World) -> None:
    post = replace(PAPER, label="X", public=True, public_name="@lapor1708")
    street = street_of(sqlite_world, x=post, chat=replace(CHAT, public=True, public_name="@bot"))
    street.say("x", "Sampah di Pasar Baru kota Contoh menumpuk sejak Senin, baunya menyengat.", kind="public")
    street.now += timedelta(hours=2)
    street.say("x", "KEBAKARAN di rumah sebelah, tolong cepat!", kind="public")
    link(street, "x", "chat")
    street.say("x", "pisah")
    street.say("chat", "di jl melati 5 kota contoh, api makin besar", kind="public")
    street.say("chat", "KEBAKARAN, tolong, jl melati 5 kota contoh terbakar!", kind="public")
    assert {row["state"] for row in street.rows("inbox")} == {"handled"}
    owner = {row["person_id"] for row in street.rows("reports")}
    assert owner == {row["id"] for row in street.rows("people")}


def test_a_code_that_is_entered_by_a_recycled_number_links_nothing(street: Street) -> None:
    link(street, "chat", "text")
    half_a_year(street, spoken="chat")
    street.say("text", "halo")
    assert "Sebutkan kode" in street.say("text", f"sambung {code_at(street, 'paper', sender='orang lain')}")
    assert len(street.rows("links")) == 1
