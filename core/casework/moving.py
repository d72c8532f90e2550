"""One move, one transaction: state, words, history, audit, holdings, clocks, what the reporter hears and who else is told.

A family of moves only decides (`Decision`); `carry_out` does what was decided, the same way for officials, reporters and the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from core import notices, notifying, timekeeping
from core.casework.inputs import Inputs
from core.casework.seeing import case_for, case_of_report
from core.dialogue.model import NoticeKind
from core.errors import StaleReport
from core.office import Office
from core.procedure import states
from core.procedure.case import Actor, Case
from core.procedure.vocabulary import Move, Role, State
from core.report import Report
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
    with office.database.write() as connection:
        report, case = case_for(connection, office, report_id=report_id, by=by, now=now, lock=True)
        if report.version != version:
            raise StaleReport("somebody changed this report in between: look at it again, then decide")
        return act(connection, office, report=report, case=case, move=move, inputs=inputs, by=by, now=now)


def act_as_system(
    connection: Connection, office: Office, *, report_id: int, move: Move, now: datetime, inputs: Inputs | None = None
) -> Report:
    """A move by the clock, in the caller's transaction. Raises Refused."""
    report = reports.get(connection, report_id, lock=True)
    case = case_of_report(connection, office, report, now=now)
    return act(connection, office, report=report, case=case, move=move, inputs=inputs or Inputs(), by=SYSTEM, now=now)
