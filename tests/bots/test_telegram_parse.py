"""Updates as Telegram documents them (core.telegram.org/bots/api#update) and what the core reads in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.telegram.envelope import Envelope, envelope, split
from bots.telegram.parse import join, parse
from core.channels import FileRef, Inbound, InboundKind, MediaKind, Place

NOON = datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
SITI = {"id": 7, "is_bot": False, "first_name": "Siti", "last_name": "Aminah", "username": "siti", "language_code": "id"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Siti"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Warga RT 3"}
FILE = {"file_id": "F", "file_unique_id": "U", "file_size": 10}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1773378000, "from": SITI, "chat": PRIVATE, **content}


def sealed(kind: str, content: Any, update_id: int = 900) -> Envelope:
    body = json.dumps({"update_id": update_id, kind: content}).encode()
    return envelope(body, channel="telegram", bot_id="42", received_at=NOON, album_seconds=1.5)


def read(kind: str, content: Any) -> Inbound:
    raw = sealed(kind, content).raw
    return parse(raw.body, raw.source_id, channel=raw.channel)


def test_a_text_is_a_message_of_a_verified_person() -> None:
    inbound = read("message", message(text="min anak sy demam"))
    assert inbound.kind is InboundKind.MESSAGE
    assert inbound.text == "min anak sy demam"
    assert (inbound.sender.address, inbound.sender.name, inbound.sender.handle) == ("7", "Siti Aminah", "siti")
    assert (inbound.sender.language, inbound.sender.verified) == ("id", True)
    assert inbound.sent_at == datetime(2026, 3, 13, 5, 0, tzinfo=UTC)
    assert inbound.source_id == "42:message:7:5"


def test_of_a_photo_the_largest_size_is_taken() -> None:
    sizes = [{**FILE, "file_id": name, "width": w, "height": w} for name, w in (("s", 90), ("l", 1280), ("m", 320))]
    inbound = read("message", message(photo=sizes, caption="jalan berlubang"))
    assert inbound.text == "jalan berlubang"
    assert inbound.files == (FileRef("l", MediaKind.PHOTO, mime="image/jpeg", size_bytes=10, unique="U"),)


@pytest.mark.parametrize(
    "content, kind, mime",
    [
        ({"document": {**FILE, "mime_type": "application/pdf"}}, MediaKind.DOCUMENT, "application/pdf"),
        ({"voice": FILE}, MediaKind.VOICE, "audio/ogg"),
        ({"audio": {**FILE, "mime_type": "audio/mpeg"}}, MediaKind.AUDIO, "audio/mpeg"),
        ({"video": {**FILE, "mime_type": "video/mp4"}}, MediaKind.VIDEO, "video/mp4"),
        ({"video_note": FILE}, MediaKind.VIDEO, "video/mp4"),
        ({"sticker": FILE}, MediaKind.STICKER, None),
        ({"animation": {**FILE, "mime_type": "video/mp4"}, "document": FILE}, MediaKind.VIDEO, "video/mp4"),
    ],
)
def test_every_kind_of_file_is_one_file(content: dict[str, Any], kind: MediaKind, mime: str | None) -> None:
    (file,) = read("message", message(**content)).files
    assert (file.kind, file.mime, file.ref, file.size_bytes) == (kind, mime, "F", 10)


def test_a_location_and_a_venue_are_places() -> None:
    spot = {"latitude": -6.2, "longitude": 106.8}
    assert read("message", message(location=spot)).place == Place(-6.2, 106.8)
    venue = read("message", message(location=spot, venue={"location": spot, "title": "Puskesmas", "address": "Jl Melati"}))
    assert venue.place == Place(-6.2, 106.8, "Puskesmas, Jl Melati")


def test_the_own_contact_is_a_phone_number_and_anothers_is_words() -> None:
    own = read("message", message(contact={"phone_number": "+6281", "first_name": "Siti", "user_id": 7}))
    assert (own.phone, own.text) == ("+6281", "")
    other = read("message", message(contact={"phone_number": "+6282", "first_name": "Pak", "last_name": "Budi"}))
    assert (other.phone, other.text) == (None, "Pak Budi +6282")


def test_an_edit_names_its_original() -> None:
    inbound = read("edited_message", message(text="dua puluh ribu", edit_date=1773378060))
    assert (inbound.kind, inbound.edits) == (InboundKind.EDIT, "42:message:7:5")
    assert inbound.source_id == "42:edit:7:5:1773378060"
    assert inbound.sent_at == datetime(2026, 3, 13, 5, 1, tzinfo=UTC)


def test_a_press_carries_its_token() -> None:
    inbound = read("callback_query", {"id": "31337", "from": SITI, "message": message(text="?"), "data": "hide"})
    assert (inbound.kind, inbound.choice, inbound.text, inbound.reply_to) == (InboundKind.MESSAGE, "hide", "", "5")
    assert inbound.source_id == "42:press:31337"


@pytest.mark.parametrize("old", [{"message_id": 5, "chat": PRIVATE, "date": 0}, None])
def test_a_press_on_a_message_of_last_month_is_still_a_press(old: Any) -> None:
    query = {"id": "1", "from": SITI, "data": "send", **({"message": old} if old else {})}
    assert read("callback_query", query).choice == "send"
    assert sealed("callback_query", query).raw.lane == "7"


@pytest.mark.parametrize(
    "old, new, kind", [("member", "kicked", InboundKind.BLOCKED), ("kicked", "member", InboundKind.UNBLOCKED)]
)
def test_blocking_and_unblocking_are_told(old: str, new: str, kind: InboundKind) -> None:
    change = {"chat": PRIVATE, "from": SITI, "date": 5, "old_chat_member": {"status": old}, "new_chat_member": {"status": new}}
    inbound = read("my_chat_member", change)
    assert (inbound.kind, inbound.sender.address) == (kind, "7")
    assert read("my_chat_member", {**change, "chat": GROUP}).kind is InboundKind.IGNORED


@pytest.mark.parametrize("chat", [GROUP, {**GROUP, "type": "group"}, {**GROUP, "type": "channel"}])
def test_what_is_said_where_others_read_is_public(chat: dict[str, Any]) -> None:
    assert read("message", message(chat=chat, text="lapor")).kind is InboundKind.PUBLIC
    raw = sealed("message", message(chat=chat, text="lapor")).raw
    assert (raw.lane, raw.source_id) == ("7", "42:message:-1001:5")  # the conversation is the person's own
    assert read("edited_message", message(chat=chat, text="lapor", edit_date=3)).kind is InboundKind.IGNORED


def test_what_is_announced_to_many_has_no_person_and_no_answer() -> None:
    post = {"message_id": 5, "date": 1, "chat": {**GROUP, "type": "channel"}, "sender_chat": GROUP, "text": "lapor"}
    inbound = read("channel_post", post)
    assert (inbound.kind, inbound.sender.address) == (InboundKind.IGNORED, "-1001")
    forwarded = message(chat=GROUP, sender_chat=GROUP, text="lapor", is_automatic_forward=True)
    assert read("message", forwarded).kind is InboundKind.IGNORED


def test_an_album_and_a_press_in_a_group_belong_to_whom_they_are_of() -> None:
    album = sealed("message", message(chat=GROUP, photo=[FILE], media_group_id="13")).raw
    assert (album.lane, album.group) == ("7", "13")
    press = {"id": "1", "from": {**SITI, "id": 8}, "data": "send", "message": message(chat=GROUP, text="?")}
    assert sealed("callback_query", press).raw.lane == "8"
    assert (read("callback_query", press).kind, read("callback_query", press).sender.address) == (InboundKind.PUBLIC, "8")


def test_who_speaks_in_the_name_of_a_chat_is_that_chat() -> None:
    """core.telegram.org/bots/api#message: `from` is then a made-up user, the same one for all."""
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    content = message(chat=GROUP, sender_chat=GROUP, text="lapor", **{"from": bot})
    assert read("message", content).sender.address == sealed("message", content).raw.lane == "-1001"


@pytest.mark.parametrize(
    "kind, content",
    [
        ("poll", {"id": "1", "question": "?"}),
        ("inline_query", {"id": "1", "from": SITI, "query": "x"}),
        ("message", message(poll={"id": "1"})),
        ("message", message(dice={"emoji": "🎲", "value": 3})),
        ("message", message(new_chat_members=[SITI], chat=GROUP)),
        ("message", message(migrate_to_chat_id=-1002, chat=GROUP)),
        ("callback_query", {"id": "1", "from": SITI, "game_short_name": "x"}),
    ],
)
def test_what_is_nothing_for_us_is_ignored(kind: str, content: Any) -> None:
    assert read(kind, content).kind is InboundKind.IGNORED


def test_forwarded_and_relayed_messages_are_noted() -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}
    assert read("message", message(text="a", forward_origin=origin, via_bot=SITI)).notes == ("forwarded", "via_bot")


def test_another_bot_is_a_machine() -> None:
    sender = {**SITI, "is_bot": True}
    assert read("message", {**message(text="a"), "from": sender}).kind is InboundKind.AUTOMATIC


def test_a_command_loses_the_bots_name() -> None:
    assert read("message", message(text="/status@lapor_bot K7M4")).text == "/status K7M4"
    assert read("message", message(text="tulis ke saya@surel.id")).text == "tulis ke saya@surel.id"


def test_words_come_out_storable_and_otherwise_unchanged() -> None:
    assert read("message", message(text="a\0b\ud83d\ude00\u202ec")).text == "ab😀\u202ec"
    assert read("message", message(text="x\ud83d")).text == "x\ufffd"
    assert read("message", message(text="😀" * 4096)).text == "😀" * 4096


def test_an_album_waits_for_its_parts_and_becomes_one_message() -> None:
    parts = [sealed("message", {**message(photo=[FILE], media_group_id="13"), "message_id": n}).raw for n in (12, 10, 11)]
    assert {part.group for part in parts} == {"13"}
    assert {part.ready_at for part in parts} == {NOON + timedelta(seconds=1.5)}
    read_parts = [parse(part.body, part.source_id, channel="telegram") for part in parts]
    captioned = parse(
        json.dumps({"update_id": 1, "message": message(photo=[{**FILE, "file_id": "9"}], caption="ini fotonya")}).encode(),
        "42:message:7:9",
        channel="telegram",
    )
    joined = join([*read_parts, captioned])
    assert (joined.source_id, joined.text) == ("42:message:7:9", "ini fotonya")
    assert [file.ref for file in joined.files] == ["9", "F", "F", "F"]


def test_an_edited_caption_does_not_wait_with_the_album() -> None:
    raw = sealed("edited_message", message(caption="b", edit_date=3, media_group_id="13")).raw
    assert (raw.group, raw.ready_at) == (None, None)


def test_the_update_id_is_no_part_of_what_a_message_is() -> None:
    for kind, content in (("message", message(text="a")), ("poll", {"id": "1"}), ("callback_query", {"id": "1", "from": SITI})):
        assert sealed(kind, content, 1).raw.source_id == sealed(kind, content, 999_999).raw.source_id


def test_ids_of_two_bots_do_not_meet() -> None:
    body = json.dumps({"update_id": 1, "message": message(text="a")}).encode()
    ids = {envelope(body, channel="t", bot_id=bot, received_at=NOON, album_seconds=1).raw.source_id for bot in ("1", "2")}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[1]", b'{"update_id":1}', b'{"message":{}}', b'{"message":{"chat":{"id":"7"},"message_id":1}}',
     b'{"message":{"chat":{"id":true},"message_id":1}}', b"[" * 100_000, b'{"callback_query":{"id":"' + b"x" * 99 + b'"}}',
     b'{"message":{"chat":{"id":99999999999999999999},"message_id":1}}', b"\xff\xfe\x00"],
)  # fmt: skip
def test_what_cannot_be_read_gets_a_lane_of_its_own(body: bytes) -> None:
    raw = envelope(body, channel="telegram", bot_id="42", received_at=NOON, album_seconds=1.5).raw
    assert raw.body == body
    assert raw.lane.startswith("other:")
    assert raw.source_id.startswith("42:other:")
    assert len(raw.source_id) < 100


def test_an_answer_is_split_into_the_vendors_own_bytes() -> None:
    first, second = b'{"update_id":1, "message":{"text":"\xc3\xa9 ]},{"}}', b'{ "update_id" : 2 }'
    assert split(b'{"ok":true, "note":[1], "result": [' + first + b" ,\n" + second + b"]}") == (first, second)
    assert split(b'{"result":[],"ok":true}') == ()


@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b"{}", b'{"ok":true}', b'{"result":[1', b'{"result":[1 2]}', b"[]", b'{"a"}']
)
def test_what_is_no_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):
        split(payload)
