"""What lies in quarantine, and trying it again. For national admins; the words themselves are not shown here."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin_web.desk import now, office, viewer
from core.procedure.vocabulary import Role
from core.storage import audit, inbox

pages = Blueprint("quarantine", __name__)
PAGE = 50


@pages.get("/karantina")
def listing() -> str:
    before = request.args.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    with office().database.read() as conn:
        rows = inbox.quarantined(conn, limit=PAGE + 1, before_id=before_id)
    return render_template(
        "quarantine/quarantine.html",
        rows=rows[:PAGE],
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        tried=request.args.get("dicoba") == "1",
    )


@pages.post("/karantina/<int:inbox_id>/coba-lagi")
def retry(inbox_id: int) -> Response:
    """Back into its lane with fresh attempts. Raises NotFound if it is not in quarantine any more."""
    house = office()
    with house.database.write() as conn:
        inbox.retry(conn, inbox_id, now=now())
        house.wakeups.announce(conn, "inbox")
        audit.record(
            conn,
            at=now(),
            role=Role.NATIONAL_ADMIN.value,
            account_id=viewer().account.id,
            action="quarantine_retried",
            subject="inbox",
            subject_id=inbox_id,
        )
    return redirect(url_for("quarantine.listing", dicoba=1), 303)
