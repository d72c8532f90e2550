"""docs/notices.md: every notice of sop.md §7 as each channel tells it, in both languages, by the real dialogue and renderer.

`python -m tools.notices_page` (or `make notices`) writes the page; a test compares it with the committed one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import bots
from core.alphabet import is_gsm, segments
from core.channels import Capabilities
from core.dialogue.engine import step
from core.dialogue.model import Facts, Notice, NoticeKind, OfficeFacts, ReportFacts, Say, Session
from core.dialogue.render import Rendered, render
from core.procedure.vocabulary import Category, Field, State
from core.texts import LANGUAGES

PAGE = Path(__file__).parents[1] / "docs" / "notices.md"
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
"""Friday, 20 March 2026, 09:00 in Jakarta."""

CODE, OTHER = "K7M42QXT9", "P3D8WN5HC"
WORDS = {
    "id": "Uang kartu sudah dikembalikan, petugas loket ditegur.",
    "en": "The fee was paid back, the clerk has been warned.",
}
QUESTION = {"id": "Di loket berapa, dan siapa yang meminta?", "en": "At which counter, and who asked for it?"}
_LEFT_OUT = frozenset({"console"})
"""A terminal for trying out; it reads like a chat with buttons."""


INTRODUCTION = (
    "Written by `make notices`; do not edit. Every notice of sop.md §7 as each channel tells it, in both languages.",
    "Buttons stand in brackets; where there are none, the choices are numbered. Beside SMS: how many segments, in which",
    "alphabet. Codes, offices and days are samples; today is Friday, 20 March 2026.",
    "",
    "Reminders leave by day only (`procedure.quiet`), in the zone of the agency that holds the report, one message to a",
    "person on a day; several of one day are one message. Answers and news are never held back. Where each message costs,",
    "a notice that only tells of a move waits a few minutes for the next one about the same report, and is said with it.",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One notice as it happens: what the conversation is told, and how the report stands."""

    kind: NoticeKind
    when: str
    params: Mapping[str, str | int | date] = field(default_factory=dict)
    words: bool = False
    state: State = State.AT_UNIT
    changes: Mapping[str, object] = field(default_factory=dict)
    along: tuple[NoticeKind, ...] = ()


_DUE, _REPLY = {"due_on": date(2026, 3, 25)}, {"due_on": date(2026, 4, 6)}
_OVER = {"open": False, "disputable": True, "rateable": True}
SAMPLES = (
    Sample(NoticeKind.RECEIVED, "received, where the conversation did not say so itself", _DUE, state=State.RECEIVED),
    Sample(NoticeKind.SPLIT, "a part of the report became a report of its own", _DUE),
    Sample(NoticeKind.DISPOSED, "disposed to an agency or unit, or aligned with its lead", _DUE),
    Sample(NoticeKind.RETURNED, "returned, recalled or fallen back: who holds it now", _DUE),
    Sample(
        NoticeKind.QUESTION, "an official asks", _REPLY, words=True, state=State.AWAITING_REPORTER,
        changes={"question": "?"},
    ),
    Sample(
        NoticeKind.QUESTION, "an official asks for missing parts, without words", _REPLY, state=State.AWAITING_REPORTER,
        changes={"question": "", "question_fields": (Field.WHEN, Field.WHERE)},
    ),
    Sample(NoticeKind.QUESTION_TAKEN_BACK, "the asker needs the answer no more", _DUE),
    Sample(NoticeKind.QUESTION_GIVEN_UP, "no answer came; the holder goes on", _DUE),
    Sample(
        NoticeKind.QUESTION_REMINDER, "five working days without an answer", _REPLY, words=True,
        state=State.AWAITING_REPORTER, changes={"question": "?"},
    ),
    Sample(
        NoticeKind.RESPONSE, "initial response", {**_DUE, "promised_on": date(2026, 3, 24)}, words=True,
        state=State.IN_PROGRESS,
    ),
    Sample(
        NoticeKind.RESPONSE, "the same minutes after a reclassification, where messages are gathered",
        {**_DUE, "promised_on": date(2026, 3, 24)}, words=True, state=State.IN_PROGRESS, along=(NoticeKind.RECLASSIFIED,),
    ),
    Sample(NoticeKind.PROGRESS, "follow-up", {"promised_on": date(2026, 3, 24)}, words=True, state=State.IN_PROGRESS),
    Sample(
        NoticeKind.SETTLEMENT, "settlement", _REPLY, words=True, state=State.IN_PROGRESS, changes={"settled": True}
    ),
    Sample(
        NoticeKind.SETTLEMENT_REMINDER, "seven working days of silence", _REPLY, state=State.IN_PROGRESS,
        changes={"settled": True},
    ),
    Sample(
        NoticeKind.REMINDERS, "several reminders of one day",
        {
            "codes": f"{CODE} {OTHER}", f"kind_{CODE}": "settlement_reminder", f"kind_{OTHER}": "question_reminder",
            f"due_{CODE}": date(2026, 4, 6), f"due_{OTHER}": date(2026, 4, 1),
            f"holder_{CODE}": "Puskesmas Sukamaju", f"holder_{OTHER}": "Dinas Pekerjaan Umum",
        },
    ),
    Sample(NoticeKind.OVERDUE, "the settlement is overdue"),
    Sample(NoticeKind.RECLASSIFIED, "another category", {**_DUE, "category": "complaint"}),
    Sample(NoticeKind.CLOSED, "closed by an official", _REPLY, state=State.CLOSED, changes=_OVER),
    Sample(NoticeKind.CLOSED_SILENT, "closed after ten working days of silence", _REPLY, state=State.CLOSED, changes=_OVER),
    Sample(
        NoticeKind.CLOSED_FINAL, "final decision", words=True, state=State.CLOSED, changes={"open": False, "rateable": True}
    ),
    Sample(
        NoticeKind.ACKNOWLEDGED, "praise was read", words=True, state=State.CLOSED, changes={"open": False, "rateable": True}
    ),
    Sample(
        NoticeKind.ARCHIVED, "archived", {**_REPLY, "ground": "before_court", "door": "Pengadilan Negeri Contoh"}, words=True,
        state=State.ARCHIVED, changes={"open": False, "objectionable": True},
    ),
    Sample(NoticeKind.RESTORED, "back from the archive", _DUE),
    Sample(
        NoticeKind.OMBUDSMAN_CHOICE, "45 working days without a follow-up", {"due_on": date(2026, 6, 12)},
        changes={"ombudsman_asked": True},
    ),
    Sample(NoticeKind.REFERRED, "referred to the Ombudsman"),
    Sample(NoticeKind.WITHDRAW_NOTED, "withdrawn after the inspection had begun"),
    Sample(NoticeKind.FILE_LOST, "a file could not be fetched", {"file": "IMG_2041.jpg", "reason": "too_large"}),
)  # fmt: skip


def doors() -> dict[str, Capabilities]:
    """The channels of the house by what people call them."""
    names = sorted(module.name for module in pkgutil.iter_modules(bots.__path__) if module.ispkg)
    found = [getattr(importlib.import_module(f"bots.{name}"), "CAPABILITIES", None) for name in names if name not in _LEFT_OUT]
    return {each.label: each for each in found if isinstance(each, Capabilities)}


def told(sample: Sample, capabilities: Capabilities, language: str) -> tuple[Rendered, ...]:
    """What the reporter reads."""
    asks = sample.kind in (NoticeKind.QUESTION, NoticeKind.QUESTION_REMINDER)
    words = (QUESTION if asks else WORDS)[language] if sample.words else None
    params = {"holder": "Puskesmas Sukamaju", **sample.params}
    along = tuple(Notice(kind, CODE, {"category": "complaint"}) for kind in sample.along)
    notice = Notice(sample.kind, CODE, params, words, along)
    office = OfficeFacts("LAPOR!-SP4N", "Asia/Jakarta", language)
    facts = Facts(capabilities, office, (_report(CODE, "Pungutan kartu", sample), _report(OTHER, "Lampu mati", SAMPLES[0])))
    _session, effects = step(Session(language=language), notice, facts=facts, now=NOW)
    return render([one for one in effects if isinstance(one, Say)], capabilities=capabilities, language=language)


def _report(code: str, title: str, sample: Sample) -> ReportFacts:
    given = {"holder_name": "Puskesmas Sukamaju", "due_on": None, **sample.changes}
    return ReportFacts(code=code, title=title, state=sample.state, category=Category.COMPLAINT, **given)  # type: ignore[arg-type]


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What the reporter hears"
    yield ""
    yield from INTRODUCTION
    long: list[str] = []
    for sample in SAMPLES:
        yield from ("", f"## `{sample.kind}`: {sample.when}")
        for language in LANGUAGES:
            for door, capabilities in doors().items():
                messages = told(sample, capabilities, language)
                weight = _weight(messages) if capabilities.segmented else ""
                if capabilities.segmented and sum(segments(one.text) for one in messages) > 1:
                    long.append(f"`{sample.kind}` ({sample.when}, {language}): {weight}")
                yield from ("", f"**{door}, {language}**{f' · {weight}' if weight else ''}")
                yield from ("", "```text", *_shown(messages), "```")
    yield from ("", "## Notices that need more than one SMS segment", "")
    yield from [f"- {each}" for each in long] or ["None."]


def _shown(messages: tuple[Rendered, ...]) -> Iterator[str]:
    for number, message in enumerate(messages):
        if number:
            yield "--"
        yield from message.text.split("\n")
        if message.choices:
            yield " ".join(f"[{choice.label}]" for choice in message.choices)


def _weight(messages: tuple[Rendered, ...]) -> str:
    count = sum(segments(one.text) for one in messages)
    alphabet = "GSM-7" if all(is_gsm(one.text) for one in messages) else "UCS-2"
    return f"{count} segment{'s' if count > 1 else ''}, {alphabet}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
