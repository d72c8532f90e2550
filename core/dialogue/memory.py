"""A session as JSON and back. Loading forgives: what is unknown is left out, what is damaged falls back, the draft survives."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache

from core.dialogue.model import Session

_NOTHING = object()


def dump(session: Session) -> str:
    """The session as JSON text; fields at their defaults are left out."""
    return json.dumps(_plain(session), ensure_ascii=False, separators=(",", ":"))


def load(stored: str) -> Session:
    """The session that was dumped, as far as it can be read; a fresh one if it is no JSON at all. Never raises for bad content.

    A version that this script does not know is kept in `Session.version`: the engine then resumes from the collected answers.
    """
    try:
        raw = json.loads(stored)
    except (ValueError, RecursionError):
        return Session()
    value = _made(Session, raw)
    return value if isinstance(value, Session) else Session()


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = ((name, getattr(value, name), default) for name, default in _defaults(type(value)))
        return {name: _plain(one) for name, one, default in given if name == "version" or one != default}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(str(_plain(item)) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): {"date": item.isoformat()} if isinstance(item, date) else item for key, item in value.items()}
    return value


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((spec.name, _default(spec)) for spec in dataclasses.fields(kind))


def _default(spec: dataclasses.Field[object]) -> object:
    if spec.default is not dataclasses.MISSING:
        return spec.default
    if spec.default_factory is not dataclasses.MISSING:
        return spec.default_factory()
    return _NOTHING


@cache
def _shape(kind: type) -> Mapping[str, object]:
    return typing.get_type_hints(kind)


def _made(kind: object, raw: object) -> object:
    """`raw` as a value of the type `kind`, or `_NOTHING` if it is none."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _first_of(typing.get_args(kind), raw)
    if origin in (tuple, frozenset):
        return _collection(origin, typing.get_args(kind)[0], raw)
    if origin is not None:
        return _params(raw)
    if kind is type(None):
        return None if raw is None else _NOTHING
    if not isinstance(kind, type):
        return _NOTHING
    if dataclasses.is_dataclass(kind):
        return _record(kind, raw)
    return _scalar(kind, raw)


def _first_of(kinds: tuple[object, ...], raw: object) -> object:
    for kind in kinds:
        value = _made(kind, raw)
        if value is not _NOTHING:
            return value
    return _NOTHING


def _collection(origin: object, kind: object, raw: object) -> object:
    if not isinstance(raw, list):
        return _NOTHING
    items = [item for item in (_made(kind, entry) for entry in raw) if item is not _NOTHING]
    return frozenset(items) if origin is frozenset else tuple(items)


def _record(kind: type, raw: object) -> object:
    if not isinstance(raw, dict):
        return _NOTHING
    shape = _shape(kind)
    given = {name: _made(shape[name], value) for name, value in raw.items() if name in shape}
    try:
        return kind(**{name: value for name, value in given.items() if value is not _NOTHING})
    except TypeError:
        return _NOTHING


def _scalar(kind: type, raw: object) -> object:
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if kind in (str, bool, int, float):
        return raw if type(raw) is kind else _NOTHING
    if not isinstance(raw, str):
        return _NOTHING
    try:
        if issubclass(kind, Enum):
            return kind(raw)
        if issubclass(kind, datetime | date):
            value = kind.fromisoformat(raw)
            return _NOTHING if isinstance(value, datetime) and value.tzinfo is None else value
    except ValueError:
        return _NOTHING
    return _NOTHING


def _params(raw: object) -> object:
    if not isinstance(raw, dict):
        return _NOTHING
    made: dict[str, object] = {}
    for key, value in raw.items():
        if isinstance(value, dict):
            value = _scalar(date, value.get("date"))
        if isinstance(value, str | int | date):
            made[key] = value
    return made
