"""What an answer of the X API that is none means: one table from what it says to what it is, and from there to our words.

docs.x.com/x-api/fundamentals/response-codes-and-errors. `detail` of the API may hold handles and words: it is looked at
and never kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from core.channels import Delivery, Fault, Outcome


class Kind(StrEnum):
    """What went wrong. The value is the code that the desk and `lapor check` know."""

    UNAUTHORISED = "unauthorised"  # 401: a key or token is no good
    PERMISSION = "permission"  # 403 about the app or the account: a right is missing, or it is locked
    CREDITS = "credits"  # 402: nothing is left of what was paid in at X
    CAPPED = "capped"  # the month's cap on reading is reached
    CLOSED = "closed"  # this person takes no messages from us, or is gone
    UNSURE = "unsure"  # refused for one person, and X does not say whether for good
    DUPLICATE = "duplicate"  # the same words stand there already
    REFUSED = "refused"  # this call can never succeed as it is
    MISSING = "missing"  # what was asked for is not there
    THROTTLED = "throttled"  # too fast, for this endpoint
    UNAVAILABLE = "unavailable"  # certainly nothing was done: X or the network is away
    UNCERTAIN = "uncertain"  # it may have been done


FAULTS: Mapping[Kind, tuple[Outcome, Fault | None]] = {
    Kind.UNAUTHORISED: (Outcome.AGAIN, Fault.UNAUTHORISED),
    Kind.PERMISSION: (Outcome.AGAIN, Fault.UNAUTHORISED),
    Kind.CREDITS: (Outcome.AGAIN, Fault.BUDGET),
    Kind.CAPPED: (Outcome.AGAIN, Fault.BUDGET),
    Kind.CLOSED: (Outcome.FAILED, Fault.RECIPIENT_GONE),
    Kind.UNSURE: (Outcome.AGAIN, None),
    Kind.DUPLICATE: (Outcome.FAILED, Fault.REFUSED),
    Kind.REFUSED: (Outcome.FAILED, Fault.REFUSED),
    Kind.MISSING: (Outcome.FAILED, Fault.REFUSED),
    Kind.THROTTLED: (Outcome.AGAIN, Fault.THROTTLED),
    Kind.UNAVAILABLE: (Outcome.AGAIN, Fault.UNAVAILABLE),
    Kind.UNCERTAIN: (Outcome.UNKNOWN, Fault.UNCERTAIN),
}

OPERATORS = frozenset({Kind.UNAUTHORISED, Kind.PERMISSION, Kind.CREDITS, Kind.CAPPED, Kind.UNAVAILABLE})
"""What the whole channel is in trouble with: said on the desk. The rest concerns one message or one moment."""

REMEDIES: Mapping[Kind, str] = {
    Kind.UNAUTHORISED: (
        "the keys are refused: put those of the developer console into channels.{name}, and look whether this clock is right"
    ),
    Kind.PERMISSION: (
        "X does not let the app do this: give it the right to read, write and send direct messages, make the access token "
        "anew, and look whether app or account are locked"
    ),
    Kind.CREDITS: "the credit at X is used up: buy more in the developer console",
    Kind.CAPPED: "the month's cap of X on reading is reached: raise it in the developer console, or wait for the next month",
    Kind.THROTTLED: "too many calls: try again later",
    Kind.UNAVAILABLE: "X does not answer: look at channels.{name}.api_url and the network",
    Kind.UNCERTAIN: "X did not answer in time: try again later",
}
"""For `lapor check`: what to do."""

_APP_TYPES = ("oauth1-permissions", "client-forbidden", "unsupported-authentication", "not-authorized-for-field")
_APP_REASONS = ("client-not-enrolled", "official-client-forbidden")
_APP_WORDS = re.compile(
    r"your (client )?app|application|access level|attached to a project|your account|account is (suspended|temporarily locked)"
    r"|permitted to access",
    re.IGNORECASE,
)
_APP_CODES = frozenset({32, 64, 89, 93, 220, 261, 326, 453})  # of the older API, which some of v2 still answers with
_CLOSED_WORDS = re.compile(
    r"\bDM one or more participants|send messages to this user|not following you|blocked|recipient|could not find user",
    re.IGNORECASE,
)
_CLOSED_CODES = frozenset({108, 150, 349})
_DUPLICATE = re.compile(r"duplicate|already said that", re.IGNORECASE)
_DUPLICATE_CODES = frozenset({151, 187})
_OUR_CONTENT = re.compile(r"\bmedia\b|too long", re.IGNORECASE)
_CAPPED = ("usage-capped", "usagecapexceeded")
_WINDOW_SECONDS, _DAY_SECONDS = 15 * 60.0, 24 * 3600.0
_CREDITS_SECONDS, _CAP_SECONDS, _UNSURE_SECONDS, _UNSAID_SECONDS = 15 * 60.0, 3600.0, 3600.0, 60.0


class Trouble(Exception):
    """A call of the X API came to nothing. Its text is a code: nothing of what was sent or said stands in it.

    `code`: short, for operators. `retry_after_seconds`: not before, where that is known.
    """

    def __init__(self, kind: Kind, code: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{kind}: {code}")
        self.kind = kind
        self.code = code
        self.retry_after_seconds = retry_after_seconds

    @property
    def free(self) -> bool:
        """Only what succeeded is charged (docs.x.com/x-api/fundamentals/post-cap); what is uncertain may have."""
        return self.kind is not Kind.UNCERTAIN

    def delivery(self) -> Delivery:
        """How an attempt to deliver ended with it."""
        outcome, fault = FAULTS[self.kind]
        wait = self.retry_after_seconds if outcome is Outcome.AGAIN else None
        return Delivery(outcome, fault=fault, retry_after_seconds=wait, detail=self.code)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success. `problem`: its body, where that is a JSON object; None for a page of HTML and the like."""

    status: int
    problem: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)


def judge(refusal: Refusal, *, writes: bool, private: bool, now: datetime) -> Trouble:
    """What it means. `writes`: the call was to change something; `private`: it was a direct message to one person."""
    status, problem = refusal.status, refusal.problem
    code = f"http_{status}" if problem is None else f"answered_{status}"
    if status == 429:
        return _too_many(refusal, code, now)
    if status >= 500:
        # 503 says that nothing was begun; any other may come after the work was done
        return Trouble(Kind.UNCERTAIN if writes and status != 503 else Kind.UNAVAILABLE, code)
    if status == 402 or _is(problem, ("credits-depleted", "creditsdepleted")):
        return Trouble(Kind.CREDITS, code, _CREDITS_SECONDS)
    if status == 401:
        return Trouble(Kind.UNAUTHORISED, code)
    if problem is None or status < 400:  # a proxy's page, a redirection: it never came to X
        return Trouble(Kind.UNAVAILABLE, code)
    if status == 403:
        return _forbidden(problem, code, private=private)
    if status == 404:
        return _for_one(problem, code) if private else Trouble(Kind.MISSING, code)
    return Trouble(Kind.DUPLICATE if _says(problem, _DUPLICATE, _DUPLICATE_CODES) else Kind.REFUSED, code)


def _forbidden(problem: Mapping[str, Any], code: str, *, private: bool) -> Trouble:
    """The app's own lack of rights is for the operator; the rest is about these words or this person."""
    if _says(problem, _DUPLICATE, _DUPLICATE_CODES):
        return Trouble(Kind.DUPLICATE, code)
    if _is(problem, _APP_TYPES) or problem.get("reason") in _APP_REASONS or _says(problem, _APP_WORDS, _APP_CODES):
        return Trouble(Kind.PERMISSION, code)
    if not private or _says(problem, _OUR_CONTENT, frozenset()):
        return Trouble(Kind.REFUSED, code)
    return _for_one(problem, code)


def _for_one(problem: Mapping[str, Any], code: str) -> Trouble:
    """They take none from us, blocked us or are gone (docs.x.com/x-api/direct-messages/manage/integrate). Only where X says
    so is an address given up; else it is tried again, and everybody else's messages go on."""
    if _says(problem, _CLOSED_WORDS, _CLOSED_CODES):
        return Trouble(Kind.CLOSED, code)
    return Trouble(Kind.UNSURE, code, _UNSURE_SECONDS)


def _too_many(refusal: Refusal, code: str, now: datetime) -> Trouble:
    """A window of this endpoint, the day's limit, or the month's cap: headers and body say which."""
    if _is(refusal.problem, _CAPPED):
        return Trouble(Kind.CAPPED, "usage_capped", _CAP_SECONDS)
    if _is(refusal.problem, ("credits-depleted", "creditsdepleted")):
        return Trouble(Kind.CREDITS, code, _CREDITS_SECONDS)
    return Trouble(Kind.THROTTLED, code, wait_seconds(refusal.headers, now))


def wait_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """How long a 429 asks to wait, by X's own clock: ours may be wrong. Never less than a second, never beyond its window."""
    said = _moment(headers.get("date"))
    clock = (said or now).timestamp()
    for scope in ("user", "app"):
        if headers.get(f"x-{scope}-limit-24hour-remaining") == "0":
            reset = _whole(headers.get(f"x-{scope}-limit-24hour-reset"))
            return _UNSAID_SECONDS if reset is None else min(max(reset - clock + 1, 1.0), _DAY_SECONDS)
    reset = _whole(headers.get("x-rate-limit-reset"))
    if reset is None:
        asked = _whole(headers.get("retry-after"))
        return _UNSAID_SECONDS if asked is None else min(max(float(asked), 1.0), _WINDOW_SECONDS)
    return min(max(reset - clock + 1, 1.0), _WINDOW_SECONDS + 1)


def _is(problem: Mapping[str, Any] | None, endings: tuple[str, ...]) -> bool:
    """Is it one of these types or titles?"""
    if problem is None:
        return False
    named = [str(problem.get("type", "")).rpartition("/")[2].lower(), str(problem.get("title", "")).replace(" ", "").lower()]
    return any(name in endings for name in named)


def _says(problem: Mapping[str, Any], words: re.Pattern[str], codes: frozenset[int]) -> bool:
    """Does it say so, in its own words or in the errors of the older API?"""
    errors = problem.get("errors")
    each = [problem, *(one for one in errors if isinstance(one, dict))] if isinstance(errors, list) else [problem]
    told = (one.get(key) for one in each for key in ("title", "detail", "message"))
    return any(one.get("code") in codes for one in each if isinstance(one.get("code"), int)) or any(
        isinstance(text, str) and words.search(text) for text in told
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 12 else None


def _moment(date: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(date) if date else None
    except (ValueError, OverflowError):
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
