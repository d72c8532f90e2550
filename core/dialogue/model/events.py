"""What happens to a conversation: a person speaks, a report moves, a moment comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from core.channels import Inbound

if TYPE_CHECKING:
    from core.dialogue.model.session import Draft  # a session remembers notices


class NoticeKind(StrEnum):
    """What the reporter hears about an own report (sop.md §7). Each has its sentences in core/texts as `notice.<kind>`."""

    RECEIVED = "received"
    SPLIT = "split"  # a part of an own report has a code of its own now
    DISPOSED = "disposed"
    RETURNED = "returned"
    QUESTION = "question"
    QUESTION_TAKEN_BACK = "question_taken_back"
    QUESTION_GIVEN_UP = "question_given_up"
    QUESTION_REMINDER = "question_reminder"
    RESPONSE = "response"
    PROGRESS = "progress"
    SETTLEMENT = "settlement"
    SETTLEMENT_REMINDER = "settlement_reminder"
    OVERDUE = "overdue"
    CLOSED = "closed"
    CLOSED_SILENT = "closed_silent"
    CLOSED_FINAL = "closed_final"
    ACKNOWLEDGED = "acknowledged"
    ARCHIVED = "archived"
    RESTORED = "restored"
    RECLASSIFIED = "reclassified"
    OMBUDSMAN_CHOICE = "ombudsman_choice"
    REFERRED = "referred"
    FILE_LOST = "file_lost"
    WITHDRAW_NOTED = "withdraw_noted"
    REMINDERS = "reminders"  # several reminders of one day in one message


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to a report of this person; the conversation tells it. `words` are an official's, unchanged.

    Parameters, each may be absent: `holder` (else the report's), `due_on` (until when the holder has, or the reporter where
    the next word is the reporter's: question, settlement, closed, archived), `promised_on`, `ground` (a code), `category`
    (a code), `door` (the next door of an archived report, words), `number` (the Ombudsman's), `file` and `reason`
    (gone | too_large | refused) for a lost file. Of several reminders: `codes`, and for each `kind_<code>`, `due_<code>` and
    `holder_<code>`. `along`: what happened to it shortly before, said in the same message.
    """

    kind: NoticeKind
    code: str
    params: Mapping[str, str | int | date] = field(default_factory=dict)
    words: str | None = None
    along: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """The moment that the session asked for has come (reminder or expiry of a draft)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's message with the ids under which its parts are kept."""

    inbound: Inbound


class Elsewhere(StrEnum):
    """What happened at another door of the same person."""

    LINKED = "linked"  # a code that was given here was entered there
    MOVED = "moved"  # it is settled that what was under way here goes on there
    UNLINKED = "unlinked"  # this address stands alone again
    OTHER_UNLINKED = "other_unlinked"  # that one does


@dataclass(frozen=True, slots=True)
class News:
    """Told here because it happened at another door. `door`: what people call that one.

    `moved`: what was under way here goes on there; `left`: what waits here instead.
    """

    what: Elsewhere
    door: str
    moved: bool = False
    left: Draft | None = None


Event = Heard | Notice | Tick | News
