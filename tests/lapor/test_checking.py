"""`lapor check`: what waits on disk is told in every state of the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.channels import Raw
from core.config import Config, load
from core.office import Office, now_utc
from core.spool import Spool
from core.storage import channelstates
from lapor import checking
from lapor.readiness import readiness


def said(config: Config, about: str) -> tuple[bool, str]:
    (line,) = [line for line in checking.lines(config) if line.name == about]
    return line.ok, line.message


@pytest.fixture
def spool(office: Office) -> Spool:
    return Spool(office.config.spool)


def test_an_installation_without_such_senders_reads_nothing_of_a_spool(config: Config) -> None:
    assert "spool" not in {line.name for line in checking.lines(config)}


def test_what_waits_is_counted_and_after_a_while_somebody_must_look(config: Config, spool: Spool) -> None:
    spool.put([Raw("hook", "1", "+62811", b"")], at=now_utc())
    fine, message = said(config, "spool")
    assert fine
    assert message.startswith("1 message(s) wait for the database since 20")
    (file,) = (config.spool / "hook").iterdir()
    file.rename(file.with_name(f"{10**18:020d}-00000000.raw"))
    fine, message = said(config, "spool")
    assert not fine
    assert "since 2001-09-09" in message
    assert "lapor run ingress" in message


def test_what_nobody_can_read_is_said(config: Config, spool: Spool) -> None:
    spool.put([Raw("hook", "1", "+62811", b"")], at=now_utc())
    spool.set_aside("hook", spool.names("hook")[0])
    fine, message = said(config, "spool")
    assert not fine
    assert message.startswith("1 message(s) in var/spool/ cannot be read")


def test_it_is_said_while_the_database_is_away(config_file: Path, spool: Spool) -> None:
    spool.put([Raw("hook", "1", "+62811", b"")], at=now_utc())
    config_file.write_text(config_file.read_text() + "database: postgresql://nobody@127.0.0.1:1/nothing\n")
    away = load(config_file, environ={})
    lines = {line.name: line.ok for line in checking.lines(away)}
    assert lines["database"] is False
    assert lines["spool"] is True
    assert "disk" in lines


def _running(office: Office, trouble: str | None = None, **remarks: dict[str, str]) -> None:
    with office.database.write() as connection:
        now = now_utc()
        channelstates.keep(connection, "hook", last_success_at=now, trouble=trouble, at=now, remarks=remarks)


def test_how_the_money_of_a_running_channel_stands_is_told_and_is_no_trouble_until_it_is_spent(
    config: Config, office: Office
) -> None:
    _running(office, budget={"spent": "0.52", "limit": "3.00", "forecast": "1.20"})
    assert said(config, "hook: budget of the service") == (True, "spent 0.52, limit 3.00, forecast 1.20")
    _running(office, "budget", budget={"spent": "3.00", "limit": "3.00", "forecast": "3.00"})
    fine, _ = said(config, "hook: budget of the service")
    assert not fine


def test_a_gap_of_a_running_channel_says_where_to_look(config: Config, office: Office) -> None:
    _running(office, gap={"since": "2026-03-12 20:10 UTC", "until": "2026-03-13 01:00 UTC"})
    fine, message = said(config, "hook: gap")
    assert not fine
    assert "since 2026-03-12 20:10 UTC, until 2026-03-13 01:00 UTC" in message
    assert "look at the channel itself" in message


def test_a_monitor_reads_the_same_remarks(office: Office) -> None:
    _running(office, gap={"since": "a", "until": "b"})
    assert readiness(office, now=now_utc())["channels"]["hook"]["remarks"] == {"gap": {"since": "a", "until": "b"}}
