"""A typed line as bytes, and back: Typed → Raw → Inbound. Pure; `ValueError` for bytes that the terminal did not write."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.channels import FileRef, Inbound, MediaKind, Raw, Sender


def clean(value: object) -> object:
    """Words that every database can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


Words = Annotated[str, BeforeValidator(clean)]


class Typed(BaseModel):
    """What a person entered at once. `name` is who they say they are (`lapor chat --as`), `files` are paths."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    name: Words = Field(min_length=1, max_length=64)
    text: Words = ""
    choice: Words | None = None
    files: tuple[Words, ...] = ()
    language: str = Field(default="id", pattern=r"^[a-z]{2}$")


@dataclass(frozen=True, slots=True)
class _Kind:
    prefix: str
    kind: MediaKind


_KINDS = (_Kind("image/", MediaKind.PHOTO), _Kind("video/", MediaKind.VIDEO), _Kind("audio/", MediaKind.AUDIO))


def raw(typed: Typed, *, channel: str) -> Raw:
    """One message of one person; typed once, so its id is its own."""
    return Raw(channel, typed.id, typed.name, typed.model_dump_json().encode())


def parse(body: bytes, source_id: str, *, channel: str) -> Inbound:
    """The words, the choice and the files. Raises ValueError for anything else than a `Typed`."""
    try:
        typed = Typed.model_validate(json.loads(body))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValidationError as error:
        raise ValueError(f"not a typed message: {error.error_count()} fields") from None
    return Inbound(
        channel,
        source_id,
        Sender(typed.name, typed.name, language=typed.language),
        text=typed.text,
        choice=typed.choice,
        files=tuple(_file(path) for path in typed.files),
    )


def join(parts: Sequence[Inbound]) -> Inbound:
    """The terminal sends everything at once; several parts are simply put together."""
    return replace(
        parts[0],
        text="\n".join(part.text for part in parts if part.text),
        files=tuple(file for part in parts for file in part.files),
    )


def _file(path: str) -> FileRef:
    mime = mimetypes.guess_type(PurePath(path).name)[0]
    kind = next((known.kind for known in _KINDS if mime and mime.startswith(known.prefix)), MediaKind.DOCUMENT)
    return FileRef(path, kind, PurePath(path).name[:256] or None, mime)
