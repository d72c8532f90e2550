"""Every command of contracts.md is there."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from lapor.cli import app


@pytest.mark.parametrize("command", ["serve", "run", "chat", "check", "migrate", "sweep", "demo", "forget", "account", "audit"])
def test_the_contract_commands_are_there(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
