"""What people do in Telegram, as the updates that a bot gets of it (core.telegram.org/bots/api#update)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from tests.bots.botapi.world import Held, Json, World


class People:
    """Each act returns the new message's number, unless it says otherwise. `chat` is the person's id."""

    def __init__(self, world: World) -> None:
        self._world = world

    def person(self, chat: int, **facts: Any) -> None:
        """Lets `chat` exist, with first_name, last_name, username, language_code as given."""
        self._world.person(chat, **facts)

    def group(self, chat: int, kind: str = "supergroup", title: str = "Warga RT 3") -> None:
        """A group or channel; `chat` is negative."""
        self._world.chats[chat] = {"id": chat, "type": kind, "title": title}

    def say(self, chat: int, text: str | None = None, *, by: int | None = None, **content: Any) -> int:
        """A message; `by` is who wrote it in a group. Further fields of Message as given."""
        world = self._world
        sender = world.person(by if by is not None else chat)
        number = next(world.message_ids)
        message: Json = {
            "message_id": number,
            "from": sender,
            "chat": world.chats[chat],
            "date": int(time.time()),
            **({"text": text} if text is not None else {}),
            **content,
        }
        world.messages[chat, number] = message
        world.push("message", message)
        return number

    def edit(self, chat: int, message_id: int, text: str, *, seconds_later: int = 5) -> int:
        """A new version of a text or caption."""
        message = dict(self._world.messages[chat, message_id])
        message["caption" if "caption" in message else "text"] = text
        message["edit_date"] = message["date"] + seconds_later
        self._world.messages[chat, message_id] = message
        self._world.push("edited_message", message)
        return message_id

    def press(self, chat: int, message_id: int, token: str, *, old: bool = False) -> str:
        """A pressed button; the callback's id. `old`: the message is inaccessible and the press can no longer be answered."""
        world = self._world
        query = f"{world.bot_id}{next(world.serial):012d}"
        world.callbacks[query] = not old
        if old:  # bots/api#inaccessiblemessage
            message: Json = {"message_id": message_id, "chat": world.chats[chat], "date": 0}
        else:
            message = world.messages[chat, message_id]
        sender = world.person(chat)
        world.push(
            "callback_query", {"id": query, "from": sender, "message": message, "chat_instance": str(chat), "data": token}
        )
        return query

    def file(self, content: bytes = b"", *, size: int | None = None, name: str = "documents/file") -> str:
        """A file at the vendor; its id. `size` claims a size without the bytes."""
        serial = next(self._world.serial)
        file_id = f"AgAC{serial:08d}"
        claimed = len(content) if size is None else size
        self._world.files[file_id] = Held(file_id, f"{name}_{serial}.bin", content, claimed)
        return file_id

    def send_photo(self, chat: int, content: bytes, caption: str | None = None, **more: Any) -> int:
        """bots/api#photosize: every photo comes in several sizes."""
        sizes = [
            self._described(self.file(content[: len(content) // part], name="photos/file"), width=w, height=h)
            for part, w, h in ((8, 90, 67), (1, 1280, 960), (2, 320, 240))
        ]
        return self.say(chat, photo=sizes, **self._captioned(caption), **more)

    def send_document(
        self,
        chat: int,
        content: bytes,
        caption: str | None = None,
        *,
        name: str = "bukti.pdf",
        mime: str = "application/pdf",
        size: int | None = None,
    ) -> int:
        """bots/api#document"""
        described = self._described(self.file(content, size=size), file_name=name, mime_type=mime)
        return self.say(chat, document=described, **self._captioned(caption))

    def send_voice(self, chat: int, content: bytes) -> int:
        """bots/api#voice"""
        return self.say(chat, voice=self._described(self.file(content), duration=3, mime_type="audio/ogg"))

    def send_album(self, chat: int, contents: Sequence[bytes], caption: str | None = None) -> list[int]:
        """Messages of their own with one media_group_id (bots/api#message); the caption stands under the first."""
        album = f"13{next(self._world.serial):014d}"
        return [
            self.send_photo(chat, content, caption if index == 0 else None, media_group_id=album)
            for index, content in enumerate(contents)
        ]

    def send_location(self, chat: int, latitude: float, longitude: float) -> int:
        """bots/api#location"""
        return self.say(chat, location={"latitude": latitude, "longitude": longitude})

    def block(self, chat: int) -> None:
        """bots/api#update, my_chat_member: in private chats only when the bot is blocked or unblocked."""
        self._world.blocked.add(chat)
        self._member(chat, "member", "kicked")

    def unblock(self, chat: int) -> None:
        self._world.blocked.discard(chat)
        self._member(chat, "kicked", "member")

    def migrate(self, chat: int, to: int) -> None:
        """A group became a supergroup (bots/api#responseparameters)."""
        self._world.migrated[chat] = to
        self.group(to)

    def raw(self, kind: str, content: Any) -> int:
        """Any update at all; its update id."""
        return self._world.push(kind, content)

    def rush(self, updates: Sequence[tuple[str, Any]]) -> list[int]:
        """Several updates at one moment, in this order: (kind, content); their update ids."""
        return [self._world.push(kind, content) for kind, content in updates]

    def repeat(self) -> list[int]:
        """Every update that was ever confirmed or waits is forgotten, the last waiting ones come again under new ids."""
        waiting, self._world.updates = self._world.updates, []
        for update in waiting:
            kind = next(key for key in update if key != "update_id")
            self._world.push(kind, update[kind])
        return [update["update_id"] for update in self._world.updates]

    def restart_ids(self, first: int) -> None:
        """bots/api#update: after a week without updates the next id is chosen at random."""
        self._world.update_id = first

    def revoke(self, revoked: bool = True) -> None:
        """@BotFather gave a new token: the old one is Unauthorized."""
        self._world.revoked = revoked

    def any_chat(self, allowed: bool = True) -> None:
        """For load generators: every chat id exists."""
        self._world.any_chat = allowed

    def expire(self, file_id: str) -> None:
        """bots/api#getfile: a link ends after an hour."""
        self._world.files[file_id].expired = True

    def _member(self, chat: int, old: str, new: str) -> None:
        world = self._world
        bot = {"id": world.bot_id, "is_bot": True, "first_name": "LAPOR"}
        world.push(
            "my_chat_member",
            {
                "chat": world.chats[chat],
                "from": world.person(chat),
                "date": int(time.time()),
                "old_chat_member": {"user": bot, "status": old},
                "new_chat_member": {"user": bot, "status": new, "until_date": 0},
            },
        )

    def _described(self, file_id: str, **more: Any) -> Json:
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": self._world.files[file_id].size,
            **more,
        }

    @staticmethod
    def _captioned(caption: str | None) -> Json:
        return {} if caption is None else {"caption": caption}
