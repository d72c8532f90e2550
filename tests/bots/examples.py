"""Stored messages of the doors that keep JSON, each with as many of its fields as fit."""

from __future__ import annotations

from typing import Any

_PERSON = {"id": 7, "is_bot": False, "first_name": "Siti", "language_code": "id"}
_CHAT = {"id": 7, "type": "private"}
_FILE = {"file_id": "A", "file_unique_id": "u", "file_size": 3, "width": 1, "height": 2, "file_name": "a", "mime_type": "b/c"}
_MESSAGE = {
    "message_id": 1, "date": 1, "edit_date": 2, "from": _PERSON, "chat": _CHAT, "text": "halo", "caption": "ini",
    "photo": [_FILE], "document": _FILE, "voice": _FILE, "sticker": _FILE, "location": {"latitude": 1.5, "longitude": 2.5},
    "media_group_id": "9", "contact": {"phone_number": "1", "first_name": "b", "user_id": 7},
    "reply_to_message": {"message_id": 3}, "venue": {"location": {"latitude": 1, "longitude": 2}, "title": "t", "address": "a"},
    "forward_origin": {"type": "user"},
}  # fmt: skip
_US = "1708000000000000001"
_POST = {
    "id": "1500000000000000003", "text": "@lapor1708 jalan rusak #lapor &amp; https://t.co/a", "author_id": "7",
    "conversation_id": "1500000000000000002", "created_at": "2026-03-13T05:00:00.000Z", "lang": "in",
    "in_reply_to_user_id": "8", "edit_history_tweet_ids": ["1500000000000000002", "1500000000000000003"],
    "referenced_tweets": [{"type": "replied_to", "id": "1500000000000000001"}], "attachments": {"media_keys": ["3_1"]},
    "entities": {
        "mentions": [{"start": 0, "end": 10, "username": "lapor1708", "id": _US}],
        "urls": [{"start": 40, "end": 50, "url": "https://t.co/a", "expanded_url": "https://x.com/a", "media_key": "3_1"}],
    },
    "note_tweet": {"text": "@lapor1708 jalan rusak sekali", "entities": {"mentions": [{"username": "lapor1708", "id": _US}]}},
    "geo": {"coordinates": {"type": "Point", "coordinates": [106.8, -6.2]}},
}  # fmt: skip
_SHOWN = {
    "x": 1, "own": _US, "author": {"id": "7", "username": "siti", "name": "Siti", "receives_your_dm": False},
    "media": [{
        "media_key": "3_1", "type": "video",
        "variants": [{"url": "https://video.twimg.com/a.mp4", "content_type": "video/mp4", "bit_rate": 5}],
    }],
    "referenced": [{"id": "1500000000000000001", "text": "apa", "author_id": "8"}],
}  # fmt: skip
_EVENT = {
    "id": "1500000000000000004", "event_type": "MessageCreate", "text": "halo &lt;b&gt;", "sender_id": "7",
    "dm_conversation_id": f"7-{_US}", "created_at": "2026-03-13T05:00:00.000Z", "attachments": {"media_keys": ["3_1"]},
}  # fmt: skip
EXAMPLES: list[dict[str, Any]] = [
    {**_SHOWN, "kind": "tweet", "tweet": _POST},
    {**_SHOWN, "kind": "thread", "tweet": _POST},
    {**_SHOWN, "kind": "edit", "tweet": _POST},
    {**_SHOWN, "kind": "dm", "event": _EVENT},
    {"x": 1, "kind": "deleted", "own": _US, "id": "1500000000000000003", "found_at": "2026-03-14T05:00:00+00:00"},
    {"update_id": 1, "message": _MESSAGE},
    {"update_id": 1, "edited_message": _MESSAGE},
    {"update_id": 1, "channel_post": _MESSAGE},
    {"update_id": 1, "callback_query": {"id": "1", "from": _PERSON, "message": _MESSAGE, "data": "x"}},
    {
        "update_id": 1,
        "my_chat_member": {
            "chat": _CHAT, "from": _PERSON, "date": 1, "old_chat_member": {"status": "member"},
            "new_chat_member": {"status": "kicked"},
        },
    },
    {"id": "m1", "name": "siti", "text": "halo", "choice": "x", "files": ["a.jpg"], "language": "id"},
]  # fmt: skip
