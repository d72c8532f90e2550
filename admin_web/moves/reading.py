"""From a posted form to `Inputs`: typed once, here. What cannot be read is told by field, not thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from admin_web.moves.forms import Form
from admin_web.moves.offices import Choice, choose
from core.casework.inputs import Inputs, Part
from core.errors import InvalidInput
from core.procedure.vocabulary import Category, Field, Ground

Code = TypeVar("Code", bound=StrEnum)
PARTS = 3
ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Posted:
    """A form as it came in. `version` is the report's as it was shown, `seen` the last line of its history."""

    data: MultiDict[str, str]
    version: int
    seen: int


def posted(data: MultiDict[str, str]) -> Posted:
    return Posted(data, version=_number(data.get("version")) or 0, seen=_number(data.get("seen")) or 0)


def inputs_from(form: Form, data: MultiDict[str, str], *, zone: str, offices: Mapping[int, Choice]) -> Inputs:
    """Only the fields that the form has. Raises InvalidInput with the field's name."""
    values: dict[str, Any] = {"confirmed": data.get("confirmed") == "1"}
    for field in form.fields:
        values |= _READERS[field.name](data, zone, offices)
    return Inputs(**values).trimmed()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else None


def _numbers(data: MultiDict[str, str], name: str) -> tuple[int, ...]:
    return tuple(number for text in data.getlist(name) if (number := _number(text)) is not None)


def _code(kind: type[Code], name: str, text: str) -> Code | None:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInput(name, "unknown") from error


def _text(name: str) -> Any:
    return lambda data, _zone, _offices: {name: data.get(name, "").replace("\r\n", "\n").replace("\0", "")}


def _day(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, date | None]:
    text = data.get("promised_on", "").strip()
    try:
        return {"promised_on": date.fromisoformat(text) if text else None}
    except ValueError as error:
        raise InvalidInput("promised_on", "not_a_date") from error


def _at(data: MultiDict[str, str], zone: str, _offices: Mapping[int, Choice]) -> dict[str, datetime | None]:
    text = data.get("at", "").strip()
    try:
        return {"at": datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) if text else None}
    except ValueError as error:
        raise InvalidInput("at", "not_a_date") from error


def _office(data: MultiDict[str, str], _zone: str, offices: Mapping[int, Choice]) -> dict[str, int | None]:
    return {"office_id": choose(data.get("office_id"), data.get("office_name", ""), offices)}


def _accounts(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, tuple[int, ...]]:
    return {"account_ids": _numbers(data, "account_ids")}


def _accused(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, tuple[int, ...]]:
    return {"accused_office_ids": _numbers(data, "accused_office_ids")}


def _fields(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, tuple[Field, ...]]:
    codes = (_code(Field, "fields", text) for text in data.getlist("fields"))
    return {"fields": tuple(code for code in codes if code is not None)}


def _category(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, Category | None]:
    return {"category": _code(Category, "category", data.get("category", ""))}


def _inspection(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, bool | None]:
    """A box that was not shown (an agency admin may not set it) says nothing; one that was shown and not ticked says no."""
    if "needs_inspection_shown" not in data:
        return {"needs_inspection": None}
    return {"needs_inspection": data.get("needs_inspection") == "1"}


def _ground(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, Ground | None]:
    return {"ground": _code(Ground, "ground", data.get("ground", ""))}


def _parts(data: MultiDict[str, str], _zone: str, _offices: Mapping[int, Choice]) -> dict[str, tuple[Part, ...]]:
    found = []
    for number in range(1, PARTS + 1):
        title, story = data.get(f"part_title_{number}", "").strip(), data.get(f"part_story_{number}", "").strip()
        category = _code(Category, "parts", data.get(f"part_category_{number}", ""))
        if title or story:
            found.append(Part(title=title, story=story, category=category or Category.GRIEVANCE))
    return {"parts": tuple(found)}


_READERS: Mapping[str, Any] = {
    "office_id": _office,
    "account_ids": _accounts,
    "accused_office_ids": _accused,
    "category": _category,
    "needs_inspection": _inspection,
    "ground": _ground,
    "finding": _text("finding"),
    "code": _text("code"),
    "title": _text("title"),
    "parts": _parts,
    "fields": _fields,
    "how": _text("how"),
    "at": _at,
    "words": _text("words"),
    "promised_on": _day,
    "reason": _text("reason"),
    "next_door": _text("next_door"),
}
