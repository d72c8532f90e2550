"""What was given, in the procedure's words; what is missing is said of the field that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from core import offices
from core.casework.inputs import Inputs
from core.errors import InvalidInput, LaporError, NotFound, Refused
from core.office import Office
from core.procedure.case import Office as Node
from core.procedure.given import Given
from core.procedure.vocabulary import Finding, Input, Move
from core.report import Report
from core.storage import reports
from core.trackingcode import parse

_FIELDS: Mapping[Input, str] = {
    Input.OFFICE: "office_id",
    Input.ACCOUNTS: "account_ids",
    Input.PROMISED_DATE: "promised_on",
    Input.QUESTION: "words",
    Input.PARTS: "parts",
    Input.REPORT: "code",
    Input.DELIVERED_BY_HAND: "how",
}
_MISSING: Mapping[str, str] = {f"{each.value}_missing": _FIELDS.get(each, each.value) for each in Input}


def given_of(connection: Connection, office: Office, *, report: Report | None, move: Move, inputs: Inputs) -> Given:
    """Raises InvalidInput where an office, a report or a finding that was named does not exist."""
    return Given(
        office=_office(connection, office, inputs),
        account_ids=frozenset(inputs.account_ids),
        reason=inputs.reason or _needless(report, move, inputs),
        words=inputs.words,
        promised_on=inputs.promised_on,
        ground=inputs.ground,
        fields=inputs.fields,
        category=inputs.category,
        needs_inspection=inputs.needs_inspection,
        source=inputs.source,
        arrived_on=inputs.arrived_on,
        finding=_finding(inputs),
        title=inputs.title,
        other_report_id=_other(connection, inputs) if move is Move.LINK else None,
        parts=len(inputs.parts),
        by_hand=bool(inputs.how and inputs.at),
        confirmed=inputs.confirmed,
    )


def said_of_a_field(refused: Refused) -> LaporError:
    """A refusal for something that is missing becomes InvalidInput of its field; any other stays what it is."""
    field = _MISSING.get(refused.reason)
    return refused if field is None else InvalidInput(field, "missing")


def _office(connection: Connection, office: Office, inputs: Inputs) -> Node | None:
    if inputs.office_id is None:
        return None
    try:
        return offices.node(connection, office, inputs.office_id)
    except NotFound as error:
        raise InvalidInput("office_id", "unknown") from error


def _finding(inputs: Inputs) -> Finding | None:
    if not inputs.finding:
        return None
    try:
        return Finding(inputs.finding)
    except ValueError as error:
        raise InvalidInput("finding", "unknown") from error


def _other(connection: Connection, inputs: Inputs) -> int | None:
    if not inputs.code:
        return None
    code = parse(inputs.code)
    if code is None:
        raise InvalidInput("code", "unknown")
    try:
        return reports.by_code(connection, code).id
    except NotFound as error:
        raise InvalidInput("code", "unknown") from error


def _needless(report: Report | None, move: Move, inputs: Inputs) -> str:
    """Confirming the category that the words were taken for changes nothing, and needs no reason of its own."""
    if report is None or move is not Move.RECLASSIFY or report.classified:
        return ""
    same = inputs.category in (None, report.category) and inputs.needs_inspection in (None, report.needs_inspection)
    return "confirmed" if same else ""
