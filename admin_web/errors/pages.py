"""One plain page for each kind of trouble. What one may not see and what does not exist get the same page, byte for byte."""

from __future__ import annotations

from traceback import extract_tb

import structlog
from flask import Flask, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from admin_web.errors.typed import SessionEnded, form_address, typed
from admin_web.security.csrf import Forged
from core.errors import NotFound, StorageUnavailable

log = structlog.get_logger(__name__)
Answer = tuple[str, int]
KNOWN = {400: "bad_request", 404: "not_found", 405: "bad_request", 413: "too_large"}


def answer(app: Flask) -> None:
    """Registers the pages."""
    app.jinja_env.globals.update(typed=typed)

    def page(code: str, status: int) -> Answer:
        return render_template("errors/error.html", code=code, kept=typed(), form=form_address()), status

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> Answer:
        return page("not_found", 404)

    @app.errorhandler(Forged)
    def forged(_error: Forged) -> Answer:
        return page("forged", 400)

    @app.errorhandler(SessionEnded)
    def ended(_error: SessionEnded) -> Answer:
        again = url_for("login.form", next=form_address())
        return render_template("errors/error.html", code="ended", kept=typed(), again=again), 401

    @app.errorhandler(StorageUnavailable)
    def away(error: StorageUnavailable) -> tuple[str, int, dict[str, str]]:
        log.warning("desk_storage_unavailable", endpoint=request.endpoint, error=type(error).__name__)
        return render_template("errors/away.html", kept=typed()), 503, {"Retry-After": "10"}

    @app.errorhandler(HTTPException)
    def by_status(error: HTTPException) -> Answer:
        status = error.code or 500
        return page(KNOWN.get(status, "broken" if status >= 500 else "bad_request"), status)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Answer:
        log.error("desk_error", endpoint=request.endpoint, error=type(error).__name__, where=_where(error))
        return render_template("errors/away.html", kept=typed()), 500


def _where(error: Exception) -> list[str]:
    """The lines of code on the way, without the error's message: it may quote people's words."""
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in extract_tb(error.__traceback__)][-8:]
