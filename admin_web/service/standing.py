"""What channels say of themselves beside their trouble, and what their calls have cost, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.numbers import format_decimal
from sqlalchemy import Connection

from admin_web.desk import language, office, say
from admin_web.presenting import times
from core import texts
from core.channels import Spending
from core.storage import channelnotes

SHOWN_DAYS = 7
_MICRO = 1_000_000
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one purpose has cost, in US dollars as people read them."""

    purpose: str
    today: str
    days: str  # the last seven together
    calls: str


@dataclass(frozen=True, slots=True)
class Bill:
    """One channel's costs by purpose, the dearest first, and their sum as the last line."""

    channel: str
    lines: tuple[Cost, ...]


def remarks(said: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Each as a sentence; a code that has none, or lacks something that its sentence needs, is shown as it is."""
    return tuple(_remark(code, params) for code, params in sorted(said.items()))


def _remark(code: str, params: Mapping[str, str]) -> str:
    key = f"desk.service.remark.{code}"
    if texts.has(language(), key):
        try:
            return say(key, **{name: _shown(value) for name, value in params.items()})
        except KeyError:  # another version of the channel said it
            pass
    return ", ".join([code, *(f"{name}: {value}" for name, value in sorted(params.items()))])


def _shown(value: str) -> str:
    """Moments in the office's zone, amounts as this language writes them, everything else as it was said."""
    if value.replace(".", "", 1).isdecimal():
        return _amount(float(value)) if "." in value else value
    if _CLOCK.fullmatch(value):
        return str(format_time(time.fromisoformat(value), "HH.mm" if language() == "id" else "HH:mm", locale=language()))
    try:
        at = datetime.fromisoformat(value.replace(" UTC", "+00:00"))
    except ValueError:
        return value
    return times.moment(language(), at, office().zone) if at.tzinfo is not None else value


def bills(connection: Connection, at: datetime) -> tuple[Bill, ...]:
    """What the last seven days have cost, today included, by the office's days."""
    today = at.astimezone(ZoneInfo(office().zone)).date()
    spent = channelnotes.spent_since(connection, today - timedelta(days=SHOWN_DAYS - 1))
    return tuple(_bill(channel, purposes, today) for channel, purposes in spent.items())


def _bill(channel: str, purposes: Mapping[str, Sequence[tuple[date, Spending]]], today: date) -> Bill:
    sums = {
        purpose: (
            sum(each.micro_usd for day, each in days if day == today),
            sum(each.micro_usd for _, each in days),
            sum(each.calls for _, each in days),
        )
        for purpose, days in purposes.items()
    }
    dearest = sorted(sums, key=lambda purpose: (-sums[purpose][1], purpose))
    whole = tuple(sum(each[place] for each in sums.values()) for place in range(3))
    costs = tuple(_cost(_purpose(purpose), *sums[purpose]) for purpose in dearest)
    return Bill(channel, (*costs, _cost(say("desk.service.total"), *whole)))


def _cost(words: str, today: int, days: int, calls: int) -> Cost:
    return Cost(words, _amount(today / _MICRO), _amount(days / _MICRO), str(format_decimal(calls, locale=language())))


def _purpose(code: str) -> str:
    key = f"desk.service.purpose.{code}"
    return say(key) if texts.has(language(), key) else code


def _amount(dollars: float) -> str:
    return str(format_decimal(dollars, "#,##0.00", locale=language()))
