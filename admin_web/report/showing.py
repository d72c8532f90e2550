"""The page of a report, drawn for reading or again with a form that did not go through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from admin_web.desk import now, office, viewer
from admin_web.moves.forms import Form, forms_for, in_groups
from admin_web.moves.offices import LISTED_MOST, Choice, choices_for, label, matching, proposals, recognised
from admin_web.presenting.timeline import Line, timeline
from core.procedure.case import Actor
from core.procedure.states import moves_for
from core.procedure.vocabulary import Category, Field, Finding, Ground, Move, OfficeKind
from core.reportpage import Opened, open_report
from core.storage import accounts, audit, notifications
from core.storage.accounts import Account

ASKABLE = (Field.STORY, Field.WHEN, Field.WHERE, Field.WHO, Field.EVIDENCE, Field.HOPED)
HOW = ("told", "called", "posted")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A form that did not go through: which, what was typed, what to say, at which field. `confirm`: ask "do you mean it?"."""

    move: Move
    data: MultiDict[str, str]
    message: str
    field: str | None = None
    confirm: bool = False
    changed: tuple[Line, ...] = ()  # what others did meanwhile


@dataclass(frozen=True, slots=True)
class Shown:
    """What the template of the page is given."""

    opened: Opened
    steps: tuple[Form, ...]
    keeping: tuple[Form, ...]
    lines: tuple[Line, ...]
    seen: int
    choices: Mapping[Move, Mapping[int, Choice]]
    proposed: Mapping[Move, tuple[Choice, ...]]
    picked: int | None  # the proposal that a fresh disposition starts with
    accounts: tuple[Account, ...] = ()
    accusable: tuple[Choice, ...] = ()
    trouble: Trouble | None = None

    def offers(self, move: Move) -> bool:
        return any(form.move is move for form in (*self.steps, *self.keeping))

    def prefilled(self, form: Form, name: str) -> str:
        """What a fresh form starts with: the title that is to be improved."""
        if form.move is Move.RETITLE and name == "title" and self.opened.words is not None:
            return self.opened.words.shown_title
        return ""


def forms_of(opened: Opened, *, by: Actor, at: datetime) -> tuple[Form, ...]:
    """Exactly what the procedure offers now."""
    house = office()
    return forms_for(moves_for(opened.case, by, now=at, calendar=house.calendar(), numbers=house.numbers))


def look(code: str) -> Opened:
    """The report, with it on record that the name was shown and that the news about it was read. Raises NotFound."""
    house, who = office(), viewer()
    with house.database.read() as conn:
        opened = open_report(conn, house, code=code, by=who.actor, now=now())
        news = any(each.report_id == opened.report.id for each in notifications.unread(conn, who.account.id, limit=500))
    if opened.names_somebody or news:
        with house.database.write() as conn:
            _on_record(conn, opened, news=news)
    return opened


def _on_record(conn: Connection, opened: Opened, *, news: bool) -> None:
    who = viewer().account.id
    if opened.names_somebody:
        role = opened.sight.role.value if opened.sight.role else "account"
        audit.record(
            conn,
            at=now(),
            role=role,
            account_id=who,
            action="identity_viewed",
            subject="report",
            subject_id=opened.report.id,
        )
    if news:
        notifications.mark_read(conn, who, at=now(), report_id=opened.report.id)


def show(opened: Opened, *, open_move: Move | None = None, trouble: Trouble | None = None, done: Move | None = None) -> str:
    """The page as HTML."""
    forms = forms_of(opened, by=viewer().actor, at=now())
    steps, keeping = in_groups(forms, classified=opened.report.classified)
    choices = {form.move: choices_for(office(), form.offer, opened.case) for form in forms if form.has("office_id")}
    proposed = {move: _proposed(move, opened, listed, trouble) for move, listed in choices.items()}
    shown = Shown(
        opened=opened,
        steps=steps,
        keeping=keeping,
        lines=timeline(opened),
        seen=opened.history[-1].id if opened.history else 0,
        choices=choices,
        proposed=proposed,
        picked=recognised(office(), opened.words, proposed.get(Move.DISPOSE, ())),
        accounts=_nameable(opened, forms, trouble),
        accusable=_accusable(opened, forms),
        trouble=trouble,
    )
    return render_template(
        "report/report.html",
        shown=shown,
        opened=opened,
        report=opened.report,
        words=opened.words,
        open_move=trouble.move if trouble else open_move,
        done=done,
        categories=tuple(Category),
        grounds=tuple(Ground),
        findings=tuple(Finding),
        askable=ASKABLE,
        how=HOW,
        listed_most=LISTED_MOST,
    )


def _proposed(move: Move, opened: Opened, choices: Mapping[int, Choice], trouble: Trouble | None) -> tuple[Choice, ...]:
    """After a name that several offices have, those; else what the reporter's words point at."""
    if move is Move.RETURN:
        return ()
    if trouble is not None and trouble.move is move and trouble.data.get("office_name"):
        return matching(office(), trouble.data["office_name"], choices)
    return proposals(office(), opened.words, choices)


def _nameable(opened: Opened, forms: tuple[Form, ...], trouble: Trouble | None) -> tuple[Account, ...]:
    """Accounts that may be named for a sealed report: those of oversight units, of the holder and of the unit just chosen."""
    if not any(form.has("account_ids") for form in forms):
        return ()
    tree = office().tree()
    wanted = {row.id for row in tree.by_id.values() if row.oversight} | {opened.report.holder_id}
    if trouble is not None:
        wanted |= {int(text) for text in (trouble.data.get("office_id", ""),) if text.isdecimal()}
    with office().database.read() as conn:
        found = {each.id: each for office_id in sorted(wanted) for each in accounts.of_office(conn, office_id)}
    return tuple(each for each in found.values() if each.id not in opened.case.accused_account_ids)


def _accusable(opened: Opened, forms: tuple[Form, ...]) -> tuple[Choice, ...]:
    """Units that the words of a report to be sealed point at: they can be marked as accused."""
    if not any(form.has("accused_office_ids") for form in forms):
        return ()
    tree = office().tree()
    units = {
        row.id: Choice(row.id, label(tree, row)) for row in tree.by_id.values() if row.kind is OfficeKind.UNIT and row.active
    }
    return proposals(office(), opened.words, units)
