"""Deliveries that come at the same time share a commit, and each hears its own answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.channels import Raw, Stored
from core.errors import StorageUnavailable
from core.gathering import MOST_BYTES, Gathering


class Counter:
    """Stores in memory and remembers what was committed together. `slow`: waits for `go` first."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.go = threading.Event()
        self.entered = threading.Event()
        self.away = False

    def __call__(self, raws: Sequence[Raw]) -> Sequence[Stored]:
        self.entered.set()
        assert self.go.wait(5)
        if self.away:
            raise StorageUnavailable("away")
        if any(raw.body == b"poison" for raw in raws):
            raise ValueError("poison")
        known = {one for commit in self.commits for one in commit}
        self.commits.append([raw.source_id for raw in raws])
        return [Stored.DUPLICATE if raw.source_id in known else Stored.NEW for raw in raws]


def raw(name: str, body: bytes = b"halo") -> Raw:
    return Raw("sms", name, name, body)


def gathered(store: Counter, accept: Gathering, pool: ThreadPoolExecutor, *raws: Sequence[Raw]) -> list[object]:
    """The first is being committed while the others arrive; what each heard."""
    first = pool.submit(accept, raws[0])
    assert store.entered.wait(5)
    others = [pool.submit(accept, one) for one in raws[1:]]
    while len(accept._waiting) < len(others):
        threading.Event().wait(0.002)
    store.go.set()
    return [one.exception(5) or one.result() for one in (first, *others)]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(12) as pool:
        yield pool


def test_what_arrives_during_a_commit_is_committed_together(pool):
    store = Counter()
    heard = gathered(store, Gathering(store), pool, *([raw(f"m{number}")] for number in range(9)))
    assert heard == [[Stored.NEW]] * 9
    assert [len(commit) for commit in store.commits] == [1, 8]


def test_each_hears_the_answer_to_its_own(pool):
    store = Counter()
    heard = gathered(store, Gathering(store), pool, [raw("a")], [raw("b"), raw("a")], [raw("a"), raw("c")])
    assert heard == [[Stored.NEW], [Stored.NEW, Stored.DUPLICATE], [Stored.DUPLICATE, Stored.NEW]]


def test_one_that_cannot_be_stored_keeps_no_other_from_it(pool):
    store = Counter()
    heard = gathered(store, Gathering(store), pool, [raw("a")], [raw("b")], [raw("c", b"poison")], [raw("d")])
    assert [type(one) for one in heard] == [list, list, ValueError, list]
    assert {name for commit in store.commits for name in commit} == {"a", "b", "d"}


def test_a_database_that_is_away_is_away_for_all_and_back_for_the_next(pool):
    store = Counter()
    store.away = True
    accept = Gathering(store)
    heard = gathered(store, accept, pool, [raw("a")], [raw("b")], [raw("c")])
    assert [type(one) for one in heard] == [StorageUnavailable] * 3
    store.away = False
    assert accept([raw("a")]) == [Stored.NEW]


def test_large_ones_are_not_heaped_up(pool):
    store = Counter()
    large = b"x" * (MOST_BYTES // 2)
    heard = gathered(store, Gathering(store), pool, [raw("a")], *([raw(f"l{number}", large)] for number in range(5)))
    assert heard == [[Stored.NEW]] * 6
    assert max(len(commit) for commit in store.commits) == 2


def test_many_at_once_lose_nothing(pool):
    store = Counter()
    store.go.set()
    accept = Gathering(store)
    assert list(pool.map(lambda number: accept([raw(f"m{number}")]), range(2_000))) == [[Stored.NEW]] * 2_000
    assert sorted(name for commit in store.commits for name in commit) == sorted(f"m{number}" for number in range(2_000))
