"""Every sentence that people read, in one catalogue per language; Babel only formats dates and numbers.

The catalogue of a language is `<language>.toml` and every `*.<language>.toml` beside it, tables flattened with dots.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("id", "en")
"""The languages we speak; the first is what unknown ones fall back to."""


def text(language: str, key: str, **params: str | int) -> str:
    """The sentence behind `key`. KeyError: no such key, or a placeholder was given no value."""
    sentence = catalogue(language)[key]
    return sentence.format_map(params) if "{" in sentence or "}" in sentence else sentence


def has(language: str, key: str) -> bool:
    """Is there such a sentence? For short twins (`<key>.short`)."""
    return key in catalogue(language)


def keys(language: str) -> frozenset[str]:
    """Every key of this language."""
    return frozenset(catalogue(language))


def day(language: str, value: date, *, today: date | None = None) -> str:
    """A day as people say it: "Selasa, 17 Maret"; with the year if it is not the year of `today`."""
    pattern = "EEEE, d MMMM" if today is None or today.year == value.year else "EEEE, d MMMM y"
    return format_date(value, pattern, locale=known(language))


def money(rupiah: int) -> str:
    """Whole rupiah as a summary writes them: "Rp20.000"."""
    return f"Rp{format_decimal(rupiah, locale='id')}"


def known(language: str | None) -> str:
    """The language itself if we speak it, else Indonesian."""
    return language if language in LANGUAGES else LANGUAGES[0]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All sentences of a language by key. ValueError: two files give the same key."""
    language = known(language)
    sentences: dict[str, str] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if file.name == f"{language}.toml" or file.name.endswith(f".{language}.toml"):
            for key, sentence in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
                if key in sentences:
                    raise ValueError(f"{file.name}: {key} is given twice")
                sentences[key] = sentence
    return sentences


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            raise TypeError(f"{prefix}{name} must be a sentence")
