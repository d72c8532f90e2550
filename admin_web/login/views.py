"""Log-in, log-out, language."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin_web.desk import is_https, now, office, say, viewer
from admin_web.security import sessions, throttle
from admin_web.security.addresses import remote
from admin_web.security.gate import LANGUAGES, safe_next
from admin_web.security.passwords import hash_password, outdated, password_fits
from core.storage import accounts, audit
from core.storage.accounts import Account

pages = Blueprint("login", __name__)
EMAIL_MOST = 254


@pages.get("/masuk")
def form() -> str | Response:
    if g.viewer is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _form()


def _form(*, problem: str | None = None, email: str = "") -> str:
    wanted = request.args.get("next") or request.form.get("next") or ""
    return render_template("login/login.html", problem=problem, email=email, next=wanted)


@pages.post("/masuk")
def enter() -> str | Response | tuple[str, int]:
    email = request.form.get("email", "").strip().lower()[:EMAIL_MOST]
    database = office().database
    with database.write() as conn:  # counted before the password is looked at, so that a crash gives no free attempt
        allowed = throttle.may_try(conn, email=email, remote=remote(), now=now())
    if not allowed:
        return _form(problem=say("desk.login.too_often", minutes=int(throttle.WINDOW.total_seconds() // 60)), email=email), 429
    with database.read() as conn:
        account = accounts.by_email(conn, email)
    usable = account if account is not None and account.active else None
    password = request.form.get("password", "")
    if not password_fits(usable.password_hash if usable else None, password) or usable is None:
        _record_failure(account)
        return _form(problem=say("desk.login.wrong"), email=email), 401
    return _let_in(usable, email=email, password=password)


def _record_failure(account: Account | None) -> None:
    with office().database.write() as conn:
        audit.record(
            conn,
            at=now(),
            role="nobody",
            account_id=account.id if account else None,
            action="login_failed",
            subject="account",
            subject_id=account.id if account else None,
            details={"address": remote()},
        )


def _let_in(account: Account, *, email: str, password: str) -> Response:
    """A new token at every log-in: one that was planted before opens nothing."""
    fresh_hash = hash_password(password) if outdated(account.password_hash) else None
    with office().database.write() as conn:
        if old := request.cookies.get(g.session_cookie):
            sessions.close_session(conn, old)
        token = sessions.open_session(conn, account_id=account.id, now=now())
        throttle.forgive(conn, email=email)
        if fresh_hash:
            accounts.change(conn, account.id, password_hash=fresh_hash)
        audit.record(
            conn,
            at=now(),
            role="account",
            account_id=account.id,
            action="login",
            subject="account",
            subject_id=account.id,
            details={"address": remote()},
        )
    response = redirect(safe_next(request.form.get("next")), 303)
    response.set_cookie(g.session_cookie, token, httponly=True, secure=is_https(), samesite="Lax", path="/")
    response.delete_cookie(g.start_cookie, path="/", secure=is_https(), httponly=True, samesite="Strict")
    return response


@pages.post("/keluar")
def leave() -> Response:
    with office().database.write() as conn:
        sessions.close_session(conn, request.cookies.get(g.session_cookie, ""))
        who = viewer().account.id
        audit.record(conn, at=now(), role="account", account_id=who, action="logout", subject="account", subject_id=who)
    response = redirect(url_for("login.form"), 303)
    response.delete_cookie(g.session_cookie, path="/", secure=is_https(), httponly=True, samesite="Lax")
    return response


@pages.post("/bahasa")
def speak() -> Response:
    """Keeps the language with the account, so that it is the same on the next machine."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        with office().database.write() as conn:
            accounts.change(conn, viewer().account.id, language=chosen)
    return redirect(safe_next(request.form.get("next")), 303)
