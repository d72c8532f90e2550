"""The history as sentences: "Puskesmas Sukamaju mengembalikan laporan ke Dinas Kesehatan: …"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from admin_web.desk import language, say
from admin_web.presenting import times
from admin_web.presenting.doors import channel_name
from admin_web.presenting.offices import office_name
from core import texts
from core.procedure.vocabulary import Move, Role
from core.reportpage import Opened
from core.storage.history import HistoryRow

_OFFICIALS = frozenset({Role.NATIONAL_ADMIN, Role.AGENCY_ADMIN, Role.LIAISON, Role.EXAMINER, Role.COORDINATOR, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `words`: what was written with it, if it is not in the conversation already."""

    at: datetime
    who: str
    what: str
    words: str | None = None


def timeline(opened: Opened) -> tuple[Line, ...]:
    """One line for each row of the history, in its order."""
    words = {said.message.id: said.message.words for said in opened.said if said.message.direction == "note"}
    return tuple(
        Line(row.at, _who(row, opened), _what(row), words.get(row.message_id) if row.message_id else None)
        for row in opened.history
    )


def _who(row: HistoryRow, opened: Opened) -> str:
    if row.role not in _OFFICIALS:
        return say(f"desk.who.{row.role}")
    role = say(f"desk.role.{row.role}")
    name = opened.account_names.get(row.account_id) if row.account_id is not None else None
    return f"{name} ({role})" if name else role


def _what(row: HistoryRow) -> str:
    """The most exact sentence there is: of the move into this state, else of the move."""
    moved = ("desk.did.moved_door",) if "to_channel" in row.details else ()
    keys = (*moved, f"desk.did.{row.move}_to_{row.to_state}", f"desk.did.{row.move}")
    key = next((each for each in keys if texts.has(language(), each)), "desk.did.other")
    return say(key, **_params(row))


def _params(row: HistoryRow) -> Mapping[str, str]:
    details = row.details
    chosen = details.get("office", row.office_id)
    return {
        "move": say(f"desk.move.{row.move}.name") if row.move is not Move.SUBMIT else "",
        "state": say(f"desk.state.{row.to_state}"),
        "office": office_name(chosen if isinstance(chosen, int) else None),
        "from_office": office_name(details.get("from")) if isinstance(details.get("from"), int) else "",
        "category": _named("desk.category", details.get("category")),
        "ground": _named("desk.ground", details.get("ground")),
        "finding": _named("desk.finding", details.get("finding")),
        "how": _named("desk.how", details.get("how")),
        "rating": str(details.get("rating", "–")),
        "from_door": channel_name(str(details.get("from_channel", ""))),
        "to_door": channel_name(str(details.get("to_channel", ""))),
        "promised": _day(details.get("promised_on")),
    }


def _named(family: str, code: Any) -> str:
    key = f"{family}.{code}"
    return say(key) if texts.has(language(), key) else "–"


def _day(text: Any) -> str:
    try:
        return times.day(language(), date.fromisoformat(str(text)))
    except ValueError:
        return "–"
