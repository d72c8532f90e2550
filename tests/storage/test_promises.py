"""What is promised for the moment after the commit: done once, never for what was rolled back, never undoing the commit."""

from __future__ import annotations

from contextlib import suppress

import pytest

from core.storage.engine import Database, after_commit


def test_a_promise_is_kept_after_the_commit_and_only_then(database: Database) -> None:
    done: list[str] = []
    with database.write() as conn:
        after_commit(conn, lambda: done.append("kept"))
        assert done == []
    assert done == ["kept"]
    with database.write():
        pass
    assert done == ["kept"]


def test_a_rolled_back_promise_is_never_kept(database: Database) -> None:
    done: list[str] = []
    with suppress(ZeroDivisionError), database.write() as conn:
        after_commit(conn, lambda: done.append("never"))
        raise ZeroDivisionError
    with database.write():
        pass
    assert done == []


def test_a_savepoint_takes_its_promises_along(database: Database) -> None:
    done: list[str] = []
    with database.write() as conn:
        after_commit(conn, lambda: done.append("before"))
        with suppress(ZeroDivisionError), conn.begin_nested():
            after_commit(conn, lambda: done.append("inside"), once="name")
            raise ZeroDivisionError
        with conn.begin_nested():
            assert after_commit(conn, lambda: done.append("after"), once="name")
        assert not after_commit(conn, lambda: done.append("twice"), once="name")
    assert done == ["before", "after"]


def test_a_promise_that_fails_hinders_no_other_and_takes_nothing_back(database: Database) -> None:
    done: list[str] = []

    def broken() -> None:
        raise PermissionError

    with database.write() as conn:
        after_commit(conn, broken)
        after_commit(conn, lambda: done.append("second"))
    assert done == ["second"]


def test_a_promise_may_write(database: Database) -> None:
    done: list[bool] = []

    def write_again() -> None:
        with database.write() as conn:
            done.append(conn.in_transaction())

    with database.write() as conn:
        after_commit(conn, write_again)
    assert done == [True]


def test_a_write_inside_a_write_is_a_defect(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError), database.write():
        pass
