"""Outbound → one request to Telegram → Delivery. One attempt; the core decides about another (design.md, road 3)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import TelegramError

from bots.telegram.client import Answered, Garbled, code_of, left_the_house
from bots.telegram.direct import drive
from core.channels import Choice, Delivery, Fault, Outbound, Outcome

TEXT_LIMIT, CAPTION_LIMIT, TOKEN_BYTES, ALBUM_FILES = 4096, 1024, 64, 10  # core.telegram.org/bots/api
PHOTO_BYTES, FILE_BYTES = 10 * 1024 * 1024, 50 * 1024 * 1024  # core.telegram.org/bots/api#sending-files
_PHOTOS = frozenset({"image/jpeg", "image/png"})
_ROW_CHARACTERS, _ROW_BUTTONS, _BURST = 24, 3, 3

FAULTS = {401: Fault.UNAUTHORISED, 403: Fault.RECIPIENT_GONE, 404: Fault.UNAUTHORISED, 429: Fault.THROTTLED}
OUTCOMES = {Fault.UNAUTHORISED: Outcome.AGAIN, Fault.RECIPIENT_GONE: Outcome.FAILED, Fault.THROTTLED: Outcome.AGAIN}
_SAID = re.compile(r"[0-9]{1,20}:message:(-[0-9]{1,18}):([0-9]{1,18})")  # as `envelope` names what stands in a group
_NOBODY = ("chat not found", "peer_id_invalid", "user not found", "chat_id is empty", "user_is_deactivated")

Request = Callable[[Bot], Coroutine[Any, Any, Message | tuple[Message, ...]]]


class Pace:
    """Telegram's limits, kept without sleeping: seconds to wait, or None if it may go now. Times are of one monotonic clock."""

    def __init__(self, *, per_second: float, seconds_between: float) -> None:
        self._per_second = per_second
        self._between = seconds_between
        self._lock = threading.Lock()
        self._all_due = 0.0
        self._due: dict[int, float] = {}

    def take(self, chat: int, now: float) -> float | None:
        """Books one message to `chat`, unless the whole bot's second or the chat's short burst is used up."""
        with self._lock:
            wait = max(self._all_due - now - 1.0, self._due.get(chat, 0.0) - now - (_BURST - 1) * self._between)
            if wait > 0:
                return wait
            self._all_due = max(self._all_due, now) + 1.0 / self._per_second
            self._due[chat] = max(self._due.get(chat, 0.0), now) + self._between
            if len(self._due) > 10_000:
                self._due = {chat: due for chat, due in self._due.items() if due > now}
            return None

    def hold(self, chat: int, seconds: float, now: float) -> None:
        """Telegram asked to wait: nothing goes to this chat before."""
        with self._lock:
            self._due[chat] = max(self._due.get(chat, 0.0), now + seconds + (_BURST - 1) * self._between)


def refusal(outbound: Outbound) -> str | None:
    """Why this message can never be sent as it is, or None."""
    limit = CAPTION_LIMIT if outbound.files else TEXT_LIMIT
    if len(outbound.text) > limit:
        return "caption_too_long" if outbound.files else "text_too_long"
    if not outbound.text.strip() and not outbound.files:
        return "empty"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in outbound.text):
        return "not_text"
    if outbound.public:
        said = _SAID.fullmatch(outbound.in_reply_to or "")
        return "not_in_public" if outbound.files or outbound.choices else None if said else "answers_nothing"
    if len(outbound.files) > ALBUM_FILES or (len(outbound.files) > 1 and outbound.choices):
        return "files_do_not_fit"
    if any(not 0 < len(choice.token.encode("utf-8", "replace")) <= TOKEN_BYTES for choice in outbound.choices):
        return "choice_token"
    if any(not choice.label.strip() for choice in outbound.choices):
        return "choice_label"
    return None


def chat_of(outbound: Outbound) -> int | None:
    """The chat that it goes to: the group in which the person spoke, or the person's own; None if that is no address."""
    if outbound.public:
        said = _SAID.fullmatch(outbound.in_reply_to or "")
        return int(said[1]) if said else None
    address = outbound.address
    digits = address.removeprefix("-")
    return int(address) if digits.isascii() and digits.isdigit() and len(digits) <= 19 else None


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Short choices share a row, a long one has its own."""
    rows: list[list[InlineKeyboardButton]] = []
    width = _ROW_CHARACTERS
    for choice in choices:
        if not rows or width + len(choice.label) > _ROW_CHARACTERS or len(rows[-1]) == _ROW_BUTTONS:
            rows.append([])
            width = 0
        rows[-1].append(InlineKeyboardButton(choice.label, callback_data=choice.token))
        width += len(choice.label)
    return InlineKeyboardMarkup(rows) if rows else None


def request_for(outbound: Outbound, chat: int) -> Request:
    """The one request that carries this message. Reads the files now; raises OSError if one is not there."""
    marks: dict[str, Any] = {"chat_id": chat, "disable_notification": outbound.silent}
    if outbound.public and (said := _SAID.fullmatch(outbound.in_reply_to or "")):
        marks["reply_parameters"] = ReplyParameters(int(said[2]))  # without it nobody would know whom it answers
    if not outbound.files:
        marks["reply_markup"] = keyboard(outbound.choices)
        preview = LinkPreviewOptions(is_disabled=True)
        return lambda bot: bot.send_message(text=outbound.text, link_preview_options=preview, **marks)
    contents = [file.path.read_bytes() for file in outbound.files]
    caption = outbound.text or None
    if len(contents) > 1:
        last = len(contents) - 1  # under the last document the caption stands below the whole album
        album = [
            InputMediaDocument(content, filename=file.name, caption=caption if index == last else None)
            for index, (content, file) in enumerate(zip(contents, outbound.files, strict=True))
        ]
        return lambda bot: bot.send_media_group(media=album, **marks)
    content, file = contents[0], outbound.files[0]
    marks |= {"reply_markup": keyboard(outbound.choices), "caption": caption, "filename": file.name}
    if file.mime in _PHOTOS and len(content) <= PHOTO_BYTES:
        return lambda bot: bot.send_photo(photo=content, **marks)
    return lambda bot: bot.send_document(document=content, **marks)


def deliver(bot: Bot, request: Request) -> Delivery:
    """Sends, and says honestly what came of it."""
    try:
        sent = drive(request(bot))
    except TelegramError as error:
        return verdict(error)
    except Exception as error:  # an answer that the library cannot read came after the message went
        return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=type(error).__name__)
    first = sent if isinstance(sent, Message) else sent[0]
    return Delivery(Outcome.ACCEPTED, vendor_id=str(first.message_id))


def verdict(error: TelegramError) -> Delivery:
    """What a failed attempt means. Unknown is said only where the message may really have been sent."""
    detail = code_of(error)
    if isinstance(error, Answered):
        return _answer(error, detail)
    if isinstance(error, Garbled) and 300 <= error.code <= 499:  # a proxy's refusal: it never came to Telegram
        return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail=detail)
    if isinstance(error, Garbled) or left_the_house(error):
        return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=detail)
    return Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail=detail)


def of_public(delivery: Delivery) -> Delivery:
    """What became of an answer in a group says nothing of the person's own address: that is neither gone nor another one."""
    if delivery.fault in (Fault.RECIPIENT_GONE, Fault.RECIPIENT_MOVED):
        return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=delivery.detail)
    return delivery


def _answer(error: Answered, detail: str) -> Delivery:
    moved, wait = error.parameters.get("migrate_to_chat_id"), error.parameters.get("retry_after")
    if isinstance(moved, int):  # core.telegram.org/bots/api#responseparameters
        return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_MOVED, moved_to=str(moved), detail=detail)
    if fault := FAULTS.get(error.code):
        seconds = float(wait) if isinstance(wait, int | float) else None
        return Delivery(OUTCOMES[fault], fault=fault, retry_after_seconds=seconds, detail=detail)
    if error.code >= 500:
        return Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail=detail)
    if any(words in error.description for words in _NOBODY):
        return Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="chat_not_found")
    return Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=detail)
