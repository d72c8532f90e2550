"""What somebody had written into a form that could not be taken: shown again, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from admin_web.security import csrf

WORDS = frozenset({"words", "reason", "next_door", "title"})
PARTS = ("part_title_", "part_story_")


class SessionEnded(Exception):
    """Somebody sent words in a session that is over: answered with 401, the words and the way to the log-in."""


def typed() -> Sequence[str]:
    """The words of this request's form. None where another site may have sent it: its words are not shown as ours.

    A browser that brings the desk's cookie with a POST comes from a page of ours: the cookie is SameSite.
    """
    ours = request.method == "POST" and request.endpoint == "moves.make" and g.get("session_cookie") in request.cookies
    if not ours or csrf.from_elsewhere():
        return ()
    try:
        fields = [(name, words.strip()) for name, words in request.form.items(multi=True)]
    except RequestEntityTooLarge:
        return ()
    return [words for name, words in fields if words and (name in WORDS or name.startswith(PARTS))]


def form_address() -> str | None:
    """Where the form stands that this request came from."""
    return url_for("moves.ask", **(request.view_args or {})) if request.endpoint == "moves.make" else None
