"""A day's money: answers to citizens before polling, never beyond the limit, and nothing forgotten (issue 4)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.twitter import Settings
from bots.twitter.budget import Budget, Purpose
from bots.twitter.prices import MICRO, Day, Policy
from bots.twitter.standing import Standing
from core import texts
from core.channels import Fault, Health, InMemory, Outcome, Spending
from tests.bots.twitter.outward import answer, door, message
from tests.bots.xapi import Person, XApi

JAKARTA = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 11, 24)
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=JAKARTA)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=JAKARTA)
MIDNIGHT = datetime(2026, 11, 25, 0, 0, tzinfo=JAKARTA)
POLLING = (Purpose.DIRECTS, Purpose.MENTIONS, Purpose.THREADS, Purpose.DELETIONS)


class Till:
    """A budget whose clock is in our hands."""

    def __init__(self, now: datetime = NOON, keep: InMemory | None = None, **settings: object) -> None:
        self.now = now
        self.keep = keep or InMemory()
        self.health = Health()
        standing = Standing(self.health, lambda: self.now)
        made = Settings.model_validate({"budget_usd_per_day": 1.0, "answers_share": 0.4, **settings})
        self.budget = Budget(made, self.keep, standing, zone="Asia/Jakarta", now=lambda: self.now)

    def spend(self, usd: float, purpose: Purpose = Purpose.MENTIONS, calls: int = 1) -> None:
        self.keep.spend(self.now.astimezone(JAKARTA).date(), purpose, micro_usd=round(usd * MICRO), calls=calls)

    def spent(self, day: date = TODAY) -> float:
        return sum(one.micro_usd for one in self.keep.spent(day)) / MICRO


def test_reading_costs_what_came_back_and_a_thing_once_in_a_utc_day() -> None:
    till = Till()
    till.budget.read(Purpose.MENTIONS, posts=["1", "2"], users=["7"], media=["3_1"])
    assert till.spent() == pytest.approx(2 * 0.005 + 0.010 + 0.005)
    till.budget.read(Purpose.MENTIONS, posts=["2", "3"], users=["7"])
    assert till.spent() == pytest.approx(0.025 + 0.005)
    till.budget.read(Purpose.DIRECTS)  # an empty page costs nothing, but it was a call
    assert till.keep.spent(TODAY)[0] == Spending("directs", 1, 0)
    till.now = NOON + timedelta(days=1)
    till.budget.read(Purpose.MENTIONS, posts=["2"])
    assert till.spent(TODAY + timedelta(days=1)) == pytest.approx(0.005)


def test_what_another_process_spent_counts() -> None:
    keep = InMemory()
    one, other = Till(keep=keep), Till(keep=keep)
    one.spend(0.99)
    assert other.budget.book(Purpose.ANSWERS, 0.015).wait_seconds == 12 * 3600
    assert keep.spent(TODAY)[0].micro_usd == 990_000


def test_answers_may_use_everything_and_polling_leaves_their_reserve() -> None:
    till = Till(now=MORNING)  # a quarter of the day is over: the reserve is 0.40 x 3/4
    till.spend(0.69)
    assert till.budget.wait(Purpose.DIRECTS) == 0.0
    till.spend(0.02)
    assert all(till.budget.wait(purpose) > 0 for purpose in POLLING)
    assert till.budget.wait(Purpose.ANSWERS) == 0.0


def test_the_reserve_shrinks_so_that_polling_goes_on_in_the_evening() -> None:
    till = Till(now=NOON)  # half the day: reserve 0.20
    till.spend(0.85)
    wait = till.budget.wait(Purpose.MENTIONS)
    assert 0 < wait < 12 * 3600
    till.now = NOON + timedelta(seconds=wait)
    assert till.budget.wait(Purpose.MENTIONS) == 0.0
    till.now = NOON + timedelta(seconds=wait - 60)
    assert till.budget.wait(Purpose.MENTIONS) > 0


def test_that_no_news_are_asked_for_is_said_openly_and_taken_back() -> None:
    till = Till(now=NOON)
    till.spend(0.9)  # 0.10 is left: the reserve has shrunk to that at 18:00
    till.budget.wait(Purpose.DIRECTS)
    till.budget.wait(Purpose.DELETIONS)
    assert till.health.remarks["saving"] == {"until": "18:00"}
    assert till.health.trouble is None
    till.now = NOON + timedelta(hours=6, minutes=1)
    till.budget.wait(Purpose.DIRECTS)
    assert "saving" not in till.health.remarks
    for language in ("id", "en"):
        assert "18:00" in texts.text(language, "desk.service.remark.saving", until="18:00")


def test_deletions_wait_for_what_nobody_else_needs() -> None:
    till = Till(now=NOON)
    till.spend(0.65)  # mentions may use 0.74 by now, deletions 0.60
    assert till.budget.wait(Purpose.MENTIONS) == 0.0
    assert till.budget.wait(Purpose.DELETIONS) > 0


def test_when_all_is_spent_everything_waits_for_the_offices_midnight() -> None:
    till = Till(now=NOON)
    till.spend(1.0)
    assert {till.budget.wait(purpose) for purpose in Purpose} == {12 * 3600.0}
    assert till.health.trouble == "budget"
    assert till.health.remarks["budget"] == {"spent": "1.00", "limit": "1.00", "forecast": "1.00"}
    till.now = MIDNIGHT
    assert till.budget.wait(Purpose.ANSWERS) == 0.0
    assert till.health.trouble is None


def test_the_limit_is_never_passed_however_many_answer_at_once() -> None:
    keep = InMemory()
    tills = [Till(keep=keep), Till(keep=keep)]
    booked: list[float] = []

    def answer_many(till: Till) -> None:
        booked.extend(till.budget.book(Purpose.ANSWERS, 0.015).wait_seconds for _ in range(60))

    threads = [threading.Thread(target=answer_many, args=(till,)) for till in tills for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert booked.count(0.0) * 0.015 == pytest.approx(tills[0].spent())
    assert 0.9 < tills[0].spent() <= 1.0


def test_the_slower_of_two_at_the_same_moment_takes_its_booking_back() -> None:
    class Crowded(InMemory):
        """Another process books between our look and our booking."""

        quicker = True

        def spend(self, day: date, purpose: str, *, micro_usd: int, calls: int = 1) -> None:
            if self.quicker:
                self.quicker = False
                super().spend(day, purpose, micro_usd=15_000)
            super().spend(day, purpose, micro_usd=micro_usd, calls=calls)

    till = Till(keep=Crowded(), budget_usd_per_day=0.02)
    assert till.budget.book(Purpose.ANSWERS, 0.015).wait_seconds == 12 * 3600
    assert till.keep.spent(TODAY) == [Spending("answers", 1, 15_000)]


def test_what_is_given_back_goes_to_the_day_that_it_was_taken_from() -> None:
    till = Till(now=MIDNIGHT - timedelta(seconds=1))
    booking = till.budget.book(Purpose.ANSWERS, 0.015)
    till.now = MIDNIGHT + timedelta(seconds=1)
    till.budget.back(booking)
    assert till.keep.spent(TODAY) == [Spending("answers", 0, 0)]
    assert till.keep.spent(TODAY + timedelta(days=1)) == []


def test_polling_slows_down_by_as_much_as_its_forecast_passes_what_is_left_for_it() -> None:
    till = Till(now=NOON)
    assert till.budget.interval(60) == 60
    till.spend(0.40)  # as much again is to be expected, and left for it are 1.00 - 0.40 - the reserve of 0.20
    assert till.budget.interval(60) == 60
    till.spend(0.20)  # expected 0.60, left 0.20
    assert till.budget.interval(60) == pytest.approx(180)
    till.spend(0.19)
    assert till.budget.interval(60) == 900  # no slower than every quarter of an hour
    till.spend(0.10, Purpose.ANSWERS)
    assert till.budget.interval(60) == 900


def test_a_first_mention_of_the_day_slows_nothing_down() -> None:
    till = Till(now=MIDNIGHT + timedelta(minutes=1), budget_usd_per_day=5)
    till.budget.read(Purpose.MENTIONS, posts=["1"], users=["7"], media=["3_1"])
    assert till.budget.interval(60) == 60


def test_the_forecast_goes_on_as_the_day_began_and_stops_at_the_limit() -> None:
    till = Till(now=NOON)
    till.spend(0.30)
    assert till.budget.told() == {"spent": "0.30", "limit": "1.00", "forecast": "0.60"}
    till.spend(0.30)
    assert till.budget.told()["forecast"] == "1.00"


@given(
    st.integers(0, 10**7),
    st.floats(0, 1),
    st.integers(0, 2 * 10**7),
    st.integers(0, 366 * 86_400),
    st.sampled_from(list(Purpose)),
    st.integers(0, 10**6),
)
def test_a_wait_is_never_negative_never_beyond_midnight_and_never_lets_spend_too_much(
    limit: int, share: float, spent: int, second: int, purpose: Purpose, cost: int
) -> None:
    day = Day.of(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second), JAKARTA)
    policy = Policy(limit, share)
    wait = policy.wait_seconds(purpose, spent, day, cost)
    assert 0 <= wait <= max(day.left_seconds, 1.0) + 1
    assert wait > 0 or spent + cost <= limit
    assert policy.wait_seconds(Purpose.ANSWERS, spent, day, cost) <= policy.wait_seconds(Purpose.MENTIONS, spent, day, cost)
    assert 60 <= policy.interval_seconds(60, [Spending("mentions", 3, spent)], day) <= 900


def test_a_sent_message_is_booked_and_what_failed_is_not(x: XApi, siti: Person) -> None:
    keep = InMemory()
    channel = door(x, keep=keep, clock=lambda: NOON)
    channel.send(message(siti.id))
    channel.send(answer(siti.tweets("@lapor1708 banjir"), siti.id))
    invitation = Spending("invitations", 1, 15_000)
    assert keep.spent(TODAY) == [Spending("answers", 1, 15_000), invitation]
    for fault in ("html", "unauthorised", "credits", "dm_forbidden", "redirect"):
        x.fault("dm", fault)
        channel.send(message(siti.id))
    assert keep.spent(TODAY) == [Spending("answers", 1, 15_000), invitation]
    x.fault("dm", "cut_after")  # nobody knows: it counts
    channel.send(message(siti.id))
    channel.close()
    assert keep.spent(TODAY) == [Spending("answers", 2, 30_000), invitation]


def test_when_the_money_ends_answers_wait_openly_until_tomorrow(x: XApi, siti: Person) -> None:
    moment = [NOON]
    channel = door(x, clock=lambda: moment[0], budget_usd_per_day=0.04)
    assert [channel.send(message(siti.id, str(n))).outcome for n in range(2)] == [Outcome.ACCEPTED] * 2
    waiting = channel.send(message(siti.id, "2"))
    assert (waiting.outcome, waiting.fault, waiting.retry_after_seconds) == (Outcome.AGAIN, Fault.BUDGET, 12 * 3600)
    assert channel.health.trouble == "budget"
    assert channel.health.remarks["budget"] == {"spent": "0.03", "limit": "0.04", "forecast": "0.04"}
    moment[0] = MIDNIGHT
    assert channel.send(message(siti.id, "2")).outcome is Outcome.ACCEPTED
    assert channel.health.trouble is None
    channel.close()
    assert siti.reads() == ["0", "1", "2"]
