"""What the dialogue says becomes rows of the outbox: rendered for the channel, with what each row is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from core import merging, trackingcode
from core.dialogue.model import Event, Heard, Notice, Say
from core.dialogue.render import Rendered, render
from core.facts import capabilities_of
from core.office import Office
from core.storage import messages, outbox
from core.storage.conversations import ConversationRow
from core.storage.outbox import Part
from core.storage.tables import reports


@dataclass(frozen=True, slots=True)
class Telling:
    """What the outbox must know of a notice: whose report it is about, an official's words in it, the clock it starts.

    `at`: it waits so long for a later one (core/merging.py).
    """

    report_id: int
    message_id: int | None = None
    clock: str | None = None
    at: datetime | None = None


def say(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    says: Sequence[Say],
    *,
    language: str,
    report_ids: Mapping[str, int],
    now: datetime,
    telling: Telling | None = None,
    event: Event | None = None,
) -> None:
    """In private, as this channel can carry it. `report_ids`: by code, of the reports that this step has named already."""
    if not says:
        return
    capabilities = capabilities_of(office, conversation.channel)
    if telling is not None and (telling.message_id is not None or telling.clock is not None):
        mark = office.text(language, "road.possible_repeat", words="")  # an uncertain one may have to be marked so
        capabilities = replace(capabilities, text_limit=max(capabilities.text_limit - len(mark), 20))
    rendered = render(says, capabilities=capabilities, language=language)
    kept = _keep_notice(connection, conversation, telling, rendered, now)
    named = _report_ids(connection, report_ids, rendered, telling)
    about = event.code if isinstance(event, Notice) else None
    waits_until = telling.at if telling is not None else None
    gathers = None
    if telling is not None and waits_until is not None and isinstance(event, Notice):
        gathers = merging.keepsake((*event.along, event), kept)
    said_along = {f"notice.{one.kind}" for one in event.along} if isinstance(event, Notice) else set()
    last = len(rendered) - 1
    parts = [
        Part(
            text=one.text,
            choices=one.choices,
            kind=f"notice.{event.kind}" if isinstance(event, Notice) and one.key in said_along else one.key,
            clock=(telling.clock if index == last else None) if telling is not None and telling.clock else one.clock,
            report_id=named.get(one.code or "", telling.report_id if telling is not None else None),
            message_id=telling.message_id if telling is not None else None,
            subject=_subject(office, language, one.code or about) if capabilities.subjects else None,
            in_reply_to=event.inbound.source_id if isinstance(event, Heard) else None,
            gathers=gathers if index == 0 else None,
        )
        for index, one in enumerate(rendered)
    ]
    if waits_until is None:
        merging.send_ahead(connection, capabilities, conversation.address_id, now=now)
    outbox.enqueue(
        connection,
        parts,
        channel=conversation.channel,
        address_id=conversation.address_id,
        language=language,
        now=now,
        at=waits_until,
    )
    office.wakeups.announce(connection, f"outbox:{conversation.channel}")


def _keep_notice(
    connection: Connection, conversation: ConversationRow, telling: Telling | None, rendered: Sequence[Rendered], now: datetime
) -> int | None:
    """The service's own words stand with the report as long as it does; an official's are kept already."""
    if telling is None or telling.message_id is not None:
        return None
    return messages.add(
        connection,
        report_id=telling.report_id,
        conversation_id=conversation.id,
        direction=messages.OUT,
        kind="notice",
        words="\n".join(one.text for one in rendered),
        at=now,
    )


def _subject(office: Office, language: str, code: str | None) -> str:
    """A code at the most: a subject shows on a locked screen."""
    if code is None:
        return office.text(language, "subject.conversation", office=office.config.office.name)
    return office.text(language, "subject.report", code=trackingcode.formatted(code))


def _report_ids(
    connection: Connection, known: Mapping[str, int], rendered: Sequence[Rendered], telling: Telling | None
) -> Mapping[str, int]:
    """Ids of the reports that the messages name."""
    codes = {one.code for one in rendered if one.code is not None} - known.keys()
    if codes and telling is None:
        rows = connection.execute(select(reports.c.code, reports.c.id).where(reports.c.code.in_(codes)))
        return {**known} | {row.code: row.id for row in rows}
    return known
