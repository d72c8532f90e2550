"""The verdict: what the vendor's server showed to people against what had to be said to them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select

from core.storage import tables
from core.storage.outbox import part_of
from core.storage.people import find_address
from tests.faults.citizens import Citizen
from tests.faults.siege import POISON, Siege

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
MARK = "(Mungkin terkirim dua kali.) "
OVERDUE = "melewati batas waktu"


@dataclass
class Verdict:
    """Everything that is wrong, in words, and the figures."""

    wrong: list[str] = field(default_factory=list)
    repeats: int = 0  # marked ones that the vendor showed
    unknown: int = 0
    missing: int = 0  # never shown, and known to be unknown
    twice_accepted: int = 0

    def unless(self, fine: bool, complaint: str) -> None:
        if not fine:
            self.wrong.append(complaint)


@dataclass(frozen=True)
class Row:
    """One row of the outbox, as far as it matters here."""

    text: str
    state: str
    repeat: bool


def judge(siege: Siege) -> Verdict:
    """Looks at every person's chat, every message and every photo."""
    verdict = Verdict()
    expected = {matter: _said(siege, one) for matter, one in siege.control.items()}
    for citizen in siege.crowd.citizens:
        _chat(siege, verdict, citizen, expected[citizen.matter])
    _messages(siege, verdict)
    _photos(siege, verdict)
    _officials(siege, verdict)
    return verdict


def _plain(text: str) -> str:
    """A message without what differs from person to person."""
    return CODE.sub("KODE", text)


def _said(siege: Siege, citizen: Citizen) -> list[str]:
    return [_plain(heard.text) for heard in siege.crowd.mailbag.by_chat[citizen.chat]]


def _rows(siege: Siege, citizen: Citizen) -> list[Row]:
    with siege.office.database.read() as connection:
        address = find_address(connection, "telegram", str(citizen.chat))
        if address is None:
            return []
        query = select(tables.outbox).where(tables.outbox.c.address_id == address.id).order_by(tables.outbox.c.id)
        return [Row(part_of(row.payload).text, row.state, row.repeat_of is not None) for row in connection.execute(query).all()]


def _chat(siege: Siege, verdict: Verdict, citizen: Citizen, control: list[str]) -> None:
    """One conversation: one report, one code, everything that must be said once and in order."""
    who = f"chat {citizen.chat} ({citizen.matter}{', hasty' if citizen.hasty else ''})"
    codes = siege.crowd.mailbag.codes(citizen.chat)
    verdict.unless(len(codes) == 1, f"{who}: read {len(codes)} codes")
    with siege.office.database.read() as connection:
        address = find_address(connection, "telegram", str(citizen.chat))
        filed = [] if address is None else _codes_filed(connection, address.id)
    verdict.unless(set(filed) == codes and len(filed) == 1, f"{who}: {len(filed)} reports, {len(codes)} codes read")

    rows = _rows(siege, citizen)
    shown = [heard.text for heard in siege.crowd.mailbag.by_chat[citizen.chat]]
    by_state = Counter((row.text, row.state) for row in rows)
    times = Counter(shown)
    for text in times.keys() | {row.text for row in rows}:
        sure, doubtful = by_state[text, "delivered"], by_state[text, "unknown"]
        fine = sure <= times[text] <= sure + doubtful
        verdict.unless(fine, f"{who}: shown {times[text]} times, {sure} delivered, {doubtful} unknown: {_plain(text)[:70]!r}")
    verdict.unless({row.state for row in rows} <= {"delivered", "unknown"}, f"{who}: {Counter(row.state for row in rows)}")
    verdict.repeats += sum(text.startswith(MARK) for text in shown)
    verdict.unknown += sum(row.state == "unknown" for row in rows)

    doubtful_texts = {_plain(row.text) for row in rows if row.state == "unknown"}
    plain = [_plain(text) for text in shown]
    conversation = control[: len(citizen.script)]
    times_plain = Counter(text.removeprefix(MARK) for text in plain)
    for text in conversation:
        missing = times_plain[text] == 0
        verdict.missing += missing
        verdict.unless(not missing or text in doubtful_texts, f"{who}: never said {text[:70]!r}")
        verdict.unless(times_plain[text] <= 1, f"{who}: said {times_plain[text]} times {text[:70]!r}")
    places = [plain.index(text) for text in conversation if text in plain]
    verdict.unless(places == sorted(places), f"{who}: not in order")
    if any(OVERDUE in row.text for row in rows) or siege.report_of(citizen) in siege.overdue:
        reminded = sum(OVERDUE in row.text for row in rows)
        verdict.unless(reminded == 1, f"{who}: told {reminded} times that it is overdue")


def _codes_filed(connection, address_id: int) -> list[str]:  # type: ignore[no-untyped-def]
    query = select(tables.reports.c.code).where(tables.reports.c.address_id == address_id)
    return list(connection.execute(query).scalars())


def _messages(siege: Siege, verdict: Verdict) -> None:
    """Every message that the vendor was given for us is handled, once, and only the poisoned one lies aside."""
    inbox = tables.inbox
    with siege.office.database.read() as connection:
        rows = connection.execute(select(inbox.c.source_id, inbox.c.state, inbox.c.reason)).all()
    states = {row.source_id: row.state for row in rows}
    verdict.unless(len(states) == len(rows), "a message is stored twice")
    lost = [one for one in siege.crowd.source_ids if states.get(one) != "handled"]
    verdict.unless(not lost, f"{len(lost)} messages not handled, the first {lost[:3]} {[states.get(one) for one in lost[:3]]}")
    aside = {row.source_id: row.reason for row in rows if row.state == "quarantined"}
    verdict.unless(aside == {POISON: "unfinished"}, f"in quarantine: {aside}")
    poisoned = siege.kills()["poison"]
    verdict.unless(poisoned == 3, f"the poisoned message killed {poisoned} workers, not three")


def _photos(siege: Siege, verdict: Verdict) -> None:
    """Every photo that was sent lies in the file store, whole, with the report of the one who sent it."""
    files = tables.attachments
    for citizen in siege.crowd.citizens:
        if not citizen.photo:
            continue
        with siege.office.database.read() as connection:
            query = select(files.c.state, files.c.report_id).where(files.c.sha256 == citizen.photo)
            kept = connection.execute(query).all()
        fine = [(row.state, row.report_id) for row in kept] == [("stored", siege.report_of(citizen))]
        verdict.unless(fine, f"chat {citizen.chat}: photo {kept}")
        path = siege.office.files.path(citizen.photo)
        verdict.unless(path.exists(), f"chat {citizen.chat}: the photo's bytes are not there")


def _officials(siege: Siege, verdict: Verdict) -> None:
    """An official's words reach the reporter: once, or once more and marked where nobody knows."""
    control = siege.control["levy"]
    must = _said(siege, control)[len(control.script) :]
    for citizen in siege.crowd.citizens:
        report = siege.report_of(citizen)
        if citizen is control or report is None or siege.answered.get(report, 0) < 4:
            continue
        plain = _said(siege, citizen)
        rows = _rows(siege, citizen)
        doubtful = {_plain(row.text) for row in rows if row.state == "unknown"}
        for text in must:
            times, marked = plain.count(text), plain.count(MARK + text)
            verdict.unless(times <= 1, f"chat {citizen.chat}: {times} times {text[:60]!r}")
            verdict.unless(times == 1 or text in doubtful, f"chat {citizen.chat}: never {text[:60]!r}")
            verdict.unless(not marked or text in doubtful, f"chat {citizen.chat}: repeated without doubt {text[:60]!r}")
            settled = text == must[-1]
            verdict.unless(times + marked >= 1 or not settled or MARK + text in doubtful, f"chat {citizen.chat}: no answer")
