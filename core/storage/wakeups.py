"""Waking whoever waits for work: within the process at once, between processes by LISTEN/NOTIFY or a short poll.

A wake-up is only a hint: work is found by looking, so that a lost one costs a poll and nothing else.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from core.storage.engine import KEEP_ALIVE, Database, after_commit

if TYPE_CHECKING:
    import psycopg

_CHANNEL = "lapor"
_RETRY_SECONDS = 2.0


class Wakeups:
    """Topics are "inbox", "outbox:<channel>", "files:<channel>"."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.poll_seconds = 0.2 if database.dialect == "sqlite" else 5.0
        self._lock = threading.Lock()
        self._topics: dict[str, threading.Condition] = {}  # each its own, so that nobody wakes for another's work
        self._counts: dict[str, int] = {}
        self._seen = threading.local()
        self._stop = threading.Event()
        self._listener: threading.Thread | None = None
        self._listening: psycopg.Connection | None = None  # while its thread waits for notices

    def announce(self, connection: Connection, topic: str) -> None:
        """After the commit of `connection`'s transaction, everybody who waits for `topic` looks for work."""
        new = after_commit(connection, lambda: self.wake(topic), once=topic)
        if new and self._database.dialect == "postgresql":
            connection.execute(_NOTIFY, {"channel": _CHANNEL, "topic": topic})

    def wake(self, topic: str) -> None:
        """Wakes this process's waiters now."""
        with self._lock:
            self._counts[topic] = self._counts.get(topic, 0) + 1
            if topic in self._topics:
                self._topics[topic].notify_all()

    def wait(self, topic: str, timeout_seconds: float) -> bool:
        """Until `topic` is announced, at the most `timeout_seconds` and never longer than a poll. True: it was announced."""
        self._listen()
        seen: dict[str, int] = self._seen.__dict__
        with self._lock:
            changed = self._topics.setdefault(topic, threading.Condition(self._lock))
            before = seen.get(topic, 0)
            heard = changed.wait_for(
                lambda: self._counts.get(topic, 0) != before or self._stop.is_set(), min(timeout_seconds, self.poll_seconds)
            )
            seen[topic] = self._counts.get(topic, 0)
        return heard

    def close(self) -> None:
        """Wakes everybody for good and ends the listener."""
        self._stop.set()
        with self._lock:
            for changed in self._topics.values():
                changed.notify_all()
            _hang_up(self._listening)
        if self._listener is not None:
            self._listener.join(timeout=5)

    def _listen(self) -> None:
        if self._database.dialect != "postgresql" or self._listener is not None:
            return
        with self._lock:
            if self._listener is None:
                self._listener = threading.Thread(target=self._hear, name="wakeups", daemon=True)
                self._listener.start()

    def _hear(self) -> None:
        import psycopg  # only where there is a PostgreSQL: it costs time and memory at the start

        url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with psycopg.connect(url, autocommit=True, **KEEP_ALIVE) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    self._follow(connection)
            except psycopg.Error:
                self._stop.wait(_RETRY_SECONDS)  # the poll goes on meanwhile

    def _follow(self, connection: psycopg.Connection) -> None:
        with self._lock:
            self._listening = connection
        try:
            while not self._stop.is_set():
                for notice in connection.notifies(timeout=1.0):
                    self.wake(notice.payload)
        finally:
            with self._lock:
                self._listening = None


def _hang_up(connection: psycopg.Connection | None) -> None:
    """The thread that waits on it wakes with an error at once, where closing the file under it would not be safe."""
    if connection is None:
        return
    import psycopg

    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


_NOTIFY = text("SELECT pg_notify(:channel, :topic)")
