"""The queue and the search."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin_web.desk import now, office, viewer
from core import queue, trackingcode
from core.casework.seeing import case_for
from core.errors import NotFound
from core.piles import Tab
from core.procedure.vocabulary import Category, Move
from core.queue import Filters, Page
from core.storage import reports

pages = Blueprint("queue", __name__)
SEARCH_MOST = 100


@pages.get("/")
def waiting() -> str:
    actor = viewer().actor
    tab = Tab(asked) if (asked := request.args.get("tab", "")) in set(Tab) else Tab.WAITING
    filters = _filters()
    with office().database.read() as conn:
        page = queue.page(conn, actor, tab, filters=filters, after=request.args.get("after"))
        count = queue.waiting_count(conn, actor)
    return render_template(
        "queue/queue.html",
        done=_done(),
        page=page,
        tab=tab,
        tabs=tuple(Tab),
        filters=filters,
        count=count,
        categories=tuple(Category),
    )


def _done() -> Move | None:
    """The move that took a report out of this person's sight just now."""
    made = request.args.get("selesai", "")
    return Move(made) if made in set(Move) else None


def _filters() -> Filters:
    category = request.args.get("category", "")
    return Filters(
        category=Category(category) if category in set(Category) else None,
        overdue=request.args.get("overdue") == "1",
        unreachable=request.args.get("unreachable") == "1",
    )


@pages.get("/cari")
def search() -> str | Response:
    """A tracking code leads straight to its report; anything else is looked for in titles and stories."""
    wanted = request.args.get("q", "").strip()[:SEARCH_MOST]
    code = trackingcode.parse(wanted)
    if code is not None:
        return _with_code(code) or render_template("queue/search.html", page=Page(()), wanted=wanted)
    with office().database.read() as conn:
        found = queue.find_words(conn, viewer().actor, wanted)
    return render_template("queue/search.html", page=found, wanted=wanted)


def _with_code(code: str) -> Response | None:
    """To the report, if this person may see it; otherwise nothing was found, as for a code that nobody has."""
    with office().database.read() as conn:
        try:
            report = reports.by_code(conn, code)
            case_for(conn, office(), report_id=report.id, by=viewer().actor, now=now())
        except NotFound:
            return None
    return redirect(url_for("report.page", code=code), 303)
