"""The snapshot that a step of the dialogue looks at, loaded in few statements."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from core import guessing, linking, reporter, trackingcode
from core.channels import Capabilities, InboundKind
from core.dialogue import linkcode
from core.dialogue.model import Event, Facts, Heard, Notice, OfficeFacts, ReportFacts
from core.office import Office
from core.procedure.calendar import WorkingCalendar
from core.procedure.numbers import Classes
from core.procedure.vocabulary import Category
from core.storage import outbox, people
from core.storage.conversations import ConversationRow

_MOST_REPORTS = 8
_UNKNOWN_CHANNEL = Capabilities(text_limit=1000)
_DAYS_A_MONTH = 365.25 / 12


def capabilities_of(office: Office, channel: str) -> Capabilities:
    """What the channel can carry; the least where it is not configured any more, so that messages wait for its return."""
    return office.channels.get(channel, _UNKNOWN_CHANNEL)


def facts_for(connection: Connection, office: Office, conversation: ConversationRow, event: Event, *, now: datetime) -> Facts:
    """Everything that one step may look at; of a stranger's message nothing that is somebody's own (core/strangers.py)."""
    if isinstance(event, Heard) and not event.inbound.sender.verified:
        return Facts(
            capabilities=capabilities_of(office, conversation.channel),
            office=office_facts(connection, office, now),
            directory=office.directory(connection),
            new_code=trackingcode.new(),
            verified=False,
        )
    together = people.addresses_of(connection, conversation.person_id) if conversation.linked else ()
    own: tuple[ReportFacts, ...] = ()
    if not conversation.first_word:
        own = reporter.facts_for(
            connection,
            office,
            person_id=conversation.person_id,
            now=now,
            limit=_MOST_REPORTS + 1,
            linked=sorted({address.person_id for address in together}),
        )
    told = own[:_MOST_REPORTS]
    many, still_open = len(told), sum(report.open for report in told)
    if len(own) > _MOST_REPORTS:
        many, still_open = reporter.counted(connection, person_id=conversation.person_id, now=now)
        told += _named(connection, office, conversation, event, {report.code for report in told}, now)
    shown, replying_to, answering = _with_answered(connection, office, conversation, event, told, now)
    looked_up = guessing.NOTHING
    if isinstance(event, Heard) and event.inbound.kind is InboundKind.MESSAGE:
        known = {report.code for report in own}
        looked_up = guessing.look_up(
            connection, office, event.inbound.text, own=known, person_id=conversation.person_id, now=now
        )
    idle_after = timedelta(days=office.numbers.keeping.idle_address_months * _DAYS_A_MONTH)
    return Facts(
        capabilities=capabilities_of(office, conversation.channel),
        office=office_facts(connection, office, now),
        reports=shown,
        more_reports=many - min(len(own), _MOST_REPORTS),
        open_reports=still_open,
        directory=office.directory(connection),
        public=looked_up.public,
        guesses=looked_up.guesses,
        guesses_until=looked_up.until,
        reachable=conversation.gone_at is None or conversation.session.stopped,
        idle=isinstance(event, Heard) and now - conversation.seen_at > idle_after,
        new_code=trackingcode.new(),
        replying_to=replying_to,
        answering=answering,
        new_link_code=linkcode.new(secrets.randbelow),
        doors=linking.other_doors(office, conversation.channel),
        link=linking.code_facts(connection, office, conversation, event, now=now),
        linked=linking.linked_addresses(office, conversation, together),
    )


def _named(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    event: Event,
    known: Set[str],
    now: datetime,
) -> tuple[ReportFacts, ...]:
    """Older own reports that this step is about: what the conversation speaks of, a notice tells of, or somebody named."""
    session = conversation.session
    codes = {session.about, session.interrupted_by}
    if isinstance(event, Notice):
        codes |= {event.code, *str(event.params.get("codes", "")).split()}
    if isinstance(event, Heard):
        said = f"{event.inbound.text}\n{event.inbound.subject or ''}\n{event.inbound.choice or ''}"
        codes |= set(trackingcode.find(said)[:_MOST_REPORTS])
    wanted = {code for code in codes if code} - known
    if not wanted:
        return ()
    return reporter.facts_named(connection, office, person_id=conversation.person_id, codes=wanted, now=now)


def _with_answered(
    connection: Connection,
    office: Office,
    conversation: ConversationRow,
    event: Event,
    own: tuple[ReportFacts, ...],
    now: datetime,
) -> tuple[tuple[ReportFacts, ...], str | None, str | None]:
    """Which own report a reply is about, by our message that it answers; that report is among the facts, however old it is.
    And what that message was.

    Only what went to the very address that answers counts: a forwarded mail opens nothing for whoever got it.
    """
    if not isinstance(event, Heard) or event.inbound.reply_to is None:
        return own, None, None
    answered = outbox.answered(connection, conversation.channel, event.inbound.reply_to)
    if answered is None or answered.address_id != conversation.address_id:
        return own, None, None
    if answered.report_id is None:
        return own, None, answered.kind
    report = reporter.facts_of(connection, office, person_id=conversation.person_id, report_id=answered.report_id, now=now)
    if report is None:
        return own, None, answered.kind
    return (own if any(one.code == report.code for one in own) else (*own, report)), report.code, answered.kind


def office_facts(connection: Connection, office: Office, now: datetime) -> OfficeFacts:
    """The office's own words and numbers."""
    calendar = office.calendar(connection=connection)
    draft = office.numbers.draft
    return OfficeFacts(
        name=office.config.office.name,
        zone=office.zone,
        language=office.language,
        verify_by=_verify_by(calendar, calendar.local_date(now), office.numbers.classes),
        emergency=office.config.emergency.pairs(),
        doors=office.config.office.contacts,
        draft_reminder_hours=draft.reminder_hours,
        draft_expiry_hours=draft.expiry_calendar_days * 24,
        draft_resumable_days=draft.resumable_calendar_days,
    )


@lru_cache(maxsize=16)
def _verify_by(calendar: WorkingCalendar, today: date, classes: Classes) -> Mapping[str, date]:
    """sop.md §4, §7: the last day of verification of a report that is submitted today (inspection unset counts as no)."""
    legs = {
        Category.COMPLAINT: classes.complaint,
        Category.GRIEVANCE: classes.grievance,
        Category.ASPIRATION: classes.aspiration,
        Category.APPRECIATION: classes.appreciation,
        Category.INFORMATION_REQUEST: classes.information_request,
    }
    return {category.value: calendar.add_working_days(today, each.verification.limit_days) for category, each in legs.items()}
