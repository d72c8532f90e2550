"""What all commands share: the console, the configuration option, errors as one sentence and an exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console

from core.channels import Capabilities
from core.config import Config
from core.errors import ConfigurationError, InvalidInput, LaporError, Refused, SchemaOutdated
from core.office import Office
from core.storage import schema
from lapor import wiring

P = ParamSpec("P")
R = TypeVar("R")

WRONG, USAGE = 1, 2

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Configuration file (default: LAPOR_CONFIG, else config.yaml).")
]

_REASONS = {
    "not_empty": "the database is not empty: the demonstration fills only an empty one.",
    "wrong_level": "this role does not belong at this level: a national_admin has no agency, a liaison needs a unit.",
    "not_an_address": "this is not a mail address: write it like name@office.go.id.",
    "taken": "this account has this role there already.",
    "ambiguous": "several offices have this name: give the number, or name the agency too.",
}


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Errors of ours become one sentence on standard error; exit code 2 for configuration and usage, else 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LaporError as error:
            err.print(f"lapor: {_sentence(error)}", markup=False)
            usage = isinstance(error, ConfigurationError | SchemaOutdated | InvalidInput)
            raise typer.Exit(USAGE if usage else WRONG) from error

    return run


def _sentence(error: LaporError) -> str:
    if isinstance(error, Refused | InvalidInput):
        return _REASONS.get(error.reason, f"refused: {error}.")
    return str(error)


def open_current(config: Config, channels: Mapping[str, Capabilities] | None = None) -> Office:
    """The office on a database of this version. `channels`: where something may have to be said. Raises SchemaOutdated."""
    office = wiring.open_with_keys(config, channels or {})
    if not schema.is_current(office.database):
        office.close()
        raise SchemaOutdated("the database is of another version: run `lapor migrate`")
    return office
