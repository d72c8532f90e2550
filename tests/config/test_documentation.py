"""docs/configuration.md names every setting, none that does not exist, and the defaults that the code has."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

import bots
from core.config import STANDARD_FILE, Config, load, parse
from core.config_source import RESERVED
from core.config_words import keys

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", PAGE, re.MULTILINE))
CHANNELS = [module.name for module in pkgutil.iter_modules(bots.__path__)]


def _settings() -> set[str]:
    """Keys without parts, the classes apart: they have a table of their own."""
    known = list(keys(Config))
    for name in CHANNELS:
        settings = importlib.import_module(f"bots.{name}").Settings
        known += [f"channels.{name}.{key}" for key in keys(settings)]
    whole = {key for key in known if not any(other.startswith(f"{key}.") for other in known)}
    return {key for key in whole if not key.startswith("procedure.classes.")}


def _classes() -> set[str]:
    return {key.split(".")[2] for key in keys(Config) if key.count(".") == 2 and key.startswith("procedure.classes.")}


def test_every_setting_has_its_row():
    assert _settings() - set(ROWS) == set()


def test_every_class_has_its_row():
    assert _classes() - set(ROWS) == set()


def test_no_row_names_what_does_not_exist():
    assert set(ROWS) - _settings() - _classes() == set()


@pytest.mark.parametrize("key", sorted(key for key in ROWS if "." in key and not key.startswith("channels.")))
def test_the_documented_default_is_the_real_one(key):
    value: object = parse({}, folder=ROOT)
    for part in key.split("."):
        value = getattr(value, part)
    documented = ROWS[key]
    assert documented == ("none" if value in (None, (), {}) else f"`{value}`")


def test_the_documented_storage_defaults_are_the_real_ones():
    config = parse({}, folder=Path("/o"))
    assert ROWS["database"].strip("`").replace("sqlite:///", "sqlite:////o/") == config.database
    assert Path("/o", ROWS["files"].strip("`")) == config.files


def _written(value: object) -> str:
    """A default as the page writes it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _defaults(fields: Mapping[str, object], above: str) -> Iterator[tuple[str, str]]:
    """Every key of a channel with its default as the page writes it; a section's keys stand by themselves."""
    for key, default in fields.items():
        if isinstance(default, BaseModel):
            yield from _defaults({name: getattr(default, name) for name in type(default).model_fields}, f"{above}.{key}")
        else:
            yield f"{above}.{key}", _written(default)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channels_documented_defaults_are_the_real_ones(name):
    fields = importlib.import_module(f"bots.{name}").Settings.model_fields
    real = dict(_defaults({key: info.default for key, info in fields.items()}, f"channels.{name}"))
    assert {key: ROWS.get(key) for key in real} == real


def test_the_classes_numbers_are_the_real_ones():
    classes = parse({}, folder=ROOT).procedure.classes
    for name in _classes():
        legs = getattr(classes, name)
        cells = [cell.strip() for cell in re.search(rf"^\| `{name}` \|(.+)\|$", PAGE, re.MULTILINE)[1].split("|")]
        real = [
            f"{leg.target_days}–{leg.limit_days}" for leg in (legs.verification, legs.agency_disposition, legs.initial_response)
        ]
        assert cells == [*real, str(legs.settle_days)], name


def test_the_variables_of_the_process_are_named():
    assert [name for name in RESERVED if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", sorted(load(STANDARD_FILE, environ={}).channels))
def test_the_shipped_channels_are_read_by_their_own_models(name):
    module = importlib.import_module(f"bots.{name}")
    shipped = load(STANDARD_FILE, environ={}).channel(name, module.Settings)
    default = parse({}, folder=ROOT).channel(name, module.Settings)
    assert shipped.model_dump(exclude={"enabled"}) == default.model_dump(exclude={"enabled"})
