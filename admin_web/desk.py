"""What every view of the desk has at hand: the office, the time, who looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import g, request

from core.errors import NotFound
from core.office import Office
from core.procedure.case import Actor
from core.procedure.vocabulary import Role
from core.storage.accounts import Account


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one office. `clock` gives aware UTC; `https`: every request counts as https, whatever carried it."""

    office: Office
    clock: Callable[[], datetime]
    https: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page."""

    account: Account
    actor: Actor

    @property
    def is_national(self) -> bool:
        return self.actor.has(Role.NATIONAL_ADMIN)


def office() -> Office:
    return cast("Desk", g.desk).office


def now() -> datetime:
    """The moment of this request, the same for everything in it."""
    return cast("datetime", g.now)


def is_https() -> bool:
    """Did this request come over https, as the office's address or a trusted proxy says? Then cookies are for https alone."""
    return cast("Desk", g.desk).https or request.is_secure


def viewer() -> Viewer:
    """Raises NotFound where nobody is logged in: a view behind the gate never gets there."""
    if g.viewer is None:
        raise NotFound("nobody is logged in")
    return cast("Viewer", g.viewer)


def language() -> str:
    """The account's language; before log-in the one that the page asks for, else the office's."""
    who = g.get("viewer")
    if who is not None:
        return str(who.account.language)
    asked = request.args.get("language") or request.form.get("language")
    return asked if asked in ("id", "en") else str(office().config.office.language)


def say(key: str, **params: str | int) -> str:
    """The sentence `key` in the reader's language."""
    return office().text(language(), key, **params)
