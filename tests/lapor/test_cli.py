"""The command line: exit codes and one sentence that says what to do (contracts.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core import casework
from core.casework import Inputs
from core.config import Config, load
from core.procedure.vocabulary import Category
from core.storage import accounts, schema
from core.storage.engine import migrate
from lapor import wiring
from lapor.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in [name for name in os.environ if name.startswith("LAPOR_")]:
        monkeypatch.delenv(name)

    def call(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(config_file)], input=stdin)

    return call


def test_a_first_day_at_the_command_line(run: Run) -> None:
    assert "run `lapor migrate`" in run("account", "list").stderr
    assert run("migrate").exit_code == 0
    assert run("migrate").stdout == f"already at {schema.head()}\n"
    filled = run("demo")
    assert filled.exit_code == 0
    assert "nasional@demo.test" in filled.stdout
    again = run("demo")
    assert again.exit_code == 1
    assert "not empty" in again.stderr
    added = run(
        "account",
        "add",
        "--email",
        "Rina@Kota.test",
        "--role",
        "liaison",
        "--unit",
        "Puskesmas Sukamaju",
        "--password-stdin",
        stdin="a long password\n",
    )
    assert added.exit_code == 0, added.stderr
    assert "password" not in added.stdout
    listed = run("account", "list").stdout
    assert "rina@kota.test: liaison at Puskesmas Sukamaju" in listed
    assert run("account", "disable", "--email", "rina@kota.test").exit_code == 0
    assert "rina@kota.test (disabled)" in run("account", "list").stdout
    assert run("account", "reset", "--email", "rina@kota.test").exit_code == 0
    assert "rina@kota.test (disabled)" not in run("account", "list").stdout
    whole = run("audit", "verify")
    assert (whole.exit_code, whole.stdout.split(":")[0]) == (0, "whole")


@pytest.mark.parametrize(
    "words,code,says",
    [
        (("run", "nonsense"), 2, "nonsense"),
        (("run", "worker"), 2, "lapor migrate"),
        (("sweep",), 2, "lapor migrate"),
        (("chat",), 2, "make serve"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_wrong_usage_says_what_to_do(run: Run, words: tuple[str, ...], code: int, says: str) -> None:
    done = run(*words)
    assert done.exit_code == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_configuration_names_the_key(run: Run, config_file: Path) -> None:
    config_file.write_text("desk: {listne: '127.0.0.1:0'}\n")
    done = run("serve")
    assert done.exit_code == 2
    assert "desk.listne" in done.stderr


def test_an_unknown_channel_is_named(run: Run, config_file: Path) -> None:
    config_file.write_text("channels: {pigeon: {enabled: true}}\n")
    done = run("serve")
    assert done.exit_code == 2
    assert "channels.pigeon" in done.stderr


def test_a_sweep_ahead_of_time_needs_a_dry_run_or_a_demonstration(run: Run, config: Config) -> None:
    migrate(config.database)
    ahead = run("sweep", "--at", "2100-01-01T08:00")
    assert ahead.exit_code == 2
    assert "--dry-run" in ahead.stderr
    assert run("sweep", "--at", "2100-01-01T08:00", "--dry-run").exit_code == 0
    assert run("sweep", "--at", "yesterday").exit_code == 2


def test_a_desk_beyond_loopback_refuses_demonstration_accounts(run: Run, config_file: Path) -> None:
    assert run("demo").exit_code == 0
    config_file.write_text("desk: {listen: '0.0.0.0:0'}\ningress: {listen: '127.0.0.1:0'}\n")
    done = run("serve")
    assert done.exit_code == 2
    assert "lapor account disable --demonstration" in done.stderr


def test_a_sweep_says_to_whom_the_channels_would_write(run: Run, config_file: Path) -> None:
    """The officials' digest goes through whatever channel is enabled: a sweep from the command line knows them, too."""
    assert run("demo").exit_code == 0
    config_file.write_text("channels: {email: {enabled: true}}\n")
    settings = load(config_file, environ={})
    office = wiring.open_with_keys(settings, {})
    with office.database.read() as conn:
        account = accounts.by_email(conn, "nasional@demo.test")
    assert account is not None
    casework.register(
        office,
        inputs=Inputs(
            source="letter",
            arrived_on=account.created_at.date(),
            story="Di loket diminta 20 ribu untuk kartu, tidak ada kuitansi.",
            title="Pungutan kartu",
            category=Category.GRIEVANCE,
            where_words="Puskesmas",
            when_words="kemarin",
        ),
        by=accounts.actor_of(account),
        now=account.created_at,
    )
    office.close()
    day = account.created_at.date() + timedelta(days=1)
    while not office.calendar().is_working(day):
        day += timedelta(days=1)
    told = run("sweep", "--dry-run", "--at", f"{day.isoformat()}T09:00")
    assert f"job='digest', slot='{day.isoformat()}:{account.id}'" in told.stdout
