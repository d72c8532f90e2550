"""What comes in: a vendor's delivery as bytes, and the message that it is in the core's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.channels.outgoing import Fault, Outcome


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
    DELETED = "deleted"  # the person took an earlier message of theirs away at the vendor's; `edits` names it, our copy stays
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
