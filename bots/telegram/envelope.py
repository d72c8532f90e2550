"""What must be known of an update before it is stored: whose it is, and what makes it the same one again. Total functions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.channels import Raw

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ORDINARY = ("message", "channel_post", "business_message")
_EDITED = ("edited_message", "edited_channel_post", "edited_business_message")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`callback_id`: a pressed button that waits for an answer, or None."""

    raw: Raw
    update_id: int | None = None
    callback_id: str | None = None


def envelope(body: bytes, *, channel: str, bot_id: str, received_at: datetime, album_seconds: float) -> Envelope:
    """Reads just enough of `body` to store it. What cannot be read gets a lane of its own and is judged later.

    The source id never contains the update id: those restart (design.md, road 1).
    """
    update = _mapping(_json(body))
    update_id = _whole(update.get("update_id"))
    for kind in (*_ORDINARY, *_EDITED):
        if kind in update:
            message = _mapping(update[kind])
            raw = _of_message(body, channel, bot_id, kind, message, received_at + timedelta(seconds=album_seconds))
            return Envelope(raw or _other(body, channel, bot_id, update), update_id)
    if "callback_query" in update:
        query = _mapping(update["callback_query"])
        callback_id, lane = _id(query.get("id")), _lane(_mapping(query.get("message")), query.get("from"))
        if callback_id and lane:
            return Envelope(Raw(channel, f"{bot_id}:press:{callback_id}", lane, body), update_id, callback_id)
        return Envelope(_other(body, channel, bot_id, update), update_id, callback_id)
    if "my_chat_member" in update:
        changed = _mapping(update["my_chat_member"])
        lane, date = _chat(changed), _whole(changed.get("date"))
        status = _id(_mapping(changed.get("new_chat_member")).get("status"))
        if lane and date is not None and status:
            return Envelope(Raw(channel, f"{bot_id}:member:{lane}:{date}:{status}", lane, body), update_id)
    return Envelope(_other(body, channel, bot_id, update), update_id)


def _of_message(
    body: bytes, channel: str, bot_id: str, kind: str, message: Mapping[str, object], album_ready_at: datetime
) -> Raw | None:
    chat, number = _chat(message), _whole(message.get("message_id"))
    lane = _lane(message, message.get("from"))
    if not chat or not lane or number is None:
        return None
    if kind in _EDITED:
        edited = _whole(message.get("edit_date")) or 0
        return Raw(channel, f"{bot_id}:edit:{chat}:{number}:{edited}", lane, body)
    album = _id(message.get("media_group_id"))
    ready_at = album_ready_at if album else None
    return Raw(channel, f"{bot_id}:message:{chat}:{number}", lane, body, group=album, ready_at=ready_at)


def _lane(message: Mapping[str, object], who: object) -> str | None:
    """Whose conversation it is. In a group it is the sender's own, so that their private one knows what was said before others;
    whoever speaks in the name of a chat has that chat's. As `parse` names the sender."""
    private = _mapping(message.get("chat")).get("type", "private") == "private"
    if not private and (sender_chat := _id_of(message.get("sender_chat"))):
        return sender_chat
    return (_chat(message) or _id_of(who)) if private else (_id_of(who) or _chat(message))


def _other(body: bytes, channel: str, bot_id: str, update: Mapping[str, object]) -> Raw:
    """Polls, inline queries, and bytes that are no update: the same content is the same thing."""
    content = {key: value for key, value in update.items() if key != "update_id"}
    canonical = json.dumps(content, sort_keys=True).encode() if content else body
    digest = hashlib.sha256(canonical).hexdigest()[:32]
    return Raw(channel, f"{bot_id}:other:{digest}", f"other:{digest}", body)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int | None:
    """An integer of at most 64 bits; JSON's true and false are none."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _id_of(value: object) -> str | None:
    number = _whole(_mapping(value).get("id"))
    return None if number is None else str(number)


def _chat(value: Mapping[str, object]) -> str | None:
    return _id_of(value.get("chat"))


def split(payload: bytes) -> tuple[bytes, ...]:
    """The updates of a getUpdates answer, each as the vendor's own bytes. `ValueError` when it is no such answer."""
    text = payload.decode("utf-8", "surrogateescape")
    position = _result(text)
    decoder = json.JSONDecoder()
    updates: list[bytes] = []
    try:
        while text[position] != "]":
            _, end = decoder.raw_decode(text, position)
            updates.append(text[position:end].encode("utf-8", "surrogateescape"))
            position = _skip(text, end)
            if text[position] == ",":
                position = _skip(text, position + 1)
            elif text[position] != "]":
                raise ValueError("no list of updates")
    except (IndexError, RecursionError) as broken:
        raise ValueError("the answer breaks off") from broken
    return tuple(updates)


def _result(text: str) -> int:
    """Where the first element of `result` stands in `{"ok":true,"result":[…]}`."""
    decoder = json.JSONDecoder()
    try:
        position = _skip(text, 0)
        if text[position] != "{":
            raise ValueError("no object")
        position = _skip(text, position + 1)
        while True:
            key, position = decoder.raw_decode(text, position)
            position = _skip(text, position)
            if text[position] != ":":
                raise ValueError("no value")
            position = _skip(text, position + 1)
            if key == "result" and text[position] == "[":
                return _skip(text, position + 1)
            _, position = decoder.raw_decode(text, position)
            position = _skip(text, position)
            if text[position] != ",":
                raise ValueError("no result")
            position = _skip(text, position + 1)
    except (IndexError, RecursionError) as broken:
        raise ValueError("the answer breaks off") from broken


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
