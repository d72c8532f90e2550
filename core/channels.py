"""The words that channels and the core share: what comes in, what goes out, what a channel can do, how a delivery ends.

A channel translates a vendor's protocol into these words and back. The core decides by `Capabilities`, never by name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

# --- in ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raw:
    """One delivery of a vendor, unread. Unique by (`channel`, `source_id`): a second delivery is the same row.

    `lane`: whose conversation it is (the address that an answer would go to); messages of a lane are handled in order.
    `group`: parts with one group in one lane are one message (an album); `ready_at`: not handled before, aware UTC.
    """

    channel: str
    source_id: str
    lane: str
    body: bytes
    group: str | None = None
    ready_at: datetime | None = None


class Stored(StrEnum):
    """What `accept` did with a Raw. Either way it is committed, and the transport may say yes."""

    NEW = "new"
    DUPLICATE = "duplicate"


Accept = Callable[[Sequence[Raw]], Sequence[Stored]]
"""Commits all of them or raises `StorageUnavailable`; only after it returns may the transport acknowledge."""


class InboundKind(StrEnum):
    MESSAGE = "message"  # words, files, a place, a pressed button: something that a person said to us in private
    EDIT = "edit"  # a new version of an earlier message; `edits` names its source id
    PUBLIC = "public"  # said where others read along (a group, a public post)
    BLOCKED = "blocked"  # the person does not want messages any more (blocked the bot, STOP)
    UNBLOCKED = "unblocked"  # and takes them again
    RECEIPT = "receipt"  # a delivery report about one of our messages; see `receipt`
    AUTOMATIC = "automatic"  # a machine wrote it (out-of-office, a list): recorded, never answered
    IGNORED = "ignored"  # nothing for us (a poll, a service message); kept, no answer


class MediaKind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    STICKER = "sticker"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that the sender attached, not fetched yet. `ref` is the vendor's handle and means nothing to the core.

    `inline`: the bytes stand in the message itself (mail); then `ref` locates them in the raw body.
    """

    ref: str
    kind: MediaKind
    name: str | None = None
    mime: str | None = None
    size_bytes: int | None = None
    unique: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A shared location in degrees (WGS 84), with the label that the vendor gave it, if any."""

    latitude: float
    longitude: float
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote. `address` is the channel's stable id of the person; `verified`: the channel vouches for it."""

    address: str
    name: str | None = None
    handle: str | None = None
    language: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """A vendor's later word on one of our messages, by its vendor id."""

    vendor_id: str
    outcome: Outcome
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message in the core's words. An album or a split text arrives as one (parts joined by the channel's `join`).

    `choice`: the token of a pressed button exactly as we sent it in `Choice.token`; None if the person typed.
    `text`: the words, with captions; never None. `reply_to`: vendor id of our message that this one answers, if known.
    """

    channel: str
    source_id: str
    sender: Sender
    kind: InboundKind = InboundKind.MESSAGE
    text: str = ""
    choice: str | None = None
    files: tuple[FileRef, ...] = ()
    place: Place | None = None
    phone: str | None = None
    subject: str | None = None
    sent_at: datetime | None = None
    edits: str | None = None
    reply_to: str | None = None
    receipt: Receipt | None = None
    notes: tuple[str, ...] = ()  # codes the desk may show: "forwarded", "via_bot", "truncated"


# --- out ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the person may press. `token` comes back as `Inbound.choice`; at most 40 bytes of ASCII."""

    token: str
    label: str


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file that goes with a message: a cleaned copy on disk, never the citizen's original."""

    path: Path
    name: str
    mime: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One physical message, already fitted to the channel's capabilities. `key` is stable over repeats (for Message-IDs).

    `choices` is empty where the channel has no buttons: then they are numbered lines in `text` already.
    """

    key: str
    address: str
    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[OutFile, ...] = ()
    subject: str | None = None
    language: str = "id"
    repeat: bool = False
    silent: bool = False


class Outcome(StrEnum):
    """How one attempt to deliver ended, or what a receipt says."""

    ACCEPTED = "accepted"  # the vendor took it
    DELIVERED = "delivered"  # it reached the person
    FAILED = "failed"  # for good: repeating it changes nothing
    AGAIN = "again"  # not now; try later
    UNKNOWN = "unknown"  # it may or may not have been sent


class Fault(StrEnum):
    """Why a delivery did not simply succeed. A closed set; vendor codes are translated by the adapter."""

    RECIPIENT_GONE = "recipient_gone"  # blocked us, no such address: this address is no good
    RECIPIENT_MOVED = "recipient_moved"  # `Delivery.moved_to` is the new address
    REFUSED = "refused"  # this message cannot be sent (too long, bad content)
    THROTTLED = "throttled"  # too fast: `retry_after_seconds`
    UNAVAILABLE = "unavailable"  # the vendor or the network is away; certainly not sent
    UNAUTHORISED = "unauthorised"  # our credentials are no good: an operator must act
    BUDGET = "budget"  # the day's budget is spent
    UNCERTAIN = "uncertain"  # the connection broke after the request had left


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of one attempt. `detail` is a short vendor code for operators: no words of people, no token, no address."""

    outcome: Outcome
    vendor_id: str | None = None
    fault: Fault | None = None
    retry_after_seconds: float | None = None
    moved_to: str | None = None
    detail: str | None = None


class FetchState(StrEnum):
    """What became of a file that a sender attached."""

    PENDING = "pending"
    STORED = "stored"
    GONE = "gone"
    TOO_LARGE = "too_large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fetched:
    """Outcome of one fetch. STORED: the bytes are in the file that was given. PENDING: try again later."""

    state: FetchState
    size_bytes: int = 0
    retry_after_seconds: float | None = None
    detail: str | None = None


# --- what a channel is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry. The core asks these and never the name (design.md)."""

    text_limit: int
    buttons: int = 0  # how many choices can be pressed; 0: numbered choices
    button_label_limit: int = 0  # characters
    media_in: bool = False
    media_out: bool = False
    location_in: bool = False
    may_start: bool = False  # may we write first to an address we know?
    public: bool = False  # others can read along
    sender_verified: bool = True
    receipts: bool = False  # does a later receipt say "delivered"? else acceptance counts as delivered
    receives_at_once: bool = False  # a first message that tells a story is a report with its code (sop.md §3)
    costs: bool = False  # each message costs: one prompt, short words, all questions at once
    repeatable: bool = False  # sending twice shows once to the reader (stable Message-ID): unknown may be repeated
    messages_per_second: float = 30.0  # for the whole channel
    seconds_between: float = 0.0  # for one address
    max_file_bytes: int = 20 * 1024 * 1024
    instant: bool = False  # a send is a call within this process: no thread has to wait for it


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook's request in plain words. Header names are lower-case. `remote` is the peer's address."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Route:
    """A path on the ingress. `handle` commits through the `Accept` it was built with before it answers 200.

    `StorageUnavailable` may be raised: the ingress answers 503 so that the sender repeats.
    """

    method: str
    path: str
    handle: Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `lapor check`: fine, or what to do."""

    name: str
    ok: bool
    message: str


@dataclass
class Health:
    """What a running channel says of itself; read by `/readyz` and the desk. Times are aware UTC."""

    last_success_at: datetime | None = None
    trouble: str | None = None  # a code; its sentence stands in core/texts as `desk.service.trouble.<code>`
    details: dict[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """What each folder under `bots/` builds. Every method is safe to call from several threads."""

    name: str
    capabilities: Capabilities
    health: Health

    def parse(self, body: bytes, source_id: str) -> Inbound:
        """Pure and total: whatever the bytes are, an Inbound comes out (IGNORED at worst) or ValueError → quarantine."""

    def join(self, parts: Sequence[Inbound]) -> Inbound:
        """Several parts of one group (an album) as one Inbound, in the sender's order."""

    def listen(self, accept: Accept, stop: threading.Event) -> None:
        """Receives until `stop` is set; returns at once where there is nothing to listen to (webhooks)."""

    def routes(self, accept: Accept) -> Sequence[Route]:
        """The webhooks that this channel offers on the ingress."""

    def send(self, outbound: Outbound) -> Delivery:
        """One attempt, no retries of its own, never raises for what the vendor or the network does."""

    def fetch(self, ref: FileRef, body: bytes | None, into: Path, limit_bytes: int) -> Fetched:
        """Brings the bytes of one file; `body` is the raw message for inline files."""

    def check(self) -> Sequence[Check]:
        """Credentials and endpoints, for `lapor check`. Bounded in time."""

    def close(self) -> None:
        """Lets go of connections and threads."""
