"""sop.md §7: a public post carries nothing but the invitation to the private conversation; every code is given in private."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from core.channels import Delivery, Fault, Outcome
from core.config import Office as OfficeSettings
from core.conversing import tell
from core.delivery import deliver_next
from core.dialogue.model import Notice, NoticeKind
from core.storage import people
from core.storage.outbox import Part, enqueue, part_of
from core.texts import LANGUAGES, text
from core.waking import ticks_due
from tests.road.postbox import raw
from tests.road.world import World, with_capabilities

LAMP = "lampu Jl Melati mati 2 minggu, kmrn ada yg dijambret!!"
FIRE = "KEBAKARAN di rumah sebelah, tolong cepat, jl kenanga 7 kota contoh!"
INVITED = "Terima kasih sudah bersuara. Supaya data Anda aman, lanjut lewat DM ke @lapor1708, ya."
"""Word for word from the procedure."""
COMMANDS = (
    "lapor", "halo", "status", "laporan saya", "bantuan", "data", "hapus data saya", "batal", "stop", "english", "beres",
    "belum", "5", "1", "2", "ya", "tidak", "tambah: masih gelap", "cabut laporan saya", "sambung",
    "pisah", "K7M4-2QXT-9", "info", "",
)  # fmt: skip


@pytest.fixture
def posts(sqlite_world: World) -> World:
    return as_network(sqlite_world)


@pytest.fixture
def anywhere(world: World) -> World:
    """On each of the databases."""
    return as_network(world)


def as_network(world: World) -> World:
    return with_capabilities(world, public=True, public_name="@lapor1708", buttons=0, may_start=False, label="X")


def post(world: World, *texts: str, **more: Any) -> None:
    """Says it where others read along."""
    for words in texts:
        hear(world, words, kind="public", **more)


def hear(world: World, words: str, **more: Any) -> None:
    number = len(world.rows("inbox"))
    world.accept(raw(more.pop("source_id", f"m{number}"), words, **more))
    world.handle_all()


def in_public(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows("outbox") if row["public"]]


def words_of(row: dict[str, Any]) -> str:
    return part_of(row["payload"]).text


def said(world: World) -> str:
    return words_of(world.rows("outbox")[-1])


# --- nothing but the invitation ------------------------------------------------------------------------------------------


def test_the_invitation_is_that_of_the_procedure_and_answers_the_post(posts: World) -> None:
    post(posts, LAMP)
    (row,) = posts.rows("outbox")
    part = part_of(row["payload"])
    assert (part.text, part.in_reply_to, row["public"]) == (INVITED, "m0", True)
    assert (row["report_id"], row["message_id"], row["clock"], row["kind"]) == (None, None, None, "public.invitation_named")
    assert (part.choices, part.files, part.subject) == ((), (), None)


def test_one_invitation_for_a_person_and_a_day_whatever_and_however_much_is_said(posts: World) -> None:
    for hour in range(24):
        post(posts, f"{LAMP} {hour}", COMMANDS[hour % len(COMMANDS)])
        posts.later(minutes=59)
    assert len(in_public(posts)) == 1
    post(posts, LAMP, sender="ani")
    assert len(in_public(posts)) == 2
    posts.later(hours=1)
    post(posts, "masih mati!!")
    assert len(in_public(posts)) == 3
    assert {words_of(row) for row in in_public(posts)} == {INVITED}


def test_no_public_post_ever_holds_anything_but_the_invitation(sqlite_world: World) -> None:
    """Every kind of notice, then every command, each in public on a day of its own, in both languages."""
    world = as_network(sqlite_world)
    hear(world, LAMP)
    for words in ("1", "kota contoh", "tidak ada", "kirim"):
        hear(world, words)
    (report,) = world.rows("reports")
    allowed = {text(language, "public.invitation_named", name="@lapor1708") for language in LANGUAGES}
    for number, kind in enumerate(NoticeKind):
        with world.office.database.write() as connection:
            given: dict[str, str | int | date] = {"holder": "Dinas PU", "due_on": date(2026, 3, 25), "door": "polisi"}
            notice = Notice(kind, report["code"], given, "Rahasia: akan kami periksa.")
            tell(connection, world.office, report_id=report["id"], notice=notice, now=world.now)
        world.later(hours=25)
        post(world, COMMANDS[number % len(COMMANDS)], f"rahasia {report['code']}")
        hear(world, "english" if number % 2 else "bahasa indonesia")
    for words in COMMANDS:
        world.later(hours=25)
        post(world, words)
    shown = in_public(world)
    assert len(shown) == len(NoticeKind) + len(COMMANDS)
    assert {words_of(row) for row in shown} == allowed
    assert all(row["kind"].startswith("public.") and row["report_id"] is None for row in shown)
    assert all(not words_of(row).startswith("Terima kasih sudah bersuara") for row in world.rows("outbox") if not row["public"])


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "notice.received"}, {"kind": "status.one"}, {"kind": "public.invitation", "clock": "silence"}, {"report": True}],
)
def test_the_table_itself_refuses_anything_else_in_public(anywhere: World, wrong: dict[str, Any]) -> None:
    post(anywhere, FIRE)
    (report,) = anywhere.rows("reports")
    given = {key: value for key, value in wrong.items() if key != "report"} | {"kind": wrong.get("kind", "public.invitation")}
    part = Part("x", public=True, report_id=report["id"] if wrong.get("report") else None, **given)
    with pytest.raises(IntegrityError), anywhere.office.database.write() as connection:
        enqueue(connection, [part], channel="postbox", address_id=1, language="id", now=anywhere.now)


def test_where_nothing_can_be_answered_in_public_the_invitation_comes_in_private_and_nothing_is_kept(world: World) -> None:
    post(world, LAMP)
    (row,) = world.rows("outbox")
    assert not row["public"]
    hear(world, "lapor")
    assert "Melati" not in said(world)


# --- it goes on in private -----------------------------------------------------------------------------------------------


def test_what_was_told_in_public_is_reported_in_private_with_its_files(anywhere: World) -> None:
    post(anywhere, LAMP, "ini fotonya", files=[["f1", "photo", "lampu.jpg", False]])
    assert anywhere.rows("reports") == []
    hear(anywhere, "lapor")
    assert "Tentang lampu Jl Melati" in said(anywhere)
    assert "Di kota mana, dan nama Anda boleh dilihat instansi?" in said(anywhere)
    for words in ("1", "Bekasi", "kirim"):
        hear(anywhere, words)
    (report,) = anywhere.rows("reports")
    (words,) = anywhere.rows("report_words")
    assert words["where_words"] == "Jl Melati, Bekasi"
    assert {row["report_id"] for row in anywhere.rows("attachments")} == {report["id"]}
    parts = [(row["source_id"], row["words"]) for row in anywhere.rows("messages", kind="story")]
    assert parts == [("m0", LAMP), ("m1", "ini fotonya")]
    assert "Kode" in said(anywhere)
    assert len(in_public(anywhere)) == 1


def test_bukan_and_batal_erase_what_was_told_in_public_here(posts: World) -> None:
    for no in ("bukan", "batal"):
        sender = f"s-{no}"
        post(posts, LAMP, sender=sender, files=[["f1", "photo", None, False]])
        hear(posts, "lapor", sender=sender)
        hear(posts, no, sender=sender)
        if no == "batal":
            hear(posts, "ya", sender=sender)
    assert posts.rows("attachments") == []
    assert [row["source_id"] for row in posts.rows("inbox") if row["body"] is None and row["source_id"] in ("m0", "m3")] == [
        "m0",
        "m3",
    ]


def test_after_thirty_days_what_was_told_in_public_is_forgotten(posts: World) -> None:
    post(posts, LAMP)
    before = len(posts.rows("outbox"))
    posts.later(days=30, minutes=1)
    assert ticks_due(posts.office, posts.now) == 1
    assert len(posts.rows("outbox")) == before
    assert posts.rows("inbox")[0]["body"] is None
    hear(posts, "lapor")
    assert "Melati" not in said(posts)


def test_a_post_in_public_opens_no_conversation_that_was_silent_for_six_months(posts: World) -> None:
    hear(posts, FIRE)
    (report,) = posts.rows("reports")
    posts.later(days=200)
    post(posts, LAMP)
    hear(posts, "status")
    assert "Sebutkan kode laporan Anda" in said(posts)
    hear(posts, report["code"])
    assert "kodenya cocok" in said(posts)


def test_the_code_of_a_report_filed_since_the_silence_opens_nothing(posts: World) -> None:
    hear(posts, FIRE)
    (old,) = posts.rows("reports")
    posts.later(days=200)
    post(posts, "KEBAKARAN lagi di pasar sukamaju kota contoh, tolong!")
    hear(posts, "halo")
    new = posts.rows("reports")[-1]
    assert new["code"] in said(posts).replace("-", "")
    hear(posts, f"status {new['code']}")
    hear(posts, "status")
    assert "setelah Anda menyebutkan salah satu kodenya" in said(posts)
    assert all(old["code"] not in part_of(row["payload"]).text.replace("-", "") for row in posts.rows("outbox")[2:])
    hear(posts, old["code"])
    assert "kodenya cocok" in said(posts)


# --- danger --------------------------------------------------------------------------------------------------------------


def test_danger_in_public_is_filed_at_once_and_its_code_waits_for_the_private_conversation(posts: World) -> None:
    post(posts, "lampu jalan mati di depan pasar", FIRE)
    (report,) = posts.rows("reports")
    assert report["urgent"]
    assert report["privacy"] == "hidden"
    shown = [words_of(row) for row in in_public(posts)]
    assert len(shown) == 2
    assert "112" in shown[1]
    assert report["code"] not in shown[1].replace("-", "")
    hear(posts, "halo")
    assert report["code"] in said(posts).replace("-", "")
    hear(posts, "status")
    assert report["code"] in said(posts).replace("-", "")


def test_ten_thousand_cries_are_one_report_and_one_answer_a_day(posts: World) -> None:
    for number in range(30):
        post(posts, f"{FIRE} {number}")
    (report,) = posts.rows("reports")
    assert len(in_public(posts)) == 1
    assert len(posts.rows("messages", report_id=report["id"], direction="in")) == 30
    added = [row for row in posts.rows("notifications") if row["kind"] == "added"]
    assert len(added) <= posts.office.numbers.flood.messages + 1


# --- where the person cannot be written to ---------------------------------------------------------------------------------


def test_whom_our_private_words_do_not_reach_hears_of_the_other_doors(posts: World) -> None:
    contacts = ("SMS 1708", "www.lapor.go.id", "surat@lapor.go.id", "Telegram @laporbot", "loket kelurahan mana saja")
    config = posts.office.config.model_copy(update={"office": OfficeSettings(contacts=contacts)})
    world = replace(posts, office=replace(posts.office, config=config))
    post(world, LAMP)
    with world.office.database.write() as connection:
        people.mark_gone(connection, 1, at=world.now)
    world.later(hours=25)
    post(world, LAMP)
    assert words_of(in_public(world)[-1]) == text("id", "public.other_doors", doors="SMS 1708; loket kelurahan mana saja")
    hear(world, "lapor")  # whoever writes in private can be answered there
    world.later(hours=25)
    post(world, LAMP)
    assert words_of(in_public(world)[-1]) == INVITED


# --- taken away ------------------------------------------------------------------------------------------------------------


def taken_away(world: World, source_id: str) -> None:
    number = len(world.rows("inbox"))
    world.accept(raw(f"deleted:{number}", "", sender="", kind="deleted", edits=source_id))
    world.handle_all()


def test_a_post_that_was_taken_away_before_the_report_keeps_its_words_and_its_mark(posts: World) -> None:
    post(posts, LAMP)
    taken_away(posts, "m0")
    first = posts.now
    posts.later(hours=1)
    taken_away(posts, "m0")
    for words in ("lapor", "1", "Bekasi", "tidak ada", "kirim"):
        hear(posts, words)
    (story,) = posts.rows("messages", kind="story")
    assert (story["words"], story["deleted_at"]) == (LAMP, first)


def test_a_post_that_was_taken_away_after_the_report_is_marked_and_nobody_is_told(anywhere: World) -> None:
    post(anywhere, LAMP)
    for words in ("lapor", "1", "Bekasi", "tidak ada", "kirim"):
        hear(anywhere, words)
    told, sent = len(anywhere.rows("notifications")), len(anywhere.rows("outbox"))
    taken_away(anywhere, "m0")
    (story,) = anywhere.rows("messages", kind="story")
    assert (story["words"], story["deleted_at"]) == (LAMP, anywhere.now)
    first = anywhere.now
    anywhere.later(days=1)
    taken_away(anywhere, "m0")
    assert anywhere.rows("messages", kind="story")[0]["deleted_at"] == first
    assert (len(anywhere.rows("notifications")), len(anywhere.rows("outbox"))) == (told, sent)
    assert anywhere.rows("messages", direction="in", kind="answer") == []


def test_a_piece_of_a_thread_that_was_taken_away_marks_what_it_was_put_together_as(anywhere: World) -> None:
    anywhere.accept(*(raw(f"t{n}", words, kind="public", group="thread") for n, words in enumerate((LAMP, "parah banget"))))
    anywhere.handle_all()
    for words in ("lapor", "1", "Bekasi", "tidak ada", "kirim"):
        hear(anywhere, words)
    taken_away(anywhere, "t1")
    assert [row["deleted_at"] for row in anywhere.rows("messages", kind="story")] == [anywhere.now]


def test_what_was_never_here_cannot_be_taken_away(posts: World) -> None:
    post(posts, LAMP)
    taken_away(posts, "unknown")
    assert set(posts.states().values()) == {"handled"}
    assert posts.now < datetime(2026, 3, 13, tzinfo=UTC) + timedelta(days=1)


# --- limits and money of its own ----------------------------------------------------------------------------------------


def refused(posts: World, text: str, seconds: float) -> None:
    posts.door.outcomes[text] = deque([Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=seconds)] * 99)


def test_an_invitation_that_must_wait_holds_up_nothing_that_is_said_in_private(anywhere: World) -> None:
    post(anywhere, "lampu Jl Melati mati 2 minggu, kemarin ada yang dijambret")
    refused(anywhere, said(anywhere), seconds=12 * 3600)
    deliver_next(anywhere.office, anywhere.door, owner="sender", now=anywhere.now)
    hear(anywhere, "lapor")
    deliver_next(anywhere.office, anywhere.door, owner="sender", now=anywhere.now)
    states = [(one["public"], one["state"]) for one in anywhere.rows("outbox")]
    assert states[0] == (True, "waiting")
    assert set(states[1:]) == {(False, "delivered")}


def test_what_must_wait_in_private_holds_up_no_invitation(anywhere: World) -> None:
    hear(anywhere, "lampu Jl Melati kota Contoh mati 2 minggu")
    (asked,) = anywhere.rows("outbox")
    refused(anywhere, words_of(asked), seconds=12 * 3600)
    deliver_next(anywhere.office, anywhere.door, owner="sender", now=anywhere.now)
    post(anywhere, "masih mati juga min, kemarin ada yang dijambret")
    deliver_next(anywhere.office, anywhere.door, owner="sender", now=anywhere.now)
    states = [(one["public"], one["state"]) for one in anywhere.rows("outbox")]
    assert states == [(False, "waiting"), (True, "delivered")]


def test_nobody_is_invited_days_later(posts: World) -> None:
    post(posts, "lampu Jl Melati mati 2 minggu, kemarin ada yang dijambret")
    refused(posts, said(posts), seconds=25 * 3600)
    deliver_next(posts.office, posts.door, owner="sender", now=posts.now)
    posts.later(hours=26)
    deliver_next(posts.office, posts.door, owner="sender", now=posts.now)
    assert [row["state"] for row in in_public(posts)] == ["failed"]
