"""A post that its author took away: our copy stays and is marked (issue 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bots.twitter.envelope import Found, gone
from bots.twitter.watch import MOST_A_DAY, Watch
from core.channels import InboundKind, InMemory, Raw
from tests.bots.contract import Inbox
from tests.bots.twitter.reading import NOON, listening
from tests.bots.xapi import Person, XApi

SOON = {"deletions_days": 10, "deletions_hours": 1.0}
LATER = timedelta(hours=1, minutes=1)


def later() -> datetime:
    """After the first round is due."""
    return datetime.now(UTC) + LATER


def begun(x: XApi, siti: Person, *texts: str) -> tuple[InMemory, Inbox, list[str]]:
    """A service that has read these posts and ended before it looked whether they are still there."""
    keep, inbox = InMemory(), Inbox()
    with listening(x, keep, inbox=inbox, **SOON) as reader:
        numbers = [siti.tweets(f"@lapor1708 {text}") for text in texts]
        reader.wait(len(texts))
        x.wait(lambda: keep.read("deletions") and keep.read("cursor:mentions"))
    return keep, inbox, numbers


def test_a_post_that_is_gone_is_told_once_by_its_id_alone(x: XApi, siti: Person) -> None:
    keep, inbox, (first, second) = begun(x, siti, "lampu mati", "jalan rusak")
    siti.deletes(first)
    with listening(x, keep, inbox=inbox, now=later, **SOON) as reader:
        (deleted,) = reader.wait(1, InboundKind.DELETED)
        x.wait(lambda: '"after":0' in (keep.read("deletions") or "").replace(" ", ""))
        assert len(x.calls("lookup")) == 1, "both posts in one call"
    assert deleted.edits == f"tweet:{first}"
    assert deleted.sender.address == ""
    (raw,) = [raw for raw in inbox.raws() if raw.source_id.startswith("deleted:")]
    assert (raw.source_id, raw.lane) == (f"deleted:{first}", f"deleted:{first}")
    assert siti.id.encode() not in raw.body
    watched = Watch(keep, days=10, now_day=NOON).after(0, 10, datetime.now(UTC))
    assert list(watched) == [second], "what is gone is not asked for again"


def test_a_protected_account_has_taken_nothing_away(x: XApi, siti: Person) -> None:
    keep, inbox, _ = begun(x, siti, "lampu mati")
    siti.protects()
    with listening(x, keep, inbox=inbox, now=later, **SOON) as reader:
        x.wait(lambda: x.calls("lookup"))
        x.wait(lambda: '"after":0' in (keep.read("deletions") or "").replace(" ", ""))
    assert reader.of(InboundKind.DELETED) == []


def test_a_commit_that_fails_asks_again(x: XApi, siti: Person) -> None:
    keep, inbox, (number,) = begun(x, siti, "lampu mati")
    siti.deletes(number)
    inbox.away = True
    with listening(x, keep, inbox=inbox, now=later, **SOON) as reader:
        x.wait(lambda: inbox.refused)
        inbox.away = False
        reader.wait(1, InboundKind.DELETED)


def test_without_a_term_nothing_is_watched(x: XApi, siti: Person) -> None:
    keep = InMemory()
    with listening(x, keep, deletions_days=0) as reader:
        siti.tweets("@lapor1708 lampu mati")
        reader.wait(1)
        x.wait(lambda: keep.read("cursor:mentions"))
    assert not [name for name in keep._notes if name.startswith("watch:")]


@pytest.mark.parametrize(
    "kind, lost",
    [("resource-not-found", ["11"]), ("not-authorized-for-resource", []), ("resource-unavailable", []), ("", [])],
)
def test_only_what_does_not_exist_is_gone(kind: str, lost: list[str]) -> None:
    error = {"resource_id": "11", "value": "11", "resource_type": "tweet", "type": f"https://api.x.com/2/problems/{kind}"}
    assert gone({"data": [{"id": "12"}], "errors": [error]}, ["11", "12"]) == lost


def test_an_answer_that_says_nothing_of_a_post_leaves_it() -> None:
    assert gone({}, ["11"]) == []
    assert gone({"errors": "no", "data": 7}, ["11"]) == []


# --- the list of what is watched


def found(number: int, at: datetime, *, starts: bool = True) -> Found:
    return Found(number, Raw("twitter", f"tweet:{number}", "7", b""), at, starts)


def test_posts_are_watched_for_their_days_and_then_forgotten() -> None:
    keep = InMemory()
    watch = Watch(keep, days=3, now_day=NOON)
    watch.add([found(5, NOON), found(4, NOON - timedelta(days=2)), found(6, NOON, starts=False)])
    watch.add([found(5, NOON)])
    assert list(watch.after(0, 10, NOON)) == ["4", "5"]
    assert list(watch.after(4, 10, NOON)) == ["5"]
    assert list(watch.after(0, 10, NOON + timedelta(days=2))) == ["5"]
    watch.tidy(NOON + timedelta(days=5))
    assert not keep._notes


def test_what_is_gone_is_not_watched_any_more() -> None:
    watch = Watch(InMemory(), days=3, now_day=NOON)
    watch.add([found(5, NOON), found(6, NOON)])
    watch.drop(["5"], NOON)
    assert list(watch.after(0, 10, NOON)) == ["6"]


def test_a_flood_is_not_watched_whole() -> None:
    watch = Watch(InMemory(), days=3, now_day=NOON)
    watch.add([found(number, NOON) for number in range(1, MOST_A_DAY + 500)])
    assert len(watch.after(0, 10 * MOST_A_DAY, NOON)) == MOST_A_DAY
