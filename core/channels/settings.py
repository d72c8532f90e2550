"""What the settings of every channel share: how a secret that is not set looks, where a vendor is, and the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

_BASE_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def _empty_is_missing(value: object) -> object:
    return None if value == "" else value


def _is_a_base_url(value: str) -> str:
    if not _BASE_URL.fullmatch(value):
        raise ValueError("must be http(s)://host[:port], with a path where there is one, without user, query or fragment")
    return value.rstrip("/")


_Empty = BeforeValidator(_empty_is_missing)

BaseUrl = Annotated[str, AfterValidator(_is_a_base_url)]
"""Where a vendor's API is, without a slash at its end."""
# An empty value counts as not set: a variable of the environment that is there and empty.
OptionalText = Annotated[str | None, _Empty]
OptionalSecret = Annotated[SecretStr | None, _Empty]
OptionalPath = Annotated[Path | None, _Empty]
OptionalBaseUrl = Annotated[BaseUrl | None, _Empty]


def utc_now() -> datetime:
    """The moment, aware UTC."""
    return datetime.now(UTC)
