"""Where the configuration comes from: the YAML file, `${NAME}` in its values, `LAPOR_<PATH>` over it. It checks nothing."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from core.errors import ConfigurationError

PREFIX = "LAPOR_"
RESERVED = frozenset({"LAPOR_CONFIG", "LAPOR_DEMO_ON_EMPTY", "LAPOR_LOG", "LAPOR_LOG_FORMAT"})  # of the process, not settings
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The raw configuration and where its parts came from. `unset`: keys left out because their `${NAME}` is not set."""

    raw: dict[str, Any]
    folder: Path
    name: str
    unset: Mapping[KeyPath, str] = field(default_factory=dict)
    overridden: Mapping[KeyPath, str] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice instead of silently taking the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(problem=f"{key.value} stands there twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def variable_of(path: KeyPath) -> str:
    """The environment variable that sets this key."""
    return PREFIX + "__".join(path).upper()


def read_source(path: Path, environ: Mapping[str, str]) -> Source:
    """The file with its variables filled in. Raises ConfigurationError if it cannot be read or a variable is missing."""
    raw = _read_file(path)
    overridden = {key: name for key, name, _ in _overrides(environ)}
    unset: dict[KeyPath, str] = {}
    filled: dict[str, Any] = _fill(raw, (), environ, unset)
    for key, name, value in _overrides(environ):
        _put(filled, key, name, value)
        unset = {missing: variable for missing, variable in unset.items() if missing != key}
    for key, variable in unset.items():
        # A channel says itself which of its keys it needs; elsewhere a default in place of a secret would be a surprise.
        if key[0] != "channels":
            raise ConfigurationError(
                f"{path.name}: {'.'.join(key)} needs the environment variable {variable}: set it, or write the value itself."
            )
    kept = {key: value for key, value in filled.items() if value is not None}
    return Source(kept, path.parent, path.name, unset, overridden)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader
    except FileNotFoundError as error:
        raise ConfigurationError(f"There is no configuration file {path}: name another with --config FILE.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: make it a UTF-8 text that this user may open.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" near line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable"
        raise ConfigurationError(f"{path.name} is no valid YAML{line} ({problem}): correct it there.") from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{path.name} must be a list of keys like `database: …`: see docs/configuration.md.")
    return raw


def _fill(node: Any, path: KeyPath, environ: Mapping[str, str], unset: dict[KeyPath, str]) -> Any:
    """`node` with every `${NAME}` replaced. A key whose variable is unset or empty is left out and noted in `unset`."""
    if isinstance(node, dict):
        filled = {key: _fill(value, (*path, str(key)), environ, unset) for key, value in node.items()}
        return {key: value for key, value in filled.items() if (*path, str(key)) not in unset}
    if isinstance(node, list):
        return [_fill(value, path, environ, unset) for value in node]
    if isinstance(node, str):
        for name in _VARIABLE.findall(node):
            if not environ.get(name):
                unset[path] = name
        return _VARIABLE.sub(lambda found: environ.get(found[1], ""), node)
    return node


def _overrides(environ: Mapping[str, str]) -> Iterator[tuple[KeyPath, str, str]]:
    """(path, variable, value) of each `LAPOR_<PATH>`; an empty variable counts as not set."""
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in RESERVED and environ[name]:
            yield tuple(name.removeprefix(PREFIX).lower().split("__")), name, environ[name]


def _put(tree: dict[str, Any], path: KeyPath, variable: str, value: str) -> None:
    node = tree
    for key in path[:-1]:
        if node.get(key) is None:
            node[key] = {}
        node = node[key]
        if not isinstance(node, dict):
            raise ConfigurationError(f"{variable} does not name a setting: {key} has no parts. See docs/configuration.md.")
    node[path[-1]] = _value(path, value)


def _value(path: KeyPath, value: str) -> Any:
    """Text as it is. `[…]` and `{…}` are read as YAML, but in channels only where a list is meant (`with_lists`)."""
    return _from_yaml(value) if path[0] != "channels" else value


def with_lists(raw: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """A channel's raw settings; text of a variable is read as YAML where its model has a list. A password stays as it is."""
    read = dict(raw)
    for name, info in model.model_fields.items():
        value, kind = read.get(name), info.annotation
        if isinstance(value, str) and typing.get_origin(kind) in (tuple, list, dict):
            read[name] = _from_yaml(value)
        elif isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
            read[name] = with_lists(value, kind)
    return read


def _from_yaml(value: str) -> Any:
    if value[:1] not in ("[", "{"):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        return value
