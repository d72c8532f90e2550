"""A flood: more messages of one sender in an hour than anybody writes (sop.md §3). One reply an hour; everything is kept.

Where a story is received at once, each message of a machine that repeats itself would be a report, a code and an answer. Inside
a flood such a message becomes an addition to the sender's latest report instead: kept with its files, shown to whoever reads
that report, without a line of history, without a notification for each, and without an answer. A note on the report says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection

from core import notifying
from core.channels import Inbound, InboundKind
from core.dialogue.model import Add, Effect, Submit
from core.errors import NotFound
from core.office import Office
from core.report import Report
from core.reporter import Speaker
from core.storage import attachments, history, messages, people, reports, throttles

_LOOKED_AT = 20
"""How many of a sender's latest reports are looked at for one that a stranger filed."""
_INVITED_EVERY = timedelta(days=1)


class Replies(Enum):
    """How much of what the dialogue says reaches the person. A tracking code always does."""

    ALL = "all"
    LAST = "last"  # and that we will be silent for a while
    NONE = "none"
    FLOOD = "flood"  # none; and what it would add to a report is only kept with it


def replies(connection: Connection, office: Office, *, lane: str, inbound: Inbound, now: datetime) -> Replies:
    """Counts this message of a lane (its keyed hash). A pressed button is an answer, never a flood.

    This is also the cap on automatic messages to an address: an hour gives as many answers as a flood needs messages, and one.
    A flood that goes on after its hour (as many again) is still the same one. Whoever only claims to be the sender is counted
    apart, so that a forged flood does not silence the one whose name it bears.
    """
    if inbound.kind is InboundKind.PUBLIC:
        return _in_public(connection, office, lane, now)
    if inbound.choice is not None:
        return Replies.ALL
    limits = office.numbers.flood
    purpose = "flood" if inbound.sender.verified else "unsure"
    count = throttles.count(
        connection,
        f"{purpose}:{lane}",
        now=now,
        window=timedelta(minutes=limits.window_minutes),
        much=2 * limits.messages,
        anew=limits.messages + 1,
    )
    if count <= limits.messages:
        return Replies.ALL
    return Replies.LAST if count == limits.messages + 1 else Replies.NONE


def _in_public(connection: Connection, office: Office, lane: str, now: datetime) -> Replies:
    """sop.md §7, issue 4: the invitation once per person and day."""
    limits = office.numbers.flood
    spoken = throttles.count(connection, f"told:{lane}", now=now, window=timedelta(minutes=limits.window_minutes))
    if throttles.count(connection, f"public:{lane}", now=now, window=_INVITED_EVERY) == 1:
        return Replies.ALL
    return Replies.NONE if spoken <= limits.messages else Replies.FLOOD


def first_alarm(connection: Connection, *, lane: str, now: datetime) -> bool:
    """Is this the first cry for help in public of this lane in a day? It is answered whatever was answered before."""
    return throttles.count(connection, f"alarm:{lane}", now=now, window=_INVITED_EVERY) == 1


def keep(
    connection: Connection,
    office: Office,
    effects: Iterable[Effect],
    *,
    lane: str,
    inbound: Inbound,
    by: Speaker,
    now: datetime,
) -> bool:
    """Keeps a message of a flood with the sender's latest report, instead of what the dialogue wanted. False: let that happen.

    It happens for whatever makes no new report and adds nothing, for the sender's first report, and once in an hour for danger
    to life and for a reply that stops silence.
    """
    wish = next((one for one in effects if isinstance(one, Submit | Add)), None)
    if wish is None:
        return False
    serious = wish.draft.urgent if isinstance(wish, Submit) else wish.trouble
    if serious and _first(connection, office, f"{'urgent' if isinstance(wish, Submit) else 'trouble'}:{lane}", now):
        return False
    report = _anchor(connection, wish, by)
    if report is None:
        return False
    message_id = messages.add(
        connection,
        report_id=report.id,
        direction=messages.IN,
        kind="addition",
        words=inbound.text,
        whole=by.whole,
        at=now,
        conversation_id=by.conversation_id,
        inbox_id=by.inbox_id,
        source_id=by.source_id,
    )
    if inbound.files:
        attachments.give(
            connection,
            conversation_id=by.conversation_id,
            source_ids=[inbound.source_id],
            report_id=report.id,
            message_id=message_id,
        )
    if _first(connection, office, f"flooded:{report.id}", now):
        _note(connection, office, report, now)
    return True


def _first(connection: Connection, office: Office, key: str, now: datetime) -> bool:
    window = timedelta(minutes=office.numbers.flood.window_minutes)
    return throttles.count(connection, key, now=now, window=window) == 1


def _anchor(connection: Connection, wish: Submit | Add, by: Speaker) -> Report | None:
    """The report that it is kept with: the one it is about, else the latest; a stranger's only with a stranger's."""
    if isinstance(wish, Add):
        try:
            report = reports.by_code(connection, wish.code)
        except NotFound:
            return None
        return report if people.are_one(connection, by.person_id, report.person_id) else None
    latest = reports.of_person(connection, by.person_id, limit=1 if by.verified else _LOOKED_AT)
    return next((one for one in latest if by.verified or history.filed_by_stranger(connection, one.id)), None)


def _note(connection: Connection, office: Office, report: Report, now: datetime) -> None:
    messages.add(
        connection,
        report_id=report.id,
        direction=messages.NOTE,
        kind="note",
        words=office.text(office.language, "road.flood_note"),
        at=now,
    )
    reports.touch(connection, report.id, spoke_at=now)
    notifying.holder(connection, office, report, "added", now=now)
