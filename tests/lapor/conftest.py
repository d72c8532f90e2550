"""A configuration in a folder of its own, and the office it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, load
from core.office import Office
from lapor import wiring


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text("desk: {listen: '127.0.0.1:0'}\ningress: {listen: '127.0.0.1:0'}\n")
    return file


@pytest.fixture
def config(config_file: Path, sqlite_template: Path) -> Config:
    """On a migrated, empty database."""
    (config_file.parent / "var").mkdir()
    (config_file.parent / "var" / "lapor.db").write_bytes(sqlite_template.read_bytes())
    return load(config_file, environ={})


@pytest.fixture
def office(config: Config) -> Iterator[Office]:
    opened = wiring.open_with_keys(config, {})
    yield opened
    opened.close()
