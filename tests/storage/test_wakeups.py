"""Whoever waits is woken after the commit, in this process and in others."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from core.storage.engine import Database, after_commit, open_database
from core.storage.wakeups import Wakeups


def test_a_waiter_is_woken_by_the_commit_and_not_before(database: Database) -> None:
    wakeups = Wakeups(database)
    heard: list[bool] = []
    thread = threading.Thread(target=lambda: heard.append(wakeups.wait("inbox", 10)))
    wakeups.poll_seconds = 10
    thread.start()
    with database.write() as conn:
        wakeups.announce(conn, "inbox")
        time.sleep(0.1)
        assert heard == []
    thread.join(5)
    assert heard == [True]
    wakeups.close()


def test_what_was_announced_before_the_wait_is_not_missed(database: Database) -> None:
    wakeups = Wakeups(database)
    with database.write() as conn:
        wakeups.announce(conn, "inbox")
    assert wakeups.wait("inbox", 5)
    assert not wakeups.wait("inbox", 0.01)
    assert not wakeups.wait("outbox:x", 0.01)
    wakeups.close()


def test_a_rollback_wakes_nobody(database: Database) -> None:
    wakeups = Wakeups(database)
    try:
        with database.write() as conn:
            wakeups.announce(conn, "inbox")
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert not wakeups.wait("inbox", 0.05)
    wakeups.close()


def test_each_commit_announces_anew(database: Database) -> None:
    wakeups = Wakeups(database)
    for _ in range(3):
        with database.write() as conn:
            wakeups.announce(conn, "inbox")
            wakeups.announce(conn, "inbox")
        assert wakeups.wait("inbox", 5)
    wakeups.close()


def test_another_process_is_woken_through_postgres(postgres_url: str) -> None:
    here, there = open_database(postgres_url), open_database(postgres_url)
    listening, announcing = Wakeups(here), Wakeups(there)
    listening.wait("inbox", 0.01)
    heard = False
    for _ in range(50):  # the listener needs a moment to connect
        with there.write() as conn:
            announcing.announce(conn, "inbox")
        heard = listening.wait("inbox", 0.2)
        if heard:
            break
    assert heard
    for wakeups, database in ((listening, here), (announcing, there)):
        wakeups.close()
        database.dispose()


def test_an_announcement_that_was_rolled_back_does_not_swallow_the_next(sqlite_url: str) -> None:
    database = open_database(sqlite_url)  # without a listener, whose late echo would hide it
    wakeups = Wakeups(database)
    for _ in range(3):  # the same pooled connection each time
        try:
            with database.write() as conn:
                wakeups.announce(conn, "inbox")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert not wakeups.wait("inbox", 0.01)
        with database.write() as conn:
            after_commit(conn, list)  # something else was promised first
            wakeups.announce(conn, "inbox")
        assert wakeups.wait("inbox", 5)
    wakeups.close()
    database.dispose()


def test_an_announcement_taken_back_with_its_savepoint_is_made_again(postgres_url: str) -> None:
    here, there = open_database(postgres_url), open_database(postgres_url)
    listening, announcing = Wakeups(here), Wakeups(there)
    listening.wait("inbox", 0.01)
    heard = False
    for _ in range(50):  # the listener needs a moment to connect
        with there.write() as conn:
            with suppress(ZeroDivisionError), conn.begin_nested():
                announcing.announce(conn, "inbox")
                raise ZeroDivisionError
            announcing.announce(conn, "inbox")
        heard = listening.wait("inbox", 0.2)
        if heard:
            break
    assert heard
    for wakeups, database in ((listening, here), (announcing, there)):
        wakeups.close()
        database.dispose()
