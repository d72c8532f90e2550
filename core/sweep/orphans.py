"""Files that nothing refers to: what a crash left between the file store and the commit (design.md, decisions).

Bytes are written before the reference and deleted after it, so that a crash leaves a file too many, never one too few. Once a
day such files go, when they are older than a day by the real clock: no commit is so slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from core.office import Office
from core.storage import attachments, inbox, leases

KEPT = timedelta(days=1)
_AT_ONCE = 500


def sweep(office: Office, *, now: datetime) -> int:
    """How many files went; 0 if this day's round was made already. Raises StorageUnavailable."""
    with office.database.write() as connection:
        if not leases.once(connection, "orphans", now.date().isoformat(), at=now):
            return 0
    before = now - KEPT
    gone = office.files.abandoned(before)
    with office.database.read() as connection:
        orphans = set(attachments.unreferenced(connection, before=before))
        for names in _batches(office.files.names(before)):
            orphans.update(attachments.unknown(connection, names))
    gone += attachments.erase_files(office.database, office.files, orphans, now=now)
    with office.database.read() as connection:
        kept = inbox.kept_files(connection)
    for name in office.files.names(before, sealed=True):
        if name not in kept:
            office.files.delete(name, sealed=True)
            gone += 1
    return gone


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch
