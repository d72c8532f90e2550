"""Reading a report."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_web.report.showing import look, show
from core import trackingcode
from core.errors import NotFound
from core.procedure.vocabulary import Move

pages = Blueprint("report", __name__)


@pages.get("/laporan/<code>")
def page(code: str) -> str | Response:
    """The report, with the form of the move in `?langkah=` open; `?selesai=` names the move that was just made."""
    canonical = trackingcode.parse(code)
    if canonical is None:
        raise NotFound("not a tracking code")
    if canonical != code:
        return redirect(url_for("report.page", code=canonical), 303)
    return show(look(canonical), open_move=_move("langkah"), done=_move("selesai"))


def _move(name: str) -> Move | None:
    asked = request.args.get(name, "")
    return Move(asked) if asked in set(Move) else None
