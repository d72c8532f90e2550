"""What every channel owes the core (core/channels.py), asked of each adapter in the same words."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots import console, email, sms, telegram, twitter
from core.channels import Channel, Choice, Fault, FetchState, FileRef, Inbound, MediaKind, Outbound, Outcome
from tests.bots.botapi import TOKEN, BotApi
from tests.bots.contract import HOUSE, SECRET, Door, TelegramDoor
from tests.bots.examples import EXAMPLES
from tests.bots.xapi import KEYS
from tests.bots.xapi.door import TwitterDoor

wait = BotApi.wait


def outbound(address: str, text: str = "Sudah saya catat.", **more: Any) -> Outbound:
    return Outbound(key="k1", address=address, text=text, **more)


def test_a_message_arrives_as_the_person_wrote_it(door: Door) -> None:
    door.open()
    door.say("jalan rusak pak")
    wait(lambda: not door.owes() and door.inbox.raws())
    (inbound,) = door.inbox.inbounds(door.channel)
    assert inbound.text == "jalan rusak pak"
    assert inbound.sender.address == door.address == door.inbox.raws()[0].lane


def test_nothing_is_acknowledged_before_it_is_stored(door: Door) -> None:
    door.open()
    door.inbox.away = True
    door.say("lampu mati")
    wait(lambda: door.owes() and door.inbox.refused >= 1)
    assert door.owes()
    assert not door.inbox.raws()
    door.inbox.away = False
    wait(lambda: not door.owes() and door.inbox.raws())
    assert [inbound.text for inbound in door.inbox.inbounds(door.channel)] == ["lampu mati"]


def test_the_same_message_delivered_twice_has_one_source_id(door: Door) -> None:
    door.open()
    door.say("halo")
    wait(lambda: not door.owes() and door.inbox.raws())
    door.say_again()
    wait(lambda: not door.owes() and door.inbox.duplicates)
    assert len(door.inbox.raws()) == 1


def test_messages_keep_their_order(door: Door) -> None:
    door.open()
    for number in range(20):
        door.say(f"pesan {number}")
    wait(lambda: not door.owes() and len(door.inbox.raws()) == 20)
    assert [inbound.text for inbound in door.inbox.inbounds(door.channel)] == [f"pesan {number}" for number in range(20)]


def test_what_is_sent_is_shown_once(door: Door) -> None:
    delivery = door.channel.send(outbound(door.address, choices=(Choice("yes", "Ya"), Choice("no", "Tidak"))))
    assert delivery.outcome in (Outcome.ACCEPTED, Outcome.DELIVERED)
    assert delivery.vendor_id
    assert door.shown() == ["Sudah saya catat."]


@pytest.mark.parametrize("too_long", [True, False])
def test_what_can_never_be_sent_is_refused_without_trying(door: Door, too_long: bool) -> None:
    text, detail = ("x" * (door.longest + 1), "text_too_long") if too_long else ("  \n", "empty")
    delivery = door.channel.send(outbound(door.address, text))
    assert (delivery.outcome, delivery.fault, delivery.detail) == (Outcome.FAILED, Fault.REFUSED, detail)
    assert door.shown() == []


@pytest.mark.parametrize("text", ["😀" * 4096, "\u202elaporan\u200f", "a\0b"])
def test_the_longest_and_strangest_texts_go_out(door: Door, text: str) -> None:
    text = text[: door.longest]
    assert door.channel.send(outbound(door.address, text)).outcome in (Outcome.ACCEPTED, Outcome.DELIVERED)
    assert len(door.shown()) == 1


def test_a_file_is_brought_as_it_was_sent(door_for_files: Door, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    fetched = door_for_files.channel.fetch(door_for_files.attach(content), door_for_files.body, tmp_path / "into", len(content))
    assert (fetched.state, fetched.size_bytes) == (FetchState.STORED, len(content))
    assert (tmp_path / "into").read_bytes() == content


def test_a_file_over_the_limit_is_too_large(door_for_files: Door, tmp_path: Path) -> None:
    assert (
        door_for_files.channel.fetch(door_for_files.attach(b"x" * 101), door_for_files.body, tmp_path / "into", 100).state
        is FetchState.TOO_LARGE
    )


def test_a_file_that_is_not_there_is_gone(door: Door, tmp_path: Path) -> None:
    ref = FileRef("/nowhere/AgACnothing", MediaKind.DOCUMENT)
    assert door.channel.fetch(ref, None, tmp_path / "into", 100).state is FetchState.GONE


def test_closing_leaves_no_thread_and_closes_twice(door: Door) -> None:
    before = set(threading.enumerate())
    door.open()
    door.say("halo")
    wait(lambda: not door.owes() and door.inbox.raws())
    door.channel.send(outbound(door.address))
    assert door.channel.check()[0].ok
    door.rest()
    door.channel.close()
    door.channel.close()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not {name for name in left if name == "listener" or "telegram" in name or "twitter" in name}
    after = door.channel.send(outbound(door.address))
    assert (after.outcome, after.fault) == (Outcome.AGAIN, Fault.UNAVAILABLE)


def test_no_secret_is_in_any_log_or_stored_value(
    door: Door, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    door.open()
    door.say("halo")
    wait(lambda: not door.owes() and door.inbox.raws())
    values: list[object] = [door.channel.send(outbound(door.address))]
    if door.channel.capabilities.media_in:
        values.append(door.channel.fetch(door.attach(b"isi"), door.body, tmp_path / "into", 100))
    if isinstance(door, TelegramDoor):
        for fault in ({"status": 401, "description": "Unauthorized"}, {"html": True}, {"drop": True}):
            for method in ("sendMessage", "getFile", "getUpdates", "getMe"):
                door.server.fault(method, **fault)
            values += [door.channel.send(outbound(door.address)), door.channel.check()]
            values.append(door.channel.fetch(door.attach(b"isi"), door.body, tmp_path / "into", 100))
    if isinstance(door, TwitterDoor):
        ref = door.attach(b"isi")
        for how in ("html", "cut", "garbage", "oauth1_permissions", "unauthorised"):
            for endpoint in ("dm", "events", "mentions", "me", "dm-media"):
                door.server.fault(endpoint, how)
            values += [door.channel.send(outbound(door.address)), door.channel.check(), door.channel.health]
            values.append(door.channel.fetch(ref, door.body, tmp_path / "into", 100))
    values += [door.channel.health, door.inbox.raws(), door.inbox.inbounds(door.channel), door.channel.check()]
    spoken = capfd.readouterr()
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, *door.secrets):
        assert secret not in repr(values)
        assert secret not in caplog.text + spoken.out + spoken.err


# --- parse is total ------------------------------------------------------------------------------------------------------


def _at_rest() -> list[Channel]:
    settings = telegram.Settings.model_validate({"enabled": True, "token": TOKEN})
    x = twitter.Settings.model_validate({"enabled": True, **KEYS.settings()})
    gateway = sms.Settings.model_validate({"enabled": True, "username": "u", "password": "p", "secret": "s" * 16})
    return [
        telegram.build(settings),
        console.build(console.Settings()),
        email.build(email.Settings(), HOUSE),
        sms.build(gateway),
        twitter.build(x),
    ]


CHANNELS = _at_rest()
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud800", "\0", "x" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def paths(value: object) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, as the keys that lead there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(key, *rest) for key, child in inner for rest in [(), *paths(child)]]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with some of its values replaced by anything or left out."""
    content: Any = json.loads(json.dumps(draw(st.sampled_from(EXAMPLES))))
    for _ in range(draw(st.integers(1, 3))):
        places = paths(content)
        *way, last = draw(st.sampled_from(places or [("update_id",)]))
        target = content
        for key in way:
            target = target[key]
        if isinstance(target, dict) and draw(st.booleans()):
            target.pop(last, None)
        else:
            target[last] = draw(_ANYTHING)
    return json.dumps(content).encode()


def storable(text: str | None) -> bool:
    return text is None or ("\0" not in text and text.encode("utf-8").decode() == text)


def assert_parse_is_total(body: bytes) -> None:
    for channel in CHANNELS:
        try:
            inbound = channel.parse(body, "7:message:7:1")
        except ValueError:
            continue
        assert isinstance(inbound, Inbound)
        joined = channel.join([inbound, inbound])
        strings = [inbound.text, inbound.choice, inbound.phone, joined.text, inbound.sender.name, inbound.sender.handle]
        strings += [word for file in inbound.files for word in (file.ref, file.name, file.mime, file.unique)]
        strings += [inbound.sender.language, inbound.sender.address, inbound.place.label if inbound.place else None]
        assert all(storable(word) for word in strings)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    assert_parse_is_total(body)


@settings(max_examples=400)
@given(mutated())
def test_any_mutated_message_is_parsed_or_refused(body: bytes) -> None:
    assert_parse_is_total(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"1e999",
        b"[" * 100_000,
        b'{"update_id":' + b"9" * 5000 + b"}",
        b'{"a":' * 50_000,
        b"\xff\xfe",
    ],
)
def test_hostile_json_is_refused(body: bytes) -> None:
    for channel in CHANNELS:
        with pytest.raises(ValueError):
            channel.parse(body, "s")
