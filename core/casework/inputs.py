"""What an official gives with a move. Which of these a move needs stands in `core.procedure.states` (`Offer.needs`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from core.errors import InvalidInput
from core.procedure.vocabulary import Category, Field, Ground, Privacy

WORDS_LEAST = 15  # characters: "sudah diterima" is no answer in own words (sop.md §5)
WORDS_MOST = 8000
REASON_LEAST = 5
TITLE_MOST = 200
PROMISE_MOST_CALENDAR_DAYS = 365

CANNED = frozenset({"laporan sudah diterima", "laporan anda sudah diterima", "terima kasih atas laporan anda"})


@dataclass(frozen=True, slots=True)
class Part:
    """One separate matter of a report that is split (sop.md §3). `message_ids`: what of the original belongs to it."""

    title: str
    story: str
    category: Category


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a form of the desk may carry; a move reads what it needs and ignores the rest.

    `words` go to the reporter unchanged; `reason` stays on the record (and is told where sop.md §7 says so). `confirmed`: the
    official has read the warning and means it (disposing again to one who returned it). `code`: another report's tracking code.
    `at`: when something outside happened (a delivery by hand). `arrived_on`: the day a registered report reached the office.
    """

    words: str = ""
    reason: str = ""
    office_id: int | None = None
    account_ids: tuple[int, ...] = ()  # sealed: the accounts that may see it
    accused_office_ids: tuple[int, ...] = ()
    accused_account_ids: tuple[int, ...] = ()
    promised_on: date | None = None
    fields: tuple[Field, ...] = ()
    ground: Ground | None = None
    next_door: str = ""  # archive: police, court, Komisi Informasi …, in the official's words
    category: Category | None = None
    needs_inspection: bool | None = None
    finding: str | None = None  # proven | partly | not
    title: str = ""
    code: str = ""
    parts: tuple[Part, ...] = ()
    how: str = ""  # delivery by hand: told | called | posted
    at: datetime | None = None
    confirmed: bool = False
    # registering a report that reached an office by hand
    source: str = ""  # face_to_face | telephone | letter | fax | mail | other
    arrived_on: date | None = None
    story: str = ""
    when_words: str = ""
    when_from: date | None = None
    when_to: date | None = None
    where_words: str = ""
    who_words: str = ""
    who_office_id: int | None = None
    hoped: str = ""
    evidence_none: bool = False
    privacy: Privacy | None = None
    name: str = ""
    language: str = ""
    urgent: bool = False
    child: bool = False

    def trimmed(self) -> Inputs:
        """The same without blanks around reasons and titles; words to the reporter stay as they were written."""
        return replace(self, reason=self.reason.strip(), title=" ".join(self.title.split()), code=self.code.strip())


FINDINGS = ("proven", "partly", "not")
DELIVERED_HOW = ("told", "called", "posted")
SOURCES = ("face_to_face", "telephone", "letter", "fax", "mail", "other")


def own_words(inputs: Inputs) -> str:
    """The official's own words, unchanged. InvalidInput if missing, too short, too long or a canned sentence."""
    plain = " ".join(inputs.words.split())
    if not plain:
        raise InvalidInput("words", "missing")
    if len(plain) < WORDS_LEAST or plain.casefold().rstrip(".!") in CANNED:
        raise InvalidInput("words", "too_short", least=WORDS_LEAST)
    if len(inputs.words) > WORDS_MOST:
        raise InvalidInput("words", "too_long", most=WORDS_MOST)
    return inputs.words


def a_reason(inputs: Inputs) -> str:
    """InvalidInput if there is no reason that somebody else could understand."""
    reason = inputs.reason.strip()
    if not reason:
        raise InvalidInput("reason", "missing")
    if len(reason) < REASON_LEAST:
        raise InvalidInput("reason", "too_short", least=REASON_LEAST)
    if len(reason) > WORDS_MOST:
        raise InvalidInput("reason", "too_long", most=WORDS_MOST)
    return reason


def a_promise(inputs: Inputs, *, today: date) -> date:
    """The date by which the office says it will act: today or later, within a year. InvalidInput otherwise."""
    if inputs.promised_on is None:
        raise InvalidInput("promised_on", "missing")
    if inputs.promised_on < today:
        raise InvalidInput("promised_on", "past")
    if (inputs.promised_on - today).days > PROMISE_MOST_CALENDAR_DAYS:
        raise InvalidInput("promised_on", "too_far", most=PROMISE_MOST_CALENDAR_DAYS)
    return inputs.promised_on


def one_of(field: str, value: str | None, allowed: tuple[str, ...]) -> str:
    """InvalidInput if `value` is not one of `allowed`."""
    if not value:
        raise InvalidInput(field, "missing")
    if value not in allowed:
        raise InvalidInput(field, "unknown")
    return value


def a_title(inputs: Inputs) -> str:
    """InvalidInput if the title is missing or too long."""
    title = " ".join(inputs.title.split())
    if not title:
        raise InvalidInput("title", "missing")
    if len(title) > TITLE_MOST:
        raise InvalidInput("title", "too_long", most=TITLE_MOST)
    return title
