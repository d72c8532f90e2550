"""What did not arrive, by which channel and why, in the reader's language. Addresses are shown to nobody (sop.md §1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from admin_web.desk import language, say
from admin_web.presenting.doors import channel_name
from admin_web.presenting.talk import kind_words, told_words
from core import texts
from core.reportpage import Opened, Sending

SHOWN_MOST = 5


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that failed: what it was, when that was certain, by which channel and why."""

    what: str
    at: datetime | None
    channel: str
    why: str


def why_words(code: str | None) -> str:
    key = f"desk.why.{code}"
    return say(key) if code and texts.has(language(), key) else say("desk.why.other")


def undelivered(opened: Opened) -> Sequence[Missed]:
    """The latest messages to the reporter that failed, newest first."""
    sent = [(each.message.at, kind_words(each.message.kind, each.message.direction), each.sending) for each in opened.said]
    sent += [(each.at, told_words(each.kind), each.sending) for each in opened.told]
    failed = [(at, what, sending) for at, what, sending in sent if sending is not None and sending.state == "failed"]
    failed.sort(key=lambda each: each[0], reverse=True)
    return [_missed(what, sending) for _at, what, sending in failed[:SHOWN_MOST]]


def _missed(what: str, sending: Sending) -> Missed:
    what = what.rstrip(".")
    return Missed(what[:1].upper() + what[1:], sending.at, channel_name(sending.channel), why_words(sending.why))
