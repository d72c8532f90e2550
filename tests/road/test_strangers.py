"""sop.md §7, issue "SMS and email": a spoofable sender may file a report, but reads and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from core import strangers
from core.channels import FileRef, Inbound, MediaKind, Sender
from core.dialogue import model
from core.dialogue.model import Draft, DraftFile, Mode, Say, Session, StoryPart, Submit, WakeAt
from core.procedure.vocabulary import Privacy
from core.storage import tables
from core.storage.history import UNVERIFIED
from core.storage.outbox import part_of
from tests.road.postbox import raw
from tests.road.world import FRIDAY, World, with_capabilities

STORY = "Kemarin di puskesmas Sukamaju kota Contoh saya diminta Rp20.000 untuk kartu, tidak ada kuitansi."
OTHER = "Lampu jalan di Jalan Melati kota Contoh mati sejak dua minggu lalu, gelap sekali."
CODE, OTHERS_CODE = "K7M42QXT9", "ABCD1234X"


@pytest.fixture
def post(world: World) -> World:
    """A door like a mailbox: no buttons, a story is received at once, whoever writes may be somebody else."""
    return with_capabilities(world, receives_at_once=True, buttons=0, sender_verified=False, subjects=True)


def says(world: World, text: str, *, sender: str = "budi", **more: Any) -> str:
    source = f"m{len(world.rows('inbox'))}"
    world.accept(raw(source, text, sender=sender, **more))
    world.handle_all()
    return source


def answers(world: World) -> list[str]:
    return [part_of(row["payload"]).text for row in world.rows("outbox")]


def test_a_stranger_files_a_report_whose_code_goes_to_the_address_and_which_is_marked(post: World) -> None:
    says(post, STORY, unverified=True)
    (report,) = post.rows("reports")
    (address,) = post.rows("addresses")
    assert report["address_id"] == address["id"]
    assert not address["verified"]
    assert post.rows("outbox")[0]["address_id"] == address["id"]
    first = post.rows("history")[0]
    assert UNVERIFIED.items() <= first["details"].items()
    assert post.rows("audit")[0]["details"]["sender"] == "unverified"


def test_what_a_known_sender_files_bears_no_mark(post: World) -> None:
    says(post, STORY)
    assert "sender" not in post.rows("history")[0]["details"]


def test_the_address_is_known_once_a_message_came_that_only_its_owner_can_send(post: World) -> None:
    says(post, STORY, unverified=True)
    says(post, "terima kasih")
    assert post.rows("addresses")[0]["verified"]
    says(post, OTHER, unverified=True)
    assert post.rows("addresses")[0]["verified"]


WISHES = (
    *("status", "laporan saya", "batal", "STOP", "berhenti", "hapus data saya", "tarik laporan", "beres", "belum", "5", "1"),
    *("ya", "english", "tambah: mereka minta lagi hari ini", "nama saya Budi Santoso", "{code}", "status {code}", "info"),
)
TABLES = ("reports", "report_words", "messages", "history", "clocks", "people", "addresses", "audit")


def test_a_stranger_learns_and_changes_nothing(post: World) -> None:
    says(post, STORY)
    code = post.rows("reports")[0]["code"]
    kept = {name: post.rows(name) for name in TABLES}
    session = post.rows("conversations")[0]["session"]
    before = len(answers(post))
    for wish in WISHES:
        says(post, wish.format(code=code), unverified=True)
        assert {name: post.rows(name) for name in TABLES} == kept, wish
        assert post.rows("conversations")[0]["session"] == session, wish
    told = " ".join(answers(post)[before:])
    assert told
    for secret in (code, f"{code[:4]}-{code[4:8]}", "puskesmas", "iverifikasi"):
        assert secret not in told


def test_a_stop_that_anybody_could_have_sent_does_nothing(post: World) -> None:
    says(post, STORY)
    says(post, "", kind="blocked", unverified=True)
    assert post.rows("addresses")[0]["gone_at"] is None
    assert post.rows("inbox")[-1]["reason"] == "unverified"


def test_a_strangers_word_does_not_bring_back_who_wants_no_messages(post: World) -> None:
    says(post, STORY)
    says(post, "", kind="blocked")
    before = len(answers(post))
    says(post, "halo", unverified=True)
    assert post.rows("addresses")[0]["gone_at"] is not None
    assert len(answers(post)) == before
    says(post, OTHER, unverified=True)
    assert len(post.rows("reports")) == 2
    assert len(answers(post)) == before + 1  # the code of the new one, and nothing else
    assert post.rows("addresses")[0]["gone_at"] is not None


def test_a_stranger_does_not_make_a_long_silent_address_look_awake(post: World) -> None:
    says(post, STORY)
    post.later(days=250)
    says(post, "halo", unverified=True)
    assert post.rows("addresses")[0]["seen_at"] == FRIDAY


def test_what_was_under_way_stays_under_way(post: World) -> None:
    says(post, "Di puskesmas Sukamaju saya diminta Rp20.000 untuk kartu, tidak ada kuitansi.")
    session = post.rows("conversations")[0]["session"]
    says(post, OTHER, unverified=True)
    assert len(post.rows("reports")) == 2
    assert post.rows("conversations")[0]["session"] == session


def test_the_owner_answers_for_the_report_that_came_in_without_proof(post: World) -> None:
    says(post, "Di puskesmas Sukamaju saya diminta Rp20.000 untuk kartu, tidak ada kuitansi.", unverified=True)
    says(post, "1. kemarin 2. kota Contoh")
    assert len(post.rows("reports")) == 1
    assert [row["kind"] for row in post.rows("messages", direction="in")] == ["story", "addition"]


def test_a_strangers_files_are_kept_with_the_report_that_they_came_with(post: World) -> None:
    says(post, STORY, unverified=True, files=[["f1", "photo", "bukti.jpg", False]])
    (attachment,) = post.rows("attachments")
    assert attachment["report_id"] == post.rows("reports")[0]["id"]


# --- what a dialogue may not do, whatever it wants ------------------------------------------------------------------------


def _inbound() -> Inbound:
    return Inbound("postbox", "m1", Sender("budi", verified=False), text=STORY)


def _draft(**changes: Any) -> Draft:
    mine, theirs = "m1", "m0"
    photo = FileRef("f", MediaKind.PHOTO)
    return Draft(
        story=STORY,
        parts=(StoryPart(theirs, "lama"), StoryPart(mine, STORY)),
        files=(DraftFile(theirs, photo), DraftFile(mine, photo)),
        **changes,
    )


HOSTILE = (
    model.Complete(OTHERS_CODE, "x", frozenset()),
    model.Add(OTHERS_CODE, "x", trouble=True),
    model.AnswerQuestion(OTHERS_CODE, "x"),
    model.Confirm(OTHERS_CODE),
    model.NotSettled(OTHERS_CODE, "x"),
    model.Dispute(OTHERS_CODE, "x"),
    model.Object(OTHERS_CODE, "x"),
    model.Withdraw(OTHERS_CODE, solved=True),
    model.Rate(OTHERS_CODE, 1),
    model.ChooseOmbudsman(OTHERS_CODE, "with_identity"),
    model.KeepEdit("m0", "x"),
    model.Remember(language="en", name="Mallory", gone=True),
    model.EraseDraft(("m0",)),
    model.EraseIdentity(withdraw=True),
    model.RequestErasure(),
    model.OfferLink("K7M42QXT"),
    model.Link("0" * 64, takes=True),
    model.TakeOver("0" * 64),
    model.Unlink(1),
    model.BeginAnew(),
    model.PreferHere(here=True),
)


def test_every_effect_that_changes_something_is_refused() -> None:
    named = {type(effect) for effect in HOSTILE}
    assert named == set(model.ReportEffect.__args__) - {Submit}  # type: ignore[attr-defined]
    assert strangers.permitted(HOSTILE, inbound=_inbound(), new_code=CODE) == ()


def test_words_and_waking_pass_but_name_no_other_report_and_start_no_clock() -> None:
    effects = (Say("greeting", code=OTHERS_CODE, clock="silence"), Say("greeting", code=CODE), WakeAt(None))
    let = strangers.permitted(effects, inbound=_inbound(), new_code=CODE)
    assert let == (Say("greeting"), Say("greeting", code=CODE), WakeAt(None))


def test_one_report_of_this_message_alone_passes() -> None:
    draft = _draft(origin_code=OTHERS_CODE, name="Budi Santoso", privacy=Privacy.NAMED)
    effects = (Submit(OTHERS_CODE, draft, "t"), Submit(CODE, draft, "t"), Submit(CODE, draft, "again"))
    (only,) = strangers.permitted(effects, inbound=_inbound(), new_code=CODE)
    assert isinstance(only, Submit)
    assert (only.code, only.title) == (CODE, "t")
    assert (only.draft.origin_code, only.draft.name, only.draft.privacy) == (None, None, Privacy.HIDDEN)
    assert {file.source_id for file in only.draft.files} == {part.source_id for part in only.draft.parts} == {"m1"}


def test_anonymous_stays_anonymous() -> None:
    (only,) = strangers.permitted([Submit(CODE, _draft(privacy=Privacy.ANONYMOUS), "t")], inbound=_inbound(), new_code=CODE)
    assert isinstance(only, Submit)
    assert only.draft.privacy is Privacy.ANONYMOUS


@pytest.mark.parametrize(
    "before",
    [
        Session(mode=Mode.GAPS, about=OTHERS_CODE),
        Session(mode=Mode.CONFIRM, confirming="withdraw", about=OTHERS_CODE),
        Session(draft=_draft()),
        Session(stopped=True),
        Session(locked=True),
        Session(pending_text="x"),
    ],
)
def test_a_session_with_something_under_way_is_never_replaced(before: Session) -> None:
    assert strangers.kept(before, Session(mode=Mode.GAPS, about=CODE)) is before


def test_a_blank_session_knows_nothing_of_the_person() -> None:
    full = Session(language="en", about=OTHERS_CODE, name_known="Budi", prompt=7, mode=Mode.GAPS, draft=_draft())
    assert strangers.blank(full) == Session(language="en", prompt=7)


def test_a_resting_conversation_goes_on_from_what_the_stranger_began() -> None:
    begun = strangers.kept(Session(noticed=True, name_known="Budi"), Session(mode=Mode.GAPS, about=CODE))
    assert (begun.mode, begun.about, begun.noticed, begun.name_known) == (Mode.GAPS, CODE, True, "Budi")
    idle = Session(about=OTHERS_CODE)
    assert strangers.kept(idle, Session()) is idle


def test_a_reply_of_a_stranger_opens_no_report(post: World) -> None:
    says(post, STORY)
    with post.office.database.write() as connection:
        connection.execute(update(tables.outbox).values(vendor_id="v-code", state="delivered"))
    before = post.rows("messages")
    says(post, "saya tambahkan: mereka minta lagi", unverified=True, reply_to="v-code")
    assert post.rows("messages") == before
