"""The Bot API's methods. Every rule names the page of the vendor that it follows (core.telegram.org/bots/…)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

from tests.bots.botapi.world import Held, Json, Sent, World

DOWNLOAD_LIMIT = 20 * 1024 * 1024  # bots/api#getfile


class Wrong(Exception):
    """An error answer (bots/api#making-requests: ok false, error_code, description, maybe parameters)."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.answer: Json = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.answer["parameters"] = parameters


def get_me(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#getme"""
    return {"id": world.bot_id, "is_bot": True, "first_name": "LAPOR", "username": "lapor_test_bot"}


def set_webhook(world: World, fields: dict[str, str], files: dict[str, bytes]) -> bool:
    """bots/api#setwebhook: an empty url removes it; the secret comes back in X-Telegram-Bot-Api-Secret-Token.

    Unlike Telegram, plain http is taken: the tests' webhook is on loopback.
    """
    world.webhook = {"url": fields.get("url", ""), "secret": fields.get("secret_token", "")}
    _allow(world, fields)
    if fields.get("drop_pending_updates", "").lower() == "true":
        world.updates.clear()
    world.arrived.set()
    return True


def delete_webhook(world: World, fields: dict[str, str], files: dict[str, bytes]) -> bool:
    """bots/api#deletewebhook"""
    return set_webhook(world, {"drop_pending_updates": fields.get("drop_pending_updates", "")}, files)


def get_webhook_info(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#getwebhookinfo"""
    return {
        "url": world.webhook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }


def _allow(world: World, fields: dict[str, str]) -> None:
    """bots/api#getupdates, allowed_updates: if not given, the previous setting is kept; an empty list means the default."""
    if "allowed_updates" in fields:
        world.allowed = frozenset(json.loads(fields["allowed_updates"])) or None


def send_message(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#sendmessage: text of 1-4096 characters."""
    text = fields.get("text", "")
    if not text.strip():
        raise Wrong(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        raise Wrong(400, "Bad Request: message is too long")
    return _send(world, "sendMessage", fields, {"text": text}, text, ())


def send_photo(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#sendphoto: at most 10 MB, caption of 0-1024 characters."""
    content = files.get("photo", b"")
    if len(content) > 10 * 1024 * 1024:
        raise Wrong(400, "Bad Request: file is too big for a photo")
    photo = [{"file_id": "sent", "file_unique_id": "s", "width": 1, "height": 1, "file_size": len(content)}]
    return _send(world, "sendPhoto", fields, {"photo": photo}, _caption(fields), (len(content),))


def send_document(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#senddocument: at most 50 MB."""
    content = files.get("document", b"")
    document = {"file_id": "sent", "file_unique_id": "s", "file_size": len(content)}
    return _send(world, "sendDocument", fields, {"document": document}, _caption(fields), (len(content),))


def send_media_group(world: World, fields: dict[str, str], files: dict[str, bytes]) -> list[Json]:
    """bots/api#sendmediagroup: 2-10 items, each a message of its own."""
    media = json.loads(fields.get("media", "[]"))
    if not 2 <= len(media) <= 10:
        raise Wrong(400, "Bad Request: wrong number of media in the album")
    sizes = [len(files[item["media"].removeprefix("attach://")]) for item in media]
    return [
        _send(
            world,
            "sendMediaGroup",
            fields,
            {"document": {"file_id": "sent", "file_unique_id": "s", "file_size": size}},
            item.get("caption", ""),
            (size,),
        )
        for item, size in zip(media, sizes, strict=True)
    ]


def _caption(fields: dict[str, str]) -> str:
    caption = fields.get("caption", "")
    if len(caption) > 1024:
        raise Wrong(400, "Bad Request: message caption is too long")
    return caption


def _send(world: World, method: str, fields: dict[str, str], content: Json, text: str, sizes: tuple[int, ...]) -> Json:
    chat = int(fields.get("chat_id", "0") or 0)
    if chat in world.migrated:  # bots/api#responseparameters
        moved = world.migrated[chat]
        raise Wrong(400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": moved})
    if chat in world.blocked:  # bots/faq: users may block a bot at any time
        raise Wrong(403, "Forbidden: bot was blocked by the user")
    if chat not in world.chats:  # bots/features: bots cannot start conversations
        if not world.any_chat:
            raise Wrong(400, "Bad Request: chat not found")
        world.person(chat)
    markup = json.loads(fields.get("reply_markup") or "{}")
    buttons = [(item["text"], item.get("callback_data", "")) for row in markup.get("inline_keyboard", []) for item in row]
    if any(not 1 <= len(data.encode()) <= 64 for _, data in buttons):  # bots/api#inlinekeyboardbutton
        raise Wrong(400, "Bad Request: BUTTON_DATA_INVALID")
    reply = json.loads(fields.get("reply_parameters") or "{}")  # bots/api#replyparameters
    if reply and (chat, reply["message_id"]) not in world.messages and not reply.get("allow_sending_without_reply"):
        raise Wrong(400, "Bad Request: message to be replied not found")
    number, at = next(world.message_ids), time.time()
    bot = get_me(world, {}, {})
    message = {"message_id": number, "from": bot, "chat": world.chats[chat], "date": int(at), **content}
    if text and "text" not in content:
        message["caption"] = text
    if markup:
        message["reply_markup"] = markup
    world.messages[chat, number] = message
    silent = fields.get("disable_notification", "").lower() == "true"
    world.sent.append(Sent(number, chat, text, tuple(buttons), sizes, method, at, silent, reply.get("message_id")))
    world.write(at=at, sent=number, chat=chat, text=text, buttons=buttons)
    return message


def edit_message_reply_markup(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#editmessagereplymarkup"""
    key = (int(fields.get("chat_id", "0")), int(fields.get("message_id", "0")))
    if key not in world.messages:
        raise Wrong(400, "Bad Request: message to edit not found")
    message = {name: value for name, value in world.messages[key].items() if name != "reply_markup"}
    if fields.get("reply_markup"):
        message["reply_markup"] = json.loads(fields["reply_markup"])
    if message == world.messages[key]:
        raise Wrong(400, "Bad Request: message is not modified")
    world.messages[key] = message
    world.edits.append(key)
    return message


def answer_callback_query(world: World, fields: dict[str, str], files: dict[str, bytes]) -> bool:
    """bots/api#answercallbackquery; an old or unknown query is refused."""
    query = fields.get("callback_query_id", "")
    if not world.callbacks.get(query, False):
        raise Wrong(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    world.answered.append(query)
    return True


def get_file(world: World, fields: dict[str, str], files: dict[str, bytes]) -> Json:
    """bots/api#getfile: files of up to 20 MB; the link is good for at least an hour."""
    file: Held | None = world.files.get(fields.get("file_id", ""))
    if file is None:
        raise Wrong(400, "Bad Request: invalid file_id")
    if file.size > DOWNLOAD_LIMIT:
        raise Wrong(400, "Bad Request: file is too big")
    return {"file_id": file.file_id, "file_unique_id": f"u{file.file_id}", "file_size": file.size, "file_path": file.path}


def set_my_commands(world: World, fields: dict[str, str], files: dict[str, bytes]) -> bool:
    """bots/api#setmycommands: command of 1-32 of a-z 0-9 _, description of 1-256 characters."""
    commands = json.loads(fields.get("commands", "[]"))
    for entry in commands:
        name = entry["command"]
        if not (1 <= len(name) <= 32 and name.replace("_", "a").isalnum() and name == name.lower()):
            raise Wrong(400, "Bad Request: BOT_COMMAND_INVALID")
    world.commands[fields.get("language_code", "")] = commands
    return True


METHODS: dict[str, Callable[[World, dict[str, str], dict[str, bytes]], object]] = {
    "getme": get_me,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendmediagroup": send_media_group,
    "editmessagereplymarkup": edit_message_reply_markup,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "setmycommands": set_my_commands,
}
"""By lower-cased name: method names are case-insensitive (bots/api#making-requests)."""


class Polling:
    """bots/api#getupdates: one long poll at a time, confirmed updates are forgotten."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._current: asyncio.Future[None] | None = None

    async def get_updates(self, fields: dict[str, str]) -> list[Json]:
        """An update is confirmed as soon as getUpdates is called with an offset higher than its id."""
        world = self._world
        if world.webhook["url"]:
            raise Wrong(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        _allow(world, fields)
        self._confirm(int(fields.get("offset", "0") or 0))
        limit = min(max(int(fields.get("limit", "100") or 100), 1), 100)
        deadline = time.monotonic() + min(int(float(fields.get("timeout", "0") or 0)), 50)
        if self._current is not None and not self._current.done():
            self._current.set_result(None)  # the older of two pollers is sent away
        mine = self._current = asyncio.get_running_loop().create_future()
        try:
            while not world.updates and (left := deadline - time.monotonic()) > 0:
                world.arrived.clear()
                arrival = asyncio.ensure_future(world.arrived.wait())
                await asyncio.wait({arrival, mine}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                arrival.cancel()
                if mine.done():
                    raise Wrong(
                        409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
                    )
                if world.webhook["url"]:
                    raise Wrong(409, "Conflict: terminated by setWebhook request")
        finally:
            if self._current is mine:
                self._current = None
        return world.updates[:limit]

    def _confirm(self, offset: int) -> None:
        world = self._world
        if offset < 0:  # the last |offset| updates; all before are forgotten
            offset = world.updates[offset]["update_id"] if len(world.updates) >= -offset else 0
        if offset > 0:
            world.confirmed += [update["update_id"] for update in world.updates if update["update_id"] < offset]
            world.updates = [update for update in world.updates if update["update_id"] >= offset]
