"""The gate before every page, default-deny: what is not in `PUBLIC` needs a session; what stands in `ROLES` that role too.

What a person may not see reads exactly like what does not exist (sop.md §1).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin_web.desk import Desk, Viewer, is_https
from admin_web.errors.typed import SessionEnded, typed
from admin_web.security import csrf, sessions
from core.errors import NotFound
from core.procedure.vocabulary import Role
from core.storage import accounts

PUBLIC = frozenset({"static", "login.form", "login.enter"})

ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "quarantine.listing": Role.NATIONAL_ADMIN,
        "quarantine.raw": Role.NATIONAL_ADMIN,
        "quarantine.retry": Role.NATIONAL_ADMIN,
        "service.state": Role.NATIONAL_ADMIN,
    }
)

LANGUAGES = ("id", "en")


def guard(app: Flask, desk: Desk) -> None:
    """Puts the gate before every request and the session's cookie after it."""

    @app.before_request
    def let_in() -> AnyResponse | None:
        g.desk, g.now, g.session, g.viewer = desk, desk.clock(), None, None
        g.session_cookie, g.start_cookie = "__Host-desk" if is_https() else "desk", csrf.cookie_name(https=is_https())
        if request.endpoint == "static":
            return None
        _recognise()
        if request.endpoint is None:
            return None  # the error page of an unknown address, the same for everybody
        if request.endpoint not in PUBLIC and g.viewer is None:
            if typed():
                raise SessionEnded
            return redirect(url_for("login.form", next=_wanted()), 303)
        if request.method == "POST" and not csrf.genuine():
            raise csrf.Forged
        role = ROLES.get(request.endpoint)
        if role is not None and not g.viewer.actor.has(role):
            raise NotFound("not for this role")
        return None

    @app.after_request
    def send_start_cookie(response: Response) -> Response:
        return csrf.remember(response, https=is_https())


def _recognise() -> None:
    token = request.cookies.get(g.session_cookie)
    if not token:
        return
    database = g.desk.office.database
    with database.read() as conn:
        session = sessions.find_session(conn, token, now=g.now)
        account = accounts.get(conn, session.account_id) if session else None
    if session is None or account is None or not account.active:
        return
    if session.stale:
        with database.write() as conn:
            sessions.touch(conn, session, now=g.now)
    g.session = session
    g.viewer = Viewer(account=account, actor=accounts.actor_of(account))


def _wanted() -> str | None:
    """Where to go on after the log-in; only pages, never a POST's address."""
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None


def safe_next(path: str | None) -> str:
    """A path of this desk, else the queue: never another site (`//evil`, `/\\evil`, control characters)."""
    if path and path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable():
        return path
    return url_for("queue.waiting")
