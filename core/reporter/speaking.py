"""Who speaks, and where the words went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.dialogue.model import Notice
from core.errors import NotFound
from core.report import Report
from core.storage import messages, people, reports


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks and where: rows of `people`, `addresses`, `conversations`, and the message that it came with.

    `whole`: everything that stood in that message, where its words are only the newest part; `verified`: nobody else can be it.
    """

    person_id: int
    address_id: int
    conversation_id: int
    channel: str
    language: str
    inbox_id: int | None = None
    source_id: str | None = None
    whole: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the effect's words went. Files of the effect belong to this report and message.

    `notices`: what the same conversation must still be told about it, after this step's own words (a step each).
    """

    report_id: int | None = None
    message_id: int | None = None
    notices: tuple[Notice, ...] = ()


def keep_words(
    connection: Connection,
    report_id: int,
    kind: str,
    words: str,
    *,
    by: Speaker,
    now: datetime,
    edits_id: int | None = None,
    public: bool = False,
) -> int:
    """The speaker's words on a report, unchanged, with where they were said. `edits_id`: the message whose place they take."""
    return messages.add(
        connection,
        report_id=report_id,
        direction=messages.IN,
        kind=kind,
        words=words,
        at=now,
        conversation_id=by.conversation_id,
        inbox_id=by.inbox_id,
        source_id=by.source_id,
        edits_id=edits_id,
        whole=by.whole,
        public=public,
    )


def own(connection: Connection, code: str, by: Speaker) -> Report:
    """The speaker's own report, filed from here or from a linked address, locked. Raises NotFound for anybody else's."""
    report = reports.by_code(connection, code, lock=True)
    if not people.are_one(connection, by.person_id, report.person_id):
        raise NotFound("there is no such report")
    return report
