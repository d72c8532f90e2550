"""Everything that the page of one report shows, read in one transaction, cut down to what this person may see (sop.md §1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from core import trackingcode, undelivered
from core.casework.seeing import case_of_report
from core.errors import NotFound
from core.office import Office
from core.procedure.case import Actor, Case
from core.procedure.permissions import Sight, may_see, may_see_identity, sight
from core.procedure.vocabulary import ClockKind, Move, Role
from core.report import Report, ReportWords
from core.reportfiles import Attachment, attachments_of, in_time
from core.storage import erasure, history, holdings, messages, people, reports
from core.storage import outbox as outgoing
from core.storage.history import HistoryRow
from core.storage.holdings import Holding
from core.storage.messages import IN, OUT, MessageRow
from core.storage.tables import accounts, clocks, conversations, outbox

LINKED_MOST = 50
"""Linked reports that a page names; each is asked whether this person may open it."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of something sent to the reporter: the worst of its parts. `repeated`: marked as a possible repeat.

    `why`: a code of `core.undelivered.reasons` where it did not arrive, or came back later.
    """

    state: str  # waiting | sending | accepted | delivered | failed | unknown
    at: datetime | None
    repeated: bool = False
    channel: str = ""
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One piece of the conversation. `sending`: of an official's words; None where nothing was sent (no address)."""

    message: MessageRow
    files: tuple[Attachment, ...] = ()
    sending: Sending | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the service said by itself. `kind`: the text key it was made from; `text`: as the reporter read it, while it exists.

    None too where the text says more than belongs to this page: the name of somebody whose identity is hidden here, or
    another report of the same person (sop.md §3: no identity crosses over).
    """

    kind: str
    at: datetime
    sending: Sending
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock of the report. `running` is False once stopped, `paused` while it stands still."""

    kind: ClockKind
    office_id: int | None
    zone: str
    started_at: datetime
    limit_days: int
    due_at: datetime | None
    stopped_at: datetime | None

    @property
    def running(self) -> bool:
        return self.stopped_at is None and self.due_at is not None

    @property
    def paused(self) -> bool:
        return self.stopped_at is None and self.due_at is None


@dataclass(frozen=True, slots=True)
class Opened:
    """A report as one person sees it. `name`: the reporter's, if this person may read it and there is one.

    `sight.until`: a past holder reads what happened up to then; whatever came later is not in here. `sender_unverified`: who
    filed it may be somebody else than the address says. `forgotten`: the reporter had their data erased. A message's `whole` is
    shown only to those who may read a name.
    """

    report: Report
    case: Case
    sight: Sight
    words: ReportWords | None  # None: erased
    may_see_identity: bool
    name: str | None
    said: tuple[Said, ...]
    told: tuple[Told, ...]
    files: tuple[Attachment, ...]
    history: tuple[HistoryRow, ...]
    holdings: tuple[Holding, ...]
    clocks: tuple[ClockLine, ...]
    account_names: Mapping[int, str]
    lead_code: str | None
    follower_codes: tuple[str, ...]
    sender_unverified: bool = False
    forgotten: bool = False
    doors: Mapping[int, str] = field(default_factory=dict)  # conversation → channel, of what the reporter said

    @property
    def many_doors(self) -> bool:
        """Was it talked about through more than one channel? Then each piece says through which."""
        sendings = [*(each.sending for each in self.said), *(each.sending for each in self.told)]
        return len({*self.doors.values(), *(each.channel for each in sendings if each is not None)}) > 1

    @property
    def names_somebody(self) -> bool:
        """Does the page say who the reporter is, by name or by the whole of a message? Then the look goes on record."""
        return self.name is not None or any(each.message.whole for each in self.said)


def open_report(connection: Connection, office: Office, *, code: str, by: Actor, now: datetime) -> Opened:
    """The page of the report with this canonical code. Raises NotFound alike for none and for one that `by` must not see."""
    report = reports.by_code(connection, code)
    case = case_of_report(connection, office, report, now=now)
    seen = sight(case, by)
    if not seen.sees:
        raise NotFound("there is no such report")
    identity = may_see_identity(case, by)
    said = [row for row in messages.of_report(connection, report.id) if in_time(row.at, seen)]
    # Around the newest words stand signatures and quotes: they name people.
    rows = said if identity else [replace(row, whole=None) for row in said]
    files = tuple(file for file in attachments_of(connection, report.id) if in_time(file.at, seen))
    past = tuple(row for row in history.of_report(connection, report.id) if in_time(row.at, seen))
    name = people.name_of(connection, report.person_id) if report.person_id is not None else None
    sendings, told = _sendings(connection, report.id, seen)
    told = _as_read(rows, told, report.code, unseen=None if identity else name)
    return Opened(
        report=report,
        case=case,
        sight=seen,
        words=_words(connection, report.id),
        may_see_identity=identity,
        name=name if identity else None,
        said=_conversation([row for row in rows if row.kind != _NOTICE], files, sendings),
        told=told,
        files=files,
        history=past,
        holdings=tuple(held for held in holdings.of_report(connection, report.id) if in_time(held.since, seen)),
        clocks=_clocks(connection, report.id) if seen.until is None else (),
        account_names=_names(connection, [row.account_id for row in rows] + [row.account_id for row in past]),
        lead_code=next(iter(_codes_seen(connection, office, _lead_of(connection, report), by=by, now=now)), None),
        follower_codes=_codes_seen(connection, office, reports.followers(connection, report.id), by=by, now=now),
        doors=_doors(connection, {row.conversation_id for row in rows if row.direction == IN}),
        forgotten=report.person_id is not None and erasure.erased_at(connection, report.person_id) is not None,
        sender_unverified=bool(past) and history.is_strangers(past[0].details) and not _stood_by(past[1:]),
    )


def _stood_by(later: Sequence[HistoryRow]) -> bool:
    """Has the reporter done anything with it since? A stranger can change nothing. Taking it back may mean: it was not me."""
    return any(row.role == Role.REPORTER and row.move != Move.WITHDRAW for row in later)


def _words(connection: Connection, report_id: int) -> ReportWords | None:
    try:
        return reports.words_of(connection, report_id)
    except NotFound:
        return None


def _doors(connection: Connection, conversation_ids: Iterable[int | None]) -> Mapping[int, str]:
    """Which channel each conversation is held through; never with whom."""
    wanted = {each for each in conversation_ids if each is not None}
    if not wanted:
        return {}
    rows = connection.execute(select(conversations.c.id, conversations.c.channel).where(conversations.c.id.in_(wanted)))
    return {row.id: row.channel for row in rows}


def _lead_of(connection: Connection, report: Report) -> Sequence[Report]:
    return (reports.get(connection, report.lead_id),) if report.lead_id is not None else ()


def _codes_seen(
    connection: Connection, office: Office, linked: Sequence[Report], *, by: Actor, now: datetime
) -> tuple[str, ...]:
    """Codes of the linked reports that this person may open: nobody learns of one outside their tree (sop.md §1)."""
    shown = linked[:LINKED_MOST]
    return tuple(each.code for each in shown if may_see(case_of_report(connection, office, each, now=now), by))


def _names(connection: Connection, account_ids: Iterable[int | None]) -> Mapping[int, str]:
    wanted = {each for each in account_ids if each is not None}
    if not wanted:
        return {}
    rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}


# --- the conversation ------------------------------------------------------------------------------------------------------


def _conversation(rows: Sequence[MessageRow], files: Sequence[Attachment], sendings: Mapping[int, Sending]) -> tuple[Said, ...]:
    of_message: dict[int, list[Attachment]] = defaultdict(list)
    for file in files:
        if file.message_id is not None:
            of_message[file.message_id].append(file)
    return tuple(Said(row, tuple(of_message[row.id]), sendings.get(row.id) if row.direction == OUT else None) for row in rows)


_NOTICE = "notice"  # the service's own words, kept beside what the outbox carries for as long as that


def _as_read(rows: Sequence[MessageRow], told: Sequence[Told], code: str, *, unseen: str | None) -> tuple[Told, ...]:
    """What the service told, in its words while they exist. `unseen`: a name that must not be read here."""
    kept: dict[datetime, list[str]] = defaultdict(list)
    for row in rows:
        if row.kind == _NOTICE:
            kept[row.at].append(row.words)
    shown = []
    for each in told:
        waiting = kept[each.at] if each.kind.startswith(f"{_NOTICE}.") else []
        spare = waiting.pop(0) if waiting else None
        text = each.text or spare
        fits = text and set(trackingcode.find(text)) <= {code} and not (unseen and unseen.casefold() in text.casefold())
        shown.append(replace(each, text=text if fits else None))
    return tuple(shown)


_WORST_FIRST = ("failed", "unknown", "waiting", "sending", "accepted", "delivered")


def _sendings(connection: Connection, report_id: int, seen: Sight) -> tuple[Mapping[int, Sending], tuple[Told, ...]]:
    """What became of everything sent about this report: by message, and what the service said by itself."""
    names = ("id", "message_id", "bundle", "kind", "state", "repeat_of", "created_at", "done_at", "payload", "channel")
    columns = [outbox.c[name] for name in names]
    rows = connection.execute(select(*columns).where(outbox.c.report_id == report_id).order_by(outbox.c.id)).all()
    bundles: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if in_time(row.created_at, seen):
            bundles[row.bundle].append(row)
    by_message: dict[int, Sending] = {}
    told: list[Told] = []
    why = undelivered.reasons(connection, report_id) if rows else {}
    for parts in bundles.values():
        sending = _sending(parts, why)
        message_id = next((part.message_id for part in parts if part.message_id is not None), None)
        if message_id is not None:
            by_message[message_id] = sending
        else:
            told.append(Told(parts[0].kind, parts[0].created_at, sending, _text(parts)))
    return by_message, tuple(told)


def _text(parts: Sequence[Row[Any]]) -> str | None:
    """The words of a bundle as they were sent first; None once one of them is erased."""
    payloads = [part.payload for part in parts if part.repeat_of is None]
    if not payloads or None in payloads:
        return None
    return "\n".join(outgoing.part_of(payload).text for payload in payloads)


def _sending(parts: Sequence[Row[Any]], why: Mapping[int, str]) -> Sending:
    """The worst of the parts; a part that was repeated counts as its latest repeat."""
    latest: dict[int, Row[Any]] = {}
    for part in parts:
        latest[part.repeat_of or part.id] = part
    worst = min(latest.values(), key=lambda part: (_WORST_FIRST.index(part.state), part.id not in why))
    repeated = any(part.repeat_of is not None for part in parts)
    return Sending(worst.state, worst.done_at, repeated=repeated, channel=worst.channel, why=why.get(worst.id))


# --- clocks ----------------------------------------------------------------------------------------------------------------


def _clocks(connection: Connection, report_id: int) -> tuple[ClockLine, ...]:
    """Running ones first, the nearest due before the others; then what has stopped."""
    names = ("kind", "office_id", "zone", "started_at", "limit_days", "due_at", "stopped_at")
    rows = connection.execute(select(*(clocks.c[name] for name in names)).where(clocks.c.report_id == report_id)).all()
    lines = [ClockLine(ClockKind(row.kind), *row[1:]) for row in rows]
    return tuple(sorted(lines, key=lambda one: (one.stopped_at is not None, one.due_at is None, one.due_at or one.started_at)))
