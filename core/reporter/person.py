"""What concerns the person rather than a report: edits, what is remembered, what is erased, the Ombudsman's choice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core import notifying, reaching, settling
from core.dialogue.model import ChooseOmbudsman, KeepEdit, Remember, RequestErasure
from core.errors import InvalidInput
from core.office import Office
from core.reporter import linking
from core.reporter.speaking import Carried, Speaker, keep_words, own
from core.storage import audit, messages, people, reports

OMBUDSMAN_CHOICES = ("with_identity", "without", "not_at_all")


def choose_ombudsman(connection: Connection, office: Office, effect: ChooseOmbudsman, *, by: Speaker, now: datetime) -> Carried:  # noqa: ARG001
    """With identity, without (the default), or not at all (sop.md §6)."""
    if effect.choice not in OMBUDSMAN_CHOICES:
        raise InvalidInput("choice", "unknown")
    report = own(connection, effect.code, by)
    reports.save(connection, report, ombudsman_choice=effect.choice, spoke_at=now)
    chosen = {"choice": effect.choice}
    audit.of_reporter(connection, at=now, action="choose_ombudsman", subject="report", subject_id=report.id, details=chosen)
    return Carried(report.id)


def keep_edit(connection: Connection, office: Office, effect: KeepEdit, *, by: Speaker, now: datetime) -> Carried:
    """Both versions stay; on a submitted report the holder is told. Of a message that nothing was kept of, nothing is kept."""
    edited = messages.by_source(connection, by.conversation_id, effect.source_id)
    if edited is None:
        linking.edit_elsewhere(connection, office, effect, by=by, now=now)
    if edited is None or edited.report_id is None:
        return Carried()
    message_id = keep_words(connection, edited.report_id, "edit", effect.text, by=by, now=now, edits_id=edited.id)
    report = reports.get(connection, edited.report_id)
    reports.touch(connection, report.id, spoke_at=now)
    audit.of_reporter(connection, at=now, action="edit", subject="report", subject_id=report.id)
    notifying.holder(connection, office, report, "edited", now=now)
    return Carried(report.id, message_id)


def remember(connection: Connection, office: Office, effect: Remember, *, by: Speaker, now: datetime) -> Carried:
    """Language, name, or that the address is gone or back; one that is back is reachable again."""
    people.remember(connection, by.person_id, language=effect.language, name=effect.name)
    if effect.gone is not None:
        people.mark_gone(connection, by.address_id, at=now if effect.gone else None)
    if effect.gone:
        settling.call_off(connection, office, by.address_id, now=now)
    if effect.gone is False:
        for report in reports.unreachable_of(connection, by.person_id):
            reaching.back(connection, office, report)
    return Carried()


def request_erasure(connection: Connection, office: Office, effect: RequestErasure, *, by: Speaker, now: datetime) -> Carried:  # noqa: ARG001
    """Deletion of the personal data: officials answer within 3×24 hours (UU 27/2022); the national admins are told."""
    notifying.nationals(connection, office, "erasure_requested", {"person": by.person_id}, now=now)
    audit.of_reporter(connection, at=now, action="request_erasure", subject="person", subject_id=by.person_id)
    return Carried()
