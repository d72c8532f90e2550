"""What a step wants done, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from core.channels import Place
from core.dialogue.model.session import Draft, DraftFile
from core.procedure.vocabulary import Field, Privacy


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something: `key` in core/texts, with parameters. `choices`: (token, text key or literal label).

    `words`: an official's own words shown below the sentence. `clock`: delivery of this message starts this clock.
    `code`: canonical code of the report it is about. A key may have a short twin `<key>.short` for channels that cost.
    Several Say of one step that have no choices in between are joined into one message where they fit. Where each message
    costs, words are shortened to fit unless the person asked for them (`whole`).
    """

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    choices: tuple[SayChoice, ...] = ()
    words: str | None = None
    code: str | None = None
    clock: str | None = None
    whole: bool = False


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
    public: bool = False  # said where others read along


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
    """A cancelled draft: what was said for it, also in the conversations `elsewhere`, is erased at once (sop.md §3)."""

    said: tuple[str, ...]
    elsewhere: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EraseIdentity:
    """The reporter wants to be forgotten, and said yes: who this was goes for good, on every linked address; the cases stay.

    `withdraw`: the open reports are withdrawn first. What is said in the same step is the last that this address hears.
    """

    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """Deletion of the personal data asked for by somebody who cannot prove to be the reporter: officials look at it and answer
    within 3×24 hours (UU 27/2022)."""


@dataclass(frozen=True, slots=True)
class OfferLink:
    """A one-time code was given to this address: from now on it, and no earlier one, links this address to another."""

    link_code: str


@dataclass(frozen=True, slots=True)
class Link:
    """This address and the one that the code was given to are one person's from now on. `ref`: the code's keyed hash.

    `takes`: what is under way in the conversation that the code was given in goes on here.
    """

    ref: str
    takes: bool = False


@dataclass(frozen=True, slots=True)
class TakeOver:
    """The draft of the conversation that the code was given in goes on here; `left` waits there instead."""

    ref: str
    left: Draft | None = None


@dataclass(frozen=True, slots=True)
class Unlink:
    """This address (a row) stands alone again."""

    ref: int


@dataclass(frozen=True, slots=True)
class BeginAnew:
    """Nobody spoke at this linked address for six months, and whoever does now gave no code: it is somebody else's from now on.

    What was filed there before stays with the person at the other addresses.
    """


@dataclass(frozen=True, slots=True)
class PreferHere:
    """Notices go to this address from now on; not `here`: again to the door of each report."""

    here: bool


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send a Tick at this moment; None: no need any more. Replaces the earlier wish."""

    at: datetime | None


ReportEffect = (
    Submit
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
    | EraseIdentity
    | RequestErasure
    | OfferLink
    | Link
    | TakeOver
    | Unlink
    | BeginAnew
    | PreferHere
)
"""What changes a report or a person; the rest is said or only waited for."""

Effect = Say | WakeAt | ReportEffect
