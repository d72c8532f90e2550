"""Whoever attacks the road: cut connections, locked and full databases, messages that hang, clocks that differ, floods."""

from __future__ import annotations

import gc
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from core.channels import Delivery, Fault, Inbound, Outcome
from core.delivery import LEASE, Deliverer
from core.errors import StorageUnavailable
from core.handling import Handler
from core.outcomes import REPEAT_AFTER
from core.storage import channelstates, claims
from core.storage.engine import Database
from core.working import Worker, accepting
from tests.road.postbox import Postbox, raw
from tests.road.test_work import until
from tests.road.world import World, with_capabilities

# A connection that the server cut while the library was still setting it up is collected, not closed: it warns of that.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


# --- the database away ----------------------------------------------------------------------------------------------------


@contextmanager
def cut_off(world: World) -> Iterator[None]:
    """Every connection broken by the server, and none let in."""
    url = world.database.engine.url.set(drivername="postgresql")
    name = url.database
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')  # type: ignore[arg-type]
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')  # type: ignore[arg-type]


def test_a_postgres_that_goes_away_again_and_again_loses_nothing_and_costs_no_attempt(postgres_world: World) -> None:
    world = postgres_world
    accept = accepting(world.office)
    names = [f"s{number}" for number in range(12)]
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=2)
    worker.start()
    try:
        for round_ in range(2):
            for name in names:
                _insist(lambda name=name, round_=round_: accept([raw(f"{name}-{round_}", "jalan rusak pak", sender=name)]))
            with cut_off(world):
                time.sleep(0.2)
        assert until(lambda: _quiet(world, 24), 90)
        assert worker.alive
    finally:
        stopped = worker.stop()
    assert stopped
    rows = world.rows("inbox")
    assert {(row["state"], row["attempts"]) for row in rows} == {("handled", 0)}
    assert {row["state"] for row in world.rows("outbox")} <= {"delivered"}
    assert len(world.door.sent) == len({(sent.address, sent.key) for sent in world.door.sent})
    world.database.dispose()
    gc.collect()


def _insist(act: object) -> None:
    while True:
        try:
            act()  # type: ignore[operator]
        except StorageUnavailable:
            time.sleep(0.05)
        else:
            return


def _quiet(world: World, messages: int) -> bool:
    try:
        states = world.states()
        waiting = [row for row in world.rows("outbox") if row["state"] in ("waiting", "sending")]
    except StorageUnavailable:
        return False
    return len(states) == messages and set(states.values()) == {"handled"} and not waiting


def test_an_sqlite_that_another_process_locks_says_try_again_and_goes_on(sqlite_world: World) -> None:
    world = sqlite_world
    path = str(world.database.engine.url.database)
    impatient = Database(world.database.url)
    with impatient.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable), impatient.write():
            pass
        other.execute("ROLLBACK")
    with impatient.write():
        pass
    impatient.dispose()


def test_a_full_disk_says_try_again_and_nothing_is_half_there(sqlite_world: World) -> None:
    world = sqlite_world
    world.accept(raw("m1", "halo"))
    wal = Path(str(world.database.engine.url.database) + "-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(wal.stat().st_size + 4096, 64 * 1024), hard))
    try:
        with pytest.raises(StorageUnavailable):
            _fill(world)
        stored = len(world.states())
        with pytest.raises(StorageUnavailable):
            Handler(world.office, world.doors, owner="one").step(world.now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(world.states()) == stored
    assert stored % 2 == 1  # each batch as a whole or not at all
    world.later(minutes=2)
    world.handle_all()
    assert set(world.states().values()) == {"handled"}


def _fill(world: World) -> None:
    for number in range(200):
        world.accept(raw(f"n{number}", "x" * 9_000), raw(f"f{number}", "y" * 90_000))


# --- messages that hang, threads that break -------------------------------------------------------------------------------


class Hanging(Postbox):
    """Its parser never comes back from some messages."""

    gate: threading.Event

    def parse(self, body: bytes, source_id: str) -> Inbound:
        if source_id == "endless":
            self.gate.wait()
        return super().parse(body, source_id)


def test_a_message_that_holds_its_handler_for_ever_does_not_stop_the_others(world: World) -> None:
    door = Hanging(capabilities=world.door.capabilities)
    door.gate = threading.Event()
    worker = Worker(
        world.office,
        {door.name: door},
        runs=[door.name],
        handlers=1,
        watch_seconds=0.1,
        hangs_after_seconds={"handle": 0.5, "deliver": 30.0, "fetch": 30.0},
    )
    with capture_logs() as said:
        worker.start()
        accept = accepting(world.office)
        accept([raw("endless", "halo")])
        assert until(lambda: not worker.alive, 10)
        accept([raw("m1", "halo", sender="ani")])
        assert until(lambda: [sent.address for sent in door.sent] == ["ani"], 20)
        door.gate.set()
        assert until(lambda: worker.alive and world.states()["endless"] == "handled", 20)
        assert worker.stop()
    assert "handle-0" in {each.get("part") for each in said if each["event"] == "part_hangs"}


def test_a_channel_says_how_it_is_while_it_runs(world: World) -> None:
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=0, watch_seconds=0.05, clock=lambda: world.now)
    world.door.health.trouble = "unauthorised"
    worker.start()
    assert until(lambda: [row["trouble"] for row in world.rows("channel_states")] == ["unauthorised"])
    world.door.health.trouble, world.door.health.last_success_at = None, world.now
    assert until(lambda: [row["trouble"] for row in world.rows("channel_states")] == [None])
    with world.database.read() as connection:
        (state,) = channelstates.every(connection)
    assert state.last_success_at == world.now
    assert state.trouble_at(world.now) is None
    assert state.trouble_at(world.now + timedelta(minutes=3)) == channelstates.SILENT
    assert worker.stop()
    assert world.rows("channel_states") == []


def test_a_defect_in_one_outcomes_consequences_does_not_silence_the_channel(world: World) -> None:
    world.write_to("budi", "Pengingat", clock="reminder:no number")
    world.write_to("ani", "halo")
    with world.office.database.write() as connection:
        connection.exec_driver_sql("UPDATE outbox SET parts = 1")
    deliverer = Deliverer(world.office, world.door, owner="one")
    _run_dry(world, deliverer)
    assert world.outbox() == {"Pengingat": "delivered", "halo": "delivered"}


def test_an_entry_that_cannot_be_decrypted_waits_and_the_channel_goes_on(world: World) -> None:
    world.write_to("budi", "satu")
    world.write_to("ani", "dua")
    world.write_to("cici", "tiga")
    altered = "X'00'" if world.database.dialect == "sqlite" else "'\\x00'::bytea"
    with world.office.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE outbox SET payload = {altered} WHERE id = 1")
        connection.exec_driver_sql(f"UPDATE addresses SET address = {altered} WHERE id = 2")
    _run_dry(world, Deliverer(world.office, world.door, owner="one"))
    assert world.door.texts == ["tiga"]
    with world.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT state FROM outbox ORDER BY id").scalars().all()
    assert rows == ["waiting", "waiting", "delivered"]


def _run_dry(world: World, deliverer: Deliverer) -> None:
    deliverer.step(world.now)
    while deliverer.flying:
        deliverer.wait(5)
        deliverer.step(world.now)


# --- leases, clocks, orders -----------------------------------------------------------------------------------------------


def test_an_earlier_attempt_of_the_same_sender_does_not_settle_a_later_one(world: World) -> None:
    world = with_capabilities(world, repeatable=True)
    world.write_to("budi", "halo")
    with world.office.database.write() as connection:
        ((first, _),) = claims.heads(connection, world.door.name, now=world.now, limit=1)
        claims.sending(connection, [first.id], owner="one-d", until=world.now + LEASE)
    world.later(seconds=LEASE.total_seconds() + 1)
    deliverer = Deliverer(world.office, world.door, owner="one-d")
    deliverer.step(world.now)  # the lease has ended: unknown, to be repeated
    world.later(minutes=1)
    world.door.seconds_per_send = 0.3
    deliverer.step(world.now)
    assert world.outbox() == {"halo": "sending"}
    from core import settling

    with world.office.database.write() as connection:
        late = [(first, Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE))]
        settling.record(connection, world.office, late, owner="one-d", now=world.now, chance=lambda: 0.0)
    assert world.outbox() == {"halo": "sending"}
    deliverer.finish(lambda: world.now, 5)
    assert world.outbox() == {"halo": "delivered"}


def test_a_repeat_that_comes_due_waits_for_what_overtook_it(world: World) -> None:
    world.write_to("budi", "Pengingat", clock="silence")
    world.door.outcomes["Pengingat"].append(Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN))
    _run_dry(world, Deliverer(world.office, world.door, owner="one"))
    world.write_to("budi", "lagi")
    with world.office.database.write() as connection:
        ((entry, _),) = claims.heads(connection, world.door.name, now=world.now, limit=9)
        claims.sending(connection, [entry.id], owner="slow", until=world.now + timedelta(hours=1))
    world.later(seconds=REPEAT_AFTER.total_seconds() + 1)
    with world.office.database.write() as connection:
        assert claims.heads(connection, world.door.name, now=world.now, limit=9) == []


@pytest.mark.parametrize("ahead", [-20, 20])
def test_two_senders_whose_clocks_differ_send_everything_once_and_in_order(world: World, ahead: int) -> None:
    for number in range(6):
        for name in ("budi", "ani", "cici"):
            world.write_to(name, f"{name} {number}")
    world.door.seconds_per_send = 0.005
    senders = [Deliverer(world.office, world.door, owner=name) for name in ("one", "two")]
    clocks = [world.now, world.now + timedelta(seconds=ahead)]
    stop = threading.Event()

    def send(sender: Deliverer, number: int) -> None:
        while not stop.is_set():
            clocks[number] += timedelta(milliseconds=200)
            sender.step(clocks[number])
            sender.wait(0.05)

    threads = [threading.Thread(target=send, args=(sender, number)) for number, sender in enumerate(senders)]
    for thread in threads:
        thread.start()
    assert until(lambda: set(world.outbox().values()) == {"delivered"})
    stop.set()
    for thread in threads:
        thread.join()
    for name in ("budi", "ani", "cici"):
        assert [text for text in world.door.texts if text.startswith(name)] == [f"{name} {number}" for number in range(6)]
    assert max(world.door.most_at_once.values()) == 1


def test_stopping_in_the_middle_of_sends_takes_seconds_and_makes_nothing_unknown(world: World) -> None:
    for number in range(200):
        world.write_to(f"s{number}", f"halo {number}")
    world.door.seconds_per_send = 0.3
    worker = Worker(world.office, world.doors, runs=["postbox"], handlers=0)
    worker.start()
    assert until(lambda: len(world.door.sent) > 10)
    began = time.monotonic()
    assert worker.stop()
    assert time.monotonic() - began < 5
    states = world.outbox()
    assert set(states.values()) == {"delivered", "waiting"}
    assert sorted(world.door.texts) == sorted(text for text, state in states.items() if state == "delivered")


def test_a_send_that_outlasts_the_stopping_is_written_when_it_comes_back(world: World) -> None:
    world.write_to("budi", "halo")
    world.door.seconds_per_send = 1.0
    deliverer = Deliverer(world.office, world.door, owner="one")
    deliverer.step(world.now)
    began = time.monotonic()
    deliverer.finish(lambda: world.now, 0.2)
    assert time.monotonic() - began < 1.0
    assert world.outbox() == {"halo": "sending"}
    assert until(lambda: world.outbox() == {"halo": "delivered"})


def test_outcomes_are_written_while_stopping_though_the_database_is_away_for_a_moment(world: World) -> None:
    world.write_to("budi", "halo")
    world.door.seconds_per_send = 0.1
    deliverer = Deliverer(world.office, world.door, owner="one")
    deliverer.step(world.now)
    world.database.away = True
    back = threading.Timer(0.6, lambda: setattr(world.database, "away", False))
    back.start()
    deliverer.finish(lambda: world.now, 4)
    back.join()
    assert world.outbox() == {"halo": "delivered"}


def test_two_terminals_and_a_worker_each_hear_their_own_answers_at_once(world: World) -> None:
    doors = {name: Postbox(capabilities=world.door.capabilities) for name in ("budi", "ani")}
    workers = [Worker(world.office, world.doors, handlers=1)]
    workers += [
        Worker(replace(world.office, owner=name), {door.name: door}, runs=[door.name], handlers=1, senders=1, to=name)
        for name, door in doors.items()
    ]
    for worker in workers:
        worker.start()
    accept = accepting(world.office)
    for number in range(5):
        for name in doors:
            accept([raw(f"{name}-{number}", "jalan rusak pak", sender=name)])
    assert until(lambda: all(len(door.sent) >= 5 for door in doors.values()))
    for worker in workers:
        assert worker.stop()
    assert {name: {sent.address for sent in door.sent} for name, door in doors.items()} == {"budi": {"budi"}, "ani": {"ani"}}
    assert {row["outcome"] for row in world.rows("delivery_attempts")} == {"accepted"}
    assert world.door.sent == []


# --- words stay out of the logs -------------------------------------------------------------------------------------------


def test_no_word_no_name_no_address_reaches_the_logs(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    secrets = ("rahasiaku", "budi-santoso", "Jalan Mawar 7", "foto-ktp.jpg")
    caplog.set_level("DEBUG")
    with capture_logs() as said:
        world.door.fetches["f1"].extend([])
        world.accept(
            raw("m1", "rahasiaku di Jalan Mawar 7", sender="budi-santoso", files=[["f1", "photo", "foto-ktp.jpg", False]]),
            raw("bad", "rahasiaku", sender="budi-santoso-2", poison=True),
            raw("unread", "rahasiaku", sender="budi-santoso-3", unreadable=True),
        )
        for seconds in (0, 6, 31):
            world.later(seconds=seconds)
            world.handle_all()
        world.door.outcomes.clear()
        worker = Worker(world.office, world.doors, runs=["postbox"], handlers=1, clock=lambda: world.now)
        worker.start()  # the file is nowhere: the door raises
        assert until(lambda: bool(world.door.sent) and _tried(world))
        world.database.away = True
        time.sleep(0.3)
        world.database.away = False
        assert worker.stop()
    out, err = capfd.readouterr()
    everything = repr(said) + caplog.text + out + err
    assert {"handling_failed", "quarantined", "fetch_raised", "storage_unavailable"} <= {each["event"] for each in said}
    for secret in secrets:
        assert secret not in everything


def _tried(world: World) -> bool:
    return any(row["attempts"] for row in world.rows("attachments"))
