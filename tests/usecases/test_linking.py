"""One person at several addresses: where notices go, what a failure changes, groups of people at the same time (issue 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core import reporter
from core.dialogue.model import PreferHere, Remember, Unlink
from core.procedure.vocabulary import ClockKind, Move
from core.storage import links, people, tables
from core.storage.crypto import Keys, use_keys
from tests.usecases.world import World, open_world


@pytest.fixture
def quick(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """What does not depend on the database."""
    use_keys(Keys.from_secret(b"a secret for the tests of the use cases"))
    opened = open_world(sqlite_url, tmp_path)
    yield opened
    opened.office.close()


def joined(world: World, *others: reporter.Speaker) -> None:
    """The world's own citizen and these are one person."""
    for other in others:
        with world.office.database.write() as connection:
            links.take_turn(connection, now=world.now)
            links.join(
                connection,
                address_id=other.address_id,
                person_id=other.person_id,
                other_address_id=world.speaker.address_id,
                other_id=world.speaker.person_id,
                at=world.now,
            )


def change(world: World, speaker: reporter.Speaker, **values: object) -> None:
    with world.office.database.write() as connection:
        row = tables.addresses.c.id == speaker.address_id
        connection.execute(update(tables.addresses).where(row).values(values))


def waiting(world: World) -> list[int]:
    """To which addresses something waits to leave, in its order."""
    rows = world.rows("outbox", lambda c: c.state == "waiting")
    return [row.address_id for row in sorted(rows, key=lambda row: row.id)]


def detours(world: World) -> list[object]:
    rows = world.rows("history", lambda c: c.move == Move.RECORD_DELIVERY.value)
    return [row.details for row in rows]


# --- where notices go ------------------------------------------------------------------------------------------------------


def test_notices_go_where_the_person_prefers_and_again_to_the_reports_own_address(quick: World) -> None:
    other = quick.someone("budi")
    joined(quick, other)
    report = quick.submit()
    quick.say(PreferHere(True), by=other)
    quick.at_agency(report)
    assert set(waiting(quick)) == {other.address_id}
    quick.deliver()
    quick.say(PreferHere(False), by=other)
    quick.do("admin", Move.DISPOSE, report, office_id=quick.places["health"])
    assert set(waiting(quick)) == {quick.speaker.address_id}
    assert detours(quick) == []


def test_the_latest_wish_counts_and_only_one_address_is_preferred(quick: World) -> None:
    other, third = quick.someone("budi"), quick.someone("cici")
    joined(quick, other, third)
    quick.say(PreferHere(True), by=other)
    quick.say(PreferHere(True), by=third)
    preferred = [row.id for row in quick.rows("addresses") if row.preferred_at is not None]
    assert preferred == [third.address_id]


def test_of_two_wishes_from_before_the_link_the_latest_counts(quick: World) -> None:
    other = quick.someone("budi")
    change(quick, quick.speaker, preferred_at=quick.now)
    change(quick, other, preferred_at=quick.now + timedelta(minutes=1))
    joined(quick, other)
    quick.at_agency(quick.submit())
    assert set(waiting(quick)) == {other.address_id}


def test_a_settlement_that_failed_goes_on_to_the_linked_address_and_its_clock_runs_from_there(world: World) -> None:
    other = world.someone("budi")
    joined(world, other)
    report = world.submit()
    world.in_progress(report)
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan.")
    _fail(world)
    assert waiting(world) == [other.address_id]
    assert ClockKind.SILENCE not in world.clocks_running(report)
    world.now += timedelta(days=1)
    world.deliver()
    assert world.clock(report, ClockKind.SILENCE).clock.started_at == world.now
    assert detours(world) == [{"from_channel": "pigeon", "to_channel": "pigeon"}]
    assert "undeliverable" not in world.told("liaison")
    assert world.get(report).unreachable_since is None


def test_what_failed_at_the_preferred_address_goes_to_the_reports_own(quick: World) -> None:
    other = quick.someone("budi")
    joined(quick, other)
    report = quick.submit()
    quick.in_progress(report)
    quick.deliver()
    quick.say(PreferHere(True), by=other)
    quick.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan.")
    _fail(quick)
    assert waiting(quick) == [quick.speaker.address_id]
    assert quick.get(report).address_id == quick.speaker.address_id
    assert len(detours(quick)) == 1


def test_a_question_that_failed_on_every_linked_address_comes_back_to_its_asker(quick: World) -> None:
    other = quick.someone("budi")
    joined(quick, other)
    report = quick.submit()
    quick.at_unit(report)
    quick.deliver()
    quick.do("liaison", Move.ASK, report, words="Di loket mana kejadiannya, dan siapa petugasnya?")
    _fail(quick)
    assert waiting(quick) == [other.address_id]
    _fail(quick)
    assert waiting(quick) == []
    assert quick.get(report).unreachable_since == quick.now
    assert quick.get(report).state.value == "at_unit"


def test_the_latest_used_verified_address_comes_first_and_an_unverified_one_never(quick: World) -> None:
    older, newer, claimed = (quick.someone(name) for name in ("budi", "cici", "dedi"))
    joined(quick, older, newer, claimed)
    report = quick.submit()
    change(quick, quick.speaker, gone_at=quick.now)
    change(quick, newer, seen_at=quick.now + timedelta(hours=1))
    change(quick, claimed, seen_at=quick.now + timedelta(hours=2), verified=False)
    quick.at_agency(report)
    assert set(waiting(quick)) == {newer.address_id}
    quick.do("admin", Move.DISPOSE, report, office_id=quick.places["health"])
    assert len(detours(quick)) == 1  # the same way is put on record once


def test_a_linked_address_that_was_idle_for_half_a_year_is_no_way_out(quick: World) -> None:
    """Numbers are recycled (sop.md §7)."""
    other = quick.someone("budi")
    joined(quick, other)
    report = quick.submit()
    change(quick, quick.speaker, gone_at=quick.now)
    change(quick, other, seen_at=quick.now - timedelta(days=200))
    quick.at_agency(report)
    assert other.address_id not in waiting(quick)


def test_after_stop_at_one_address_notices_go_to_the_next(quick: World) -> None:
    other = quick.someone("budi")
    joined(quick, other)
    report = quick.submit()
    quick.say(Remember(gone=True))
    quick.at_agency(report)
    assert set(waiting(quick)) == {other.address_id}
    assert detours(quick) == [{"from_channel": "pigeon", "to_channel": "pigeon"}]
    quick.say(Remember(gone=False))
    quick.deliver()
    quick.do("admin", Move.DISPOSE, report, office_id=quick.places["health"])
    assert set(waiting(quick)) == {quick.speaker.address_id}


def test_the_record_of_another_way_names_no_address(quick: World) -> None:
    other = quick.someone("budi@rahasia")
    joined(quick, other)
    quick.submit()
    change(quick, quick.speaker, gone_at=quick.now)
    quick.at_agency(quick.by_code(quick.rows("reports")[0].code))
    assert "rahasia" not in str([row.details for row in quick.rows("history")] + [row.details for row in quick.rows("audit")])


def test_a_link_gives_no_name_to_what_was_filed_without_one(quick: World) -> None:
    other = quick.someone("budi")
    report = quick.submit(by=other)
    with quick.office.database.write() as connection:
        connection.execute(update(tables.people).where(tables.people.c.id == other.person_id).values(name=None))
    joined(quick, other)
    with quick.office.database.read() as connection:
        assert people.name_of(connection, quick.get(report).person_id or 0) is None


# --- undoing ---------------------------------------------------------------------------------------------------------------


def test_after_undoing_each_report_goes_to_an_address_of_its_own_side(world: World) -> None:
    other = world.someone("budi")
    joined(world, other)
    report = world.submit()
    world.in_progress(report)
    world.deliver()
    world.do("liaison", Move.SETTLE, report, words="Uang sudah dikembalikan.")
    _fail(world)
    assert world.get(report).address_id == other.address_id
    assert waiting(world) == [other.address_id]
    world.say(Unlink(other.address_id))
    mine = world.rows("outbox", lambda c: (c.address_id == other.address_id) & c.report_id.is_not(None))
    assert {row.state for row in mine} == {"failed"}
    assert world.get(report).address_id == world.speaker.address_id


def test_undoing_what_is_not_linked_changes_nothing(quick: World) -> None:
    stranger = quick.someone("budi")
    before = quick.rows("people")
    quick.say(Unlink(stranger.address_id))
    quick.say(Unlink(quick.speaker.address_id))
    assert quick.rows("people") == before


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_whoever_leaves_the_others_stay_one_without_a_chain(quick: World, leaves: int) -> None:
    three = (quick.speaker, quick.someone("budi"), quick.someone("cici"))
    joined(quick, *three[1:])
    quick.say(Unlink(three[leaves].address_id), by=three[1])
    stay = [one for place, one in enumerate(three) if place != leaves]
    _no_chains(quick)
    with quick.office.database.read() as connection:
        assert people.are_one(connection, stay[0].person_id, stay[1].person_id)
        assert not people.are_one(connection, three[leaves].person_id, stay[0].person_id)


# --- at the same time ------------------------------------------------------------------------------------------------------


def test_links_made_and_undone_at_the_same_time_leave_whole_groups(world: World) -> None:
    speakers = [world.someone(f"orang{number}") for number in range(6)]

    def link(one: reporter.Speaker, other: reporter.Speaker) -> None:
        with world.office.database.write() as connection:
            links.take_turn(connection, now=world.now)
            links.join(
                connection,
                address_id=one.address_id,
                person_id=one.person_id,
                other_address_id=other.address_id,
                other_id=other.person_id,
                at=world.now,
            )

    pairs = [(0, 1), (1, 0), (2, 1), (3, 4), (4, 3), (5, 4), (1, 3), (4, 0)]
    work: list[Callable[[], object]] = [lambda a=a, b=b: link(speakers[a], speakers[b]) for a, b in pairs]  # type: ignore[misc]
    work.insert(4, lambda: world.say(Unlink(speakers[1].address_id), by=speakers[0]))
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(each) for each in work]:
            done.result()
    _no_chains(world)
    people_rows = {row.id: row.same_as for row in world.rows("people")}
    groups = {people_rows[one.person_id] or one.person_id for one in speakers if one is not speakers[1]}
    assert len(groups) <= 2
    assert len(world.rows("links")) == len(pairs)


def _no_chains(world: World) -> None:
    same_as = {row.id: row.same_as for row in world.rows("people")}
    assert {same_as[first] for first in same_as.values() if first is not None} <= {None}


def _fail(world: World) -> None:
    """What waits fails for good, without a word about the address itself."""
    from core import settling
    from core.channels import Delivery, Fault, Outcome
    from core.storage import claims

    with world.office.database.write() as connection:
        entries = [entry for entry, _ in claims.heads(connection, "pigeon", now=world.now, limit=50)]
        claims.sending(connection, [each.id for each in entries], owner="test", until=world.now)
        failed = Delivery(Outcome.FAILED, fault=Fault.REFUSED)
        results = [(each, failed) for each in entries]
        settling.record(connection, world.office, results, owner="test", now=world.now, chance=lambda: 0.0)
