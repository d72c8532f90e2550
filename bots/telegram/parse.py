"""One stored update → Inbound. Pure; `ValueError` for bytes that are no update, which the core quarantines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bots.telegram.wire import CallbackQuery, Chat, File, MemberUpdated, Message, Update, User
from core.channels import FileRef, Inbound, InboundKind, MediaKind, Place, Sender

_COMMAND = re.compile(r"^(/[A-Za-z0-9_]+)@[A-Za-z0-9_]+")
_GONE = frozenset({"kicked", "left"})


def parse(body: bytes, source_id: str, *, channel: str) -> Inbound:
    """What a person said or did. Raises ValueError if `body` is no update that Telegram documents."""
    update = _read(body)
    if update.message is not None:
        return _message(update.message, source_id, channel)
    if update.edited_message is not None:
        return _edit(update.edited_message, source_id, channel)
    if update.channel_post is not None:  # an announcement to many: nobody speaks to us, and nobody is to be answered
        return replace(_message(update.channel_post, source_id, channel), kind=InboundKind.IGNORED)
    if update.callback_query is not None:
        return _press(update.callback_query, source_id, channel)
    if update.my_chat_member is not None:
        return _member(update.my_chat_member, source_id, channel)
    return Inbound(channel, source_id, Sender("", verified=False), InboundKind.IGNORED)


def join(parts: Sequence[Inbound]) -> Inbound:
    """An album: its files in the order they were sent, its captions one under the other."""
    ordered = sorted(parts, key=lambda part: _number(part.source_id))
    first = ordered[0]
    return replace(
        first,
        text="\n".join(part.text for part in ordered if part.text),
        files=tuple(file for part in ordered for file in part.files),
        place=next((part.place for part in ordered if part.place), None),
        phone=next((part.phone for part in ordered if part.phone), None),
        notes=tuple(dict.fromkeys(note for part in ordered for note in part.notes)),
    )


def _number(source_id: str) -> int:
    """The message number in `bot:message:chat:number`; parts without one keep their place at the end."""
    last = source_id.rpartition(":")[2]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 20 else 2**63


def _read(body: bytes) -> Update:
    try:
        content = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict) or "update_id" not in content:
        raise ValueError("not an update")
    return Update.model_validate(content)


def _message(message: Message, source_id: str, channel: str) -> Inbound:
    files, place, phone = tuple(_files(message)), _place(message), None
    text = _COMMAND.sub(r"\1", message.text or message.caption or "")
    if contact := message.contact:
        if message.sender is not None and contact.user_id == message.sender.id:
            phone = contact.phone_number
        else:  # somebody else's card is a piece of the story, not how to reach the sender
            text = " ".join(word for word in (contact.first_name, contact.last_name, contact.phone_number) if word)
    if message.is_automatic_forward or not (text or files or place or phone):
        kind = InboundKind.IGNORED  # announcements, service messages, polls, dice, games
    elif message.chat.type != "private":
        kind = InboundKind.PUBLIC
    elif message.sender is not None and message.sender.is_bot:
        kind = InboundKind.AUTOMATIC
    else:
        kind = InboundKind.MESSAGE
    return Inbound(
        channel,
        source_id,
        _speaker(message),
        kind,
        text=text,
        files=files,
        place=place,
        phone=phone,
        sent_at=_moment(message.date),
        reply_to=str(message.reply_to_message.message_id) if message.reply_to_message else None,
        notes=tuple(_notes(message)),
    )


def _edit(message: Message, source_id: str, channel: str) -> Inbound:
    """The new version; in a group nobody is answered for correcting a word."""
    new = _message(message, source_id, channel)
    kind = InboundKind.EDIT if new.kind is InboundKind.MESSAGE else InboundKind.IGNORED
    original = f"{source_id.partition(':')[0]}:message:{message.chat.id}:{message.message_id}"
    return replace(new, kind=kind, edits=original, sent_at=_moment(message.edit_date or message.date))


def _press(query: CallbackQuery, source_id: str, channel: str) -> Inbound:
    public = query.message is not None and query.message.chat.type != "private"
    kind = InboundKind.PUBLIC if public else InboundKind.MESSAGE
    return Inbound(
        channel,
        source_id,
        _sender(query.sender, None),
        kind if query.data else InboundKind.IGNORED,
        choice=query.data or None,
        reply_to=str(query.message.message_id) if query.message else None,
    )


def _member(changed: MemberUpdated, source_id: str, channel: str) -> Inbound:
    """core.telegram.org/bots/api#update: in private chats my_chat_member comes only when the bot is blocked or unblocked."""
    kind = InboundKind.IGNORED
    if changed.chat.type == "private":
        kind = InboundKind.BLOCKED if changed.new_chat_member.status in _GONE else InboundKind.UNBLOCKED
    return Inbound(channel, source_id, _sender(changed.sender, None), kind, sent_at=_moment(changed.date))


def _speaker(message: Message) -> Sender:
    """In a group somebody may speak in the name of a chat: then Telegram names a made-up user beside it."""
    if message.chat.type != "private" and message.sender_chat is not None:
        return _sender(None, message.sender_chat)
    return _sender(message.sender, message.sender_chat or message.chat)


def _sender(user: User | None, chat: Chat | None) -> Sender:
    """The person; for a channel's post, or a group's anonymous admin, the chat in whose name it was written."""
    if user is None:
        return Sender(str(chat.id) if chat else "", name=(chat.title or None) if chat else None)
    name = f"{user.first_name} {user.last_name}".strip()[:256]
    return Sender(str(user.id), name or None, user.username, user.language_code)


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _place(message: Message) -> Place | None:
    if venue := message.venue:
        label = ", ".join(part for part in (venue.title, venue.address) if part)
        return Place(venue.location.latitude, venue.location.longitude, label or None)
    if spot := message.location:
        return Place(spot.latitude, spot.longitude)
    return None


def _notes(message: Message) -> Iterator[str]:
    if message.forward_origin is not None:
        yield "forwarded"
    if message.via_bot is not None:
        yield "via_bot"


def _files(message: Message) -> Iterator[FileRef]:
    if message.photo:  # every size of one picture: the largest is the original that Telegram kept
        largest = max(message.photo, key=lambda size: (size.width * size.height, size.file_size or 0))
        yield _file(largest, MediaKind.PHOTO, "image/jpeg")
    if message.animation:  # core.telegram.org/bots/api#message: `document` repeats it for old clients
        yield _file(message.animation, MediaKind.VIDEO, None)
    elif message.document:
        yield _file(message.document, MediaKind.DOCUMENT, None)
    for file, kind, mime in (
        (message.video, MediaKind.VIDEO, None),
        (message.video_note, MediaKind.VIDEO, "video/mp4"),
        (message.voice, MediaKind.VOICE, "audio/ogg"),
        (message.audio, MediaKind.AUDIO, None),
        (message.sticker, MediaKind.STICKER, None),
    ):
        if file:
            yield _file(file, kind, mime)


def _file(file: File, kind: MediaKind, usual_mime: str | None) -> FileRef:
    return FileRef(
        ref=file.file_id,
        kind=kind,
        name=file.file_name[:256] if file.file_name else None,
        mime=file.mime_type or usual_mime,
        size_bytes=file.file_size,
        unique=file.file_unique_id,
    )
