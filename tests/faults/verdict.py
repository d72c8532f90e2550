"""The verdict: what the vendor's server showed to people against what had to be said to them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from core import trackingcode
from core.storage import tables
from core.storage.outbox import part_of
from core.storage.people import find_address
from tests.faults.front import Citizen
from tests.faults.siege import Siege

CODE = re.compile(r"\b[0-9A-Z]{4}-?[0-9A-Z]{4}-?[0-9A-Z]\b")
MARK = "(Mungkin terkirim dua kali.) "
OVERDUE = "Kami sudah mengingatkan."


@dataclass
class Verdict:
    """Everything that is wrong, in words, and the figures."""

    wrong: list[str] = field(default_factory=list)
    repeats: int = 0  # marked ones that the vendor showed
    unknown: int = 0
    missing: int = 0  # never shown, and known to be unknown

    def unless(self, fine: bool, complaint: str) -> None:
        if not fine:
            self.wrong.append(complaint)


@dataclass(frozen=True)
class Row:
    """One row of the outbox, as far as it matters here."""

    text: str
    state: str
    paired: bool  # a repeat, or repeated


def judge(siege: Siege) -> Verdict:
    """Looks at every person's chat, every message and every photo."""
    verdict = Verdict()
    for citizen in siege.front.citizens:
        _chat(siege, verdict, citizen)
        _kept(siege, verdict, citizen)
    _messages(siege, verdict)
    _photos(siege, verdict)
    _officials(siege, verdict)
    verdict.wrong += siege.front.complaints(_texts(siege))
    return verdict


def _plain(text: str) -> str:
    """A message without what differs from person to person."""
    return CODE.sub(lambda found: "KODE" if trackingcode.find(found[0]) else found[0], text)


def _said(siege: Siege, citizen: Citizen) -> list[str]:
    return [_plain(text) for text in siege.front.heard(citizen)]


def _texts(siege: Siege) -> dict[str, str]:
    """Words of every outbox entry by its key."""
    outbox = tables.outbox.c
    query = select(outbox.bundle, outbox.part, outbox.payload).where(outbox.channel == siege.front.channel)
    with siege.office.database.read() as connection:
        return {
            f"{row.bundle}.{row.part}": part_of(row.payload).text
            for row in connection.execute(query.order_by(outbox.id.desc()))
        }


def _rows(siege: Siege, citizen: Citizen) -> list[Row]:
    with siege.office.database.read() as connection:
        address = find_address(connection, siege.front.channel, citizen.address)
        if address is None:
            return []
        query = select(tables.outbox).where(tables.outbox.c.address_id == address.id).order_by(tables.outbox.c.id)
        rows = connection.execute(query).all()
    pairs = {row.repeat_of for row in rows} | {row.id for row in rows if row.repeat_of is not None}
    return [Row(part_of(row.payload).text, row.state, row.id in pairs) for row in rows]


def _chat(siege: Siege, verdict: Verdict, citizen: Citizen) -> None:
    """One conversation: one report, one code, everything that must be said once and in order."""
    front = siege.front
    who = f"{citizen.address} ({citizen.matter}{', hasty' if citizen.hasty else ''})"
    codes = front.codes(citizen)
    verdict.unless(len(codes) == 1, f"{who}: read {len(codes)} codes")
    with siege.office.database.read() as connection:
        address = find_address(connection, front.channel, citizen.address)
        filed = [] if address is None else _codes_filed(connection, address.id)
    verdict.unless(set(filed) == codes and len(filed) == 1, f"{who}: {len(filed)} reports, {len(codes)} codes read")

    rows = _rows(siege, citizen)
    shown = front.heard(citizen)
    # A report names both of a pair: the vendor's acceptance of the one may be all that is known of it.
    states = [(row.text, "unknown" if row.paired and row.state == "accepted" else row.state) for row in rows]
    by_state = Counter(states)
    times = Counter(shown)
    for text in times.keys() | {row.text for row in rows}:
        sure, doubtful = by_state[text, front.arrived], by_state[text, "unknown"]
        fine = sure <= times[text] <= sure + doubtful
        verdict.unless(fine, f"{who}: shown {times[text]} times, {sure} arrived, {doubtful} unknown: {_plain(text)[:70]!r}")
    ends = {front.arrived} | (set() if front.repeatable else {"unknown"})
    verdict.unless({state for _, state in states} <= ends, f"{who}: {Counter(row.state for row in rows)}")
    verdict.repeats += sum(text.startswith(MARK) for text in shown)
    verdict.unknown += sum(row.state == "unknown" for row in rows)

    doubtful_texts = {_plain(row.text) for row in rows if row.state == "unknown"}
    plain = [_plain(text) for text in shown]
    conversation, _ = (list(map(_plain, texts)) for texts in siege.expected[citizen.matter])
    times_plain = Counter(text.removeprefix(MARK) for text in plain)
    for text in conversation:
        missing = times_plain[text] == 0
        verdict.missing += missing
        verdict.unless(not missing or text in doubtful_texts, f"{who}: never said {text[:70]!r}")
        verdict.unless(times_plain[text] <= 1, f"{who}: said {times_plain[text]} times {text[:70]!r}")
    places = [plain.index(text) for text in conversation if text in plain]
    verdict.unless(places == sorted(places), f"{who}: not in order")
    if any(OVERDUE in row.text for row in rows) or siege.town.report_of(citizen) in siege.town.overdue:
        reminded = sum(OVERDUE in row.text for row in rows)
        verdict.unless(reminded == 1, f"{who}: told {reminded} times that it is overdue")


def _codes_filed(connection: Connection, address_id: int) -> list[str]:
    query = select(tables.reports.c.code).where(tables.reports.c.address_id == address_id)
    return list(connection.execute(query).scalars())


def _kept(siege: Siege, verdict: Verdict, citizen: Citizen) -> None:
    """What a person said stands with the report, each word once, as with everybody else who has the same matter."""
    if not siege.front.orderly:
        return
    said, usual = (_words(siege, one) for one in (citizen, siege.control[citizen.matter]))
    verdict.unless(said == usual, f"{citizen.address}: the report holds {said}, not {usual}")


def _words(siege: Siege, citizen: Citizen) -> list[tuple[str, str]]:
    words = tables.messages.c
    report = siege.town.report_of(citizen)
    query = select(words.kind, words.words).where(words.report_id == report, words.direction == "in").order_by(words.id)
    with siege.office.database.read() as connection:
        return [(row.kind, row.words) for row in connection.execute(query)]


def _messages(siege: Siege, verdict: Verdict) -> None:
    """Every message that had its yes is there once and handled, and only the poisoned one lies aside."""
    front, inbox = siege.front, tables.inbox
    with siege.office.database.read() as connection:
        rows = connection.execute(select(inbox.c.source_id, inbox.c.state, inbox.c.reason)).all()
    states = {front.name_of(row.source_id): row.state for row in rows}
    verdict.unless(len(states) == len(rows), "a message is stored twice")
    lost = [one for one in front.names if states.get(one) != "handled"]
    verdict.unless(not lost, f"{len(lost)} messages not handled, the first {lost[:3]} {[states.get(one) for one in lost[:3]]}")
    aside = {row.source_id: row.reason for row in rows if row.state == "quarantined"}
    unfinished = [source for source, reason in aside.items() if source.startswith(front.poison) and reason == "unfinished"]
    verdict.unless(len(aside) == len(unfinished) == 1, f"in quarantine: {aside}")
    strangers = [name for name in states.keys() - set(front.names) if not name.startswith(front.name_of(front.poison))]
    verdict.unless(not strangers, f"{len(strangers)} messages that nobody sent, like {strangers[:3]}")
    poisoned = siege.kills()["poison"]
    # Whoever dies of something else in the moment between the claim and its word has made an attempt, too.
    verdict.unless(1 <= poisoned <= 3, f"the poisoned message killed {poisoned} workers")


def _photos(siege: Siege, verdict: Verdict) -> None:
    """Every photo that was sent lies in the file store, whole, with the report of the one who sent it."""
    files = tables.attachments
    for citizen in siege.front.citizens:
        if not citizen.photo:
            continue
        with siege.office.database.read() as connection:
            query = select(files.c.state, files.c.report_id).where(files.c.sha256 == citizen.photo)
            kept = connection.execute(query).all()
        fine = [(row.state, row.report_id) for row in kept] == [("stored", siege.town.report_of(citizen))]
        verdict.unless(fine, f"{citizen.address}: photo {kept}")
        path = siege.office.files.path(citizen.photo)
        verdict.unless(path.exists(), f"{citizen.address}: the photo's bytes are not there")


def _officials(siege: Siege, verdict: Verdict) -> None:
    """An official's words reach the reporter: once, or once more and marked where nobody knows."""
    control = siege.control["levy"]
    must = [_plain(text) for text in siege.expected["levy"][1]]
    for citizen in siege.front.citizens:
        report = siege.town.report_of(citizen)
        if citizen is control or report is None or siege.town.answered.get(report, 0) < 4:
            continue
        plain = _said(siege, citizen)
        rows = _rows(siege, citizen)
        doubtful = {_plain(row.text) for row in rows if row.state == "unknown"}
        for text in must:
            times, marked = plain.count(text), plain.count(MARK + text)
            verdict.unless(times <= 1, f"{citizen.address}: {times} times {text[:60]!r}")
            verdict.unless(times == 1 or text in doubtful, f"{citizen.address}: never {text[:60]!r}")
            verdict.unless(not marked or text in doubtful, f"{citizen.address}: repeated without doubt {text[:60]!r}")
            settled = text == must[-1]
            verdict.unless(times + marked >= 1 or not settled or MARK + text in doubtful, f"{citizen.address}: no answer")
