"""One move, one transaction: state, words, history, audit, holdings, clocks, what the reporter hears and who else is told.

A family of moves only decides (`Decision`); `carry_out` does it, the same way for officials, reporters and the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from core import notices, notifying, timekeeping
from core.casework.giving import given_of, said_of_a_field
from core.casework.inputs import Inputs
from core.casework.seeing import case_for, case_of_report
from core.dialogue.model import NoticeKind
from core.errors import Refused, StaleReport
from core.office import Office
from core.procedure import states
from core.procedure.case import Actor, Case
from core.procedure.given import Given
from core.procedure.numbers import Numbers
from core.procedure.vocabulary import Input, Move, Role, State
from core.report import Report
from core.retrying import through_deadlocks
from core.storage import audit, history, holdings, messages, reports

SYSTEM = Actor.system()


@dataclass(frozen=True, slots=True)
class Step:
    """What a family of moves decides from. `role`: in which role the actor does it; `to`: the state that the table gives."""

    connection: Connection
    office: Office
    report: Report
    case: Case
    move: Move
    role: Role
    to: State
    by: Actor
    inputs: Inputs
    now: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """Words that belong to a move. `direction`: in, out or note (core/storage/messages.py)."""

    kind: str
    text: str
    direction: str = messages.OUT


@dataclass(frozen=True, slots=True)
class Telling:
    """What the reporter hears of it. `with_words`: the official's words go along, unchanged; `clock`: starts on delivery."""

    kind: NoticeKind
    params: Mapping[str, str | int | date] = field(default_factory=dict)
    with_words: bool = False
    clock: str | None = None


def _nothing(_connection: Connection, _report: Report, _message_id: int | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a move does. `changes`: columns of the report besides its state; `holder_id`: the next holder if it changes.

    `details`: codes and ids for history and audit. `then`: what else stands in the same transaction. `told`: the kind of
    notification for the officials of the holding office; None: they did it themselves.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    words: Words | None = None
    message_id: int | None = None  # words that are kept already (a reporter's)
    telling: Telling | None = None
    holder_id: int | None = None
    returned: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    told: str | None = None
    question: bool = False  # the words are the open question from now on
    then: Callable[[Connection, Report, int | None], None] = _nothing


Decide = Callable[[Step], Decision]


def perform(office: Office, *, report_id: int, version: int, move: Move, inputs: Inputs, by: Actor, now: datetime) -> Report:
    """An official's move. `version`: the one that the official had before the eyes.

    Raises NotFound where `by` must not see the report, StaleReport where somebody was faster, Refused where the table does not
    allow it, InvalidInput where something is missing. Nothing is stored unless everything is.
    """

    def once() -> Report:
        with office.database.write() as connection:
            report, case = case_for(connection, office, report_id=report_id, by=by, now=now, lock=True)
            if report.version != version:
                raise StaleReport("somebody changed this report in between: look at it again, then decide")
            act(connection, office, report=report, case=case, move=move, inputs=inputs, by=by, now=now)
            return reports.get(connection, report_id)

    return through_deadlocks(once)


def act_as_system(
    connection: Connection, office: Office, *, report_id: int, move: Move, now: datetime, numbers: Numbers | None = None
) -> Report:
    """A move by the clock, in the caller's transaction; `numbers`: those that its clock started with. Raises Refused."""
    report = reports.get(connection, report_id, lock=True)
    case = case_of_report(connection, office, report, now=now)
    return act(connection, office, report=report, case=case, move=move, inputs=Inputs(), by=SYSTEM, now=now, numbers=numbers)


def act(
    connection: Connection,
    office: Office,
    *,
    report: Report,
    case: Case,
    move: Move,
    inputs: Inputs,
    by: Actor,
    now: datetime,
    decide: Decide | None = None,
    given: Given | None = None,
    numbers: Numbers | None = None,
) -> Report:
    """A move in the caller's transaction, by anybody: asks the table, decides, carries out. Raises Refused, InvalidInput."""
    from core.casework.families import DECIDE  # the families decide from a Step: late, so that both can be imported

    inputs = inputs.trimmed()
    given = given or given_of(connection, office, report=report, move=move, inputs=inputs)
    try:
        offer = states.require(
            case, by, move, given, now=now, calendar=office.calendar(None, connection), numbers=numbers or office.numbers
        )
    except Refused as refused:
        raise said_of_a_field(refused) from refused
    if move is not Move.RECLASSIFY and Input.CATEGORY in offer.needs:
        return _classify_first(connection, office, report=report, case=case, move=move, inputs=inputs, by=by, now=now)
    step = Step(
        connection=connection,
        office=office,
        report=report,
        case=case,
        move=move,
        role=offer.role,
        to=offer.to or report.state,
        by=by,
        inputs=inputs,
        now=now,
    )
    return carry_out(step, (decide or DECIDE[move])(step))


def _classify_first(
    connection: Connection, office: Office, *, report: Report, case: Case, move: Move, inputs: Inputs, by: Actor, now: datetime
) -> Report:
    """sop.md §5: nothing is disposed before it is classified. One press does both, each with its own line in the history.

    The reason of another category than the proposed one stands with the classification, and is not repeated as a note.
    """
    classified = act(connection, office, report=report, case=case, move=Move.RECLASSIFY, inputs=inputs, by=by, now=now)
    if (classified.category, classified.needs_inspection) != (report.category, report.needs_inspection):
        inputs = replace(inputs, reason="")
    after = case_of_report(connection, office, classified, now=now)
    return act(connection, office, report=classified, case=after, move=move, inputs=inputs, by=by, now=now)


def carry_out(step: Step, decision: Decision) -> Report:
    """Stores what was decided: all of it in the step's transaction."""
    from core.casework import mirroring  # carries out the same for each duplicate: late, so that both can be imported

    connection, report, now = step.connection, step.report, step.now
    message_id = decision.message_id or _keep_words(step, decision.words)
    changes = _changes(step, decision, message_id)
    after = reports.save(connection, report, **changes)
    if after.holder_id != report.holder_id:
        holdings.end(connection, report_id=report.id, at=now, returned=decision.returned)
        holdings.begin(connection, report_id=report.id, office_id=after.holder_id, at=now)
    _record(step, decision, after, message_id)
    decision.then(connection, after, message_id)
    timekeeping.moved(connection, step.office, step.move, report, after, now=now)
    if decision.told is not None:
        notifying.holder(connection, step.office, after, decision.told, now=now, but=step.by.account_id)
    if decision.telling is not None:
        _tell(step, decision.telling, after, decision.words, message_id)
    mirroring.mirror(step, decision, after)
    return after


def _keep_words(step: Step, words: Words | None) -> int | None:
    if words is None:
        return None
    return messages.add(
        step.connection,
        report_id=step.report.id,
        direction=words.direction,
        kind=words.kind,
        words=words.text,
        at=step.now,
        account_id=step.by.account_id,
    )


_NO_QUESTION: Mapping[str, Any] = {"question_id": None, "question_fields": (), "question_at": None, "asker_id": None}


def _changes(step: Step, decision: Decision, message_id: int | None) -> dict[str, Any]:
    report, to = step.report, step.to
    changes: dict[str, Any] = {"state": to}
    if to is not report.state:
        if to in (State.AWAITING_REPORTER, State.ARCHIVED):
            changes["before"] = report.handling_state
        else:
            changes["before"] = None
        if report.state is State.AWAITING_REPORTER:
            changes |= _NO_QUESTION
    if decision.question:
        changes["question_id"] = message_id
    if decision.holder_id is not None and decision.holder_id != report.holder_id:
        changes |= {"holder_id": decision.holder_id, "holder_since": step.now}
    return changes | dict(decision.changes)


def _record(step: Step, decision: Decision, after: Report, message_id: int | None) -> None:
    details = dict(decision.details)
    history.add(
        step.connection,
        report_id=after.id,
        at=step.now,
        move=step.move,
        from_state=step.report.state,
        to_state=after.state,
        role=step.role,
        account_id=step.by.account_id,
        office_id=after.holder_id,
        message_id=message_id,
        details=details,
    )
    audit.record(
        step.connection,
        at=step.now,
        role=step.role,
        account_id=step.by.account_id,
        action=step.move,
        subject="report",
        subject_id=after.id,
        details=details | {"from": step.report.state.value, "to": after.state.value, "version": after.version},
    )


def _tell(step: Step, telling: Telling, after: Report, words: Words | None, message_id: int | None) -> None:
    notices.tell(
        step.connection,
        step.office,
        after,
        telling.kind,
        now=step.now,
        params=telling.params,
        words=words.text if words is not None and telling.with_words and words.text else None,
        message_id=message_id if telling.with_words else None,
        clock=telling.clock,
    )
