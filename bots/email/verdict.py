"""What a relay's answer means for the mail: from step and reply code to the core's words. None of the relay's words leave."""

from __future__ import annotations

import re
from enum import StrEnum

from core.channels import Delivery, Fault, Outcome

_ENHANCED = re.compile(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")
_NO_MAILBOX = frozenset({501, 550, 551, 553, 556})  # RFC 5321 §4.2.3, RFC 7504 §4
_NEEDS_LOGIN = frozenset({530, 534, 535, 538})  # RFC 4954 §6
_OUR_ADDRESS = re.compile(r"5\.1\.[78]")  # RFC 3463 §3.2: the sender's mailbox or system, often said only at RCPT
_NOT_THE_ADDRESS = re.compile(r"5\.(7\.|2\.[23]|3\.)")  # policy, a full mailbox, a mail too long, a broken host


class Step(StrEnum):
    """How far the conversation with the relay had come."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"  # the command, before a byte of the mail
    END = "end"  # the mail and its final dot have left


def enhanced(words: bytes) -> str:
    """RFC 3463's code at the beginning of a reply, or nothing."""
    found = _ENHANCED.match(words.strip())
    return found[0].decode("ascii") if found else ""


def judge(step: Step, code: int, words: bytes, vendor_id: str) -> Delivery:
    """The outcome where the relay said anything but yes."""
    status = enhanced(words)
    detail = f"{code} {status}".strip() if 200 <= code <= 599 else "garbled"
    if step is Step.END and not 400 <= code <= 599:
        return Delivery(Outcome.UNKNOWN, vendor_id, Fault.UNCERTAIN, detail=detail)
    outcome, fault = _meaning(step, code, status)
    return Delivery(outcome, fault=fault, detail=detail)


def broken(step: Step, detail: str, vendor_id: str) -> Delivery:
    """The connection broke or fell silent."""
    if step is Step.END:
        return Delivery(Outcome.UNKNOWN, vendor_id, Fault.UNCERTAIN, detail=detail)
    return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail=detail)


def _meaning(step: Step, code: int, status: str) -> tuple[Outcome, Fault | None]:
    if code in _NEEDS_LOGIN or (step is Step.LOGIN and code >= 500):
        return Outcome.AGAIN, Fault.UNAUTHORISED
    if step in (Step.CONNECT, Step.LOGIN) or code == 421 or not 400 <= code <= 599:
        return Outcome.AGAIN, Fault.UNAVAILABLE
    if code < 500:  # about the relay itself where the sender is refused, later about this one mail (greylisting)
        return Outcome.AGAIN, Fault.UNAVAILABLE if step is Step.SENDER else None
    if (step is Step.SENDER and code != 552) or _OUR_ADDRESS.match(status):
        return Outcome.AGAIN, Fault.UNAUTHORISED  # our own address is not welcome: every mail would fail, somebody must act
    return Outcome.FAILED, Fault.RECIPIENT_GONE if _gone(step, code, status) else Fault.REFUSED


def _gone(step: Step, code: int, status: str) -> bool:
    if status.startswith("5.1.") or status == "5.2.1":  # RFC 3463 §3.2, §3.3: bad address, mailbox disabled
        return True
    return step is Step.RECIPIENT and code in _NO_MAILBOX and not _NOT_THE_ADDRESS.match(status)
