"""What every template may say: sentences, times, codes, names of offices, forms' tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, g, request
from markupsafe import Markup

from admin_web import desk
from admin_web.presenting import times
from admin_web.presenting.arriving import undelivered, why_words
from admin_web.presenting.doors import channel_name, taken_away, through
from admin_web.presenting.offices import office_name, says_name
from admin_web.presenting.talk import (
    conversation,
    edited_at,
    file_name,
    kind_words,
    previewable,
    size_words,
    speaker,
    told_words,
    whole_story,
)
from admin_web.security import csrf
from core import texts, trackingcode
from core.report import Report
from core.storage import notifications

_TALK = (conversation, edited_at, whole_story, speaker, kind_words, told_words, file_name, previewable, size_words)
_ARRIVING = (channel_name, taken_away, through, undelivered, why_words)


def furnish(app: Flask) -> None:
    """Adds filters and globals to the app's templates."""
    app.jinja_env.filters.update(moment=moment, day=day, short_day=short_day, code=trackingcode.formatted, iso=_iso)
    app.jinja_env.globals.update(
        t=desk.say, csrf_field=csrf_field, unread_count=unread_count, due=due, age=age, office_name=office_name
    )
    app.jinja_env.globals.update(
        has_text=has_text, flags=flags, is_unreachable=is_unreachable, says_name=says_name, plain_moment=plain_moment
    )
    app.jinja_env.globals.update({each.__name__: each for each in (*_TALK, *_ARRIVING)})

    @app.context_processor
    def for_every_page() -> dict[str, Any]:
        who = g.get("viewer")
        return {
            "viewer": who,
            "language": desk.language(),
            "house": desk.office().config.office.name,
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        }


def unread_count() -> int:
    """Asked by the page's frame alone, so that a page about a database that is away does not ask it."""
    with desk.office().database.read() as conn:
        return notifications.unread_count(conn, desk.viewer().account.id)


def _zone() -> str:
    return desk.office().config.office.timezone


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def moment(at: datetime) -> Markup:
    """A moment as `<time>` in the office's zone."""
    return Markup('<time datetime="{}">{}</time>').format(_iso(at), plain_moment(at))


def plain_moment(at: datetime) -> str:
    """The same without markup, to stand inside a sentence."""
    return times.moment(desk.language(), at, _zone())


def day(on: date) -> str:
    return times.day(desk.language(), on)


def short_day(on: date) -> str:
    return times.short_day(desk.language(), on, desk.now().date())


def due(due_at: datetime) -> times.Due:
    return times.due(due_at, desk.now(), desk.office().calendar(), _zone())


def age(since: datetime) -> str:
    """ "hari ini", "kemarin", "12 hari"."""
    days = times.age_days(since, desk.now(), _zone())
    known = {0: "desk.age.today", 1: "desk.age.yesterday"}
    return desk.say(known[days]) if days in known else desk.say("desk.age.days", days=days)


def has_text(key: str) -> bool:
    return texts.has(desk.language(), key)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the marks of a report's page are drawn from, by the names of the queue's lines."""

    urgent: bool
    overdue: bool
    flagged: bool
    sealed: bool
    child: bool
    referred: bool
    unreachable: bool


def flags(report: Report) -> Flags:
    return Flags(
        urgent=report.urgent,
        overdue=report.overdue,
        flagged=report.flagged,
        sealed=report.sealed,
        child=report.child,
        referred=report.referred_at is not None,
        unreachable=is_unreachable(report),
    )


def is_unreachable(report: Report) -> bool:
    """Every address has failed. Whoever never had one is told by hand from the start: that is no news."""
    return report.is_open and report.address_id is not None and report.unreachable_since is not None


def csrf_field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, csrf.token())
