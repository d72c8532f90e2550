"""What is new for me."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin_web.desk import language, now, office, say, viewer
from core import queue, texts
from core.procedure.vocabulary import ClockKind
from core.storage import notifications

pages = Blueprint("notifications", __name__)
SHOWN_MOST = 100


@pages.get("/pemberitahuan")
def listing() -> str:
    """Unread ones with their reports' titles, as far as this person may still see them."""
    with office().database.read() as conn:
        news = notifications.unread(conn, viewer().account.id, limit=SHOWN_MOST)
        reports = queue.titles(conn, viewer().actor, [each.report_id for each in news if each.report_id is not None])
    return render_template("notifications/notifications.html", news=news, reports=reports, words=_words)


def _words(kind: str) -> str:
    """A clock's news carry its kind (`overdue_settlement`, `ombudsman_warning_45`): past its limit, or near it."""
    key = f"desk.news.{kind}"
    if texts.has(language(), key):
        return say(key)
    if kind.startswith("overdue_"):
        return say("desk.news.overdue_clock", clock=_clock(kind.removeprefix("overdue_")))
    named = next((each for each in ClockKind if kind.startswith(f"{each}_")), None)
    return say("desk.news.near_clock", clock=_clock(named)) if named else say("desk.news.other")


def _clock(kind: str) -> str:
    key = f"desk.clock.{kind}"
    return say(key) if texts.has(language(), key) else kind


@pages.post("/pemberitahuan/dibaca")
def read() -> Response:
    with office().database.write() as conn:
        notifications.mark_read(conn, viewer().account.id, at=now())
    return redirect(url_for("notifications.listing"), 303)
