"""Listening on X: what is stored, in which order, and how the listener bears what X does (issue 4)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.channels import InboundKind, InMemory, Raw, Stored
from core.channels.settings import utc_now
from tests.bots.twitter.reading import listening, texts
from tests.bots.xapi import Person, XApi


def settled(x: XApi, endpoint: str, more: int = 2) -> None:
    """Waits until the list was asked for so many times more: whatever was there has been read."""
    before = len(x.calls(endpoint))
    x.wait(lambda: len(x.calls(endpoint)) >= before + more)


def test_a_mention_is_stored_with_its_picture_in_the_lane_of_its_author(x: XApi, siti: Person) -> None:
    with listening(x) as reader:
        number = siti.tweets("@lapor1708 #lapor lampu mati & gelap", media=[siti.photo(b"jpeg")])
        (inbound,) = reader.wait(1)
        (raw,) = reader.inbox.raws()
    assert (raw.source_id, raw.lane, raw.group) == (f"tweet:{number}", siti.id, f"thread:{number}:{siti.id}")
    assert (inbound.text, inbound.sender.address, inbound.sender.handle) == ("lampu mati & gelap", siti.id, "siti")
    assert [file.ref for file in inbound.files] == [f"plain {x.url}/media/{inbound.files[0].unique}.jpg"]


def test_a_direct_message_stands_in_the_same_lane(x: XApi, siti: Person) -> None:
    with listening(x) as reader:
        siti.tweets("@lapor1708 lampu mati")
        reader.wait(1)
        number = siti.dms("di Jl Melati", media=[siti.photo(b"jpeg")])
        (inbound,) = reader.wait(1, InboundKind.MESSAGE)
        raws = {raw.source_id: raw for raw in reader.inbox.raws()}
    assert raws[f"dm:{number}"].lane == siti.id
    assert raws[f"dm:{number}"].group is None
    assert inbound.text == "di Jl Melati"
    assert inbound.files[0].ref.startswith(f"signed {x.url}/dm-media/")


def test_what_is_said_in_groups_and_by_us_is_not_stored(x: XApi, siti: Person) -> None:
    with listening(x) as reader:
        siti.dms("di grup", group="1708999")
        siti.dms("satu")
        x.act("dm", who="lapor1708", text="Kode Anda K7M4-2QXT-9")
        siti.dms("dua")
        reader.wait(2, InboundKind.MESSAGE)
    assert reader.said(InboundKind.MESSAGE) == ["satu", "dua"]
    assert len(reader.inbox.raws()) == 2


def test_nobody_is_invited_for_what_was_said_before_the_first_start(x: XApi, siti: Person) -> None:
    earlier = time.time() - 3600
    siti.tweets("@lapor1708 dulu", at=earlier)
    siti.dms("pagi tadi", at=earlier)
    siti.dms("minggu lalu", at=time.time() - 7 * 86_400)
    with listening(x) as reader:
        siti.tweets("@lapor1708 sekarang")
        reader.wait(1)
        reader.wait(1, InboundKind.MESSAGE)
        settled(x, "mentions")
        settled(x, "events")
    assert reader.said() == ["sekarang"]
    assert reader.said(InboundKind.MESSAGE) == ["pagi tadi"], "whoever wrote in private within a day waits for an answer"


def test_retweets_quotes_and_asides_are_kept_and_are_no_report(x: XApi, siti: Person) -> None:
    budi = x.person("budi")
    with listening(x) as reader:
        number = siti.tweets("@lapor1708 lampu mati")
        budi.retweets(number)
        budi.quotes(number, "@lapor1708 benar nih")
        budi.replies(number, "saya juga")
        siti.replies(number, "sudah dua minggu")
        reader.wait(2)
        reader.wait(3, InboundKind.IGNORED)
    assert reader.said() == ["lampu mati", "sudah dua minggu"]


def test_the_parts_of_a_thread_that_do_not_name_us_are_found_and_wait_for_each_other(x: XApi, siti: Person) -> None:
    with listening(x, thread_seconds=0.6) as reader:
        first = siti.tweets("@lapor1708 lampu mati 1/3")
        second = siti.replies(first, "sejak Jumat 2/3", carried=False)
        x.person("budi").replies(first, "sabar", carried=False)
        siti.replies(second, "tolong diperbaiki 3/3", carried=False)
        parts = reader.wait(3)
        raws = reader.inbox.raws()
    assert {raw.group for raw in raws} == {f"thread:{first}:{siti.id}"}
    assert raws[0].ready_at is not None
    assert raws[0].ready_at > utc_now() - timedelta(seconds=5)
    whole = reader.channel.join(parts)
    assert whole.text == "lampu mati\nsejak Jumat\ntolong diperbaiki"
    assert whole.source_id == f"tweet:{first}"


def test_a_thread_that_waited_when_the_process_ended_is_looked_up_by_the_next(x: XApi, siti: Person) -> None:
    keep = InMemory()
    with listening(x, keep, thread_seconds=0.6) as reader:
        first = siti.tweets("@lapor1708 lampu mati")
        siti.replies(first, "sejak Jumat", carried=False)
        reader.wait(1)
        x.wait(lambda: keep.read("threads"))
    assert reader.said() == ["lampu mati"]
    with listening(x, keep, thread_seconds=0.6, inbox=reader.inbox) as after:
        assert texts(after.wait(2)) == ["lampu mati", "sejak Jumat"]
        x.wait(lambda: keep.read("threads") is None)


def test_an_edited_post_is_the_same_story_told_better(x: XApi, siti: Person) -> None:
    with listening(x) as reader:
        number = siti.tweets("@lapor1708 lampu mati")
        reader.wait(1)
        siti.edits(number, "@lapor1708 lampu mati di Jl Melati")
        (edit,) = reader.wait(1, InboundKind.EDIT)
        settled(x, "mentions", 3)
    assert (edit.edits, edit.text) == (f"tweet:{number}", "lampu mati di Jl Melati")
    assert len(reader.inbox.raws()) == 2


def test_a_post_that_was_edited_before_we_saw_it_is_told_once(x: XApi, siti: Person) -> None:
    number = siti.tweets("@lapor1708 lampu mati")
    siti.edits(number, "@lapor1708 lampu mati di Jl Melati")
    with listening(x) as reader:
        reader.wait(1)
        settled(x, "mentions", 4)
    assert [raw.source_id for raw in reader.inbox.raws()] == [f"tweet:{number}"]
    assert reader.said() == ["lampu mati di Jl Melati"]


def test_a_post_that_was_edited_before_we_saw_it_is_no_edit_after_a_restart(x: XApi, siti: Person) -> None:
    keep = InMemory()
    siti.edits(siti.tweets("@lapor1708 lampu mati"), "@lapor1708 lampu mati di Jl Melati")
    with listening(x, keep) as reader:
        reader.wait(1)
        x.wait(lambda: "null" not in (keep.read("cursor:mentions") or "null"))
    with listening(x, keep, inbox=reader.inbox):
        settled(x, "mentions")
    assert len(reader.inbox.raws()) == 1


def test_a_place_that_x_does_not_take_is_found_from_the_newest(x: XApi, siti: Person) -> None:
    with listening(x) as reader:
        siti.tweets("@lapor1708 pertama")
        reader.wait(1)
        x.fault("mentions", "invalid")
        siti.tweets("@lapor1708 kedua")
        reader.wait(2)
    asked = [fields for _, _, fields in x.calls("mentions")]
    assert any("since_id" not in fields and "start_time" not in fields for fields in asked)
    assert reader.said() == ["pertama", "kedua"]


@pytest.mark.parametrize("fault", ["html", "cut", "half"])
def test_what_x_breaks_is_asked_for_again(x: XApi, siti: Person, fault: str) -> None:
    with listening(x) as reader:
        settled(x, "mentions", 1)
        x.fault("*", fault, times=2)
        siti.tweets("@lapor1708 lampu mati")
        siti.dms("halo")
        reader.wait(1)
        reader.wait(1, InboundKind.MESSAGE)
        x.wait(lambda: reader.channel.health.trouble is None)
    assert reader.said() == ["lampu mati"]


@pytest.mark.parametrize("fault, trouble", [("unauthorised", "unauthorised"), ("credits", "credits"), ("html", "unavailable")])
def test_trouble_is_told_by_its_own_name(x: XApi, fault: str, trouble: str) -> None:
    with listening(x) as reader:
        settled(x, "mentions", 1)
        x.fault("mentions", fault, times=1000)
        x.wait(lambda: reader.channel.health.trouble == trouble)


def test_a_limit_on_one_list_holds_up_no_other(x: XApi, siti: Person) -> None:
    x.limit("events", 2, 3600.0)
    with listening(x) as reader:
        settled(x, "mentions", 6)
        siti.tweets("@lapor1708 lampu mati")
        reader.wait(1)
        assert len(x.calls("events")) <= 3, "no call into a closed window"
        assert reader.channel.health.trouble is None


def test_a_stop_ends_a_listener_that_waits_for_a_limit(x: XApi) -> None:
    x.limit("events", 1, 3600.0)
    x.limit("mentions", 1, 3600.0)
    with listening(x):
        x.wait(lambda: x.calls("mentions") and x.calls("events"))
        began = time.monotonic()
    assert time.monotonic() - began < 2.0


def test_only_the_process_whose_turn_it_is_polls(x: XApi, siti: Person) -> None:
    class Another(InMemory):
        def turn(self, name: str, seconds: float) -> bool:
            return False

    with listening(x, Another()) as reader:
        siti.tweets("@lapor1708 lampu mati")
        threading.Event().wait(0.2)
        assert reader.inbox.raws() == []
    assert x.calls("mentions") == []


def test_no_secret_and_nobodys_id_stands_in_what_is_kept_beside_the_inbox(x: XApi, siti: Person) -> None:
    keep = InMemory()
    with listening(x, keep, thread_seconds=0.2, deletions_days=5) as reader:
        siti.tweets("@lapor1708 lampu mati")
        siti.dms("halo")
        reader.wait(1)
        reader.wait(1, InboundKind.MESSAGE)
        settled(x, "mentions")
        notes = " ".join(keep._notes.values())
    assert siti.id not in notes
    assert not [secret for secret in x.keys.secrets() if secret in notes]


def test_the_daily_budget_ends_reading_openly(x: XApi, siti: Person) -> None:
    with listening(x, budget_usd_per_day=0.02) as reader:
        for number in range(5):
            siti.tweets(f"@lapor1708 nomor {number}")
        x.wait(lambda: len(reader.inbox.raws()) >= 1)
        settled_calls = len(x.calls("mentions"))
        threading.Event().wait(0.2)
        assert len(x.calls("mentions")) - settled_calls <= 1
        assert "budget" in reader.channel.health.remarks


def test_what_was_stored_is_never_stored_out_of_order(x: XApi, siti: Person) -> None:
    order: list[str] = []

    def accept(raws: Sequence[Raw]) -> Sequence[Stored]:
        order.extend(raw.source_id for raw in raws)
        return [Stored.NEW] * len(raws)

    keep = InMemory()
    with listening(x, keep, accept=accept):
        siti.dms("awal")
        x.wait(lambda: order)
    numbers = [siti.dms(f"pesan {number}") for number in range(230)]
    x.page_by_count()
    x.fault("events", "html", times=1)
    with listening(x, keep, accept=accept):
        x.wait(lambda: len(order) >= 231, 8.0)
    assert order[1:] == [f"dm:{number}" for number in numbers]
