"""The desk as a WSGI application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask

from admin_web.attachments import views as attachments
from admin_web.desk import Desk
from admin_web.errors import pages as errors
from admin_web.login import views as login
from admin_web.moves import views as moves
from admin_web.notifications import views as notifications
from admin_web.presenting import templates
from admin_web.quarantine import views as quarantine
from admin_web.queue import views as queue
from admin_web.report import views as report
from admin_web.security import gate, headers
from admin_web.security.requests import DeskRequest, RowNumber
from admin_web.service import views as service
from core.office import Office, now_utc

MOST_FORM_BYTES = 256 * 1024
BLUEPRINTS = (login, queue, report, moves, attachments, notifications, quarantine, service)


def create_app(office: Office, *, clock: Callable[[], datetime] = now_utc, https: bool | None = None) -> Flask:
    """The desk of `office`. `clock` is asked once per request.

    `https`: do people always reach the desk over https? Then cookies are for https alone and browsers are told to stay there.
    The default is what the office's public address says: both stand behind the same front. Where that says no, a request that
    the web server knows to be https (`desk.proxies`) counts as such all the same.
    """
    secure = office.config.office.public_url.startswith("https://") if https is None else https
    app = Flask("admin_web", root_path=str(Path(__file__).parent), template_folder=".", static_folder="static")
    app.request_class = DeskRequest
    app.url_map.converters["int"] = RowNumber
    app.config.update(MAX_CONTENT_LENGTH=MOST_FORM_BYTES, MAX_FORM_PARTS=2000, TEMPLATES_AUTO_RELOAD=False)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    headers.protect(app)
    gate.guard(app, Desk(office=office, clock=clock, https=secure))
    errors.answer(app)
    templates.furnish(app)
    for room in BLUEPRINTS:
        app.register_blueprint(room.pages)
    return app
