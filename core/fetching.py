"""Fetch: the files that people attached, brought in apart from the conversation as leased jobs (design.md, the road, 2).

The dialogue never waits for them; a person is told once if a file is lost. Bytes are kept as they came; their type is what they
are, not what the sender said (`core/sniffing.py`).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection

from core.channels import Channel, Fetched, FetchState
from core.conversing import converse, tell
from core.dialogue.model import Notice, NoticeKind
from core.errors import StorageUnavailable
from core.office import Office
from core.sniffing import UNKNOWN_TYPE, fits, sniff
from core.steps import Step, passed
from core.storage import attachments, conversations, reports
from core.storage.attachments import FetchJob
from core.storage.files import free_bytes

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 6
FIRST_BACKOFF_SECONDS = 5.0
STORAGE_PAUSE = timedelta(seconds=10)
"""Before a file is fetched again that our own disk or database did not take."""
_DISK_AWAY = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)
_LOST = (FetchState.GONE, FetchState.TOO_LARGE, FetchState.REFUSED)

log = structlog.get_logger(__name__)


class Fetcher:
    """Fetches one channel's files, one after the other. One for each thread; any number in any number of processes.

    A job whose worker died comes again when its lease ends; after six attempts the file counts as gone. An attempt that failed
    because the database or our own disk was away was none.
    """

    def __init__(self, office: Office, channel: Channel) -> None:
        self._office = office
        self._channel = channel
        self._owed: list[FetchJob] = []

    def step(self, now: datetime, limit: int = 1) -> int:
        """Fetches up to `limit` files; how many were tried. Raises StorageUnavailable."""
        self._pay_back(now)
        with self._office.database.read() as connection:
            if not attachments.any_due(connection, self._channel.name, now):
                return 0
        with self._office.database.write() as connection:
            jobs = attachments.claim(connection, self._channel.name, now=now, until=now + LEASE, limit=limit)
        if jobs:
            passed(Step.FETCH_CLAIMED)
        for place, job in enumerate(jobs):
            try:
                _fetch(self._office, self._channel, job, now)
            except StorageUnavailable:
                self._owed.extend(jobs[place:])
                raise
        return len(jobs)

    def finish(self, now: datetime) -> None:
        """Whoever stops gives back what was not attempted, where the database lets him."""
        with suppress(StorageUnavailable):
            self._pay_back(now)

    def _pay_back(self, now: datetime) -> None:
        if not self._owed:
            return
        with self._office.database.write() as connection:
            for job in self._owed:
                attachments.later(connection, job.id, now + STORAGE_PAUSE, given_back=True)
        self._owed.clear()


def fetch_next(office: Office, channel: Channel, *, now: datetime, limit: int = 1) -> int:
    """Once around: fetches up to `limit` files of one channel; how many were tried. Raises StorageUnavailable."""
    fetcher = Fetcher(office, channel)
    try:
        return fetcher.step(now, limit)
    except StorageUnavailable:
        fetcher.finish(now)
        raise


def _fetch(office: Office, channel: Channel, job: FetchJob, now: datetime) -> None:
    if job.attempts > MOST_ATTEMPTS:
        _lose(office, job, FetchState.GONE, now)
        return
    into = office.files.temporary()
    try:
        fetched = _bring(office, channel, job, into)
        if fetched.state is FetchState.STORED:
            _store(office, job, into, now)
        elif fetched.state in _LOST:
            _lose(office, job, fetched.state, now)
        elif job.attempts >= MOST_ATTEMPTS:
            _lose(office, job, FetchState.GONE, now)
        else:
            _later(office, job, now, fetched.retry_after_seconds)
    finally:
        with suppress(FileNotFoundError):
            into.unlink()


def _bring(office: Office, channel: Channel, job: FetchJob, into: Path) -> Fetched:
    limit_bytes = channel.capabilities.max_file_bytes
    if job.said_bytes is not None and job.said_bytes > limit_bytes:
        return Fetched(FetchState.TOO_LARGE)
    try:
        body = job.body
        if job.inline and job.body_file is not None:
            body = office.files.read_sealed(job.body_file)
        fetched = channel.fetch(job.file_ref, body, into, limit_bytes)
    except FileNotFoundError:
        return Fetched(FetchState.GONE)
    except StorageUnavailable:
        raise
    except OSError as error:
        if error.errno in _DISK_AWAY:
            raise StorageUnavailable("the file store does not take this file now: look at the disk") from error
        return Fetched(FetchState.PENDING, detail=type(error).__name__)
    except Exception as error:  # a defect of the adapter: the file is tried again, then given up
        log.warning("fetch_raised", channel=channel.name, attachment_id=job.id, error=type(error).__name__)
        return Fetched(FetchState.PENDING, detail=type(error).__name__)
    if fetched.state is FetchState.PENDING and free_bytes(office.files.root) < limit_bytes:
        raise StorageUnavailable("the disk of the file store is full: make room")
    if fetched.state is FetchState.STORED:
        if not into.exists():
            return Fetched(FetchState.PENDING, detail="no_file")
        if into.stat().st_size > limit_bytes:
            return Fetched(FetchState.TOO_LARGE)
    return fetched


def _store(office: Office, job: FetchJob, into: Path, now: datetime) -> None:
    mime = sniff(into)
    suspect = not fits(job.kind, job.said_mime, mime)
    blob = office.files.put(into)
    passed(Step.FETCH_STORED)
    with office.database.write() as connection:
        kept = attachments.stored(connection, job.id, blob, mime=mime, suspect=suspect, now=now)
    passed(Step.FETCH_RECORDED)
    if not kept:
        attachments.erase_files(office.database, office.files, [blob.sha256], now=now)
    elif not office.files.path(blob.sha256).exists():  # erased with somebody else's draft in the same moment
        with office.database.write() as connection:
            attachments.once_more(connection, job.id, now)
    if suspect:
        log.info("file_is_not_what_it_was_called", attachment_id=job.id, mime=mime, unknown=mime == UNKNOWN_TYPE)


def _later(office: Office, job: FetchJob, now: datetime, asked_seconds: float | None) -> None:
    seconds = asked_seconds if asked_seconds is not None else FIRST_BACKOFF_SECONDS * 4 ** (job.attempts - 1)
    with office.database.write() as connection:
        attachments.later(connection, job.id, now + timedelta(seconds=seconds))


def _lose(office: Office, job: FetchJob, state: FetchState, now: datetime) -> None:
    with office.database.write() as connection:
        if attachments.lost(connection, job.id, state) and attachments.first_to_tell(connection, job):
            _tell(connection, office, job, state, now)


def _tell(connection: Connection, office: Office, job: FetchJob, state: FetchState, now: datetime) -> None:
    """Once for each message, whatever became of the draft meanwhile."""
    report_id, conversation_id = attachments.current(connection, job)
    params: dict[str, str | int] = {"reason": state.value}
    if job.name:
        params["file"] = job.name
    if report_id is not None:
        code = reports.get(connection, report_id).code
        tell(connection, office, report_id=report_id, notice=Notice(NoticeKind.FILE_LOST, code, params), now=now)
    elif conversation_id is not None:
        conversation = conversations.locked(connection, conversation_id)
        if conversation is not None:
            notice = Notice(NoticeKind.FILE_LOST, "", params)
            converse(connection, office, conversation=conversation, event=notice, now=now)


def run(office: Office, channel: Channel, stopped: Callable[[], bool], clock: Callable[[], datetime]) -> None:
    """Fetches until `stopped()`; a database that is away is waited for."""
    topic = f"files:{channel.name}"
    fetcher = Fetcher(office, channel)
    while not stopped():
        try:
            busy = fetcher.step(clock())
        except StorageUnavailable:
            log.warning("storage_unavailable", doing="fetch", channel=channel.name)
            office.wakeups.wait(topic, 1.0)
            continue
        if not busy:
            office.wakeups.wait(topic, 0.2)
    fetcher.finish(clock())
