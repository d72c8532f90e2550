"""Previews and downloads. Original bytes never leave as anything that a browser would run or show."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from flask import Blueprint, Response, send_file

from admin_web.attachments.images import SIDES, NoPreview
from admin_web.attachments.images import preview as drawn
from admin_web.desk import now, office, viewer
from admin_web.presenting.talk import previewable
from admin_web.security.headers import FILE_POLICY
from core import reportfiles
from core.errors import NotFound
from core.reportfiles import Attachment
from core.storage import audit

pages = Blueprint("attachments", __name__)
NAME_MOST = 120


def _mine(attachment_id: int) -> Attachment:
    with office().database.read() as conn:
        return reportfiles.attachment(conn, office(), attachment_id=attachment_id, by=viewer().actor, now=now())


@pages.get("/lampiran/<int:attachment_id>/pratinjau/<size>")
def preview(attachment_id: int, size: str) -> Response:
    """The picture drawn anew; NotFound for what is no picture."""
    file = _mine(attachment_id)
    if size not in SIDES or file.sha256 is None or not previewable(file):
        raise NotFound("no preview")
    try:
        picture = drawn(office().files.path(file.sha256), SIDES[size])
    except NoPreview as error:
        raise NotFound("no preview") from error
    response = Response(picture, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@pages.get("/lampiran/<int:attachment_id>/unduh")
def download(attachment_id: int) -> Response:
    """The original bytes, as a download and on record."""
    file = _mine(attachment_id)
    if file.sha256 is None:
        raise NotFound("not stored")
    path = office().files.path(file.sha256)
    if not path.is_file():
        raise NotFound("not in the store any more")
    with office().database.write() as conn:
        audit.record(
            conn,
            at=now(),
            role="account",
            account_id=viewer().account.id,
            action="attachment_downloaded",
            subject="attachment",
            subject_id=file.id,
            details={"report": file.report_id},
        )
    response = send_file(path, mimetype="application/octet-stream", conditional=False, etag=False)
    response.headers["Content-Disposition"] = disposition(file)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def disposition(file: Attachment) -> str:
    """`attachment` with the sender's name made harmless: no paths, no control or direction marks, no quotes."""
    base = PurePath((file.name or "").replace("\\", "/")).name
    clean = "".join(each for each in base if each.isprintable() and each not in '"<>:|?*;%').strip(" .")
    name = clean[-NAME_MOST:] or f"lampiran-{file.id}"
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
