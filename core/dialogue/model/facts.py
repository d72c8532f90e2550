"""A frozen snapshot of what the world knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.channels import Capabilities
from core.dialogue.model.events import NoticeKind
from core.dialogue.model.session import Session
from core.dialogue.understanding.offices import Directory
from core.procedure.vocabulary import Category, Field, State


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One of the reporter's own reports, as far as the conversation may need it."""

    code: str  # canonical, without dashes
    title: str
    state: State
    category: Category
    holder_name: str | None
    due_on: date | None  # until when the present holder has, in the office's zone
    settled: bool = False  # a settlement waits for Beres / Belum
    question: str | None = None  # an open question of an official, in the official's words
    question_fields: tuple[Field, ...] = ()
    disputable: bool = False  # closed, inside the window, not final
    objectionable: bool = False  # archived, inside the window, not spam, not yet objected
    rateable: bool = False
    rating: int | None = None
    open: bool = True
    received_on: date | None = None
    ombudsman_asked: bool = False
    urgent: bool = False
    where_words: str | None = None  # prefill of a new report after the dispute window
    who_words: str | None = None
    who_office_id: int | None = None
    spoke_at: datetime | None = None  # the last message about it, either way
    last_notice: NoticeKind | None = None


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What a code alone shows: the label and dates (sop.md §7). The caller fills it for codes that stand in the message."""

    code: str
    state: State
    received_on: date | None = None
    changed_on: date | None = None


class Guesses(StrEnum):
    """How many unknown codes this person has tried lately (core/guessing.py)."""

    FEW = "few"
    TOO_MANY = "too_many"  # nothing but own reports is looked up; this message is told so
    SILENT = "silent"  # likewise, and it was told already


class CodeMeaning(StrEnum):
    """What a one-time code that was entered means here and now."""

    FITS = "fits"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    HERE = "here"  # it was given to this very address
    LINKED = "linked"  # both are one person already
    TOO_MANY = "too_many"  # this person tried too often: nothing was looked up


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """The one-time code that is this message, or (not `entered` now) the one before (`Session.linking`).

    `ref`: its keyed hash. `named`: the message said that it is a code; a bare one may be a number plate. `door`: what people
    call the channel it was given on. `conversation`, `there`: the one it was given in, as it is now; only where the code fits,
    or has just linked.
    """

    meaning: CodeMeaning
    ref: str = ""
    entered: bool = True
    named: bool = True
    door: str = ""
    conversation: int | None = None
    there: Session | None = None


@dataclass(frozen=True, slots=True)
class LinkedAddress:
    """One of the person's linked addresses. `ref`: its row; `preferred`: notices go there."""

    ref: int
    door: str
    here: bool = False
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """The intake office's own words and numbers."""

    name: str
    zone: str
    language: str
    verify_by: Mapping[str, date] = field(default_factory=dict)  # category code → last day of verification if submitted now
    emergency: tuple[tuple[str, str], ...] = ()  # (number, code of its meaning)
    doors: tuple[str, ...] = ()  # what citizens are told about other doors, from the configuration
    draft_reminder_hours: int = 24
    draft_expiry_hours: int = 72
    draft_resumable_days: int = 30


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a step may look at besides session, event and time. `directory` is `understanding.offices.Directory`."""

    capabilities: Capabilities
    office: OfficeFacts
    reports: tuple[ReportFacts, ...] = ()  # the reporter's, newest first, open ones and those that can still be answered
    more_reports: int = 0  # how many older ones are not in `reports`
    open_reports: int | None = None  # how many of all of them are open; None: as many as in `reports`
    directory: Directory | None = None
    public: tuple[PublicFacts, ...] = ()  # reports of others whose code stands in the message
    idle: bool = False  # the address was silent for six months: show nothing without the code (sop.md §7)
    new_code: str = ""  # a fresh tracking code, used if this step submits
    verified: bool = True  # False: the sender may be somebody else; may file a report, reads and changes nothing (sop.md §7)
    reachable: bool = True  # False: what we write to the person in private does not arrive
    guesses: Guesses = Guesses.FEW
    guesses_until: datetime | None = None  # when codes are looked up again for this person; aware UTC
    new_link_code: str = ""  # a fresh one-time code, used if this step offers it
    doors: tuple[str, ...] = ()  # what people call the office's other channels
    link: LinkFacts | None = None
    linked: tuple[LinkedAddress, ...] = ()  # this address and those linked to it; empty if there are none
    answering: str | None = None  # key of the last sentence of our message that is being answered, if that went to this address
    replying_to: str | None = None  # canonical code of the reporter's own report whose message is being answered
