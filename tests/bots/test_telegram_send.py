"""What becomes of a message: Telegram's answers and silences in the core's words (core.telegram.org/bots/api)."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots import telegram
from bots.telegram.send import Pace, keyboard
from core.channels import Channel, Choice, Delivery, Fault, FetchState, FileRef, MediaKind, Outbound, Outcome, OutFile
from tests.bots.botapi import TOKEN, BotApi
from tests.bots.contract import SITI, TelegramDoor

GROUP = -1001


def outbound(text: str = "Sudah saya catat.", address: str = str(SITI), **more: Any) -> Outbound:
    return Outbound(key="k", address=address, text=text, **more)


def channel_to(url: str, **more: Any) -> Channel:
    return telegram.build(telegram.Settings.model_validate({"enabled": True, "token": TOKEN, "api_url": url, **more}))


@pytest.mark.parametrize(
    "fault, expected, arrived",
    [
        (
            {"status": 403, "description": "Forbidden: bot was blocked by the user"},
            Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="answered_403"),
            0,
        ),
        (
            {"status": 429, "description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 7}},
            Delivery(Outcome.AGAIN, fault=Fault.THROTTLED, retry_after_seconds=7.0, detail="answered_429"),
            0,
        ),
        (
            {"status": 400, "description": "Bad Request: chat not found"},
            Delivery(Outcome.FAILED, fault=Fault.RECIPIENT_GONE, detail="chat_not_found"),
            0,
        ),
        (
            {"status": 400, "description": "Bad Request: can't parse entities"},
            Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail="answered_400"),
            0,
        ),
        (
            {"status": 401, "description": "Unauthorized"},
            Delivery(Outcome.AGAIN, fault=Fault.UNAUTHORISED, detail="answered_401"),
            0,
        ),
        (
            {"status": 404, "description": "Not Found"},
            Delivery(Outcome.AGAIN, fault=Fault.UNAUTHORISED, detail="answered_404"),
            0,
        ),
        (
            {"status": 500, "description": "Internal Server Error"},
            Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="answered_500"),
            0,
        ),
        ({"html": True, "carried_out": True}, Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="http_502"), 1),
        ({"html": True, "status": 403}, Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="http_403"), 0),
        ({"html": True, "status": 200}, Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="http_200"), 0),
        ({"hang": True, "carried_out": True}, Delivery(Outcome.UNKNOWN, fault=Fault.UNCERTAIN, detail="ReadTimeout"), 1),
    ],
)
def test_each_answer_has_its_outcome(polling: TelegramDoor, fault: dict[str, Any], expected: Delivery, arrived: int) -> None:
    polling.server.fault("sendMessage", **fault)
    assert polling.channel.send(outbound()) == expected
    assert len(polling.server.sent(SITI)) == arrived
    assert len(polling.server.calls("sendMessage")) == 1  # one attempt, no retries of the library


def test_a_connection_that_breaks_after_the_request_is_unknown(polling: TelegramDoor) -> None:
    polling.server.fault("sendMessage", drop=True, carried_out=True)
    delivery = polling.channel.send(outbound())
    assert (delivery.outcome, delivery.fault) == (Outcome.UNKNOWN, Fault.UNCERTAIN)
    assert len(polling.server.sent(SITI)) == 1


def test_a_refused_connection_sent_certainly_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        channel = channel_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
        delivery = channel.send(outbound())
        assert delivery == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="ConnectError")
        assert not channel.check()[0].ok
        channel.close()


def test_a_full_pool_sent_certainly_nothing(tmp_path: Path) -> None:
    letter = tmp_path / "surat.pdf"
    letter.write_bytes(b"isi")
    with ThreadPoolExecutor(1) as thread:
        with BotApi() as server:
            server.person(SITI)
            channel = channel_to(server.url, connections=1, answer_timeout_seconds=0.3)
            server.fault("sendDocument", hang=True)
            waiting = thread.submit(channel.send, outbound(files=(OutFile(letter, "surat.pdf", "application/pdf"),)))
            BotApi.wait(lambda: server.calls("sendDocument"))
            delivery = channel.send(outbound())
            assert delivery == Delivery(Outcome.AGAIN, fault=Fault.UNAVAILABLE, detail="PoolTimeout")
            assert not server.calls("sendMessage")
        assert waiting.result(10).outcome is Outcome.UNKNOWN
        channel.close()


def test_a_group_that_moved_is_said_with_its_new_address(polling: TelegramDoor) -> None:
    polling.server.group(GROUP)
    polling.server.migrate(GROUP, -1002)
    delivery = polling.channel.send(outbound(address=str(GROUP)))
    assert (delivery.outcome, delivery.fault, delivery.moved_to) == (Outcome.FAILED, Fault.RECIPIENT_MOVED, "-1002")
    assert polling.channel.send(outbound(address="-1002")).outcome is Outcome.ACCEPTED


def test_what_was_said_in_a_group_is_answered_in_that_group_as_a_reply(polling: TelegramDoor) -> None:
    polling.server.group(GROUP)
    number = polling.server.say(GROUP, "lapor lampu mati", by=SITI)
    said = f"42:message:{GROUP}:{number}"
    delivery = polling.channel.send(outbound("Kirim pesan pribadi ke saya, ya.", public=True, in_reply_to=said))
    assert delivery.outcome is Outcome.ACCEPTED
    (answer,) = polling.server.sent(GROUP)
    assert (answer.text, answer.reply_to) == ("Kirim pesan pribadi ke saya, ya.", number)
    assert polling.server.sent(SITI) == []


def test_an_answer_to_what_is_not_there_any_more_goes_nowhere(polling: TelegramDoor) -> None:
    polling.server.group(GROUP)
    delivery = polling.channel.send(outbound(public=True, in_reply_to=f"42:message:{GROUP}:999"))
    assert (delivery.outcome, delivery.fault) == (Outcome.FAILED, Fault.REFUSED)
    assert polling.server.sent(GROUP) == polling.server.sent(SITI) == []


@pytest.mark.parametrize("how", ["thrown_out", "moved"])
def test_a_group_that_is_gone_says_nothing_of_the_persons_own_address(polling: TelegramDoor, how: str) -> None:
    polling.server.group(GROUP)
    number = polling.server.say(GROUP, "lapor", by=SITI)
    if how == "moved":
        polling.server.migrate(GROUP, -1002)
    else:
        polling.server.fault("sendMessage", status=403, description="Forbidden: bot was kicked from the supergroup chat")
    delivery = polling.channel.send(outbound(public=True, in_reply_to=f"42:message:{GROUP}:{number}"))
    assert (delivery.outcome, delivery.fault, delivery.moved_to) == (Outcome.FAILED, Fault.REFUSED, None)


@pytest.mark.parametrize("said", [None, "42:message:7:5", "42:press:31337", "42:message:-1001", "42:message:-1001:5:6"])
def test_a_public_answer_without_a_group_is_never_sent_anywhere(polling: TelegramDoor, said: str | None) -> None:
    delivery = polling.channel.send(outbound(public=True, in_reply_to=said))
    assert (delivery.fault, delivery.detail) == (Fault.REFUSED, "answers_nothing")
    assert not polling.server.calls("sendMessage")


def test_a_bot_does_not_reach_somebody_who_never_wrote(polling: TelegramDoor) -> None:
    assert polling.channel.send(outbound(address="4711")).fault is Fault.RECIPIENT_GONE


@pytest.mark.parametrize("address", ["", "siti", "-", "--7", "7.5", "７", "9" * 30])
def test_an_address_that_is_no_chat_is_gone_without_asking(polling: TelegramDoor, address: str) -> None:
    assert polling.channel.send(outbound(address=address)).fault is Fault.RECIPIENT_GONE
    assert not polling.server.calls("sendMessage")


@pytest.mark.parametrize(
    "wrong, detail",
    [
        (outbound("\ud800"), "not_text"),
        (outbound(choices=(Choice("x" * 65, "Ya"),)), "choice_token"),
        (outbound(choices=(Choice("x", " "),)), "choice_label"),
        (outbound("x" * 1025, files=(OutFile(Path("a"), "a", "b/c"),)), "caption_too_long"),
        (outbound("x", files=(OutFile(Path("/nowhere/a"), "a", "b/c"),)), "file_missing"),
        (outbound("x", files=(OutFile(Path("a"), "a", "b/c"),) * 11), "files_do_not_fit"),
        (outbound("x", files=(OutFile(Path("a"), "a", "b/c"),) * 2, choices=(Choice("a", "A"),)), "files_do_not_fit"),
    ],
)
def test_what_telegram_cannot_carry_is_refused_before(polling: TelegramDoor, wrong: Outbound, detail: str) -> None:
    assert polling.channel.send(wrong) == Delivery(Outcome.FAILED, fault=Fault.REFUSED, detail=detail)
    assert not polling.server.calls()


def test_choices_become_buttons_that_bring_their_token_back(polling: TelegramDoor) -> None:
    choices = (Choice("send", "Kirim"), Choice("change", "Ubah"), Choice("x" * 40, "Batal"))
    polling.channel.send(outbound(choices=choices, silent=True))
    (shown,) = polling.server.sent(SITI)
    assert shown.buttons == (("Kirim", "send"), ("Ubah", "change"), ("Batal", "x" * 40))
    assert shown.silent
    polling.open()
    polling.server.press(SITI, shown.message_id, "change")
    BotApi.wait(polling.inbox.raws)
    (inbound,) = polling.inbox.inbounds(polling.channel)
    assert (inbound.choice, inbound.reply_to) == ("change", str(shown.message_id))


@given(st.lists(st.text(min_size=1, max_size=40), max_size=20))
def test_every_choice_stands_once_and_in_order(labels: list[str]) -> None:
    markup = keyboard([Choice(str(number), label) for number, label in enumerate(labels)])
    rows = markup.inline_keyboard if markup else ()
    assert [button.callback_data for row in rows for button in row] == [str(number) for number in range(len(labels))]
    assert all(len(row) == 1 or sum(len(button.text) for button in row) <= 24 for row in rows)


def test_files_go_out_as_one_message(polling: TelegramDoor, tmp_path: Path) -> None:
    picture, letter = tmp_path / "a.jpg", tmp_path / "b.pdf"
    picture.write_bytes(b"p" * 30)
    letter.write_bytes(b"l" * 20)
    photo, document = OutFile(picture, "foto.jpg", "image/jpeg"), OutFile(letter, "surat.pdf", "application/pdf")
    for files in ((photo,), (document,), (photo, document)):
        assert polling.channel.send(outbound("Terlampir.", files=files)).outcome is Outcome.ACCEPTED
    sent = polling.server.sent(SITI)
    assert [(s.method, s.files, s.text) for s in sent] == [
        ("sendPhoto", (30,), "Terlampir."),
        ("sendDocument", (20,), "Terlampir."),
        ("sendMediaGroup", (30,), ""),
        ("sendMediaGroup", (20,), "Terlampir."),
    ]


def test_several_threads_send_at_once() -> None:
    with BotApi() as server:
        for chat in range(1, 9):
            server.person(chat)
        channel = channel_to(server.url, messages_per_second=10_000, seconds_between=0)
        with ThreadPoolExecutor(8) as threads:
            sent = list(threads.map(lambda n: channel.send(outbound(f"pesan {n}", str(n % 8 + 1))), range(80)))
        channel.close()
        assert {delivery.outcome for delivery in sent} == {Outcome.ACCEPTED}
        assert sorted(message.text for message in server.sent()) == sorted(f"pesan {n}" for n in range(80))


# --- pace ------------------------------------------------------------------------------------------------------------------


def test_one_chat_gets_a_short_burst_then_one_a_second() -> None:
    pace = Pace(per_second=30, seconds_between=1)
    assert [pace.take(7, 100.0) for _ in range(3)] == [None, None, None]
    assert pace.take(7, 100.0) == pytest.approx(1.0)
    assert pace.take(8, 100.0) is None
    assert pace.take(7, 101.0) is None
    assert pace.take(7, 101.0) == pytest.approx(1.0)


def test_the_whole_bot_sends_thirty_a_second_and_no_more() -> None:
    pace = Pace(per_second=30, seconds_between=1)
    passed = sum(pace.take(chat, 100.0 + chat / 1000) is None for chat in range(10_000))  # ten seconds
    assert 300 <= passed <= 331


def test_a_chat_that_telegram_throttled_waits_without_another_call(polling: TelegramDoor) -> None:
    polling.server.fault("sendMessage", status=429, description="Too Many Requests", parameters={"retry_after": 9})
    polling.channel.send(outbound())
    again = polling.channel.send(outbound())
    assert (again.fault, again.detail) == (Fault.THROTTLED, "own_limit")
    assert again.retry_after_seconds is not None
    assert 8 < again.retry_after_seconds <= 9
    assert len(polling.server.calls("sendMessage")) == 1


# --- fetch -----------------------------------------------------------------------------------------------------------------


def test_a_file_over_telegrams_limit_is_too_large(polling: TelegramDoor, tmp_path: Path) -> None:
    polling.open()
    polling.server.send_document(SITI, b"", size=25 * 1024 * 1024)
    BotApi.wait(polling.inbox.raws)
    (file,) = polling.inbox.inbounds(polling.channel)[0].files
    assert file.size_bytes == 25 * 1024 * 1024
    unsized = FileRef(file.ref, file.kind)
    for ref in (file, unsized):
        fetched = polling.channel.fetch(ref, None, tmp_path / "into", 20 * 1024 * 1024)
        assert fetched.state is FetchState.TOO_LARGE
    assert len(polling.server.calls("getFile")) == 1


@pytest.mark.parametrize(
    "method, fault, state",
    [
        ("getFile", {"status": 400, "description": "Bad Request: invalid file_id"}, FetchState.GONE),
        (
            "getFile",
            {"status": 400, "description": "Bad Request: wrong file_id or the file is temporarily unavailable"},
            FetchState.PENDING,
        ),
        ("getFile", {"status": 429, "description": "Too Many", "parameters": {"retry_after": 4}}, FetchState.PENDING),
        ("getFile", {"html": True}, FetchState.PENDING),
        ("getFile", {"drop": True}, FetchState.PENDING),
        ("getFile", {"hang": True}, FetchState.PENDING),
        ("download", {"status": 404, "description": "Not Found"}, FetchState.GONE),
        ("download", {"html": True}, FetchState.PENDING),
        ("download", {"drop": True}, FetchState.PENDING),
        ("download", {"hang": True}, FetchState.PENDING),
    ],
)
def test_each_failed_fetch_has_its_state(
    polling: TelegramDoor, tmp_path: Path, method: str, fault: dict[str, Any], state: FetchState
) -> None:
    ref = FileRef(polling.server.file(b"isi"), MediaKind.PHOTO)
    polling.server.fault(method, **fault)
    fetched = polling.channel.fetch(ref, None, tmp_path / "into", 100)
    assert fetched.state is state
    assert (fetched.retry_after_seconds is not None) == (state is FetchState.PENDING)


def test_a_picture_of_an_expired_link_is_gone(polling: TelegramDoor, tmp_path: Path) -> None:
    file_id = polling.server.file(b"isi")
    polling.server.expire(file_id)
    assert polling.channel.fetch(FileRef(file_id, MediaKind.PHOTO), None, tmp_path / "x", 9).state is FetchState.GONE


def test_nineteen_megabytes_that_call_themselves_a_photo_come_through(polling: TelegramDoor, tmp_path: Path) -> None:
    content = b"#!/bin/sh\n" * (19 * 1024 * 1024 // 10)
    ref = FileRef(polling.server.file(content), MediaKind.PHOTO)
    fetched = polling.channel.fetch(ref, None, tmp_path / "into", 20 * 1024 * 1024)
    assert (fetched.state, (tmp_path / "into").stat().st_size) == (FetchState.STORED, len(content))
