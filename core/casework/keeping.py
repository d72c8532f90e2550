"""Acts that keep the state: note, retitle, mark urgent, link, split, delivery by hand, finding, support (sop.md §5)."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection

from core import offices, timekeeping
from core.casework.inputs import DELIVERED_HOW, FINDINGS, a_title, one_of
from core.casework.mirroring import aligned
from core.casework.moving import Decision, Step, Telling, Words
from core.casework.seeing import case_of_report
from core.dialogue.model import NoticeKind
from core.errors import InvalidInput, NotFound
from core.procedure.permissions import may_see
from core.procedure.vocabulary import Move
from core.report import Report
from core.storage import access, audit, history, holdings, messages, reports
from core.trackingcode import parse


def add_by_hand(step: Step) -> Decision:
    """What the reporter brought to the office by hand: kept as the reporter's, typed by an official."""
    text = step.inputs.words.strip()
    if not text:
        raise InvalidInput("words", "missing")
    return Decision(changes={"spoke_at": step.now}, words=Words("addition", text, messages.IN))


def note(step: Step) -> Decision:
    """Internal, in any state, never sent."""
    text = step.inputs.words.strip() or step.inputs.reason
    if not text:
        raise InvalidInput("words", "missing")
    return Decision(words=Words("note", text, messages.NOTE))


def retitle(step: Step) -> Decision:
    """The official's title stands beside the composed one; the reporter's own words stay unchanged."""
    title = a_title(step.inputs)

    def put(connection: Connection, report: Report, _message_id: int | None) -> None:
        reports.change_words(connection, report.id, official_title=title)

    return Decision(then=put)


def mark_urgent(step: Step) -> Decision:
    """First in every queue from now on; whoever holds it is told at once (sop.md §7)."""
    return Decision(changes={"urgent": True}, words=_why(step), told="urgent")


def unmark_urgent(step: Step) -> Decision:
    """It was not urgent after all, or is not any more."""
    return Decision(changes={"urgent": False}, words=_why(step))


def _why(step: Step) -> Words:
    return Words("reason", step.inputs.reason, messages.NOTE)


def link(step: Step) -> Decision:
    """A duplicate mirrors its lead from now on; a lead that was itself a duplicate passes its own lead on. Reversible."""
    report = step.report
    code = parse(step.inputs.code)
    if code is None:
        raise InvalidInput("code", "unknown" if step.inputs.code else "missing")
    try:
        lead = reports.by_code(step.connection, code, lock=True)
        if lead.lead_id is not None:
            lead = reports.get(step.connection, lead.lead_id, lock=True)
        if not may_see(case_of_report(step.connection, step.office, lead, now=step.now), step.by):
            raise NotFound("there is no such report")
    except NotFound as error:
        raise InvalidInput("code", "unknown") from error
    if lead.id == report.id:
        raise InvalidInput("code", "itself")
    if not lead.is_open:
        raise InvalidInput("code", "lead_is_over")

    def follow(connection: Connection, after: Report, _message_id: int | None) -> None:
        for follower in reports.followers(connection, after.id):
            reports.save(connection, follower, lead_id=lead.id)
        if after.state is not report.state or after.holder_id != report.holder_id:
            timekeeping.moved(connection, step.office, Move.DISPOSE, report, after, now=step.now)

    changes = aligned(step, lead)
    moves = changes.get("holder_id", report.holder_id) != report.holder_id
    return Decision(
        changes={"lead_id": lead.id} | changes,
        holder_id=changes.get("holder_id"),
        telling=Telling(NoticeKind.DISPOSED) if moves else None,
        told="arrived" if moves else None,
        details={"lead": lead.id},
        then=follow,
    )


def unlink(step: Step) -> Decision:
    """Goes its own way again from where it stands."""
    return Decision(
        changes={"lead_id": None},
        words=Words("reason", step.inputs.reason, messages.NOTE) if step.inputs.reason else None,
        details={"lead": step.report.lead_id},
    )


def record_delivery(step: Step) -> Decision:
    """Told, called or posted by hand: who, when. Counted apart; it starts no clock (sop.md §6: silence)."""
    how = one_of("how", step.inputs.how, DELIVERED_HOW)
    at = step.inputs.at
    if at is None:
        raise InvalidInput("at", "missing")
    if at > step.now:
        raise InvalidInput("at", "future")
    text = step.inputs.words.strip()
    return Decision(words=Words("delivery", text, messages.NOTE) if text else None, details={"how": how, "at": at.isoformat()})


def record_finding(step: Step) -> Decision:
    """What the examiner found on an inspected complaint: proven, partly, not."""
    finding = one_of("finding", step.inputs.finding, FINDINGS)
    text = step.inputs.words.strip() or step.inputs.reason
    return Decision(
        changes={"finding": finding, "inspecting": True},
        words=Words("finding", text, messages.NOTE) if text else None,
        details={"finding": finding},
        told="finding",
    )


def support(step: Step) -> Decision:
    """A supporting unit reads without identity and contributes; only the holder speaks to the reporter."""
    if step.inputs.office_id is None:
        raise InvalidInput("office_id", "missing")
    target = offices.node(step.connection, step.office, step.inputs.office_id)

    def add(connection: Connection, report: Report, _message_id: int | None) -> None:
        from core import notifying

        access.add(connection, report_id=report.id, kind=access.SUPPORTING, office_ids=(target.id,))
        notifying.office(connection, step.office, report, target.id, "support", now=step.now)

    return Decision(details={"office": target.id}, then=add)


def split(step: Step) -> Decision:
    """Separate matters become linked reports of the same reporter, each with its own code; the age stays (sop.md §3, §6)."""
    parts = step.inputs.parts
    if not parts:
        raise InvalidInput("parts", "missing")
    for part in parts:
        if not part.title.strip() or not part.story.strip():
            raise InvalidInput("parts", "empty")
    return Decision(details={"parts": len(parts)}, then=partial(_split, step=step))


def _split(connection: Connection, report: Report, _message_id: int | None, *, step: Step) -> None:
    from core import notices, notifying

    for part in step.inputs.parts:
        values: dict[str, Any] = {name: getattr(report, name) for name in _INHERITED}
        values["state"] = report.handling_state  # what the reporter was asked, was asked about the original
        made = reports.add(
            connection,
            words={"title": part.title.strip()[:200], "story": part.story.strip()},
            **values,
            code=reports.new_code(connection),
            category=part.category,
            origin_id=report.id,
            holder_since=step.now,
            spoke_at=step.now,
        )
        for each in access.of_report(connection, report.id):
            access.add(
                connection,
                report_id=made.id,
                kind=each.kind,
                account_ids=() if each.account_id is None else (each.account_id,),
                office_ids=() if each.office_id is None else (each.office_id,),
            )
        holdings.begin(connection, report_id=made.id, office_id=made.holder_id, at=step.now)
        messages.add(
            connection, report_id=made.id, direction=messages.IN, kind="story", words=part.story.strip(), at=report.received_at
        )
        history.add(
            connection,
            report_id=made.id,
            at=step.now,
            move=Move.SPLIT,
            from_state=report.state,
            to_state=made.state,
            role=step.role,
            account_id=step.by.account_id,
            office_id=made.holder_id,
            details={"origin": report.id},
        )
        audit.record(
            connection,
            at=step.now,
            role=step.role,
            account_id=step.by.account_id,
            action=Move.SPLIT,
            subject="report",
            subject_id=made.id,
            details={"origin": report.id},
        )
        notifying.holder(connection, step.office, made, "arrived", now=step.now, but=step.by.account_id)
        timekeeping.opened(connection, step.office, made, now=step.now)
        notices.tell(connection, step.office, made, NoticeKind.SPLIT, now=step.now)


_INHERITED = (
    "person_id",
    "address_id",
    "channel",
    "language",
    "needs_inspection",
    "classified",
    "privacy",
    "urgent",
    "sealed",
    "child",
    "holder_id",
    "agency_id",
    "unit_id",
    "received_at",
    "arrived_on",
)
