"""Making a move: read the form, let casework decide, go back to the page."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_web.desk import language, now, office, say, viewer
from admin_web.moves.offices import choices_for
from admin_web.moves.reading import Posted, inputs_from, posted
from admin_web.presenting.offices import office_name
from admin_web.presenting.timeline import timeline
from admin_web.report.showing import Trouble, forms_of, look, show
from core import casework, texts, trackingcode
from core.errors import InvalidInput, NotFound, Refused, StaleReport
from core.procedure.vocabulary import Move
from core.reportpage import Opened
from core.storage.history import HistoryRow

pages = Blueprint("moves", __name__)
_TO_AN_OFFICE = frozenset({Move.DISPOSE, Move.DISPOSE_SEALED, Move.SUPPORT})
CONFIRMABLE = frozenset({"returned_it_before"})  # sop.md §5: asks for a confirmation


@pages.get("/laporan/<code>/langkah/<move>")
def ask(code: str, move: str) -> Response:
    """After a log-in in between the browser comes back with GET: to the page, with the form open."""
    return redirect(url_for("report.page", code=code, langkah=move), 303)


@pages.post("/laporan/<code>/langkah/<move>")
def make(code: str, move: str) -> Response | tuple[str, int]:
    wanted = _known(move)
    opened = look(trackingcode.parse(code) or "")
    given = posted(request.form)
    if given.version != opened.report.version:
        return _stale(opened, wanted, given)
    form = next((each for each in forms_of(opened, by=viewer().actor, at=now()) if each.move is wanted), None)
    if form is None:
        return _again(opened, Trouble(wanted, given.data, say("desk.trouble.not_offered")), 409)
    choices = choices_for(office(), form.offer, opened.case) if form.has("office_id") else {}
    try:
        inputs = inputs_from(form, given.data, zone=office().zone, offices=choices)
        casework.perform(
            office(),
            report_id=opened.report.id,
            version=given.version,
            move=wanted,
            inputs=inputs,
            by=viewer().actor,
            now=now(),
        )
    except InvalidInput as error:
        return _again(opened, Trouble(wanted, given.data, _invalid(error), error.field), 422)
    except Refused as error:
        confirm = error.reason in CONFIRMABLE
        return _again(opened, Trouble(wanted, given.data, _refused(error), confirm=confirm), 422)
    except StaleReport:
        return _stale(look(opened.report.code), wanted, given)
    return _done(opened, wanted)


def _known(move: str) -> Move:
    if move not in set(Move):
        raise NotFound("no such move")
    return Move(move)


def _done(opened: Opened, move: Move) -> Response:
    """Back to the page, or to the queue where this move took the report out of sight."""
    try:
        look(opened.report.code)
    except NotFound:
        return redirect(url_for("queue.waiting", selesai=move.value), 303)
    return redirect(url_for("report.page", code=opened.report.code, selesai=move.value), 303)


def _again(opened: Opened, trouble: Trouble, status: int) -> tuple[str, int]:
    return show(opened, trouble=trouble), status


def _stale(opened: Opened, move: Move, given: Posted) -> Response | tuple[str, int]:
    """Somebody was faster. If that was this very person with these very words, the button was pressed twice: all is well."""
    newer = [row for row in opened.history if row.id > given.seen]
    me = viewer().account.id
    mine = {move, Move.RECLASSIFY} if move is Move.DISPOSE else {move}  # a disposition may have classified first
    only_mine = bool(newer) and all(row.move in mine and row.account_id == me for row in newer)
    if only_mine and newer[-1].move is move and _is_what_was_typed(opened, newer[-1], given):
        return _done(opened, move)
    lines = timeline(opened)
    changed = tuple(line for line, row in zip(lines, opened.history, strict=True) if row.id > given.seen)
    return _again(opened, Trouble(move, given.data, say("desk.trouble.stale"), changed=changed), 409)


def _is_what_was_typed(opened: Opened, row: HistoryRow, given: Posted) -> bool:
    """Does the record hold what this form says? Two tabs with two different notes are no double press."""
    typed = {" ".join(text.split()) for text in given.data.values()}
    message = next((each.message for each in opened.said if each.message.id == row.message_id), None)
    if message is not None:
        return " ".join(message.words.split()) in typed
    if row.move in _TO_AN_OFFICE and row.office_id is not None:
        return any(text == str(row.office_id) or office_name(row.office_id) in text for text in typed)
    return True


def _refused(error: Refused) -> str:
    return _sentence(error.reason, ("desk.refusal", "refusal"), "desk.trouble.refused", error.details)


def _invalid(error: InvalidInput) -> str:
    return _sentence(error.reason, (f"desk.invalid.{error.field}", "invalid"), "desk.trouble.invalid", error.details)


def _sentence(reason: str, families: tuple[str, ...], otherwise: str, details: dict[str, str | int]) -> str:
    """The first sentence that the catalogue has for this reason; the general one if it is a new reason."""
    key = next((f"{family}.{reason}" for family in families if texts.has(language(), f"{family}.{reason}")), otherwise)
    return say(key, **details)
