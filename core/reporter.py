"""What reporters do to their own reports: carried out inside the conversation's transaction, one call for each effect.

`carry_out(connection, office, effect, by=Speaker(…), now=…)` does any effect of `core.dialogue.model` that concerns a report or
the person and says where its words and files belong. Effects of the conversation itself (Say, WakeAt) are none of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.dialogue.model import (
    Add,
    AnswerQuestion,
    ChooseOmbudsman,
    Complete,
    Confirm,
    Dispute,
    EraseDraft,
    KeepEdit,
    Notice,
    NotSettled,
    Object,
    Rate,
    Remember,
    ReportFacts,
    RequestErasure,
    Submit,
    Withdraw,
)
from core.office import Office


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks and where: rows of `people`, `addresses`, `conversations`, and the message that it came with."""

    person_id: int
    address_id: int
    conversation_id: int
    channel: str
    language: str
    inbox_id: int | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the effect's words went. Files of the effect belong to this report and message.

    `notices`: what the same conversation must still be told about it, after this step's own words (a step each).
    """

    report_id: int | None = None
    message_id: int | None = None
    notices: tuple[Notice, ...] = ()


ReportEffect = (
    Submit
    | Complete
    | Add
    | AnswerQuestion
    | Confirm
    | NotSettled
    | Dispute
    | Object
    | Withdraw
    | Rate
    | ChooseOmbudsman
    | KeepEdit
    | Remember
    | EraseDraft
    | RequestErasure
)


def carry_out(connection: Connection, office: Office, effect: ReportEffect, *, by: Speaker, now: datetime) -> Carried:
    """Does it in the caller's transaction. Raises NotFound for a report that is not this person's, Refused by the procedure."""
    raise NotImplementedError


def facts_for(connection: Connection, office: Office, *, person_id: int, now: datetime, limit: int = 8) -> tuple[ReportFacts, ...]:
    """The reporter's own reports, newest first: open ones and those that can still be answered. Two statements."""
    raise NotImplementedError
