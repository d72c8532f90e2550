"""The conversation in its order: what people said, and what the service told by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from admin_web.desk import language, say
from core import texts
from core.channels import FetchState
from core.reportfiles import Attachment
from core.reportpage import Opened, Said, Told
from core.storage.messages import MessageRow

PREVIEWED = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Either words of somebody or a notice of the service."""

    at: datetime
    said: Said | None = None
    told: Told | None = None


def conversation(opened: Opened) -> Sequence[Piece]:
    """Oldest first, each message of the reporter as it came, both versions of an edited one."""
    pieces = [Piece(each.message.at, said=each) for each in opened.said]
    pieces += [Piece(told.at, told=told) for told in opened.told]
    return sorted(pieces, key=lambda piece: piece.at)


def edited_at(message: MessageRow, opened: Opened) -> datetime | None:
    """When the message came that this one puts right."""
    return next((each.message.at for each in opened.said if each.message.id == message.edits_id), None)


def whole_story(opened: Opened) -> int | None:
    """The message of the story in which more stood than its newest words, if this person may read it."""
    return next((each.message.id for each in opened.said if each.message.kind == "story" and each.message.whole), None)


def speaker(message: MessageRow, opened: Opened) -> str:
    """The reporter by role, never by name: the name stands in one place, for those who may read it."""
    if message.direction == "in":
        return say("desk.who.reporter")
    name = opened.account_names.get(message.account_id) if message.account_id is not None else None
    return name or say("desk.who.system")


def kind_words(kind: str, direction: str) -> str:
    """What sort of words they are: an answer, a question, a note."""
    for key in (f"desk.talk.kind.{kind}", f"desk.talk.direction.{direction}"):
        if texts.has(language(), key):
            return say(key)
    return say("desk.talk.direction.in")


def told_words(kind: str) -> str:
    """What a notice was about, from the key that it was made of."""
    key = f"desk.told.{kind.rpartition('.')[2]}"
    return say(key) if texts.has(language(), key) else say("desk.told.other")


def file_name(file: Attachment) -> str:
    """The sender's name for it, cut to a line; the kind where there was none."""
    name = " ".join((file.name or "").split())
    return (name[:77] + "…" if len(name) > 78 else name) or say("desk.file.unnamed", number=file.id)


def previewable(file: Attachment) -> bool:
    return file.state is FetchState.STORED and file.mime in PREVIEWED and not file.suspect


def size_words(size_bytes: int) -> str:
    if size_bytes < _KIB:
        return f"{size_bytes} B"
    if size_bytes < _KIB * _KIB:
        return f"{size_bytes / _KIB:.0f} KB"
    shown = f"{size_bytes / _KIB / _KIB:.1f} MB"
    return shown.replace(".", ",") if language() == "id" else shown
