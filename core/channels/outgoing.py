"""What goes out: one physical message, and how its delivery ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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
    `public`: answers `in_reply_to` where others read along; it is never anything but the invitation (sop.md §7).
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
    public: bool = False


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
