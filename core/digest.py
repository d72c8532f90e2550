"""The morning's digest of one official (sop.md §7): new, due today, overdue, answered, as the own queue shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from core import officialmail, piles, texts, trackingcode
from core.office import Office
from core.piles import Tab
from core.procedure.case import Actor
from core.procedure.vocabulary import Move, Role
from core.storage.accounts import Account, actor_of
from core.storage.tables import history, reports

CODES_MOST = 5
"""How many codes stand behind a count; the whole list is on the desk."""

_HALF_DAY = timedelta(hours=12)


class Section(StrEnum):
    """What a digest counts, the most pressing first. A report may count in several."""

    OVERDUE = "overdue"  # past a limit: what the queue's filter shows
    TODAY = "today"  # the nearest limit ends today
    ANSWERED = "answered"  # the reporter has spoken since the last digest
    NEW = "new"  # came to this office since the last digest


@dataclass(frozen=True, slots=True)
class Digest:
    """What waits for one official: `waiting` in all, and by section how many and the first codes (canonical)."""

    waiting: int
    counts: Mapping[Section, int]
    codes: Mapping[Section, tuple[str, ...]]

    @property
    def says_something(self) -> bool:
        return any(self.counts.values())


def gather(connection: Connection, actor: Actor, *, since: datetime, now: datetime, zone: str) -> Digest:
    """Counts what waits for `actor` at `now`: one statement, and one more for each section that is not empty.

    `since`: the moment of the digest before; `zone`: whose today it is (IANA name).
    """
    waiting = piles.pile(actor, Tab.WAITING)
    belongs = _sections(since, now, zone)
    counting = [func.count().filter(belongs[each]) for each in Section]
    whole, *numbers = connection.execute(select(func.count(), *counting).select_from(reports).where(*waiting)).one()
    counts = dict(zip(Section, map(int, numbers), strict=True))
    codes = {}
    for each in Section:
        first = select(reports.c.code).where(*waiting, belongs[each]).order_by(*piles.order()).limit(CODES_MOST)
        codes[each] = tuple(connection.execute(first).scalars()) if counts[each] else ()
    return Digest(int(whole), counts, codes)


def _sections(since: datetime, now: datetime, zone: str) -> Mapping[Section, ColumnElement[bool]]:
    there = ZoneInfo(zone)
    tomorrow = datetime.combine(now.astimezone(there).date() + timedelta(days=1), time(), there)
    spoke = select(history.c.id).where(
        history.c.report_id == reports.c.id,
        history.c.role == Role.REPORTER.value,
        history.c.move != Move.SUBMIT.value,
        history.c.at > since,
    )
    return {
        Section.OVERDUE: reports.c.overdue.is_(True),
        # `due_at` is the midnight after the last day in one of the country's zones (core.notices.last_day).
        Section.TODAY: and_(reports.c.due_at > now, reports.c.due_at < tomorrow + _HALF_DAY),
        Section.ANSWERED: exists(spoke.correlate(reports)),
        Section.NEW: reports.c.holder_since > since,
    }


def mail(connection: Connection, office: Office, account: Account, *, since: datetime, now: datetime, zone: str) -> bool:
    """Queues the digest of one account in the caller's transaction; False: nothing to say, or nobody to write to."""
    found = gather(connection, actor_of(account), since=since, now=now, zone=zone)
    if not found.says_something:
        return False
    today = now.astimezone(ZoneInfo(zone)).date()
    language = account.language
    subject = office.text(language, "digest.subject", office=office.config.office.name, day=_day(language, today))
    return officialmail.send(
        connection,
        office,
        account,
        kind=officialmail.DIGEST,
        subject=subject,
        text=_text(office, language, found, today),
        now=now,
    )


def _text(office: Office, language: str, found: Digest, today: date) -> str:
    lines = [_line(office, language, each, found) for each in Section if found.counts[each]]
    whole = office.text(language, "digest.waiting", count=found.waiting)
    opening = office.text(language, "digest.opening", day=_day(language, today))
    return "\n\n".join([opening, "\n".join(lines), whole, *officialmail.closing(office, language)])


def _line(office: Office, language: str, section: Section, found: Digest) -> str:
    count, codes = found.counts[section], found.codes[section]
    listed = ", ".join(trackingcode.formatted(code) for code in codes)
    if count > len(codes):
        listed = office.text(language, "digest.and_more", codes=listed, count=count - len(codes))
    return office.text(language, f"digest.section.{section}", count=count, codes=listed)


def _day(language: str, on: date) -> str:
    return texts.day(language, on)
