"""Nobody else on the machine reads what people wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_what_the_service_makes_is_its_own(tmp_path: Path) -> None:
    tmp_path.joinpath("config.yaml").write_text('database: "sqlite:///var/lapor.db"\nfiles: "var/files"\n')
    command = [sys.executable, "-m", "lapor", "migrate", "--config", str(tmp_path / "config.yaml")]
    before = os.umask(0o022)
    try:
        subprocess.run(command, check=True, timeout=60, capture_output=True)
    finally:
        os.umask(before)
    made = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert tmp_path / "var" / "lapor.db" in made
    assert [path.name for path in [tmp_path / "var", *made] if path.stat().st_mode & 0o077] == []
