"""Accept: what vendors deliver is committed, unread, before anybody says yes to them (design.md, the road, 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from core.channels import Raw, Stored
from core.office import Office
from core.steps import Step, passed
from core.storage import inbox, lanes
from core.storage.crypto import lookup

IN_ROW_BYTES = 64 * 1024
"""Larger bodies go to the file store, fsynced before the commit."""

_SOURCE_ID_CHARACTERS = 200
_GROUP_CHARACTERS = 120
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps neither


def accept(office: Office, raws: Sequence[Raw], *, now: datetime) -> Sequence[Stored]:
    """Commits all of them together, each once for ever by (channel, source id); only then may the transport say yes.

    Raises StorageUnavailable where the database or the file store is away: nothing is stored, the transport says no.
    """
    if not raws:
        return ()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    wishes: dict[tuple[str, str], datetime] = {}
    of_row: list[tuple[str, str]] = []
    for raw in raws:
        key = (raw.channel, fitted(raw.source_id, _SOURCE_ID_CHARACTERS))
        of_row.append(key)
        if key not in rows:
            lane = (raw.channel, lookup(raw.channel, raw.lane))
            ready_at = raw.ready_at or now
            wishes[lane] = min(wishes.get(lane, ready_at), ready_at)
            rows[key] = _row(office, raw, key[1], ready_at, now) | {"lane": lane}
    with office.database.write() as connection:
        lane_ids = lanes.touch(connection, wishes)
        for row in rows.values():
            row["lane_id"] = lane_ids[row.pop("lane")]
        new = inbox.add(connection, list(rows.values()))
        office.wakeups.announce(connection, "inbox")
        passed(Step.ACCEPT_STORED)
    passed(Step.ACCEPT_COMMITTED)
    for key, row in rows.items():
        if key not in new and row["body_file"] is not None:
            office.files.delete(row["body_file"], sealed=True)  # a second delivery; each sealed file has a name of its own
    answers = []
    for key in of_row:
        answers.append(Stored.NEW if key in new else Stored.DUPLICATE)
        new.discard(key)
    return answers


def fitted(name: str, characters: int) -> str:
    """A vendor's id as it can be stored, still unique: what is too long or cannot be kept is replaced by its hash."""
    if len(name) <= characters and not _UNSTORABLE.search(name):
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_UNSTORABLE.sub('', name)[: characters - 65]}#{digest}"


def _row(office: Office, raw: Raw, source_id: str, ready_at: datetime, now: datetime) -> dict[str, Any]:
    large = len(raw.body) > IN_ROW_BYTES
    return {
        "channel": raw.channel,
        "source_id": source_id,
        "group_key": None if raw.group is None else fitted(raw.group, _GROUP_CHARACTERS),
        "ready_at": ready_at,
        "received_at": now,
        "body": None if large else raw.body,
        "body_file": office.files.put_sealed(raw.body) if large else None,
        "size_bytes": len(raw.body),
        "state": "waiting",
        "attempts": 0,
    }
