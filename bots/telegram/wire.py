"""The parts of Telegram's Update that we read, as frozen values (core.telegram.org/bots/api#update).

Fields that we do not know are passed over; a known field of a wrong type makes the whole update unreadable.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def clean(value: object) -> object:
    """Words that every database can hold: no NUL, no half of a surrogate pair. Anything else stays as the person wrote it."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


Words = Annotated[str, BeforeValidator(clean)]
Handle = Annotated[str, BeforeValidator(clean), Field(max_length=512)]
Whole = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
Moment = Annotated[int, Field(strict=True, ge=0, lt=2**35)]  # seconds since 1970; 0 in an inaccessible message


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class User(Wire):
    id: Whole
    is_bot: bool = False
    first_name: Words = ""
    last_name: Words = ""
    username: Handle | None = None
    language_code: Handle | None = None


class Chat(Wire):
    id: Whole
    type: Handle = "private"
    title: Words = ""
    username: Handle | None = None


class File(Wire):
    """What photo sizes, documents, voices, audios, videos, animations and stickers have in common."""

    file_id: Handle
    file_unique_id: Handle | None = None
    file_size: Annotated[int, Field(ge=0)] | None = None
    file_name: Words | None = None
    mime_type: Handle | None = None
    width: int = 0
    height: int = 0


class Location(Wire):
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class Venue(Wire):
    location: Location
    title: Words = ""
    address: Words = ""


class Contact(Wire):
    phone_number: Handle
    first_name: Words = ""
    last_name: Words = ""
    user_id: Whole | None = None


class Replied(Wire):
    message_id: Whole


class Message(Wire):
    """core.telegram.org/bots/api#message, and InaccessibleMessage, which has only chat, message_id and date 0."""

    message_id: Whole
    chat: Chat
    date: Moment = 0
    edit_date: Moment | None = None
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    text: Words | None = None
    caption: Words | None = None
    photo: tuple[File, ...] = ()
    document: File | None = None
    animation: File | None = None
    video: File | None = None
    video_note: File | None = None
    voice: File | None = None
    audio: File | None = None
    sticker: File | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    reply_to_message: Replied | None = None
    forward_origin: dict[str, Any] | None = None
    is_automatic_forward: bool = False  # a channel's post, put into the group that belongs to it
    via_bot: User | None = None


class CallbackQuery(Wire):
    id: Handle
    sender: User = Field(alias="from")
    message: Message | None = None
    data: Words | None = None


class Member(Wire):
    status: Handle


class MemberUpdated(Wire):
    chat: Chat
    sender: User = Field(alias="from")
    date: Moment = 0
    old_chat_member: Member
    new_chat_member: Member


class Update(Wire):
    update_id: int = 0
    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberUpdated | None = None
