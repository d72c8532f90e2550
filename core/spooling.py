"""From the spool to the inbox: what a sender that does not repeat brings is kept in every case, in the order of arrival."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

import structlog

from core.channels import Accept, Raw, Stored
from core.errors import StorageUnavailable
from core.intake import accept
from core.office import Office
from core.spool import Spool, Spooled, Unreadable
from core.steps import SpoolStep, passed
from core.storage import schema

POLL_SECONDS = 1.0
DOUBT_SECONDS = 30.0
"""Pause after a round in which nothing got through although the database answers."""
_BATCH = 100

Take = Callable[[Sequence[Raw], datetime], object]
"""Commits deliveries that arrived at that moment. Raises StorageUnavailable, or anything else where one cannot be stored."""

log = structlog.get_logger(__name__)


def keeping(accept: Accept, spool: Spool, clock: Callable[[], datetime]) -> Accept:
    """An `accept` that never sends away: what the database does not take, for whatever reason, waits on disk.

    While something of the channel waits, what comes goes behind it, so that nobody's messages change places. Raises
    StorageUnavailable only where the disk does not take it either.
    """

    def commit(raws: Sequence[Raw]) -> Sequence[Stored]:
        if not any(spool.anything(channel) for channel in {raw.channel for raw in raws}):
            try:
                return accept(raws)
            except StorageUnavailable:
                log.warning("spool.storage_away")
            except Exception as error:  # its sender does not come again: better late than lost
                log.error("spool.accept_failed", error=type(error).__name__)  # noqa: TRY400 - a message may hold words
        spool.put(raws, at=clock())
        return [Stored.NEW] * len(raws)

    return commit


def run(office: Office, spool: Spool, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Brings in what waits, until `stop`: one process of a machine at a time, and it may die anywhere."""

    def take(raws: Sequence[Raw], at: datetime) -> None:
        accept(office, raws, now=min(at, clock()))

    tidied = False
    while not stop.is_set():
        through = True
        try:
            with spool.alone() as ours:
                if ours and not tidied:
                    spool.tidy()
                    tidied = True
                while ours and through and _anything(spool) and schema.is_current(office.database) and not stop.is_set():
                    through = drain(spool, take, stop)
        except StorageUnavailable:
            log.debug("spool.storage_still_away")
        except Exception as error:  # a disk that cannot be written to, or a defect: what waits stays where it is
            log.error("spool.broke", error=type(error).__name__)  # noqa: TRY400 - a message may hold words
            through = False
        stop.wait(POLL_SECONDS if through else DOUBT_SECONDS)


def _anything(spool: Spool) -> bool:
    return any(spool.anything(channel) for channel in spool.channels())


def drain(spool: Spool, take: Take, stop: threading.Event) -> bool:
    """One round over everything that waits; False where nothing at all got through. Raises StorageUnavailable.

    A delivery that cannot be stored is set aside only if another one could be: if none can, it is not their fault.
    """
    through, doubtful = False, list[tuple[str, str]]()
    for channel in spool.channels():
        for batch in _batches(spool, channel):
            if stop.is_set():
                return True
            failed = _bring(spool, channel, batch, take)
            through = through or len(failed) < len(batch)
            doubtful += [(channel, name) for name in failed]
    for channel, name in doubtful if through else ():
        log.error("spool.set_aside", channel=channel)
        spool.set_aside(channel, name)
    return through or not doubtful


def _batches(spool: Spool, channel: str) -> Iterator[list[tuple[str, Spooled]]]:
    """What arrived within one second, in order: it may share a moment of arrival and a commit."""
    for _, together in groupby(_readable(spool, channel), key=lambda one: one[1].at.replace(microsecond=0)):
        batch: list[tuple[str, Spooled]] = []
        for one in together:
            batch.append(one)
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _readable(spool: Spool, channel: str) -> Iterator[tuple[str, Spooled]]:
    for name in spool.names(channel):
        try:
            yield name, spool.read(channel, name)
        except FileNotFoundError:
            continue
        except Unreadable:
            log.error("spool.unreadable", channel=channel)  # noqa: TRY400 - the cause may hold words
            spool.set_aside(channel, name)


def _bring(spool: Spool, channel: str, batch: Sequence[tuple[str, Spooled]], take: Take) -> list[str]:
    """Names of those that the inbox does not take."""
    try:
        take([spooled.raw for _, spooled in batch], batch[0][1].at)
    except StorageUnavailable:
        raise
    except Exception as error:
        if len(batch) == 1:
            log.warning("spool.not_stored", channel=channel, error=type(error).__name__)
            return [batch[0][0]]
        return [name for one in batch for name in _bring(spool, channel, [one], take)]
    passed(SpoolStep.ACCEPTED)
    for name, _ in batch:
        spool.remove(channel, name)
    return []
