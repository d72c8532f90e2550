"""Several people and processes at the same moment: one wins, nobody's work is half done, each due event happens once."""

import threading
from collections.abc import Callable
from typing import Any

from core import casework, sweep
from core.casework import Inputs
from core.dialogue.model import Add, NotSettled
from core.errors import Refused, StaleReport
from core.procedure.vocabulary import Move, State
from tests.usecases.world import World, wib


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Runs them in threads that start together; results, or the exceptions that they ended with, in order."""
    results: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = work()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_two_officials_with_the_same_version_one_wins_and_the_other_is_told(world: World) -> None:
    report = world.classified(world.submit())
    admin = world.actor("national")

    def dispose(place: str) -> Callable[[], Any]:
        inputs = Inputs(office_id=world.places[place])
        return lambda: casework.perform(
            world.office,
            report_id=report.id,
            version=report.version,
            move=Move.DISPOSE,
            inputs=inputs,
            by=admin,
            now=world.now,
        )

    results = at_once(dispose("city"), dispose("ministry"))
    assert sum(isinstance(each, StaleReport) for each in results) == 1
    assert len(world.rows("history", lambda c: c.move == "dispose")) == 1
    assert len(world.rows("outbox")) == 1


def test_sweeps_at_the_same_moment_do_each_thing_once(world: World) -> None:
    reports = [world.submit() for _ in range(5)]
    at = wib(3, 18, 0)
    results = at_once(*[lambda: sweep.run(world.office, at=at)] * 3)
    assert not [each for each in results if isinstance(each, Exception)]
    codes = [effect.report for effects in results for effect in effects if effect.report]
    assert sorted(codes) == sorted(report.code for report in reports)
    assert world.told("national").count("overdue_verification") == 5


def test_additions_of_the_reporter_and_moves_of_officials_do_not_lose_each_other(world: World) -> None:
    report = world.at_unit(world.submit())

    def add(number: int) -> Callable[[], Any]:
        return lambda: world.say(Add(code=report.code, text=f"tambahan {number}"))

    def note() -> Any:
        while True:
            try:
                return world.do("liaison", Move.NOTE, report, words="dicatat")
            except StaleReport:
                continue

    results = at_once(*[add(number) for number in range(4)], note, note)
    assert not [each for each in results if isinstance(each, Exception)]
    kinds = [row.kind for row in world.rows("messages")]
    assert (kinds.count("addition"), kinds.count("note")) == (4, 2)
    assert [row.version for row in world.rows("reports")] == [world.get(report).version]


def test_a_belum_at_the_moment_of_closing_either_comes_first_or_is_told_that_it_is_closed(world: World) -> None:
    report = world.settled(world.submit())
    world.now = wib(4, 1, 0)
    sweep.run(world.office, at=world.now)
    world.deliver()
    world.now = wib(4, 7, 0)
    results = at_once(
        lambda: sweep.run(world.office, at=wib(4, 7, 0)),
        lambda: sweep.run(world.office, at=wib(4, 7, 0)),
        lambda: world.say(NotSettled(code=report.code, text="belum")),
    )
    assert not [each for each in results if isinstance(each, Exception) and not isinstance(each, Refused)]
    refused = isinstance(results[2], Refused)
    after = world.get(report)
    assert after.state is (State.CLOSED if refused else State.IN_PROGRESS)
    closed = world.rows("outbox", lambda c: c.kind == "notice.closed_silent")
    assert len(closed) == (1 if refused else 0)


def test_referrals_of_linked_reports_happen_once_however_many_sweep(world: World) -> None:
    world.now = wib(1, 2)
    lead = world.at_unit(world.submit())
    double = world.submit(by=world.someone("budi"))
    world.do("national", Move.LINK, double, code=lead.code)
    for moment in (wib(3, 20), wib(4, 8)):
        sweep.run(world.office, at=moment)
        world.now = moment
        world.deliver()
    at_once(*[lambda: sweep.run(world.office, at=wib(4, 10, 0))] * 3)
    moves = [row.report_id for row in world.rows("history", lambda c: c.move == "refer")]
    assert sorted(moves) == sorted([lead.id, double.id])
    assert world.told("supervisor").count("referred") == 2
