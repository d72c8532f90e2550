"""What reached an office by hand becomes a report: face to face, telephone, letter (sop.md §2: "form digitalisasi")."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core import offices
from core.casework.giving import given_of, said_of_a_field
from core.casework.inputs import SOURCES, TITLE_MOST, Inputs, one_of
from core.errors import InvalidInput, Refused
from core.office import Office
from core.procedure import states
from core.procedure.case import Actor
from core.procedure.vocabulary import Category, Move, Privacy, Role, State
from core.report import Report
from core.storage import access, messages, reports
from core.storage.tables import people as people_table


def register(office: Office, *, inputs: Inputs, by: Actor, now: datetime) -> Report:
    """The report of somebody who came, called or wrote to an office. Raises Refused, InvalidInput.

    By a national admin it is received, by an agency's official it is at this agency. Settlement and Ombudsman run from the
    arrival day, the leg from now (sop.md §6).
    """
    from core.reporter.submitting import begin

    inputs = inputs.trimmed()
    source = one_of("source", inputs.source, SOURCES)
    story = _story(inputs)
    with office.database.write() as connection:
        given = given_of(connection, office, report=None, move=Move.REGISTER, inputs=inputs)
        try:
            offer = states.require(
                None, by, Move.REGISTER, given, now=now, calendar=office.calendar(None, connection), numbers=office.numbers
            )
        except Refused as refused:
            raise said_of_a_field(refused) from refused
        root = offices.root_id(connection, office)
        agency_id = None if offer.to is State.RECEIVED else inputs.office_id or _own_agency(by, offer.role)
        language = inputs.language or office.language
        report = reports.add(
            connection,
            words=_words(inputs, story),
            code=reports.new_code(connection),
            person_id=_person(connection, inputs, language, now),
            channel=source,
            language=language,
            state=offer.to or State.RECEIVED,
            category=inputs.category or Category.COMPLAINT,
            classified=inputs.category is not None,
            privacy=inputs.privacy or Privacy.HIDDEN,
            urgent=inputs.urgent,
            child=inputs.child,
            holder_id=agency_id or root,
            agency_id=agency_id,
            received_at=_arrival(inputs.arrived_on, office.zone, now),
            arrived_on=inputs.arrived_on,
            holder_since=now,
            spoke_at=now,
        )
        if inputs.who_office_id is not None and (report.category is Category.COMPLAINT or report.child):
            access.add(connection, report_id=report.id, kind=access.ACCUSED, office_ids=(inputs.who_office_id,))
        message_id = messages.add(
            connection,
            report_id=report.id,
            direction=messages.IN,
            kind="story",
            words=story,
            at=report.received_at,
            account_id=by.account_id,
        )
        begin(
            connection,
            office,
            report,
            move=Move.REGISTER,
            role=offer.role,
            account_id=by.account_id,
            message_id=message_id,
            now=now,
        )
        return reports.get(connection, report.id)


def _person(connection: Connection, inputs: Inputs, language: str, now: datetime) -> int | None:
    """Who came or wrote, if they gave a name."""
    if not inputs.name.strip():
        return None
    made = people_table.insert().values(name=inputs.name.strip(), language=language, created_at=now)
    return int(connection.execute(made.returning(people_table.c.id)).scalar_one())


def _words(inputs: Inputs, story: str) -> dict[str, Any]:
    return {
        "title": (inputs.title or " ".join(story.split()))[:TITLE_MOST],
        "story": story,
        "when_words": inputs.when_words[:300] or None,
        "when_from": inputs.when_from,
        "when_to": inputs.when_to,
        "where_words": inputs.where_words[:500] or None,
        "who_words": inputs.who_words[:300] or None,
        "who_office_id": inputs.who_office_id,
        "hoped": inputs.hoped or None,
        "evidence_none": inputs.evidence_none,
    }


def _story(inputs: Inputs) -> str:
    if not inputs.story.strip():
        raise InvalidInput("story", "missing")
    return inputs.story


def _own_agency(by: Actor, role: Role) -> int:
    own = {node.agency_id for node in by.offices(role) if node.agency_id is not None}
    if len(own) != 1:
        raise InvalidInput("office_id", "missing")
    return own.pop()


def _arrival(arrived_on: date | None, zone: str, now: datetime) -> datetime:
    """The arrival day's noon in the office's zone, never later than now: day one is the next working day either way."""
    if arrived_on is None:
        return now
    return min(datetime.combine(arrived_on, time(12), tzinfo=ZoneInfo(zone)).astimezone(UTC), now)
