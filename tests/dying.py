"""SIGKILL at every moment of a piece of work on the database, in forks of the test: what a death leaves behind is real.

Moments are those before each commit of something written and after it: a death further inside of a transaction leaves what the
one before its commit leaves.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import event, select

from core.storage import tables
from core.storage.engine import Database

COMMIT, COMMITTED = "commit", "committed"
OF_WHO_WORKS = frozenset({"attempts", "lease_owner", "lease_until", "ready_at"})
_WRITES = ("INSERT", "UPDATE", "DELETE")
_MOST = 100


def deaths(database: Database, work: Callable[[], object]) -> Iterator[str]:
    """Begins `work` again and again, each time dying one moment later, until it is through; after each death, what it was at.

    `work` is what a process does that was started again: it takes up what the dead one left. Whoever stops listening when the
    work is done leaves it at that.
    """
    for number in range(1, _MOST):
        moment = _live(database, work, number)
        if not moment:
            return
        yield moment
    raise AssertionError(f"not through after {_MOST} deaths")


def kept(database: Database, *, without: Collection[str] = OF_WHO_WORKS) -> dict[str, list[Any]]:
    """Every row of every table, save the columns `without`: who works at what now."""
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
            if (columns := [column for column in table.c if column.name not in without]) and table.name != "leases"
        }


def _live(database: Database, work: Callable[[], object], number: int) -> str:
    """One life, and at which moment it ended; empty: it got through."""
    database.dispose()  # no connection is open on both sides
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest's own threads do nothing here
        child = os.fork()
    if not child:
        code = 70
        try:
            _watch(database, number, writing)
            work()
            code = 0
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        moment = told.read()
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended == (-signal.SIGKILL if moment else 0), f"ended with {ended} at {moment or 'its own'}"
    return moment


def _watch(database: Database, number: int, writing: int) -> None:
    """Kills this process at the moment of that number."""
    passed, written, committing = 0, False, False

    def moment(name: str) -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            os.write(writing, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(database.engine, "before_cursor_execute")
    def _statement(*given: Any) -> None:
        nonlocal written
        if given[2].lstrip().upper().startswith(_WRITES):
            written = True

    @event.listens_for(database.engine, "commit")
    def _commit(_connection: object) -> None:
        nonlocal written, committing
        if written:
            written, committing = False, True
            moment(COMMIT)

    @event.listens_for(database.engine, "checkin")
    def _committed(*_: object) -> None:
        nonlocal committing
        if committing:
            committing = False
            moment(COMMITTED)
