"""What is wrong with a configuration: the key and the remedy, in one sentence. No value is repeated: it may be a secret."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from core.config_source import KeyPath, Source, variable_of


def keys(model: type) -> Iterator[str]:
    """Every key of a pydantic model or a dataclass, dotted, sections before their parts."""
    for name, kind in _fields(model):
        yield name
        for part in _parts(kind):
            yield from (f"{name}.{key}" for key in keys(part))


def _fields(model: type) -> Iterator[tuple[str, Any]]:
    if issubclass(model, BaseModel):
        for name, info in model.model_fields.items():
            yield info.alias or name, info.annotation
    elif dataclasses.is_dataclass(model):
        hints = typing.get_type_hints(model)
        yield from ((field.name, hints[field.name]) for field in dataclasses.fields(model))


def _parts(kind: Any) -> Iterator[type]:
    """The sections that a field's type holds; a value parsed from text (`Listen`) has no parts."""
    options = typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else (kind,)
    for option in options:
        if isinstance(option, type) and (issubclass(option, BaseModel) or _is_numbers(option)):
            yield option


def _is_numbers(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) and kind.__module__.startswith("core.procedure")


def explain(error: ValidationError, model: type, source: Source, under: KeyPath = ()) -> str:
    """One sentence per mistake, one line each. `under`: the path at which `model` stands in the file."""
    return "\n".join(_sentence(mistake, model, source, under) for mistake in error.errors(include_url=False))


def _sentence(mistake: Any, model: type, source: Source, under: KeyPath) -> str:
    path = (*under, *(str(part) for part in mistake["loc"]))
    key = ".".join(path)
    from_variable = source.overridden.get(path)
    where = f"the environment variable {from_variable}" if from_variable else source.name
    if mistake["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        known = [".".join((*under, name)) for name in keys(model)]
        near = difflib.get_close_matches(key, known, n=1)
        return f"{where}: {key} is not a setting: " + (f"did you mean {near[0]}?" if near else "see docs/configuration.md.")
    if mistake["type"] == "missing":
        return f"{where}: {key} is missing: {_remedy(path, source)}."
    message = mistake["msg"].removeprefix("Value error, ").removesuffix(".")
    hints = [_remedy(unset, source) for unset in source.unset if unset[: len(path)] == path and unset[-1] in message]
    return f"{where}: {key}: {message}: " + (" and ".join(hints) or f"correct it (docs/configuration.md, {key})") + "."


def _remedy(path: KeyPath, source: Source) -> str:
    variable = source.unset.get(path)
    if variable:
        return f"set the environment variable {variable}"
    return f"write it into {source.name}, or set {variable_of(path)}"
