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
from typing import Protocol, runtime_checkable

from core.errors import ConfigurationError

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
    """Who wrote. `address` is the channel's stable id of the person; `verified`: the channel vouches for it.

    Whoever is not verified may file a report, but reads and changes nothing: the answer asks to reply, which proves it.
    """

    address: str
    name: str | None = None
    handle: str | None = None
    language: str | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """A vendor's later word on one of our messages, by its vendor id.

    `fault`: why it failed, where the vendor says so: RECIPIENT_GONE marks the address as no good, like a failed send.
    """

    vendor_id: str
    outcome: Outcome
    detail: str | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message in the core's words. An album or a split text arrives as one (parts joined by the channel's `join`).

    `choice`: the token of a pressed button exactly as we sent it in `Choice.token`; None if the person typed.
    `text`: the words, with captions; never None. `reply_to`: vendor id of our message that this one answers, if known: the
    channel says so only where the sender is the one to whom that message went. `whole`: everything that stood in the message
    where `text` is only its newest own part (a mail with quotes). `files_left_out`: attachments that were too many to take.
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
    whole: str | None = None
    files_left_out: int = 0


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

    `choices` is empty where the channel has no buttons: then they are numbered lines in `text` already. `in_reply_to`:
    source id of the person's message that this one answers. `thread`: opaque and stable for the report that it is about.
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
    in_reply_to: str | None = None
    thread: str | None = None


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


KEPT = "kept"
"""Detail of an acceptance by ourselves alone: the message lies in a folder here (a mail without a relay)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of one attempt. `detail` is a short vendor code for operators: no words of people, no token, no address.

    ACCEPTED with the detail `KEPT`: nobody took it further, so that it never counts as delivered.
    """

    outcome: Outcome
    vendor_id: str | None = None
    fault: Fault | None = None
    retry_after_seconds: float | None = None
    moved_to: str | None = None
    detail: str | None = None


def unsigned(text: str) -> str:  # noqa: ARG001
    """No key was given: nothing can be signed."""
    raise ConfigurationError("this channel was built without a key: start through `lapor`")


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


Menu = Mapping[str, Sequence[tuple[str, str]]]
"""Language code → (command without slash, description); the first language is the one for everybody else."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel may know of the house it stands in.

    `public_url`: where the vendor reaches our ingress. `menu`: texts of a command menu. `office`: how the service calls
    itself. `sign`: keyed hash of a text (hex, 64 characters), the same in every process: for tokens that only we can make.
    """

    public_url: str = ""
    menu: Menu = field(default_factory=dict)
    office: str = ""
    sign: Callable[[str], str] = unsigned


AT_REST = Surroundings()
"""For a channel that is built outside a house, in tests and measurements."""


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
    bounce_hours: int = 0  # accepted becomes delivered where nothing came back for so long; 0: only a receipt says so
    receives_at_once: bool = False  # a first message that tells a story is a report with its code (sop.md §3)
    costs: bool = False  # each message costs: one prompt, short words, all questions at once
    repeatable: bool = False  # sending twice shows once to the reader (stable Message-ID): unknown may be repeated
    messages_per_second: float = 30.0  # for the whole channel
    seconds_between: float = 0.0  # for one address
    max_file_bytes: int = 20 * 1024 * 1024
    instant: bool = False  # a send is a call within this process: no thread has to wait for it
    segmented: bool = False  # text is sent and paid in SMS segments: GSM-7 160/153 septets, UCS-2 70/67 units
    subjects: bool = False  # a message has a subject line
    reaches_accounts: bool = False  # an official's e-mail address is an address of this channel
    sender_repeats: bool = True  # who brings messages brings them again after a 503 or 451; if not, the ingress spools


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook's request in plain words. Header names are lower-case. `remote` is the peer's address.

    `query_bytes`: what stood behind the question mark, as it came: signatures cover it, and its charset is the sender's.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str
    query_bytes: bytes = b""


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


@runtime_checkable
class Binds(Protocol):
    """A channel that listens on a port of its own. Asked before anything starts, so that a port in use stops the start."""

    def bind(self) -> str:
        """Takes the port that `listen` will use; where that is, as host:port. May be called again.

        Raises ConfigurationError: the port is in use or not ours to take.
        """
