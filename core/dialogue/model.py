"""What goes into a step of the conversation and what comes out: events, facts, session, effects.

`step(session, event, *, facts, now) → (session, effects)` decides without I/O. Whoever calls it loads `Facts`, carries the
effects out in order inside one transaction, and stores the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.channels import Capabilities, FileRef, Inbound, Place
from core.dialogue.understanding.offices import Directory
from core.procedure.vocabulary import Category, Field, Privacy, State

SCRIPT_VERSION = 1

# --- session: what the conversation remembers ---------------------------------------------------------------------------


class Mode(StrEnum):
    """What the conversation is about now."""

    IDLE = "idle"  # nothing under way
    DRAFT = "draft"  # collecting a report
    SUMMARY = "summary"  # the summary is shown; waits for send, edit, cancel
    DISAMBIGUATE = "disambiguate"  # several open reports: which one is meant?
    GAPS = "gaps"  # a report was received at once; its gaps were asked for in one message
    TELLING = "telling"  # waits for words about the report `about` (see `Session.telling`)
    CONFIRM = "confirm"  # a yes/no about something that cannot be undone (withdraw, cancel, delete)
    PAUSED = "paused"  # an expired draft that can be resumed for 30 days


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that came with the draft; it is fetched apart, by its source id and position."""

    source_id: str
    ref: FileRef


@dataclass(frozen=True, slots=True)
class StoryPart:
    """What one message gave to the story, so that a later edit of that message replaces just this."""

    source_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers so far. A field that was asked about and is knowingly empty stands in `skipped`.

    `story` is the parts joined by line breaks, the reporter's own words unchanged; `title` is composed from them.
    `amounts` ("Rp20.000") and `identifying` (words that may show who wrote it) are kept for the summary.
    """

    story: str = ""
    parts: tuple[StoryPart, ...] = ()
    title: str = ""
    thin: bool = False  # understood, but hardly ("jalan rusak pak")
    amounts: tuple[str, ...] = ()
    identifying: tuple[str, ...] = ()
    category_confidence: float = 0.0  # 1.0: the reporter chose it
    when_words: str | None = None
    when_from: date | None = None
    when_to: date | None = None
    where_words: str | None = None
    place: Place | None = None
    who_words: str | None = None
    who_office_id: int | None = None
    category: Category | None = None
    hoped: str | None = None
    privacy: Privacy | None = None
    name: str | None = None
    urgent: bool = False
    child: bool = False
    evidence_none: bool = False
    files: tuple[DraftFile, ...] = ()
    said: tuple[str, ...] = ()  # source ids of the messages that made it
    skipped: frozenset[Field] = frozenset()
    asked: frozenset[Field] = frozenset()
    asked_again: frozenset[Field] = frozenset()  # impossible or future dates are asked about once
    origin_code: str | None = None  # a new report after the dispute window: linked to this one
    language: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing was given yet that would be worth keeping."""
        return not (self.parts or self.files or self.place or self.when_words or self.where_words or self.who_words)


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice of the last question, so that its number or its label can be typed instead of pressed."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class Session:
    """The whole memory of one conversation, stored as JSON by `memory.py`; an unknown version keeps the draft."""

    version: int = SCRIPT_VERSION
    language: str | None = None  # chosen or detected; None: the office's
    mode: Mode = Mode.IDLE
    draft: Draft = field(default_factory=Draft)
    asking: Field | None = None  # the question that is open in DRAFT; on the summary the field being edited
    prompt: int = 0  # number of the current question; tokens carry it, so that stale buttons are known
    noticed: bool = False  # the notice of personal data has been given
    about: str | None = None  # code of the report that the conversation speaks of now
    pending_text: str = ""  # an unclear message that waits for DISAMBIGUATE
    pending_files: tuple[DraftFile, ...] = ()
    pending_source_id: str = ""
    interrupted_by: str | None = None  # code of a report whose question came between the draft's question and its answer
    confirming: str | None = None  # what CONFIRM is about: withdraw | solved | cancel | delete
    returning: Mode = Mode.IDLE  # where a declined CONFIRM goes back to
    telling: str | None = (
        None  # what TELLING waits for: answer | more | dispute | object | add; in DISAMBIGUATE what is to be done
    )
    offered: tuple[Offered, ...] = ()
    trail: tuple[Field, ...] = ()  # answered questions, for "back"
    tries: int = 0  # how often the open question was asked without an answer
    gaps: tuple[Field, ...] = ()  # what GAPS asked for, in the order of its numbers
    editing: bool = False  # on the summary: which part is to be changed was asked, or `asking` says it
    asked_about: bool = False  # PAUSED or DISAMBIGUATE has put its question for the pending message
    expires_at: datetime | None = None  # end of the draft, once it was reminded; of the pause, in PAUSED
    locked: bool = False  # the address was idle for six months and has not given a code since (sop.md §7)
    held: tuple[Notice, ...] = ()  # notices that wait for the code of a locked conversation
    stopped: bool = False  # the person said STOP; the next message takes it back
    draft_started_at: datetime | None = None
    draft_touched_at: datetime | None = None
    reminded: bool = False
    name_known: str | None = None


# --- events --------------------------------------------------------------------------------------------------------------


class NoticeKind(StrEnum):
    """What the reporter hears about an own report (sop.md §7). Each has its sentences in core/texts as `notice.<kind>`."""

    RECEIVED = "received"
    DISPOSED = "disposed"
    RETURNED = "returned"
    QUESTION = "question"
    QUESTION_TAKEN_BACK = "question_taken_back"
    QUESTION_REMINDER = "question_reminder"
    RESPONSE = "response"
    PROGRESS = "progress"
    SETTLEMENT = "settlement"
    SETTLEMENT_REMINDER = "settlement_reminder"
    OVERDUE = "overdue"
    CLOSED = "closed"
    CLOSED_SILENT = "closed_silent"
    CLOSED_FINAL = "closed_final"
    ACKNOWLEDGED = "acknowledged"
    ARCHIVED = "archived"
    RESTORED = "restored"
    RECLASSIFIED = "reclassified"
    OMBUDSMAN_CHOICE = "ombudsman_choice"
    REFERRED = "referred"
    FILE_LOST = "file_lost"
    WITHDRAW_NOTED = "withdraw_noted"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to a report of this person; the conversation tells it. `words` are an official's, unchanged.

    Parameters, each may be absent: `holder` (else the report's), `due_on` (until when the holder has, or the reporter where
    the next word is the reporter's: question, settlement, closed, archived), `promised_on`, `ground` (a code), `category`
    (a code), `door` (the next door of an archived report, words), `number` (the Ombudsman's), `file` and `reason`
    (gone | too_large | refused) for a lost file.
    """

    kind: NoticeKind
    code: str
    params: Mapping[str, str | int | date] = field(default_factory=dict)
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """The moment that the session asked for has come (reminder or expiry of a draft)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's message with the ids under which its parts are kept."""

    inbound: Inbound


Event = Heard | Notice | Tick

# --- facts: a frozen snapshot of what the world knows ----------------------------------------------------------------------


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
    directory: Directory | None = None
    public: tuple[PublicFacts, ...] = ()  # reports of others whose code stands in the message
    idle: bool = False  # the address was silent for six months: show nothing without the code (sop.md §7)
    new_code: str = ""  # a fresh tracking code, used if this step submits


# --- effects ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something: `key` in core/texts, with parameters. `choices`: (token, text key or literal label).

    `words`: an official's own words shown below the sentence. `clock`: delivery of this message starts this clock.
    `code`: canonical code of the report it is about. A key may have a short twin `<key>.short` for channels that cost.
    Several Say of one step that have no choices in between are joined into one message where they fit.
    """

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    choices: tuple[SayChoice, ...] = ()
    words: str | None = None
    code: str | None = None
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class SayChoice:
    token: str
    key: str  # text key; "" with `label` set: the literal label
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Submit:
    """The draft becomes a report with `code`. The caller stores it, opens the clocks, tells the national admins."""

    code: str
    draft: Draft
    title: str


@dataclass(frozen=True, slots=True)
class Add:
    """Words and files that belong to a report (an addition, in any state)."""

    code: str
    text: str
    files: tuple[DraftFile, ...] = ()
    trouble: bool = False  # not a bare thanks: on a settled report this is a reply that stops silence (sop.md §5)


@dataclass(frozen=True, slots=True)
class Complete:
    """The gaps of a report that was received at once: `text` is kept as an addition, `filled` says which fields are given.

    A field in `filled` whose value is None was answered with "tidak tahu" or "tidak ada".
    """

    code: str
    text: str
    filled: frozenset[Field]
    files: tuple[DraftFile, ...] = ()
    when_words: str | None = None
    when_from: date | None = None
    when_to: date | None = None
    where_words: str | None = None
    place: Place | None = None
    who_words: str | None = None
    who_office_id: int | None = None
    privacy: Privacy | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    code: str
    text: str
    files: tuple[DraftFile, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    code: str


@dataclass(frozen=True, slots=True)
class NotSettled:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Dispute:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Object:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    code: str
    solved: bool  # "sudah beres" closes, a withdrawal archives


@dataclass(frozen=True, slots=True)
class Rate:
    code: str
    rating: int


@dataclass(frozen=True, slots=True)
class ChooseOmbudsman:
    code: str
    choice: str  # with_identity | without | not_at_all


@dataclass(frozen=True, slots=True)
class KeepEdit:
    """A new version of an earlier message: both are kept; on a submitted report the desk shows it as an addition."""

    source_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep something about the person: language, name, that the address is gone or back."""

    language: str | None = None
    name: str | None = None
    gone: bool | None = None


@dataclass(frozen=True, slots=True)
class EraseDraft:
    """A cancelled draft: what was said for it is erased at once (sop.md §3)."""

    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """The reporter asked for deletion of the personal data; officials answer within 3×24 hours (UU 27/2022)."""


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send a Tick at this moment; None: no need any more. Replaces the earlier wish."""

    at: datetime | None


Effect = (
    Say
    | Submit
    | Add
    | Complete
    | AnswerQuestion
    | Confirm
    | NotSettled
    | Dispute
    | Object
    | Withdraw
    | Rate
    | ChooseOmbudsman
    | KeepEdit
    | Remember
    | EraseDraft
    | RequestErasure
    | WakeAt
)
