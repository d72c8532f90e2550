"""Through which doors a report is talked about. Which person is behind them is said nowhere here (sop.md §1)."""

from __future__ import annotations

from admin_web.desk import language, office, say
from core import texts
from core.reportpage import Opened, Said, Told


def channel_name(name: str) -> str:
    """As people call it in this language, else everywhere (the channel's own label), else by the name in the configuration."""
    key = f"desk.channel.{name}"
    if texts.has(language(), key):
        return say(key)
    known = office().channels.get(name)
    return known.label if known is not None and known.label else name.capitalize()


def through(piece: Said | Told, opened: Opened) -> str | None:
    """Which door it came or went by, where that is not the same for all of them; and whether others could read it."""
    said = piece.message if isinstance(piece, Said) else None
    public = said is not None and said.public
    name = opened.doors.get(said.conversation_id or 0) if said is not None and said.direction == "in" else None
    if name is None and piece.sending is not None:
        name = piece.sending.channel
    if name is None or not opened.many_doors:
        return say("desk.talk.in_public") if public else None
    return say("desk.talk.through_public" if public else "desk.talk.through", door=channel_name(name))


def taken_away(opened: Opened) -> str | None:
    """Has the author taken the story away at the channel where it was told: all of it, a part, or nothing (None)?"""
    told = [each.message for each in opened.said if each.message.kind == "story"]
    gone = [message for message in told if message.deleted_at is not None]
    if not gone:
        return None
    return say("desk.talk.deleted" if len(gone) == len(told) else "desk.talk.deleted_part")
