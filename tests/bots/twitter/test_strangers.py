"""What strangers can make us spend, hold up or hide: nothing that somebody else needs (issue 4: answers before polling)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.twitter import Settings, cursors
from bots.twitter.budget import Budget, Purpose
from bots.twitter.client import Client
from bots.twitter.cursors import Cursor
from bots.twitter.envelope import tweets
from bots.twitter.mentions import Mentions
from bots.twitter.prices import MICRO
from bots.twitter.reading import Reading
from bots.twitter.standing import Standing
from core.channels import Health, InboundKind, InMemory, Outcome
from tests.bots.contract import Inbox
from tests.bots.twitter.outward import answer, door, message
from tests.bots.twitter.reading import OWN, listening, tweet, twitter_parse
from tests.bots.twitter.test_budget import NOON, TODAY, Till
from tests.bots.twitter.test_hanging import OK, host
from tests.bots.xapi import Person, XApi

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
BASE = (1_795_496_400_000 - 1_288_834_974_657) << 22
"""An id of NOW."""


# --- money


def test_what_is_said_in_public_leaves_what_conversations_in_private_need() -> None:
    till = Till(now=NOON)
    till.spend(0.75)  # by noon mentions may have used 0.74, invitations 0.77, private messages 0.80
    assert till.budget.wait(Purpose.MENTIONS) > 0
    assert till.budget.wait(Purpose.THREADS) > 0
    assert till.budget.book(Purpose.INVITATIONS, 0.015).wait_seconds == 0
    till.spend(0.02)
    assert till.budget.book(Purpose.INVITATIONS, 0.015).wait_seconds > 0
    assert till.budget.wait(Purpose.DIRECTS) == 0
    assert till.budget.book(Purpose.ANSWERS, 0.015).wait_seconds == 0


def test_a_page_brings_no_more_than_what_may_be_spent() -> None:
    till = Till(now=NOON)
    assert till.budget.page(Purpose.MENTIONS, least=5, most=100) == 24  # 0.74, where one may cost 0.03
    till.spend(0.73)
    assert till.budget.page(Purpose.MENTIONS, least=5, most=100) == 5
    rich, free = (
        Till(budget_usd_per_day=50),
        Till(prices=dict.fromkeys(("post_read_usd", "user_read_usd", "media_read_usd"), 0)),
    )
    assert rich.budget.page(Purpose.DIRECTS, least=5, most=100) == 100
    assert free.budget.page(Purpose.MENTIONS, least=5, most=100) == 100


def test_many_strangers_never_make_a_day_cost_more_than_its_limit(x: XApi) -> None:
    people = [x.person(f"orang{number}") for number in range(60)]
    keep = InMemory()
    with listening(x, keep, budget_usd_per_day=1.0, answers_share=0.4, thread_seconds=0.05) as reader:
        x.wait(lambda: x.calls("mentions"))
        for person in people:
            for number in range(3):
                person.tweets(f"@lapor1708 @lapor1708 spam {number}")
        x.wait(lambda: reader.channel.health.remarks.get("saving"))
        day = datetime.now(UTC).astimezone().date()
    spent = {one.purpose: one.micro_usd / MICRO for at in (day, day + timedelta(days=1)) for one in keep.spent(at)}
    assert sum(spent.values()) < 1.0
    assert spent["mentions"] > 0


def test_one_person_alone_does_not_spend_the_days_answers(x: XApi, siti: Person) -> None:
    budi, moment = x.person("budi"), [NOON]
    channel = door(x, clock=lambda: moment[0], budget_usd_per_day=2.0)
    sent = [channel.send(message(siti.id, f"jawaban {number}")) for number in range(30)]
    assert [one.outcome for one in sent] == [Outcome.ACCEPTED] * 26 + [Outcome.AGAIN] * 4
    assert (sent[-1].fault, sent[-1].retry_after_seconds) == (None, 12 * 3600), "the channel does not rest"
    assert channel.send(message(budi.id)).outcome is Outcome.ACCEPTED
    assert channel.health.trouble is None
    moment[0] = NOON + timedelta(hours=12)
    assert channel.send(message(siti.id, "besok")).outcome is Outcome.ACCEPTED
    channel.close()


def test_what_was_not_sent_is_not_counted_against_the_person(x: XApi, siti: Person) -> None:
    channel = door(x, clock=lambda: NOON, budget_usd_per_day=1.0)
    x.fault("dm", "html", times=40)
    assert {channel.send(message(siti.id)).detail for _ in range(40)} == {"http_503"}
    assert channel.send(message(siti.id)).outcome is Outcome.ACCEPTED
    channel.close()


def test_invitations_wait_alone_when_their_money_ends(x: XApi, siti: Person) -> None:
    keep = InMemory()
    keep.spend(TODAY, "mentions", micro_usd=800_000)
    channel = door(x, keep=keep, clock=lambda: NOON, budget_usd_per_day=1.0)
    waiting = channel.send(answer(siti.tweets("@lapor1708 banjir"), siti.id))
    assert (waiting.outcome, waiting.fault, waiting.detail) == (Outcome.AGAIN, None, "budget_of_invitations")
    assert channel.send(message(siti.id)).outcome is Outcome.ACCEPTED
    channel.close()
    assert x.public_posts() == []


# --- strange answers


class Strange:
    """An API that answers mentions with what `page` makes of the query."""

    def __init__(self, page: Any) -> None:
        self.page, self.asked = page, 0

    def __call__(self, connection: Any) -> None:
        self.asked += 1
        body = json.dumps(self.page(self.asked)).encode()
        connection.sendall(OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class Bench:
    """The reader of mentions, with everything it keeps."""

    def __init__(self, url: str, keep: InMemory | None = None) -> None:
        keys = {"consumer_key": "a", "consumer_secret": "b", "access_token": f"{OWN}-c", "access_token_secret": "d"}
        settings = Settings.model_validate({"api_url": url, **keys, "bearer_token": "e", "budget_usd_per_day": 1000})
        self.keep, self.inbox, self.health = keep or InMemory(), Inbox(), Health()
        self.client = Client(settings, lambda: NOW)
        standing = Standing(self.health, lambda: NOW)
        budget = Budget(settings, self.keep, standing, zone="Asia/Jakarta", now=lambda: NOW)
        reading = Reading(self.client, budget, standing, self.keep, self.inbox, lambda: NOW, "twitter", "lapor1708", OWN)
        self.mentions = Mentions(reading, 60, thread_seconds=45, started=lambda _: None)

    def look(self) -> None:
        """One whole pass."""
        for _ in range(500):
            if self.mentions.step() > 0:
                return
        raise AssertionError("it never ends")


def page_of(*tweets: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
    return {"data": list(tweets), "meta": {"result_count": len(tweets), **({"next_token": token} if token else {})}}


@pytest.mark.parametrize("full", [False, True])
def test_pages_without_an_end_are_read_as_far_as_they_bring_something(full: bool) -> None:
    one = tweet("@lapor1708 lampu mati", BASE, created_at=NOW.isoformat())
    with host(strange := Strange(lambda count: page_of(*([one] if full else []), token=f"t{count}"))) as url:
        bench = Bench(url)
        bench.look()
        bench.client.close()
    assert strange.asked < 30
    assert len(bench.inbox.raws()) == int(full)
    assert cursors.gaps(bench.keep, NOW)


def test_a_post_that_is_nested_without_end_holds_up_no_other() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    page = {"data": [tweet("@lapor1708 satu", BASE) | {"geo": deep}, tweet("@lapor1708 dua", BASE + 1)]}
    one, two = tweets(page, channel="twitter", own_id=OWN, handle="lapor1708")
    assert (one.number, one.starts) == (BASE, False)
    assert two.starts
    with pytest.raises(ValueError, match="no post"):
        twitter_parse(one.raw.body if one.raw else b"", f"tweet:{BASE}")


def test_an_id_and_a_date_from_the_future_hide_nothing_and_hold_nothing_up() -> None:
    late = {"created_at": "9999-12-31T23:59:59.999Z"}
    pages = [
        page_of(tweet("@lapor1708 satu", 9_000_000_000_000_000_000), tweet("@lapor1708 dua", BASE, **late)),
        page_of(tweet("@lapor1708 tiga", BASE + (60_000 << 22))),
    ]
    with host(Strange(lambda count: pages[min(count, 2) - 1])) as url:
        bench = Bench(url)
        bench.look()
        assert (known := cursors.read(bench.keep, "mentions")) is not None
        assert known.number == BASE
        bench.look()
        bench.client.close()
    assert [raw.source_id for raw in bench.inbox.raws()][-1] == f"tweet:{BASE + (60_000 << 22)}"
    assert all(raw.ready_at is None or raw.ready_at <= NOW + timedelta(seconds=60) for raw in bench.inbox.raws())


@pytest.mark.parametrize("note", [{"number": 10**18 * 9}, {"number": 10**30}, {"at": "9998-01-01T00:00:00+00:00"}])
def test_a_note_from_the_future_is_not_believed(note: dict[str, Any]) -> None:
    keep = InMemory()
    keep.write("cursor:mentions", json.dumps({"number": None, "at": (NOW - timedelta(hours=1)).isoformat()} | note))
    with host(Strange(lambda _: page_of(tweet("@lapor1708 satu", BASE, created_at=NOW.isoformat())))) as url:
        bench = Bench(url, keep)
        bench.look()
        bench.client.close()
    assert [raw.source_id for raw in bench.inbox.raws()] == [f"tweet:{BASE}"]
    assert cursors.read(keep, "mentions") == Cursor(BASE, NOW)


@pytest.mark.parametrize(
    "name, note",
    [
        ("gaps", '[["2026-11-01T00:00:00","2026-11-02T00:00:00","2026-11-23T00:00:00+00:00"]]'),
        ("deletions", '{"due": "2026-11-01T00:00:00+00:00", "after": Infinity}'),
        ("deletions", '{"due": "9999-12-31T00:00:00+00:00", "after": 0}'),
        ("threads", "abc 12345678901234567890123"),
        ("watch:2026-11-24", "abc 123456789012345678901234567890"),
    ],
)
def test_notes_that_somebody_spoiled_do_not_end_the_listening(x: XApi, siti: Person, name: str, note: str) -> None:
    keep = InMemory()
    keep.write(name, note)
    with listening(x, keep, now=lambda: datetime.now(UTC), deletions_days=14, thread_seconds=0.05) as reader:
        siti.dms("halo")
        reader.wait(1, InboundKind.MESSAGE)
        siti.tweets("@lapor1708 banjir")
        reader.wait(1)
        x.wait(lambda: reader.channel.health.trouble is None)
