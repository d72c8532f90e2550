"""One citizen at several doors, over the whole road: what a one-time code opens, for whom, and how it is undone (issue 4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import String, cast, literal, select, update

from core.errors import StorageUnavailable
from core.handling import handle_next
from core.storage import crypto, tables
from tests.road.doors import CHAT, PAPER, Street, code_at, file_report, link, street_of
from tests.road.test_statements import statements
from tests.road.world import World


@pytest.fixture
def street(sqlite_world: World) -> Street:
    return street_of(sqlite_world)


@pytest.fixture
def both(world: World) -> Street:
    """On each database."""
    return street_of(world)


def report_of(street: Street) -> dict[str, Any]:
    return street.rows("reports")[-1]


# --- linking ---------------------------------------------------------------------------------------------------------------


def test_after_the_code_was_confirmed_reports_are_seen_and_answered_from_each_door(both: Street) -> None:
    code = file_report(both, "chat")
    assert link(both, "chat", "paper").startswith("Tersambung dengan Obrolan.")
    assert "tersambung dengan Surat" in both.heard("chat")
    assert "Lampu" in both.say("paper", "laporan saya")
    both.say("paper", f"tambah {code}: sudah dua orang jatuh di sana")
    (words,) = both.rows("messages", kind="addition")
    assert words["report_id"] == both.rows("reports")[0]["id"]


def test_a_report_belongs_to_the_address_that_it_came_from(street: Street) -> None:
    link(street, "chat", "paper")
    file_report(street, "paper")
    addresses = {row["channel"]: row for row in street.rows("addresses")}
    (report,) = street.rows("reports")
    assert (report["person_id"], report["address_id"]) == (addresses["paper"]["person_id"], addresses["paper"]["id"])
    assert "Lampu" in street.say("chat", "status")


def test_the_code_itself_is_kept_nowhere(street: Street) -> None:
    code = code_at(street, "chat")
    (kept,) = street.rows("link_codes")
    assert kept["lookup"] == crypto.lookup("link", code.replace("-", ""))
    assert code.replace("-", "") not in str(kept)
    assert code not in str([row["details"] for row in street.rows("audit")])


def test_nothing_is_linked_before_the_yes_and_nothing_by_a_no(street: Street) -> None:
    file_report(street, "chat")
    assert "sendiri yang" in street.say("paper", f"sambung {code_at(street, 'chat')}")
    assert street.rows("links") == []
    assert "tidak disambungkan" in street.say("paper", "2")
    assert "Lampu" not in street.say("paper", "laporan saya")


def test_the_bare_code_is_enough_however_it_is_typed(street: Street) -> None:
    typed = code_at(street, "chat").replace("-", " . ").lower().replace("0", "o").replace("1", "l")
    assert "Obrolan" in street.say("paper", typed)
    street.say("paper", "ya")
    assert len(street.rows("links")) == 1


def test_a_code_in_the_subject_of_an_empty_mail_is_one(sqlite_world: World) -> None:
    street = street_of(sqlite_world, chat=CHAT, paper=replace(PAPER, subjects=True, receives_at_once=True))
    assert "Obrolan" in street.say("paper", "", subject=f"SAMBUNG {code_at(street, 'chat')}")


def test_a_code_works_once(street: Street) -> None:
    code = code_at(street, "chat")
    street.say("paper", code)
    street.say("paper", "1")
    street.say("paper", "pisah")
    assert "sudah dipakai" in street.say("paper", code)
    assert "sudah dipakai" in street.say("text", code)


def test_a_code_ends_after_fifteen_minutes_also_between_the_question_and_the_yes(street: Street) -> None:
    code = code_at(street, "chat")
    street.say("paper", code)
    street.now += timedelta(minutes=15)
    assert "15 menit" in street.say("paper", "1")
    assert "15 menit" in street.say("text", code)
    assert street.rows("links") == []


def test_a_second_code_voids_the_first(street: Street) -> None:
    first = code_at(street, "chat")
    second = code_at(street, "chat")
    assert "tidak cocok" in street.say("paper", f"sambung {first}")
    assert "Obrolan" in street.say("paper", f"sambung {second}")


def test_ones_own_code_and_what_is_linked_already_are_said_to_be_so(street: Street) -> None:
    assert "kanal ini sendiri" in street.say("chat", code_at(street, "chat"))
    link(street, "chat", "paper")
    assert "sudah tersambung" in street.say("paper", code_at(street, "chat"))
    assert len(street.rows("links")) == 1


# --- guessing --------------------------------------------------------------------------------------------------------------


def test_the_sixth_try_of_an_hour_is_not_looked_up_even_if_it_is_right(both: Street) -> None:
    right = code_at(both, "chat")
    for number in range(5):
        assert "tidak cocok" in both.say("paper", f"sambung ABC{number + 2}-XYZ9")
    assert "Terlalu banyak" in both.say("paper", right)
    assert "Terlalu banyak" in both.say("paper", right)
    assert [row["action"] for row in both.rows("audit")].count("link_refused") == 1
    both.now += timedelta(minutes=61)
    assert "Obrolan" in both.say("paper", code_at(both, "chat"))


def test_where_many_guess_everybody_has_two_tries(street: Street) -> None:
    with street.office.database.write() as connection:
        wrong = {"key": "link:wrong", "window_at": street.now, "count": 201}
        connection.execute(tables.throttles.insert().values(wrong))
    for _ in range(2):
        assert "tidak cocok" in street.say("paper", "sambung ABC2-XYZ9")
    assert "Terlalu banyak" in street.say("paper", "sambung ABC2-XYZ9")


def test_whoever_only_claims_to_be_the_sender_neither_gets_a_code_nor_enters_one(street: Street) -> None:
    street.say("paper", "SAMBUNG", unverified=True)
    assert street.rows("link_codes") == []
    street.say("paper", f"sambung {code_at(street, 'chat')}", unverified=True)
    street.say("paper", "1", unverified=True)
    assert street.rows("links") == []


def test_a_letter_in_her_name_agrees_to_nothing_unless_it_answers_the_very_question(both: Street) -> None:
    """Whoever was sent a copy of an earlier answer knows the address that proves her, and could link her reports to himself."""
    letters = street_of(both.world, chat=CHAT, paper=replace(PAPER, sender_verified=False))
    file_report(letters, "paper")
    letters.say("paper", f"sambung {code_at(letters, 'chat', sender='orang lain')}")
    for words in ("1", "ya", "ya, sambungkan"):
        assert "balas langsung pesan ini" in letters.say("paper", words)
    assert letters.rows("links") == []
    earlier, question = _numbered(letters)[0], _numbered(letters)[-1]
    assert "balas langsung" in letters.say("paper", "ya", reply_to=earlier)
    assert "Tersambung" in letters.say("paper", "ya ", reply_to=question)


def test_a_letter_in_her_name_deletes_nothing_unless_it_answers_the_very_question(street: Street) -> None:
    letters = street_of(street.world, chat=CHAT, paper=replace(PAPER, sender_verified=False))
    file_report(letters, "paper")
    letters.say("paper", "hapus data saya")
    for words in ("1", "2", "ya", "hapus saja, laporan jalan terus"):
        assert "balas langsung" in letters.say("paper", words)
    assert [row["erasing_at"] for row in letters.rows("addresses")] == [None]
    assert "sudah dihapus" in letters.say("paper", "2", reply_to=_numbered(letters)[-1])


def _numbered(street: Street) -> list[str]:
    """Everything on paper has arrived; by which name each message is answered."""
    with street.office.database.write() as connection:
        rows = tables.outbox.c.channel == "paper"
        name = literal("vendor") + cast(tables.outbox.c.id, String)
        connection.execute(update(tables.outbox).where(rows).values(state="delivered", vendor_id=name))
    return [row["vendor_id"] for row in street.rows("outbox", channel="paper")]


def test_in_public_no_code_is_given_and_none_is_taken(street: Street) -> None:
    street.say("paper", "SAMBUNG", kind="public")
    assert street.rows("link_codes") == []
    street.say("paper", code_at(street, "chat"), kind="public")
    assert [row["key"] for row in street.rows("throttles") if row["key"].startswith("link:")] == []


def test_an_address_that_was_idle_for_half_a_year_says_a_report_code_first(street: Street) -> None:
    code = file_report(street, "paper")
    street.now += timedelta(days=200)
    fresh = code_at(street, "chat")
    assert "kode laporan" in street.say("paper", fresh)
    assert "kode laporan" in street.say("paper", "SAMBUNG")
    street.say("paper", code)
    assert "Obrolan" in street.say("paper", fresh)


def test_a_linked_address_that_was_idle_shows_nothing_of_the_others_reports(street: Street) -> None:
    link(street, "chat", "paper")
    file_report(street, "chat")
    street.now += timedelta(days=200)
    assert "Lampu" not in street.say("paper", "laporan saya")
    assert "Lampu" not in street.say("paper", "status")


def test_two_codes_entered_crosswise_at_the_same_time_make_one_link(both: Street) -> None:
    crossed = {"paper": code_at(both, "chat"), "chat": code_at(both, "paper")}
    for door, code in crossed.items():
        both.say(door, code)
        both.drop(door, "1")

    def work(owner: str) -> None:
        for _ in range(20):
            with suppress(StorageUnavailable):  # chosen as the victim: begun again, as the worker does
                handle_next(both.office, both.boxes, owner=owner, now=both.now, lanes_at_once=1)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, owner) for owner in ("one", "two")]:
            done.result()
    assert {row["state"] for row in both.rows("inbox")} == {"handled"}
    assert len(both.rows("links")) == 1
    assert sorted(row["same_as"] is None for row in both.rows("people")) == [False, True]
    told = " ".join(" ".join(both.texts(door)) for door in crossed)
    assert "Tersambung dengan" in told
    assert "Keduanya sudah tersambung" in told


# --- undoing ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["chat", "paper"])
def test_either_side_undoes_it_and_both_hear_of_it(street: Street, door: str) -> None:
    file_report(street, "chat")
    link(street, "chat", "paper")
    street.heard("chat")
    other = {"chat": "paper", "paper": "chat"}[door]
    assert "dipisah" in street.say(door, "PISAH")
    assert "dipisah" in street.heard(other)
    assert "Lampu" not in street.say("paper", "laporan saya")
    assert "Lampu" in street.say("chat", "laporan saya")
    (row,) = street.rows("links")
    asked = next(one for one in street.rows("addresses") if one["channel"] == door)
    assert (row["undone_at"], row["undone_by"]) == (street.now, asked["id"])
    assert {"link_offered", "link", "unlink"} <= {one["action"] for one in street.rows("audit")}


def test_of_several_it_is_asked_which_one_leaves_and_the_others_stay_one(both: Street) -> None:
    file_report(both, "chat")
    link(both, "chat", "paper")
    link(both, "paper", "text")
    both.heard("chat")
    said = both.say("paper", "pisah")
    assert "1. Obrolan" in said
    assert "2. SMS" in said
    both.say("paper", "1")
    assert "dipisah dari Surat" in both.heard("chat")
    assert "Lampu" not in both.say("paper", "laporan saya")
    people = {row["id"]: row["same_as"] for row in both.rows("people")}
    owner = {row["channel"]: row["person_id"] for row in both.rows("addresses")}
    assert people[owner["chat"]] is None
    assert people[owner["paper"]] is None
    assert people[owner["text"]] == owner["paper"]


def test_after_the_undoing_nothing_about_a_report_goes_to_the_other_side_any_more(street: Street) -> None:
    file_report(street, "chat")
    link(street, "chat", "paper")
    paper = next(row for row in street.rows("addresses") if row["channel"] == "paper")
    with street.office.database.write() as connection:  # words failed in the chat and went on by paper
        connection.execute(update(tables.reports).values(address_id=paper["id"]))
    street.say("paper", "laporan saya")  # it waits to leave
    street.say("chat", "pisah")
    waits = [row["report_id"] for row in street.rows("outbox", channel="paper") if row["state"] == "waiting"]
    assert report_of(street)["id"] not in waits
    (report,) = street.rows("reports")
    chat = next(row for row in street.rows("addresses") if row["channel"] == "chat")
    assert report["address_id"] == chat["id"]


# --- what it costs ---------------------------------------------------------------------------------------------------------


def test_a_turn_costs_one_statement_more_where_addresses_are_linked(street: Street) -> None:
    file_report(street, "chat")
    with statements() as alone:
        street.say("chat", "terima kasih")
    link(street, "paper", "chat")
    street.heard("chat")
    with statements() as linked:
        street.say("chat", "terima kasih ya")
    assert len(linked) <= len(alone) + 1


def test_what_is_told_where_messages_cost_is_one_sms(street: Street) -> None:
    from core.alphabet import segments

    code_at(street, "text")
    link(street, "chat", "text")
    street.say("text", "kabari di sini")
    street.say("text", "kabari di kanal laporan")
    street.say("text", "pisah")
    street.say("text", "sambung ABC2-XYZ9")
    texts = street.texts("text")
    assert len(texts) >= 6
    assert {text: segments(text) for text in texts if segments(text) != 1} == {}


def test_a_code_that_is_no_code_is_an_answer_where_something_was_asked(street: Street) -> None:
    """A number plate has eight letters and digits too."""
    street.say("paper", "Mobil dinas dipakai mudik, petugas kecamatan minta uang bensin kepada warga kemarin")
    assert "tidak cocok" not in street.say("paper", "B1234XYZ")


def test_all_links_stand_in_rows_that_name_both_addresses(street: Street) -> None:
    link(street, "chat", "paper")
    with street.office.database.read() as connection:
        found = connection.execute(select(tables.links.c.address_id, tables.links.c.other_address_id)).one()
    by_id = {row["id"]: row["channel"] for row in street.rows("addresses")}
    assert [by_id[one] for one in found] == ["paper", "chat"]


def test_a_yes_is_for_the_code_that_was_entered_and_no_later_one(street: Street) -> None:
    """Rows of codes that are void are deleted, and SQLite gives their numbers again."""
    street.say("paper", f"sambung {code_at(street, 'chat')}")
    code_at(street, "chat")
    code_at(street, "text", sender="orang lain")
    street.say("paper", "1")
    assert street.rows("links") == []
