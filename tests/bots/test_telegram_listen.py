"""How updates come in: offsets, conflicts, outages, webhooks. The server is the tests' own, the client the vendor's."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from bots import telegram
from core.channels import InboundKind
from core.errors import ConfigurationError
from tests.bots.botapi import TOKEN, BotApi
from tests.bots.contract import SECRET, SITI, Inbox, TelegramDoor

wait = BotApi.wait


def test_the_offset_moves_only_past_what_is_stored(polling: TelegramDoor) -> None:
    polling.server.say(SITI, "satu")
    polling.inbox.away = True
    polling.open()
    wait(lambda: polling.inbox.refused >= 2)
    assert polling.channel.health.trouble == "storage"
    assert not any("offset" in fields for _, _, fields in polling.server.calls("getUpdates"))
    polling.inbox.away = False
    wait(lambda: any("offset" in fields for _, _, fields in polling.server.calls("getUpdates")))
    assert len(polling.inbox.raws()) == 1
    wait(lambda: polling.channel.health.trouble is None)


def test_after_a_kill_between_commit_and_offset_the_update_comes_again_and_is_known(polling: TelegramDoor) -> None:
    """A process that dies after the commit never tells its offset: the next one begins without any."""
    polling.server.say(SITI, "satu")
    stopped = threading.Event()

    def dies_after_the_commit(raws: object) -> object:
        polling.inbox(raws)  # type: ignore[arg-type]
        raise SystemExit

    with pytest.raises(SystemExit):
        polling.channel.listen(dies_after_the_commit, stopped)  # type: ignore[arg-type]
    assert len(polling.server.pending()) == 1
    polling.open()
    wait(lambda: polling.inbox.duplicates and not polling.server.pending())
    assert len(polling.inbox.raws()) == 1


def test_ids_that_begin_anew_lose_nothing(polling: TelegramDoor) -> None:
    """core.telegram.org/bots/api#update: after a week without updates the next id is chosen at random."""
    polling.open()
    polling.say("sebelum")
    wait(lambda: polling.inbox.raws() and not polling.owes())
    wait(lambda: "offset" not in polling.server.calls("getUpdates")[-1][2])
    polling.server.restart_ids(10)
    polling.say("sesudah")
    wait(lambda: len(polling.inbox.raws()) == 2)


def test_an_update_that_nobody_can_read_does_not_stop_the_next(polling: TelegramDoor) -> None:
    polling.open()
    for kind, content in (("message", {"chat": "?"}), ("message", None), ("callback_query", [1]), ("message", "x" * 70_000)):
        polling.server.raw(kind, content)
    polling.say("halo")
    wait(lambda: len(polling.inbox.raws()) == 5 and not polling.owes())
    assert len({raw.lane for raw in polling.inbox.raws()}) == 5


@pytest.mark.parametrize(
    "fault, trouble",
    [
        ({"html": True}, "unavailable"),
        ({"drop": True}, "unavailable"),
        ({"status": 500, "description": "Internal Server Error"}, "unavailable"),
        ({"status": 409, "description": "Conflict: terminated by other getUpdates request"}, "two_pollers"),
        ({"status": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}, "unavailable"),
    ],
)
def test_an_outage_is_waited_out(polling: TelegramDoor, fault: dict[str, object], trouble: str) -> None:
    polling.server.fault("getUpdates", times=2, **fault)
    polling.server.say(SITI, "halo")
    polling.open()
    wait(lambda: polling.channel.health.trouble == trouble)
    wait(lambda: polling.inbox.raws() and not polling.owes())


def test_a_revoked_token_is_said(polling: TelegramDoor) -> None:
    polling.server.revoke()
    polling.thread.start()
    wait(lambda: polling.channel.health.trouble == "unauthorised")
    assert "@BotFather" in polling.channel.check()[0].message


def test_two_pollers_on_one_token_are_noticed(polling: TelegramDoor) -> None:
    polling.open()
    other = TelegramDoor(telegram.Mode.POLLING, api_url=polling.server.url)
    try:
        other.thread.start()
        wait(lambda: "two_pollers" in (polling.channel.health.trouble, other.channel.health.trouble))
        polling.say("halo")
        wait(lambda: polling.inbox.raws() or other.inbox.raws())
    finally:
        other.shut()


def test_the_trouble_of_two_pollers_is_forgotten_after_a_quiet_while() -> None:
    clock = [datetime(2026, 3, 13, tzinfo=UTC)]
    with BotApi() as server:
        settings = telegram.Settings.model_validate({"enabled": True, "token": TOKEN, "api_url": server.url, "poll_seconds": 1})
        channel = telegram.build(settings, now=lambda: clock[0])
        stop = threading.Event()
        server.fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request")
        listener = threading.Thread(target=channel.listen, args=(Inbox(), stop))
        listener.start()
        wait(lambda: len(server.calls("getUpdates")) >= 3)
        assert channel.health.trouble == "two_pollers"
        clock[0] += timedelta(minutes=2)
        wait(lambda: channel.health.trouble is None)
        stop.set()
        listener.join(5)
        channel.close()


def test_a_webhook_that_was_left_behind_is_removed(polling: TelegramDoor) -> None:
    polling.server.do(lambda world: world.webhook.update(url="http://127.0.0.1:1/nobody"))
    polling.open()
    polling.say("halo")
    wait(lambda: polling.inbox.raws())


def test_a_pressed_button_is_acknowledged_after_the_commit(polling: TelegramDoor) -> None:
    polling.open()
    number = polling.server.say(SITI, "x")
    polling.inbox.away = True
    query = polling.server.press(SITI, number, "hide")
    wait(lambda: polling.inbox.refused)
    assert not polling.server.calls("answerCallbackQuery")
    polling.inbox.away = False
    wait(lambda: polling.server.do(lambda world: world.answered) == [query])


def test_a_press_too_old_to_acknowledge_is_still_taken(polling: TelegramDoor) -> None:
    polling.open()
    polling.server.press(SITI, 1, "send", old=True)
    wait(lambda: polling.inbox.raws() and polling.server.calls("answerCallbackQuery"))
    polling.say("lanjut")
    wait(lambda: len(polling.inbox.raws()) == 2)
    assert polling.inbox.inbounds(polling.channel)[0].choice == "send"


def test_blocking_an_album_and_an_edit_come_through_the_real_road(polling: TelegramDoor) -> None:
    polling.open()
    numbers = polling.server.send_album(SITI, [b"a", b"b"], "dua foto")
    polling.server.edit(SITI, numbers[0], "dua foto, tadi pagi")
    polling.server.block(SITI)
    wait(lambda: len(polling.inbox.raws()) == 4)
    raws = polling.inbox.raws()
    assert raws[0].group == raws[1].group is not None
    assert raws[2].group is None
    kinds = [inbound.kind for inbound in polling.inbox.inbounds(polling.channel)]
    assert kinds == [InboundKind.MESSAGE, InboundKind.MESSAGE, InboundKind.EDIT, InboundKind.BLOCKED]


def test_the_menu_is_set_in_both_languages(polling: TelegramDoor) -> None:
    polling.open()
    commands = wait(lambda: c if len(c := polling.server.do(lambda world: dict(world.commands))) == 3 else None)
    assert {language: entries[0]["description"] for language, entries in commands.items()} == {
        "": "Mulai laporan",
        "id": "Mulai laporan",
        "en": "Start a report",
    }


def test_a_refused_menu_does_not_keep_the_door_shut(polling: TelegramDoor) -> None:
    polling.server.fault("setMyCommands", status=400, description="Bad Request: BOT_COMMAND_INVALID")
    polling.open()
    polling.say("halo")
    wait(lambda: polling.inbox.raws())


def test_stopping_ends_a_long_poll_at_once(polling: TelegramDoor) -> None:
    polling.open()
    wait(lambda: polling.server.calls("getUpdates"))
    polling.stop.set()
    polling.thread.join(1.5)
    assert not polling.thread.is_alive()


# --- webhook ---------------------------------------------------------------------------------------------------------------


def test_the_webhook_is_set_with_its_secret(webhook: TelegramDoor) -> None:
    webhook.open()
    assert webhook.server.do(lambda world: world.webhook) == {
        "url": f"{webhook.ingress.url}/telegram/webhook",
        "secret": SECRET,
    }


@pytest.mark.parametrize("secret", [None, "", "falsch", SECRET + "x", "é"])
def test_a_post_without_the_secret_is_refused(webhook: TelegramDoor, secret: str | None) -> None:
    webhook.open()
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    assert webhook.ingress.answer("POST", "/telegram/webhook", headers, b'{"update_id":1}') == 403
    assert not webhook.inbox.raws()


def test_a_webhook_is_answered_only_after_the_commit(webhook: TelegramDoor) -> None:
    webhook.open()
    webhook.inbox.away = True
    webhook.say("halo")
    wait(lambda: len(webhook.server.do(lambda world: world.pushed)) >= 2)
    assert {status for _, status in webhook.server.do(lambda world: list(world.pushed))} == {503}
    webhook.inbox.away = False
    wait(lambda: webhook.inbox.raws() and not webhook.owes())


def test_a_webhook_takes_even_what_is_no_update(webhook: TelegramDoor) -> None:
    webhook.open()
    headers = {"x-telegram-bot-api-secret-token": SECRET}
    assert webhook.ingress.answer("POST", "/telegram/webhook", headers, b"\xff not json") == 200
    assert webhook.inbox.raws()[0].lane.startswith("other:")


def test_a_webhook_press_is_acknowledged(webhook: TelegramDoor) -> None:
    webhook.open()
    number = webhook.server.say(SITI, "x")
    query = webhook.server.press(SITI, number, "hide")
    wait(lambda: webhook.server.do(lambda world: world.answered) == [query])


def test_a_webhook_that_somebody_else_took_is_said_and_set_again(webhook: TelegramDoor) -> None:
    webhook.open()
    wait(lambda: webhook.channel.health.last_success_at)
    announced = len(webhook.server.calls("setWebhook"))
    webhook.server.fault("setWebhook", html=True)
    webhook.server.do(lambda world: world.webhook.update(url=""))
    wait(lambda: len(webhook.server.calls("setWebhook")) > announced)
    assert webhook.channel.health.trouble is not None
    webhook.say("halo")
    wait(lambda: webhook.inbox.raws() and webhook.channel.health.trouble is None)


def test_polling_offers_no_route(polling: TelegramDoor) -> None:
    assert polling.channel.routes(polling.inbox) == ()


def test_a_webhook_that_telegram_refuses_is_said_and_tried_again(webhook: TelegramDoor) -> None:
    webhook.server.fault("setWebhook", status=400, description="Bad Request: bad webhook: HTTPS url must be provided")
    webhook.thread.start()
    wait(lambda: webhook.channel.health.trouble == "webhook_refused")
    wait(lambda: webhook.channel.health.trouble is None)


# --- settings --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"enabled": True},
        {"enabled": True, "token": ""},
        {"enabled": True, "token": "secret-without-number"},
        {"enabled": True, "token": TOKEN, "mode": "webhook"},
        {"enabled": True, "token": TOKEN, "mode": "webhook", "webhook_secret": "not allowed!"},
        {"api_url": "ftp://example.org"},
        {"api_url": "http://user:secret-without-number@example.org"},
        {"tokn": "secret-without-number"},
    ],
)
def test_wrong_settings_are_refused_without_naming_the_secret(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        telegram.Settings.model_validate(wrong)
    assert "secret-without-number" not in str(refused.value)
    assert TOKEN not in str(refused.value)


def test_a_webhook_without_a_public_address_is_refused() -> None:
    settings = telegram.Settings.model_validate({"enabled": True, "token": TOKEN, "mode": "webhook", "webhook_secret": SECRET})
    with pytest.raises(ConfigurationError, match=r"office\.public_url"):
        telegram.build(settings)


def test_building_and_parsing_load_no_vendor_library() -> None:
    code = f"""
import sys
from bots import telegram
channel = telegram.build(telegram.Settings.model_validate(dict(enabled=True, token={TOKEN!r})))
channel.parse(b'{{"update_id":1}}', "s")
assert "telegram" not in sys.modules and "httpx" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
