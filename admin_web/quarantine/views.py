"""What lies in quarantine, trying it again, and its bytes as a download. For national admins; no words are shown here."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin_web.desk import now, office, viewer
from admin_web.security.headers import FILE_POLICY
from core import quarantine
from core.errors import ConfigurationError, NotFound
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


@pages.get("/karantina/<int:inbox_id>/asli")
def raw(inbox_id: int) -> Response:
    """The bytes as they came, on record and never as anything that a browser would show.

    Raises NotFound, also where they cannot be decrypted: then nobody has them.
    """
    try:
        body = quarantine.raw_of(office(), inbox_id, viewer().actor, now=now())
    except ConfigurationError as error:
        raise NotFound("these bytes cannot be decrypted") from error
    response = make_response(body)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="pesan-{inbox_id}.bin"'
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
