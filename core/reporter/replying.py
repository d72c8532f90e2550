"""What reporters say to a report that exists: add, answer, confirm, dispute, object, withdraw, rate (sop.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core import notifying, offices, reaching, timekeeping
from core.casework.inputs import Inputs
from core.casework.moving import Decision, act
from core.casework.seeing import case_of_report
from core.dialogue.model import (
    Add,
    AnswerQuestion,
    Confirm,
    Dispute,
    Notice,
    NoticeKind,
    NotSettled,
    Object,
    Rate,
    Withdraw,
)
from core.office import Office
from core.procedure.case import Actor
from core.procedure.effects import Moment
from core.procedure.given import Given
from core.procedure.vocabulary import ClockKind, Closing, Field, Ground, Move, State
from core.report import Report
from core.reporter.speaking import Carried, Speaker, keep_words, own
from core.storage import clocks, reports

_REOPENED: Mapping[str, Any] = {"closed_at": None, "closing": None, "archived_at": None, "ground": None}


def _keep(
    connection: Connection, report: Report, kind: str, text: str, by: Speaker, now: datetime, *, public: bool = False
) -> int | None:
    """The reporter's words, unchanged; a pressed button has none."""
    if not text:
        return None
    return keep_words(connection, report.id, kind, text, by=by, now=now, public=public)


def _act(
    connection: Connection,
    office: Office,
    report: Report,
    move: Move,
    changes: Mapping[str, Any],
    *,
    by: Speaker,
    now: datetime,
    message_id: int | None = None,
    told: str | None = None,
    given: Given | None = None,
    details: Mapping[str, Any] | None = None,
    holder_id: int | None = None,
) -> Report:
    heard: dict[str, Any] = {"spoke_at": now}
    if report.unreachable_since is not None:  # whoever writes can be reached, there
        reaching.back(connection, office, report)
        heard |= {"unreachable_since": None, "address_id": by.address_id}
    decision = Decision(
        changes=heard | dict(changes), told=told, details=details or {}, holder_id=holder_id, message_id=message_id
    )
    return act(
        connection,
        office,
        report=report,
        case=case_of_report(connection, office, report, now=now),
        move=move,
        inputs=Inputs(),
        by=Actor.reporter(by.person_id if report.person_id is None else report.person_id),  # `own` has let them
        now=now,
        decide=lambda _step: decision,
        given=given or Given(),
    )


def add(connection: Connection, office: Office, effect: Add, *, by: Speaker, now: datetime) -> Carried:
    """Belongs to the report in any state. On a settled one a reply that is no bare thanks stops silence (sop.md §5)."""
    report = own(connection, effect.code, by)
    message_id = _keep(connection, report, "addition", effect.text, by, now, public=effect.public)
    if effect.trouble and report.state is State.IN_PROGRESS and report.settlement_at is not None:
        _act(
            connection,
            office,
            report,
            Move.NOT_SETTLED,
            {"replied": True},
            by=by,
            now=now,
            message_id=message_id,
            told="replied",
        )
    elif report.state is State.ARCHIVED:  # nothing moves, and nothing is lost
        reports.touch(connection, report.id, spoke_at=now)
        notifying.holder(connection, office, report, "added", now=now)
    else:
        after = _act(connection, office, report, Move.ADD, {}, by=by, now=now, message_id=message_id, told="added")
        if effect.trouble:  # sop.md §6: a reply to a progress is answered too
            timekeeping.happened(connection, office, Moment.REPLIED, report, after, now=now)
    return Carried(report.id, message_id)


def answer(connection: Connection, office: Office, effect: AnswerQuestion, *, by: Speaker, now: datetime) -> Carried:
    """Back where it was, the holder told. An answer that comes when nobody waits any more is an addition, late an objection."""
    report = own(connection, effect.code, by)
    if report.state is State.ARCHIVED and report.ground is Ground.INCOMPLETE and not report.objected:
        return object_to_archive(connection, office, Object(code=effect.code, text=effect.text), by=by, now=now)
    if report.state is not State.AWAITING_REPORTER:
        return add(connection, office, Add(code=effect.code, text=effect.text), by=by, now=now)
    message_id = _keep(connection, report, "answer", effect.text, by, now)
    _fill(connection, report, effect)
    _act(connection, office, report, Move.ANSWER, {}, by=by, now=now, message_id=message_id, told="answered")
    return Carried(report.id, message_id)


_COLUMN_OF = {
    Field.WHEN: ("when_words", 300),
    Field.WHERE: ("where_words", 500),
    Field.WHO: ("who_words", 300),
    Field.HOPED: ("hoped", 8000),
}


def _fill(connection: Connection, report: Report, effect: AnswerQuestion) -> None:
    """An answer to a question for one field fills it if it was empty; what the reporter had said stays."""
    words = reports.words_of(connection, report.id)
    values: dict[str, Any] = {}
    if len(report.question_fields) == 1 and report.question_fields[0] in _COLUMN_OF and effect.text:
        column, most = _COLUMN_OF[report.question_fields[0]]
        if getattr(words, column) is None:
            values[column] = effect.text[:most]
    if effect.place is not None and words.latitude is None:
        values |= {"latitude": effect.place.latitude, "longitude": effect.place.longitude}
    if values:
        reports.change_words(connection, report.id, **values)


def confirm(connection: Connection, office: Office, effect: Confirm, *, by: Speaker, now: datetime) -> Carried:
    """Beres."""
    report = own(connection, effect.code, by)
    changes = {"closed_at": now, "closing": Closing.CONFIRMED}
    _act(connection, office, report, Move.CONFIRM, changes, by=by, now=now, told="confirmed")
    return Carried(report.id)


def not_settled(connection: Connection, office: Office, effect: NotSettled, *, by: Speaker, now: datetime) -> Carried:
    """Belum: silence stops, the holder has five working days to answer.

    Counted if a settlement was on record; said again before the holder has answered, it is the same Belum.
    """
    report = own(connection, effect.code, by)
    message_id = _keep(connection, report, "not_settled", effect.text, by, now)
    owed = any(row.kind is ClockKind.ANSWER for row in clocks.running(connection, report.id))
    count = report.not_settled + (1 if report.settlements and not owed else 0)
    changes = {"replied": True, "not_settled": count}
    _act(connection, office, report, Move.NOT_SETTLED, changes, by=by, now=now, message_id=message_id, told="not_settled")
    return Carried(report.id, message_id)


def dispute(connection: Connection, office: Office, effect: Dispute, *, by: Speaker, now: datetime) -> Carried:
    """A closed report comes back to who held it, counted."""
    report = own(connection, effect.code, by)
    message_id = _keep(connection, report, "dispute", effect.text, by, now)
    changes = dict(_REOPENED) | {"replied": True, "disputes": report.disputes + 1}
    _act(connection, office, report, Move.DISPUTE, changes, by=by, now=now, message_id=message_id, told="disputed")
    return Carried(report.id, message_id)


def object_to_archive(connection: Connection, office: Office, effect: Object, *, by: Speaker, now: datetime) -> Carried:
    """An objection, or an answer that came late: once, and the national admins look again."""
    report = own(connection, effect.code, by)
    message_id = _keep(connection, report, "objection", effect.text, by, now)
    changes = dict(_REOPENED) | {"objected": True, "agency_id": None, "unit_id": None}
    root = offices.root_id(connection, office)
    _act(
        connection, office, report, Move.OBJECT, changes, by=by, now=now, message_id=message_id, told="objected", holder_id=root
    )
    return Carried(report.id, message_id)


def withdraw(connection: Connection, office: Office, effect: Withdraw, *, by: Speaker, now: datetime) -> Carried:
    """Withdrawn, or solved meanwhile. Where inspection has begun the wish is recorded and the inspection goes on."""
    report = own(connection, effect.code, by)
    notices: tuple[Notice, ...] = ()
    if report.inspecting:
        changes: dict[str, Any] = {"withdraw_wish": True}
        notices = (Notice(kind=NoticeKind.WITHDRAW_NOTED, code=report.code),)
    elif effect.solved:
        changes = {"closed_at": now, "closing": Closing.WITHDRAWN}
    else:
        changes = {"archived_at": now, "ground": Ground.WITHDRAWN, "withdraw_wish": True}
    given = Given(solved=effect.solved)
    details = {"solved": effect.solved}
    _act(connection, office, report, Move.WITHDRAW, changes, by=by, now=now, told="withdrawn", given=given, details=details)
    return Carried(report.id, notices=notices)


def rate(connection: Connection, office: Office, effect: Rate, *, by: Speaker, now: datetime) -> Carried:
    """One to five. No answer is no rating."""
    report = own(connection, effect.code, by)
    changes = {"rating": effect.rating}
    given = Given(rating=effect.rating)
    _act(connection, office, report, Move.RATE, changes, by=by, now=now, given=given, details={"rating": effect.rating})
    return Carried(report.id)
