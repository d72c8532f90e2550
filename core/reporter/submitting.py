"""A draft becomes a report; what was missing is filled in later (sop.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core import notifying, offices, timekeeping
from core.dialogue.model import Complete, Draft, NoticeKind, StoryPart, Submit
from core.errors import NotFound
from core.office import Office
from core.procedure.vocabulary import Category, Field, Move, Privacy, Role, State
from core.report import Report
from core.reporter.speaking import Carried, Speaker, keep_words, own
from core.storage import access, audit, history, holdings, messages, people, reports

_TITLE_MOST = 200


def submit(connection: Connection, office: Office, effect: Submit, *, by: Speaker, now: datetime) -> Carried:
    """Received by the national admins: code, words, clocks, history, audit, and who is told, in one transaction."""
    draft = effect.draft
    root = offices.root_id(connection, office)
    report = reports.add(
        connection,
        words=_words(draft, effect.title),
        code=effect.code,
        person_id=by.person_id,
        address_id=by.address_id,
        channel=by.channel,
        language=draft.language or by.language,
        state=State.RECEIVED,
        category=draft.category or Category.COMPLAINT,
        privacy=draft.privacy or Privacy.HIDDEN,
        urgent=draft.urgent,
        child=draft.child,
        holder_id=root,
        origin_id=_origin(connection, draft, by),
        received_at=now,
        holder_since=now,
        last_notice=NoticeKind.RECEIVED,
        spoke_at=now,
    )
    if draft.name:
        people.remember(connection, by.person_id, name=draft.name)
    _accuse(connection, report, draft.who_office_id)
    message_id = _keep_story(connection, draft, report, by, now)
    begin(
        connection,
        office,
        report,
        move=Move.SUBMIT,
        role=Role.REPORTER,
        account_id=None,
        message_id=message_id,
        now=now,
        marks=None if by.verified else history.UNVERIFIED,
    )
    return Carried(report.id, message_id)


def begin(
    connection: Connection,
    office: Office,
    report: Report,
    *,
    move: Move,
    role: Role,
    account_id: int | None,
    message_id: int | None,
    now: datetime,
    marks: Mapping[str, str] | None = None,
) -> None:
    """What every new report begins with: a holder, the first line of its history, its clocks, somebody who is told.

    `marks`: what else the first line of its history says, in codes.
    """
    holdings.begin(connection, report_id=report.id, office_id=report.holder_id, at=now)
    details = {"code": report.code, "channel": report.channel, "category": report.category.value} | dict(marks or {})
    history.add(
        connection,
        report_id=report.id,
        at=now,
        move=move,
        from_state=State.DRAFT,
        to_state=report.state,
        role=role,
        account_id=account_id,
        office_id=report.holder_id,
        message_id=message_id,
        details=details,
    )
    audit.record(
        connection,
        at=now,
        role=role,
        account_id=account_id,
        action=move,
        subject="report",
        subject_id=report.id,
        details=details,
    )
    timekeeping.opened(connection, office, report, now=now)
    if report.urgent:  # sop.md §3: the national admins are told at any hour
        notifying.national(connection, office, report, "urgent", now=now)
    if not report.urgent or report.state is not State.RECEIVED:
        notifying.holder(connection, office, report, "received", now=now, but=account_id)


def _words(draft: Draft, title: str) -> dict[str, Any]:
    return {
        "title": title[:_TITLE_MOST],
        "story": draft.story,
        "when_words": _cut(draft.when_words, 300),
        "when_from": draft.when_from,
        "when_to": draft.when_to,
        "where_words": _cut(draft.where_words, 500),
        "latitude": draft.place.latitude if draft.place else None,
        "longitude": draft.place.longitude if draft.place else None,
        "who_words": _cut(draft.who_words, 300),
        "who_office_id": draft.who_office_id,
        "hoped": draft.hoped,
        "evidence_none": draft.evidence_none,
    }


def _cut(text: str | None, most: int) -> str | None:
    """The whole words stand in the messages; a column holds what fits."""
    return text[:most] if text else text


def _origin(connection: Connection, draft: Draft, by: Speaker) -> int | None:
    """The report that it follows, if that is this person's own (sop.md §5: after the dispute window)."""
    if draft.origin_code is None:
        return None
    try:
        return own(connection, draft.origin_code, by).id
    except NotFound:
        return None


def _accuse(connection: Connection, report: Report, who_office_id: int | None) -> None:
    """Whom a complaint, or a report about a child, is about never gets it once it is inspected or sealed (sop.md §1, §3)."""
    if who_office_id is not None and (report.category is Category.COMPLAINT or report.child):
        access.add(connection, report_id=report.id, kind=access.ACCUSED, office_ids=(who_office_id,))


def _keep_story(connection: Connection, draft: Draft, report: Report, by: Speaker, now: datetime) -> int:
    """One message for each part, so that a later edit of that message finds it; the first one's id."""
    parts = draft.parts or (StoryPart(by.source_id or "", draft.story),)
    kept = [
        messages.add(
            connection,
            report_id=report.id,
            direction=messages.IN,
            kind="story",
            words=part.text,
            at=now,
            conversation_id=part.conversation or by.conversation_id,  # where it was said: its sender's edits come from there
            inbox_id=by.inbox_id,
            source_id=part.source_id or None,
            whole=by.whole if part.source_id == by.source_id else None,
            deleted_at=part.deleted_at,
            public=part.public,
        )
        for part in parts
    ]
    return kept[0]


def complete(connection: Connection, office: Office, effect: Complete, *, by: Speaker, now: datetime) -> Carried:
    """The gaps of a report that was received at once; "tidak tahu" leaves a field empty."""
    report = own(connection, effect.code, by)
    message_id = keep_words(connection, report.id, "addition", effect.text, by=by, now=now)
    given: dict[str, Any] = {
        "when_words": _cut(effect.when_words, 300),
        "when_from": effect.when_from,
        "when_to": effect.when_to,
        "where_words": _cut(effect.where_words, 500),
        "latitude": effect.place.latitude if effect.place else None,
        "longitude": effect.place.longitude if effect.place else None,
        "who_words": _cut(effect.who_words, 300),
        "who_office_id": effect.who_office_id,
    }
    words = {name: value for name, value in given.items() if value is not None}
    if Field.EVIDENCE in effect.filled and not effect.files:
        words["evidence_none"] = True
    if words:
        reports.change_words(connection, report.id, **words)
    _accuse(connection, report, effect.who_office_id)
    if effect.name:
        people.remember(connection, by.person_id, name=effect.name)
    changes: dict[str, Any] = {"spoke_at": now}
    if effect.privacy is not None:
        changes["privacy"] = effect.privacy
    report = reports.save(connection, report, **changes)
    details = {"filled": sorted(field.value for field in effect.filled)}
    audit.of_reporter(connection, at=now, action=Move.ADD, subject="report", subject_id=report.id, details=details)
    history.add(
        connection,
        report_id=report.id,
        at=now,
        move=Move.ADD,
        from_state=report.state,
        to_state=report.state,
        role=Role.REPORTER,
        office_id=report.holder_id,
        message_id=message_id,
        details=details,
    )
    notifying.holder(connection, office, report, "added", now=now)
    return Carried(report.id, message_id)
