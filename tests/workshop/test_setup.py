"""contracts.md, Two commands: where the product does not run set-up says so and exits 2; done work is not done again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A folder with what set-up needs, and a `bin` that comes first on the path."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "bin").mkdir()
    return tmp_path


def _command(checkout: Path, name: str, script: str) -> None:
    (checkout / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (checkout / "bin" / name).chmod(0o755)


def _set_up(checkout: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": f"{checkout}/bin:/usr/bin:/bin", "HOME": str(checkout), **environ}
    return subprocess.run([checkout / "tools/setup", "run"], env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("system", ["Darwin arm64", "Linux riscv64", "Linux i686"])
def test_another_machine_is_refused_in_one_sentence(checkout, system):
    kernel, machine = system.split()
    _command(checkout, "uname", f'[ "$1" = -s ] && echo {kernel} || echo {machine}')
    refused = _set_up(checkout)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert system in refused.stderr
    assert not (checkout / ".venv").exists()


def test_an_unsupported_python_is_refused_in_one_sentence(checkout):
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        _command(checkout, name, "exit 1")
    refused = _set_up(checkout)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "Python 3.11, 3.12 or 3.13" in refused.stderr


def _finished(checkout: Path) -> None:
    (checkout / ".venv/bin").mkdir(parents=True)
    for name in ("python", "lapor"):
        (checkout / ".venv/bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (checkout / ".venv/bin" / name).chmod(0o755)
    (checkout / ".venv/.lapor-run").touch()


def test_finished_work_is_not_done_again(checkout):
    _finished(checkout)
    _command(checkout, "uname", "echo asked >&2; exit 1")
    again = _set_up(checkout)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_a_newer_requirement_is_noticed(checkout):
    _finished(checkout)
    _command(checkout, "uname", "echo Plan9")
    later = (checkout / ".venv/.lapor-run").stat().st_mtime + 10
    os.utime(checkout / "requirements/run.txt", (later, later))
    assert "Plan9" in _set_up(checkout).stderr
