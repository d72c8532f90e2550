"""Quiet hours: when no reminder leaves (issue 4, sop.md §7). Answers and news are never held back by them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.dialogue.model import Mode
from core.office import Office
from core.procedure.numbers import Quiet
from core.report import Report
from core.storage import conversations, reminders
from core.storage.conversations import ConversationRow


def zone_of(connection: Connection, office: Office, report: Report) -> str:
    """That of the agency that holds the report; the office's while no agency does."""
    return office.zone if report.agency_id is None else offices.row(connection, office, report.agency_id).zone


def opens(moment: datetime, zone: str, quiet: Quiet) -> datetime:
    """`moment` itself, or the end of the quiet hours that it lies in. Aware UTC in and out."""
    local = moment.astimezone(ZoneInfo(zone))
    if not _is_quiet(local.hour, quiet):
        return moment
    end = datetime.combine(local.date(), time(quiet.to_hour), ZoneInfo(zone))
    if end <= local:
        end = datetime.combine(local.date() + timedelta(days=1), time(quiet.to_hour), ZoneInfo(zone))
    return end.astimezone(moment.tzinfo)


def next_day(moment: datetime, zone: str, quiet: Quiet) -> datetime:
    """The first moment of the next day there at which a reminder may leave."""
    local = moment.astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone))
    return opens(midnight.astimezone(moment.tzinfo), zone, quiet)


def put_off_draft(connection: Connection, office: Office, conversation: ConversationRow, *, now: datetime) -> bool:
    """Its moment has come: does the reminder of an unfinished draft have to wait for a better hour, or for the next day?

    Then the conversation is woken again at that moment; else the day counts as one of a reminder. That a draft has ended is no
    reminder, but is told by day, too.
    """
    session = conversation.session
    if session.mode not in (Mode.DRAFT, Mode.SUMMARY) or session.draft.is_empty:
        return False
    numbers, zone = office.numbers.quiet, office.zone
    until = opens(now, zone, numbers)
    if until == now and not session.reminded:
        today = now.astimezone(ZoneInfo(zone)).date()
        who, _latest = reminders.last_day(connection, conversation.person_id)
        if not reminders.take_day(connection, who, today):
            until = next_day(now, zone, numbers)
    if until > now:
        conversations.wake_at(connection, conversation.id, until)
    return until > now


def _is_quiet(hour: int, quiet: Quiet) -> bool:
    if quiet.from_hour <= quiet.to_hour:
        return quiet.from_hour <= hour < quiet.to_hour
    return hour >= quiet.from_hour or hour < quiet.to_hour
