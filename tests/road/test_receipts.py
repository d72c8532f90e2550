"""Issue "SMS and email": delivery states from callbacks in any order, never backwards, before our own commit, and twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.channels import Fault, Outcome, Receipt
from core.delivery import Deliverer
from core.outcomes import may_follow
from core.settling import match_early, receipt
from core.storage.engine import Database
from core.storage.outbox import ACCEPTED, DELIVERED, FAILED, SENDING, UNKNOWN, WAITING
from core.storage.schema import migrate
from tests.road.conftest import _world
from tests.road.world import World, with_capabilities

STATES = (WAITING, SENDING, UNKNOWN, ACCEPTED, DELIVERED, FAILED)
SENT = "sent"
"""The moment at which our own outcome is committed; the others are what the gateway says."""
WORDS = ("accepted", "delivered", "failed", "gone")
_numbers = count(1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all examples: each takes a person and a message of its own."""
    folder: Path = tmp_path_factory.mktemp("receipts")
    url = f"sqlite:///{folder / 'lapor.db'}"
    database = Database(url)
    migrate(database)
    database.dispose()
    for world in _world(url, folder):
        yield with_capabilities(world, receipts=True)


def said(word: str, vendor_id: str) -> Receipt:
    if word == "gone":
        return Receipt(vendor_id, Outcome.FAILED, "1.1", Fault.RECIPIENT_GONE)
    return Receipt(vendor_id, Outcome(word))


def play(world: World, events: Sequence[str]) -> list[str]:
    """The states that one message goes through, ours first; `SENT` once among what the gateway says of it."""
    number = next(_numbers)
    world.write_to(f"person{number}", f"halo {number}")
    deliverer = Deliverer(world.office, world.door, owner="one")
    deliverer.step(world.now)
    deliverer.wait(5)
    vendor_id = f"v{len(world.door.sent)}"
    states = []
    for event in events:
        if event == SENT:
            deliverer.finish(lambda: world.now, 5)
        with world.office.database.write() as connection:
            if event != SENT:
                receipt(connection, world.office, world.door.name, said(event, vendor_id), now=world.now)
            match_early(connection, world.office, world.door.name, now=world.now)
        states.append(str(world.rows("outbox")[-1]["state"]))
    return states


@st.composite
def orders(draw: st.DrawFn) -> list[str]:
    words = draw(st.lists(st.sampled_from(WORDS), max_size=6))  # with doubles
    return list(draw(st.permutations([*words, SENT])))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=orders())
def test_whatever_comes_in_whatever_order_ends_at_the_best_that_was_said_and_never_goes_back(
    desk: World, events: list[str]
) -> None:
    states = play(desk, events)
    bad = {"failed", "gone"} & set(events)
    assert states[-1] == ("delivered" if "delivered" in events else "failed" if bad else "accepted")
    ended = states.index("delivered") if "delivered" in states else len(states)
    assert set(states[ended:]) <= {"delivered"}
    after_sent = states[events.index(SENT) :]
    assert not {"waiting", "sending"} & set(after_sent)
    if "failed" in after_sent:
        assert "accepted" not in after_sent[after_sent.index("failed") :]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=orders().filter(lambda events: "gone" in events and "delivered" not in events))
def test_a_vendor_that_says_the_recipient_is_gone_marks_the_address_also_before_our_commit(
    desk: World, events: list[str]
) -> None:
    play(desk, events)
    first_failure = next(word for word in events if word in ("failed", "gone"))
    gone = desk.rows("addresses")[-1]["gone_at"] is not None
    assert gone or first_failure == "failed"


def test_of_two_states_one_may_follow_the_other_or_none_but_failed_and_delivered() -> None:
    for one in STATES:
        assert not may_follow(one, one)
        for other in STATES:
            if one != other:
                assert may_follow(one, other) != may_follow(other, one) or {one, other} == {FAILED, DELIVERED}
    assert not may_follow(DELIVERED, FAILED, by_receipt=True)
    assert may_follow(FAILED, DELIVERED, by_receipt=True)
