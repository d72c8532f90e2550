"""`lapor check --send-test`: one message straight to the real other side, its end in one line, nothing in the outbox."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from sqlalchemy import func, select
from typer.testing import CliRunner

from core.config import Config
from core.office import Office
from core.storage.tables import outbox
from lapor.cli import app
from tests.bots.botapi import TOKEN, BotApi
from tests.bots.email.postoffice import PostOffice, words

SITI = 7
MAIL = "siti@contoh.test"
Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`lapor check` with these channels."""
    for name in [name for name in os.environ if name.startswith("LAPOR_")]:
        monkeypatch.delenv(name)

    def call(*words: str, **channels: dict[str, object]) -> Result:
        config_file.write_text(yaml.safe_dump({"channels": channels}))
        return CliRunner().invoke(app, ["check", *words, "--config", str(config_file)])

    return call


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    with BotApi() as server:
        server.person(SITI)
        yield server


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


def telegram(server: BotApi, **more: object) -> dict[str, object]:
    return {"enabled": True, "token": TOKEN, "api_url": server.url, **more}


def mail(post_office: PostOffice | None = None) -> dict[str, object]:
    relay = {"host": "127.0.0.1", "port": post_office.port} if post_office else {}
    return {"enabled": True, "listen": "127.0.0.1:0", "address": "lapor@kota.test", "relay": relay}


def test_a_mail_address_gets_a_mail(run: Run, post_office: PostOffice, office: Office) -> None:
    done = run("--send-test", MAIL, email=mail(post_office))
    assert (done.exit_code, done.stdout.count("\n")) == (0, 1), done.output
    assert done.stdout.startswith("OK   email: the other side took the test message")
    (arrived,) = post_office.mails(MAIL)
    assert arrived["Subject"] == "Pesan uji dari LAPOR!-SP4N"
    assert words(arrived).startswith("Ini pesan uji dari LAPOR!-SP4N.")
    with office.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


@pytest.mark.parametrize(
    "step, reply, says",
    [
        ("rcpt", "550 5.1.1 No such person", "look whether it is written right"),
        ("rcpt", "451 4.7.1 Greylisted", "try again in a few minutes"),
        ("end", "554 5.7.1 Spam", "refuses this message"),
    ],
)
def test_what_the_relay_says_is_one_line_with_what_to_do(
    run: Run, post_office: PostOffice, step: str, reply: str, says: str
) -> None:
    post_office.answer(step, reply)
    done = run("--send-test", MAIL, email=mail(post_office))
    assert (done.exit_code, done.stdout.count("\n")) == (1, 1), done.output
    assert done.stdout.startswith("FIX  email: ")
    assert says in done.stdout


def test_without_a_relay_it_is_said_that_nobody_gets_it(run: Run, config: Config) -> None:
    done = run("--send-test", MAIL, email=mail())
    assert done.exit_code == 0, done.output
    assert "kept as a file, nobody gets it" in done.stdout
    (kept,) = (config.var / "mail").glob("*.eml")
    assert email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)["To"] == MAIL


def test_a_relay_that_is_not_there_is_named_as_unreachable(run: Run) -> None:
    done = run("--send-test", MAIL, email=mail() | {"relay": {"host": "127.0.0.1", "port": 1}})
    assert done.exit_code == 1
    assert "nobody could be reached" in done.stdout


def test_another_channel_is_named(run: Run, bot_api: BotApi) -> None:
    done = run("--send-test", str(SITI), "--channel", "telegram", telegram=telegram(bot_api))
    assert done.exit_code == 0, done.output
    assert next(sent.text for sent in bot_api.sent(SITI)).startswith("Ini pesan uji")


def test_it_works_while_the_database_is_away(
    run: Run, config_file: Path, bot_api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAPOR_DATABASE", "postgresql://nobody@127.0.0.1:1/nothing")
    assert run("--send-test", str(SITI), "--channel", "telegram", telegram=telegram(bot_api)).exit_code == 0


@pytest.mark.parametrize(
    "words, says",
    [
        (("--send-test", "siti"), "give a mail address or a telephone number"),
        (("--send-test", "@siti"), "give a mail address or a telephone number"),
        (("--send-test", ""), "give a mail address or a telephone number"),
        (("--send-test", "0812 3456 7890"), "no enabled channel reaches telephone numbers"),
        (("--send-test", "siti@@contoh test"), "not an address of email"),
        (("--send-test", "x@y", "--channel", "sms"), "--channel sms: not enabled; this configuration has email"),
        (("--channel", "email"), "--channel belongs to --send-test"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(run: Run, words: tuple[str, ...], says: str) -> None:
    done = run(*words, email=mail())
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
