"""What the conversation remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.channels import FileRef, Place
from core.dialogue.model.events import Notice
from core.procedure.vocabulary import Category, Field, Privacy

SCRIPT_VERSION = 1


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
    deleted_at: datetime | None = None  # its sender took it away at the vendor's; this copy stays
    conversation: int | None = None  # where it was said, if that was not here
    public: bool = False  # others could read it


@dataclass(frozen=True, slots=True)
class Told:
    """What the person said where others read along, kept for the private conversation (sop.md §7): several posts are one story.

    `filed`: a report that was made of it at once because somebody was in danger; its code waits for the private conversation.
    """

    parts: tuple[StoryPart, ...] = ()
    files: tuple[DraftFile, ...] = ()
    place: Place | None = None
    at: datetime | None = None  # the latest of them
    filed: str | None = None
    filed_at: datetime | None = None
    filed_untold: bool = False  # the person does not know the code yet
    placeless: bool = False  # nobody said where it is
    elsewhere: tuple[int, ...] = ()  # other conversations in which parts of it were said, before it was taken over

    @property
    def is_empty(self) -> bool:
        """Nothing waits to be taken up."""
        return not (self.parts or self.files or self.place)

    @property
    def said(self) -> tuple[str, ...]:
        """Source ids of the messages that made it."""
        return tuple(dict.fromkeys([*(part.source_id for part in self.parts), *(file.source_id for file in self.files)]))


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
    elsewhere: tuple[int, ...] = ()  # other conversations in which parts of it were said, before it was taken over
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
    locked_on: date | None = None  # in the office's zone: the code of what was filed since then opens nothing
    held: tuple[Notice, ...] = ()  # notices that wait for the code of a locked conversation
    stopped: bool = False  # the person said STOP; the next message takes it back
    draft_started_at: datetime | None = None
    draft_touched_at: datetime | None = None
    reminded: bool = False
    name_known: str | None = None
    subject: str = ""  # of the message that became the last report: the next one under another subject is another report
    echo: str = ""  # fingerprint of the last message; `echo_asked`: the reply to it asked for something
    echo_at: datetime | None = None
    echo_asked: bool = False
    told: Told = field(default_factory=Told)  # in public, before the private conversation has taken it up
    told_asked: bool = False  # "about …, right?" was asked about what was told in public: the next message may say no
    street: str = ""  # a place was said without its town, and the town was asked for
    meant: str | None = None  # own code that was offered for a mistyped one
    linking: str | None = (
        None  # keyed hash of the one-time code that was entered here last, until it has been settled what goes on where
    )
    unread: tuple[Notice, ...] = ()  # notices whose words did not fit into one paid message; INFO brings them
