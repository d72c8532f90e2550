"""Several events within minutes become one message where each message costs (issue 4, sop.md §7).

A notice that only tells of a move waits for `Capabilities.gathers_seconds`. A later notice about the same report to the same
address takes its place: what that one says anyway falls away, the rest is said in the same message. Whatever else is told
there meanwhile, an answer above all, sends the waiting ones ahead, so that nothing is delayed and nothing overtakes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from core.channels import Capabilities
from core.dialogue.model import Notice, NoticeKind
from core.storage import gathered, outbox
from core.storage.conversations import ConversationRow
from core.storage.gathered import WaitingRow
from core.storage.tables import reports

WAITS = frozenset(
    {
        NoticeKind.RECEIVED,
        NoticeKind.SPLIT,
        NoticeKind.DISPOSED,
        NoticeKind.RETURNED,
        NoticeKind.RECLASSIFIED,
        NoticeKind.RESTORED,
        NoticeKind.QUESTION_TAKEN_BACK,
        NoticeKind.QUESTION_GIVEN_UP,
    }
)
"""No official's words, no clock, no choice."""

_OVER = frozenset(
    {NoticeKind.CLOSED, NoticeKind.CLOSED_SILENT, NoticeKind.CLOSED_FINAL, NoticeKind.ACKNOWLEDGED, NoticeKind.ARCHIVED}
)
_NAMES_THE_HOLDER = _OVER | {
    NoticeKind.DISPOSED,
    NoticeKind.RETURNED,
    NoticeKind.RESTORED,
    NoticeKind.QUESTION,
    NoticeKind.QUESTION_TAKEN_BACK,
    NoticeKind.QUESTION_GIVEN_UP,
    NoticeKind.RESPONSE,
    NoticeKind.PROGRESS,
    NoticeKind.SETTLEMENT,
    NoticeKind.OVERDUE,
}
_SAID_BY: Mapping[NoticeKind, frozenset[NoticeKind]] = {
    NoticeKind.DISPOSED: _NAMES_THE_HOLDER,
    NoticeKind.RETURNED: _NAMES_THE_HOLDER,
    NoticeKind.RECLASSIFIED: frozenset({NoticeKind.RECLASSIFIED}),
    NoticeKind.RESTORED: _OVER | {NoticeKind.RESTORED},
    NoticeKind.QUESTION_TAKEN_BACK: _OVER | {NoticeKind.QUESTION},
    NoticeKind.QUESTION_GIVEN_UP: _OVER | {NoticeKind.QUESTION},
}
"""What the later notice says of the waiting one: who holds the report and until when, or that it is over."""

_KINDS = frozenset(f"notice.{kind}" for kind in WAITS)


@dataclass(frozen=True, slots=True)
class Gathered:
    """`along`: said in the same message, before the notice. `at`: when that may leave; None: now."""

    along: tuple[Notice, ...] = ()
    at: datetime | None = None


def gather(
    connection: Connection,
    capabilities: Capabilities,
    conversation: ConversationRow,
    *,
    report_id: int,
    notice: Notice,
    now: datetime,
) -> Gathered:
    """Takes what waits for this report at this address: it will not be sent by itself any more.

    A locked conversation hears only that there is news; what waits behind its code is kept there.
    """
    if capabilities.gathers_seconds <= 0 or conversation.session.locked or notice.kind is NoticeKind.REMINDERS:
        return Gathered()
    rows = gathered.waiting(connection, address_id=conversation.address_id, report_id=report_id, kinds=_KINDS)
    told = [(row, kept) for row in rows if (kept := _kept(row)) is not None]
    taken = [row for row in rows if any(row.bundle == first.bundle for first, _ in told) and _whole(row, rows)]
    earlier = [one for row, (notices, _) in told if row in taken for one in notices]
    if taken:
        words = [message_id for row, (_, message_id) in told if row in taken and message_id is not None]
        gathered.replace(connection, [row.id for row in taken], words)
    along = tuple(_without_day(one) for one in _latest(earlier) if not _says(notice, one))
    if notice.kind not in WAITS or _urgent(connection, report_id):
        return Gathered(along)
    latest = now + timedelta(seconds=capabilities.gathers_seconds)
    return Gathered(along, min([latest, *(row.next_at for row in taken)]))


def send_ahead(connection: Connection, capabilities: Capabilities, address_id: int, *, now: datetime) -> None:
    """Something leaves for this address now: what waits to be gathered leaves before it."""
    if capabilities.gathers_seconds > 0:
        until = now + timedelta(seconds=capabilities.gathers_seconds)
        gathered.release(connection, address_id=address_id, kinds=_KINDS, now=now, until=until)


def keepsake(notices: Sequence[Notice], message_id: int | None) -> str:
    """What a waiting message has to remember so that a later one can take its place. Kept encrypted, with its words."""
    listed = [{"kind": one.kind.value, "code": one.code, "params": _params(one)} for one in notices]
    return json.dumps({"notices": listed, "message": message_id}, ensure_ascii=False, separators=(",", ":"))


def _params(notice: Notice) -> dict[str, object]:
    return {name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in notice.params.items()}


def _whole(row: WaitingRow, rows: Sequence[WaitingRow]) -> bool:
    """Does every part of this notice still wait?"""
    return sum(other.bundle == row.bundle for other in rows) == row.parts


def _kept(row: WaitingRow) -> tuple[list[Notice], int | None] | None:
    """The notices that this message tells, and its words on the report; None: it does not wait for another one."""
    part = outbox.part_of(row.payload) if row.payload is not None else None
    if part is None or part.gathers is None:
        return None
    kept = json.loads(part.gathers)
    return [_notice(one) for one in kept["notices"]], kept["message"]


def _notice(kept: Mapping[str, object]) -> Notice:
    given = kept["params"]
    params: dict[str, str | int | date] = {}
    for name, value in given.items() if isinstance(given, dict) else ():
        params[name] = date.fromisoformat(value["day"]) if isinstance(value, dict) else value
    return Notice(NoticeKind(str(kept["kind"])), str(kept["code"]), params)


def _latest(notices: Sequence[Notice]) -> list[Notice]:
    """Without those that a later one of them says."""
    return [one for index, one in enumerate(notices) if not any(_says(later, one) for later in notices[index + 1 :])]


def _says(later: Notice, earlier: Notice) -> bool:
    return later.kind in _SAID_BY.get(earlier.kind, frozenset())


def _without_day(notice: Notice) -> Notice:
    """The day is that of the later notice."""
    return replace(notice, params={name: value for name, value in notice.params.items() if name != "due_on"})


def _urgent(connection: Connection, report_id: int) -> bool:
    return bool(connection.execute(select(reports.c.urgent).where(reports.c.id == report_id)).scalar())
