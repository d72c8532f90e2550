"""The fake server keeps to the vendor's documentation where the tests lean on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bots.botapi import TOKEN, BotApi
from tests.bots.botapi.remote import Remote

wait = BotApi.wait


@pytest.fixture
def server() -> Iterator[BotApi]:
    with BotApi() as started:
        yield started


@pytest.fixture
def call(server: BotApi) -> Iterator[Any]:
    with httpx.Client(base_url=f"{server.url}/bot{TOKEN}/", timeout=5) as client:
        yield lambda method, **fields: client.post(method, data=fields).json()


def test_updates_are_forgotten_only_by_a_higher_offset(server: BotApi, call: Any) -> None:
    """core.telegram.org/bots/api#getupdates"""
    for text in ("a", "b", "c"):
        server.say(7, text)
    first = [update["update_id"] for update in call("getUpdates")["result"]]
    assert len(first) == 3
    assert [update["update_id"] for update in call("getUpdates", offset=first[1])["result"]] == first[1:]
    assert [update["update_id"] for update in call("getUpdates", offset=-1)["result"]] == first[2:]
    assert call("getUpdates", offset=first[2] + 1)["result"] == []


def test_limit_and_method_names_as_documented(server: BotApi, call: Any) -> None:
    for text in ("a", "b", "c"):
        server.say(7, text)
    assert len(call("GETUPDATES", limit=2)["result"]) == 2
    assert call("nothing")["error_code"] == 404


def test_polling_and_webhook_exclude_each_other(server: BotApi, call: Any) -> None:
    call("setWebhook", url="http://127.0.0.1:1/")
    assert call("getUpdates")["error_code"] == 409
    call("deleteWebhook")
    assert call("getUpdates")["ok"]


def test_a_wrong_token_is_unauthorized_and_a_malformed_one_not_found(server: BotApi) -> None:
    for token, code in (("123:ABCDEFGHIJK", 401), ("nonsense", 404)):
        assert httpx.post(f"{server.url}/bot{token}/getMe").status_code == code


def test_errors_as_documented(server: BotApi, call: Any) -> None:
    server.person(7)
    assert call("sendMessage", chat_id=7, text="x" * 4097)["description"] == "Bad Request: message is too long"
    assert call("sendMessage", chat_id=8, text="x")["description"] == "Bad Request: chat not found"
    server.block(7)
    assert call("sendMessage", chat_id=7, text="x")["description"] == "Forbidden: bot was blocked by the user"
    assert call("getFile", file_id="none")["error_code"] == 400
    assert "query is too old" in call("answerCallbackQuery", callback_query_id="1")["description"]


def test_a_keyboard_can_be_taken_away_once(server: BotApi, call: Any) -> None:
    server.person(7)
    markup = json.dumps({"inline_keyboard": [[{"text": "Ya", "callback_data": "y"}]]})
    number = call("sendMessage", chat_id=7, text="?", reply_markup=markup)["result"]["message_id"]
    assert call("editMessageReplyMarkup", chat_id=7, message_id=number)["ok"]
    assert "not modified" in call("editMessageReplyMarkup", chat_id=7, message_id=number)["description"]


def test_it_runs_as_a_process_of_its_own_and_keeps_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.bots.botapi", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        hand = Remote(url)
        hand.call("say", chat=7, text="halo")
        hand.call("send_document", chat=7, content=b"isi", caption="bukti")
        hand.call("fault", method="sendMessage", status=429, parameters={"retry_after": 1})
        fields = {"chat_id": "7", "text": "hai"}
        assert httpx.post(f"{url}/bot{TOKEN}/sendMessage", data=fields).status_code == 429
        assert httpx.post(f"{url}/bot{TOKEN}/sendMessage", data=fields).json()["ok"]
        assert [message["text"] for message in hand.call("sent", chat=7)] == ["hai"]
        assert len(hand.call("state")["pending"]) == 2
        hand.close()
        process.terminate()
        assert process.wait(10) == 0
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [entry.get("sent") is not None for entry in entries] == [False, False, True]
    assert all(entry["at"] > 0 for entry in entries)
