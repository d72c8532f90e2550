"""Every POST proves that it comes from a page of ours.

Not Flask-WTF: its token lives in Flask's signed cookie and needs a second secret that all processes share. Ours stands in the
session's row, which they share already; before log-in, where there is no session, a random cookie must be repeated in the form.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Response, g, request

FIELD = "csrf"


def cookie_name(*, https: bool) -> str:
    return "__Host-desk_start" if https else "desk_start"


def token() -> str:
    """The token for a form of this page: the session's, or a fresh one that `remember` sends along as a cookie."""
    session = g.get("session")
    if session is not None:
        return str(session.csrf)
    if "start_token" not in g:
        g.start_token = request.cookies.get(g.start_cookie) or secrets.token_hex(32)
    return str(g.start_token)


def remember(response: Response, *, https: bool) -> Response:
    """Sends the token of a page without session as a cookie."""
    if "start_token" in g and request.cookies.get(g.start_cookie) != g.start_token:
        response.set_cookie(g.start_cookie, g.start_token, httponly=True, secure=https, samesite="Strict", path="/")
    return response


def from_elsewhere() -> bool:
    """Does the browser say that another site sent this?"""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def genuine() -> bool:
    """Does this POST carry the token of its session (or of its start cookie)? A cross-site fetch is refused besides."""
    if from_elsewhere():
        return False
    session = g.get("session")
    expected = session.csrf if session is not None else request.cookies.get(g.start_cookie, "")
    given = request.form.get(FIELD, "")
    return bool(expected) and hmac.compare_digest(str(expected).encode(), given.encode())


class Forged(Exception):
    """A POST without the right token: answered with 400 and the way back."""
