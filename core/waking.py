"""Moments that a conversation wished to be woken at: an unfinished draft is reminded, ended, forgotten (sop.md §3)."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from core import quiet
from core.conversing import converse
from core.dialogue.model import Tick
from core.errors import StorageUnavailable
from core.handling import place_of
from core.office import Office
from core.steps import Step, passed
from core.storage import conversations

TICKS_AT_ONCE = 200

log = structlog.get_logger(__name__)


def ticks_due(office: Office, now: datetime) -> int:
    """Wakes up to 200 conversations whose moment has come, in one commit; how many. Call until 0. Safe to run twice."""
    with office.database.write() as connection:
        woken = wake(connection, office, now)
        if woken:
            passed(Step.SWEEP_DECIDED)
    if woken:
        passed(Step.SWEEP_COMMITTED)
    return woken


def wake(connection: Connection, office: Office, now: datetime) -> int:
    """The same in the caller's transaction."""
    due = conversations.due(connection, now, TICKS_AT_ONCE)
    for conversation in due:
        try:
            with connection.begin_nested():
                if not quiet.put_off_draft(connection, office, conversation, now=now):
                    converse(connection, office, conversation=conversation, event=Tick(), now=now)
        except (StorageUnavailable, OperationalError, InterfaceError):
            raise  # the database's trouble, not this conversation's
        except Exception as error:
            log.warning("tick_failed", conversation_id=conversation.id, error=type(error).__name__, at=place_of(error))
            conversations.forget_tick(connection, conversation.id)
    return len(due)
