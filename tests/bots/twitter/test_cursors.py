"""Cursors move after the commit and never before; what may have been missed is said (issue 4)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bots.twitter import cursors
from bots.twitter.cursors import Backlog, Cursor
from bots.twitter.envelope import Found
from core.channels import InboundKind, InMemory, Raw
from core.errors import StorageUnavailable
from tests.bots.contract import Inbox
from tests.bots.twitter.reading import NOON, listening
from tests.bots.xapi import Person, XApi


class Killed(BaseException):
    """The process ended here."""


class Mortal(InMemory):
    """Keepsakes that end the process where a cursor is about to move, once `deadly`; what was kept before stays."""

    deadly = False

    def write(self, name: str, value: str | None) -> None:
        if self.deadly and name.startswith("cursor:"):
            raise Killed
        super().write(name, value)


class Away(InMemory):
    """Keepsakes whose database is away for the next `calls` writes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def write(self, name: str, value: str | None) -> None:
        if self.calls:
            self.calls -= 1
            raise StorageUnavailable
        super().write(name, value)


def numbered(found: Sequence[str]) -> list[int]:
    return [int(one.rpartition(":")[2]) for one in found]


def begun(x: XApi, siti: Person, keep: InMemory, inbox: Inbox) -> None:
    """A service that has read one message of each kind, and ended."""
    with listening(x, keep, inbox=inbox) as reader:
        siti.tweets("@lapor1708 pertama")
        siti.dms("pertama")
        reader.wait(1)
        reader.wait(1, InboundKind.MESSAGE)
        x.wait(lambda: all((one := cursors.read(keep, part)) and one.number for part in ("mentions", "directs")))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_kill_between_the_commit_and_the_cursor_loses_nothing_and_doubles_nothing(x: XApi, siti: Person) -> None:
    keep, inbox = Mortal(), Inbox()
    begun(x, siti, keep, inbox)
    said = [f"mention {number}" for number in range(3)]
    for text in said:
        siti.tweets(f"@lapor1708 {text}")
        siti.dms(text)
    for _ in range(3):
        keep.deadly = True
        with listening(x, keep, inbox=inbox) as reader:
            x.wait(lambda: not [one for one in threading.enumerate() if "listen" in one.name])
        keep.deadly = False
    with listening(x, keep, inbox=inbox) as reader:
        reader.wait(4)
        reader.wait(4, InboundKind.MESSAGE)
    assert reader.said() == ["pertama", *said]
    assert reader.said(InboundKind.MESSAGE) == ["pertama", *said]


def test_a_commit_that_fails_keeps_the_cursor_and_comes_again(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    before = cursors.read(keep, "mentions")
    with listening(x, keep, inbox=inbox) as reader:
        inbox.away = True
        siti.tweets("@lapor1708 kedua")
        siti.dms("kedua")
        x.wait(lambda: inbox.refused >= 2)
        assert cursors.read(keep, "mentions") == before
        x.wait(lambda: reader.channel.health.trouble == "storage")
        inbox.away = False
        reader.wait(2)
        reader.wait(2, InboundKind.MESSAGE)
        x.wait(lambda: reader.channel.health.trouble is None)


def test_notes_that_cannot_be_written_keep_everything_waiting(x: XApi, siti: Person) -> None:
    keep, inbox = Away(), Inbox()
    begun(x, siti, keep, inbox)
    keep.calls = 3
    with listening(x, keep, inbox=inbox) as reader:
        siti.dms("kedua")
        siti.dms("ketiga")
        reader.wait(3, InboundKind.MESSAGE)
    assert reader.said(InboundKind.MESSAGE) == ["pertama", "kedua", "ketiga"]


def test_a_repeated_page_is_a_no_op(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    numbers = [siti.dms(f"pesan {number}") for number in range(120)]
    for number in numbers[3:9]:
        x.act("repeat_dm", number=number)
    x.fault("events", "repeat", times=2)
    with listening(x, keep, inbox=inbox) as reader:
        reader.wait(121, InboundKind.MESSAGE)
        siti.dms("akhir")
        reader.wait(122, InboundKind.MESSAGE)
    ids = [raw.source_id for raw in inbox.raws() if raw.source_id.startswith("dm:")]
    assert len(ids) == len(set(ids)) == 122
    assert numbered(ids) == sorted(numbered(ids))


def test_an_outage_is_paged_back_whole_in_the_order_in_which_people_wrote(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    mentions = [siti.tweets(f"@lapor1708 mention {number}") for number in range(330)]
    directs = [siti.dms(f"pesan {number}") for number in range(430)]
    with listening(x, keep, inbox=inbox) as reader:
        reader.wait(331, seconds=10)
        reader.wait(431, InboundKind.MESSAGE, seconds=10)
    stored = [raw.source_id for raw in inbox.raws()]
    assert [one for one in stored if one.startswith("tweet:")][1:] == [f"tweet:{number}" for number in mentions]
    assert [one for one in stored if one.startswith("dm:")][1:] == [f"dm:{number}" for number in directs]
    assert "gap" not in reader.channel.health.remarks


def test_paging_that_a_limit_interrupts_goes_on_where_it_was_and_stores_nothing_early(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    numbers = [siti.dms(f"pesan {number}") for number in range(350)]
    x.limit("events", 3, 0.2)
    with listening(x, keep, inbox=inbox) as reader:
        x.wait(lambda: len(x.calls("events")) >= 3)
        assert len(reader.of(InboundKind.MESSAGE)) == 1, "nothing is stored before everything older is"
        reader.wait(351, InboundKind.MESSAGE, seconds=8)
        assert reader.channel.health.trouble is None
    assert numbered([raw.source_id for raw in inbox.raws() if raw.source_id.startswith("dm:")])[1:] == numbered(numbers)


def test_more_mentions_than_x_still_tells_are_a_gap_that_is_said(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    last = cursors.read(keep, "mentions")
    assert last is not None
    for number in range(830):
        siti.tweets(f"@lapor1708 mention {number}")
    with listening(x, keep, inbox=inbox) as reader:
        reader.wait(801, seconds=10)
        gap = x.wait(lambda: reader.channel.health.remarks.get("gap"))
    assert reader.said()[1] == "mention 30"
    assert gap["since"] == f"{last.at:%Y-%m-%d %H:%M} UTC"
    (known,) = cursors.gaps(keep, datetime.now(UTC))
    assert known.since == last.at
    assert known.until > last.at


def test_an_outage_longer_than_messages_are_kept_is_a_gap(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    keep.write("cursor:directs", None)
    cursors.write(keep, "directs", Cursor(1_700_000_000_000_000_000, long_ago))
    with listening(x, keep, inbox=inbox) as reader:
        siti.dms("akhirnya")
        x.wait(lambda: reader.channel.health.remarks.get("gap"))
    (gap,) = cursors.gaps(keep, datetime.now(UTC))
    assert gap.since == long_ago
    assert abs(gap.until - (datetime.now(UTC) - timedelta(days=30))) < timedelta(minutes=5)


def test_a_page_token_that_grew_old_begins_anew(x: XApi, siti: Person) -> None:
    keep, inbox = InMemory(), Inbox()
    begun(x, siti, keep, inbox)
    for number in range(120):
        siti.dms(f"pesan {number}")
    for _ in range(2):  # the glance and the first page go well
        x.fault("events", "slow", seconds=0.01)
    x.fault("events", "invalid")
    before = len(x.calls("events"))
    with listening(x, keep, inbox=inbox) as reader:
        reader.wait(121, InboundKind.MESSAGE)
    tokens = ["pagination_token" in fields for _, _, fields in x.calls("events")[before:]]
    assert tokens[:5] == [False, False, True, False, True]
    assert len(reader.of(InboundKind.MESSAGE)) == 121


# --- the pure parts


def found(number: int) -> Found:
    return Found(number, Raw("twitter", f"dm:{number}", "7", b"{}"))


def test_a_backlog_gives_the_oldest_and_lets_go_of_the_newest() -> None:
    backlog = Backlog(5)
    backlog.add([found(9), found(7), found(8)])
    backlog.add([found(7), found(5), found(6), found(4)])
    assert [one.number for one in backlog.oldest_first(10)] == [4, 5, 6, 7, 8]
    assert backlog.shortened
    backlog.stored(backlog.oldest_first(2))
    assert [one.number for one in backlog.oldest_first(10)] == [6, 7, 8]


def test_things_without_an_id_are_told_apart_by_their_content() -> None:
    backlog = Backlog(5)
    backlog.add([Found(0, Raw("twitter", f"other:{name}", "x", b"")) for name in "aab"])
    assert len(backlog) == 2


def test_a_cursor_never_moves_backwards() -> None:
    keep = InMemory()
    cursors.write(keep, "mentions", Cursor(50, NOON))
    assert cursors.write(keep, "mentions", Cursor(40, NOON)).number == 50
    assert cursors.write(keep, "mentions", Cursor(None, NOON)).number == 50


@pytest.mark.parametrize("note", ["", "no", "[]", "null", '{"number":"5","at":"x"}', '{"number":true,"at":"2026-03-02"}'])
def test_a_note_that_is_none_of_ours_is_no_cursor(note: str) -> None:
    keep = InMemory()
    keep.write("cursor:mentions", note)
    keep.write("gaps", note)
    assert cursors.read(keep, "mentions") is None
    assert cursors.gaps(keep, NOON) == []


def test_a_gap_is_shown_for_two_weeks_and_named_once() -> None:
    keep = InMemory()
    for _ in range(3):
        cursors.note_gap(keep, NOON - timedelta(hours=5), NOON, NOON)
    cursors.note_gap(keep, NOON - timedelta(hours=2), NOON + timedelta(hours=1), NOON + timedelta(hours=1))
    known = cursors.gaps(keep, NOON + timedelta(days=13))
    assert len(known) == 2
    assert cursors.shown(known) == {"since": "2026-03-02 00:00 UTC", "until": "2026-03-02 06:00 UTC"}
    assert cursors.shown(cursors.gaps(keep, NOON + timedelta(days=15))) is None


def test_ten_thousand_waiting_messages_are_stored_once_each_in_order() -> None:
    backlog = Backlog(10_000)
    numbers = list(range(10_000, 0, -1))
    for start in range(0, 10_000, 100):
        backlog.add([found(number) for number in numbers[start : start + 100]])
    stored: list[int] = []
    while batch := backlog.oldest_first(100):
        stored.extend(one.number for one in batch)
        backlog.stored(batch)
    assert stored == list(range(1, 10_001))
    assert not backlog.shortened
