"""What a channel can carry."""

from __future__ import annotations

from dataclasses import dataclass


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
    public: bool = False  # what was said where others read along can be answered there (`Outbound.public`)
    public_name: str = ""  # how people find us there: "@lapor1708"; for the public answer
    label: str = ""  # what people call it: "SMS", "e-mail"; for sentences that name another door
    sender_verified: bool = True
    receipts: bool = False  # does a later receipt say "delivered"? else acceptance counts as delivered
    bounce_hours: int = 0  # accepted becomes delivered where nothing came back for so long; 0: only a receipt says so
    receives_at_once: bool = False  # a first message that tells a story is a report with its code (sop.md §3)
    costs: bool = False  # each message costs: one prompt, short words, all questions at once
    gathers_seconds: float = 0.0  # so long a notice that only tells of a move waits for the next one about the same report
    repeatable: bool = False  # sending twice shows once to the reader (stable Message-ID): unknown may be repeated
    messages_per_second: float = 30.0  # for the whole channel
    seconds_between: float = 0.0  # for one address
    max_file_bytes: int = 20 * 1024 * 1024
    instant: bool = False  # a send is a call within this process: no thread has to wait for it
    segmented: bool = False  # text is sent and paid in SMS segments: GSM-7 160/153 septets, UCS-2 70/67 units
    subjects: bool = False  # a message has a subject line
    reaches_accounts: bool = False  # an official's e-mail address is an address of this channel
    sender_repeats: bool = True  # who brings messages brings them again after a 503 or 451; if not, the ingress spools
