"""What every gateway's payloads and calls come down to, in this channel's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.channels import Fault, FileRef, Outcome


@dataclass(frozen=True, slots=True)
class Piece:
    """One of `total` parts of a long text, counted from 1; parts of one text have the same `ref`."""

    ref: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Message:
    """A text as a gateway handed it over. `sender` as the gateway wrote it; `machine`: no words of a person (a ringtone)."""

    id: str | None
    sender: str
    to: str
    text: str
    sent_at: datetime | None = None
    piece: Piece | None = None
    files: tuple[FileRef, ...] = ()
    notes: tuple[str, ...] = ()
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report on one of our messages. `outcome` None: a status that means nothing to us. `fault`: why it failed."""

    id: str
    status: str
    outcome: Outcome | None
    detail: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request to a gateway. `form` goes as a form's body, `json` as JSON, `auth` as HTTP Basic."""

    method: str
    url: str
    query: dict[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] | None = field(default=None, repr=False)
    json: dict[str, object] | None = field(default=None, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the first 64 KiB of it. `retry_after_seconds` from the header of that name."""

    status: int
    text: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer. `left`: the request may have reached the gateway all the same. `code`: what broke, in a word."""

    left: bool
    code: str
