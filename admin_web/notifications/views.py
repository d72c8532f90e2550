"""What is new for me."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin_web.desk import language, now, office, say, viewer
from core import queue, texts
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
    key = f"desk.news.{kind}"
    return say(key) if texts.has(language(), key) else say("desk.news.other")


@pages.post("/pemberitahuan/dibaca")
def read() -> Response:
    with office().database.write() as conn:
        notifications.mark_read(conn, viewer().account.id, at=now())
    return redirect(url_for("notifications.listing"), 303)
