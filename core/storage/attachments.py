"""Files that people attached: first a vendor's handle, later bytes. Fetched apart from the conversation (design.md, road 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from core.channels import FetchState, FileRef, MediaKind
from core.storage.engine import Database
from core.storage.files import Blob, FileStore
from core.storage.tables import attachments, blobs, inbox
from core.storage.upsert import insert


@dataclass(frozen=True, slots=True)
class FetchJob:
    """A file to fetch: the vendor's handle, and the raw message where the bytes stand in it."""

    id: int
    conversation_id: int | None
    report_id: int | None
    source_id: str | None
    inbox_id: int | None
    ref: str
    kind: str
    name: str | None
    said_mime: str | None
    said_bytes: int | None
    inline: bool
    attempts: int
    body: bytes | None = None
    body_file: str | None = None

    @property
    def file_ref(self) -> FileRef:
        return FileRef(self.ref, MediaKind(self.kind), self.name, self.said_mime, self.said_bytes, None, self.inline)


_JOB = [attachments.c[name] for name in FetchJob.__dataclass_fields__ if name not in ("body", "body_file")]
_DUE = (
    select(*_JOB)
    .where(
        attachments.c.next_at <= bindparam("now"),
        attachments.c.channel == bindparam("channel"),
        or_(attachments.c.lease_until.is_(None), attachments.c.lease_until < bindparam("now")),
    )
    .order_by(attachments.c.next_at, attachments.c.id)
    .limit(bindparam("limit"))
)
_DUE_LOCKED = _DUE.with_for_update(skip_locked=True)
_LEASE = (
    update(attachments)
    .where(attachments.c.id == bindparam("job_id"))
    .values(lease_until=bindparam("until"), attempts=attachments.c.attempts + 1)
)


def add(
    connection: Connection,
    *,
    conversation_id: int,
    channel: str,
    inbox_id: int | None,
    source_id: str,
    refs: Sequence[FileRef],
    now: datetime,
) -> None:
    """Files to fetch, as part of the conversation until `give` says whose they are."""
    rows = [
        {
            "conversation_id": conversation_id,
            "channel": channel,
            "inbox_id": inbox_id,
            "source_id": source_id,
            "ref": ref.ref,
            "kind": ref.kind.value,
            "name": ref.name,
            "said_mime": ref.mime[:100] if ref.mime else None,
            "said_bytes": ref.size_bytes,
            "inline": ref.inline,
            "state": FetchState.PENDING.value,
            "next_at": now,
            "created_at": now,
        }
        for ref in refs
    ]
    if rows:
        connection.execute(attachments.insert(), rows)


def give(
    connection: Connection, *, conversation_id: int, source_ids: Iterable[str], report_id: int, message_id: int | None
) -> None:
    """The files that came with these messages belong to this report and message from now on."""
    connection.execute(
        update(attachments)
        .where(
            attachments.c.conversation_id == conversation_id,
            attachments.c.source_id.in_(set(source_ids)),
            attachments.c.report_id.is_(None),
        )
        .values(report_id=report_id, message_id=message_id)
    )


def rehome(connection: Connection, *, was: int, goes: int, source_ids: Iterable[str]) -> None:
    """Files of a draft that goes on in another conversation; they are still fetched where they came in."""
    connection.execute(
        update(attachments)
        .where(
            attachments.c.conversation_id == was,
            attachments.c.source_id.in_(set(source_ids)),
            attachments.c.report_id.is_(None),
        )
        .values(conversation_id=goes)
    )


def any_due(connection: Connection, channel: str, now: datetime) -> bool:
    return connection.execute(_DUE, {"channel": channel, "now": now, "limit": 1}).first() is not None


def claim(connection: Connection, channel: str, *, now: datetime, until: datetime, limit: int) -> list[FetchJob]:
    """Files to fetch now, leased until `until`, each with the raw message where it is inline. The attempt is counted."""
    jobs = [FetchJob(*row) for row in connection.execute(_DUE_LOCKED, {"channel": channel, "now": now, "limit": limit})]
    if not jobs:
        return []
    connection.execute(_LEASE, [{"job_id": job.id, "until": until} for job in jobs])
    bodies = _bodies(connection, {job.inbox_id for job in jobs if job.inline and job.inbox_id is not None})
    return [_with_body(job, bodies) for job in jobs]


def _bodies(connection: Connection, ids: set[int]) -> Mapping[int, tuple[bytes | None, str | None]]:
    if not ids:
        return {}
    rows = connection.execute(select(inbox.c.id, inbox.c.body, inbox.c.body_file).where(inbox.c.id.in_(ids)))
    return {row.id: (row.body, row.body_file) for row in rows}


def _with_body(job: FetchJob, bodies: Mapping[int, tuple[bytes | None, str | None]]) -> FetchJob:
    body, body_file = bodies.get(job.inbox_id or 0, (None, None))
    return replace(job, attempts=job.attempts + 1, body=body, body_file=body_file)


def stored(connection: Connection, job_id: int, blob: Blob, *, mime: str, suspect: bool, now: datetime) -> bool:
    """The bytes are in the file store. False: it was erased or settled by somebody else meanwhile."""
    connection.execute(
        insert(connection, blobs)
        .values(sha256=blob.sha256, size_bytes=blob.size_bytes, mime=mime, created_at=now)
        .on_conflict_do_nothing(index_elements=["sha256"])
    )
    values = {"state": FetchState.STORED.value, "sha256": blob.sha256, "suspect": suspect}
    return _finish(connection, job_id, values)


def lost(connection: Connection, job_id: int, state: FetchState) -> bool:
    """It will not come. False: it was erased or settled by somebody else meanwhile."""
    return _finish(connection, job_id, {"state": state.value})


def _finish(connection: Connection, job_id: int, values: Mapping[str, Any]) -> bool:
    done = connection.execute(
        update(attachments)
        .where(attachments.c.id == job_id, attachments.c.state == FetchState.PENDING.value)
        .values(next_at=None, lease_until=None, **values)
    )
    return done.rowcount > 0


def later(connection: Connection, job_id: int, at: datetime, *, given_back: bool = False) -> None:
    """To be fetched again at `at`. `given_back`: the attempt was none, the database or the disk was away."""
    attempts = attachments.c.attempts - (1 if given_back else 0)
    connection.execute(
        update(attachments)
        .where(attachments.c.id == job_id, attachments.c.state == FetchState.PENDING.value)
        .values(next_at=at, lease_until=None, attempts=attempts)
    )


def once_more(connection: Connection, job_id: int, at: datetime) -> None:
    """Its bytes went with somebody else's draft in the moment in which they were stored: fetched anew."""
    connection.execute(
        update(attachments)
        .where(attachments.c.id == job_id)
        .values(state=FetchState.PENDING.value, sha256=None, next_at=at, lease_until=None)
    )


def current(connection: Connection, job: FetchJob) -> tuple[int | None, int | None]:
    """(report, conversation) that it belongs to by now: a draft may have become a report since it was claimed."""
    row = connection.execute(
        select(attachments.c.report_id, attachments.c.conversation_id).where(attachments.c.id == job.id)
    ).one()
    return row.report_id, row.conversation_id


def first_to_tell(connection: Connection, job: FetchJob) -> bool:
    """Marks the files of the same message as told. True: nobody was told about any of them before."""
    same = (
        attachments.c.id == job.id
        if job.source_id is None
        else (attachments.c.conversation_id == job.conversation_id) & (attachments.c.source_id == job.source_id)
    )
    told = connection.execute(update(attachments).where(same, attachments.c.told.is_(False)).values(told=True))
    before = connection.execute(select(func.count()).select_from(attachments).where(same)).scalar_one()
    return told.rowcount == before


def erase_draft(connection: Connection, conversation_id: int, source_ids: Iterable[str] | None = None) -> list[str]:
    """Erases files that became part of no report; SHA-256 of the bytes to hand to `erase_files` after the commit."""
    which = (attachments.c.conversation_id == conversation_id) & attachments.c.report_id.is_(None)
    if source_ids is not None:
        which &= attachments.c.source_id.in_(set(source_ids))
    gone = connection.execute(attachments.delete().where(which).returning(attachments.c.sha256)).scalars().all()
    return sorted({sha256 for sha256 in gone if sha256 is not None})


def unreferenced(connection: Connection, *, before: datetime) -> list[str]:
    """Files kept before `before` that no attachment refers to."""
    nobody = ~select(attachments.c.id).where(attachments.c.sha256 == blobs.c.sha256).exists()
    return list(connection.execute(select(blobs.c.sha256).where(blobs.c.created_at < before, nobody)).scalars())


def unknown(connection: Connection, names: Iterable[str]) -> list[str]:
    """Those of these file names that no row knows."""
    names = set(names)
    known = set(connection.execute(select(blobs.c.sha256).where(blobs.c.sha256.in_(names))).scalars())
    return sorted(names - known)


def erase_files(database: Database, files: FileStore, hashes: Iterable[str], *, now: datetime) -> int:
    """Deletes those of these files that no attachment refers to; how many. To be called after the commit that dropped one.

    Each row of `blobs` is locked (made, if it is gone) until its file is deleted: whoever stores the same bytes in this moment
    has either committed his reference, then the file stays, or waits, and finds afterwards that it is gone.
    """
    erased = 0
    for sha256 in sorted(hashes):
        with database.write() as connection:
            size = {"sha256": sha256, "size_bytes": 0, "mime": "", "created_at": now}
            connection.execute(insert(connection, blobs).values(size).on_conflict_do_nothing(index_elements=["sha256"]))
            connection.execute(select(blobs.c.sha256).where(blobs.c.sha256 == sha256).with_for_update())
            if connection.execute(select(attachments.c.id).where(attachments.c.sha256 == sha256).limit(1)).first() is None:
                files.delete(sha256)
                connection.execute(blobs.delete().where(blobs.c.sha256 == sha256))
                erased += 1
    return erased
