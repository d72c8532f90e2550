"""The databases that tests are given: really there, really apart, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, inspect, text

from core.storage.tables import metadata
from tests import left_out

ROOT = Path(__file__).resolve().parents[2]


def test_a_database_comes_migrated_and_empty(database_url):
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT count(*) FROM reports")).scalar_one() == 0
    engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_writes_no_other_sees(database_url, turn):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (turn integer)"))
    engine.dispose()


def test_an_empty_postgresql_has_no_tables(empty_postgres_url):
    engine = create_engine(empty_postgres_url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def _pytest(folder: Path, source: str, *options: str, **environ: str) -> subprocess.Popen[str]:
    """A run of its own over one test file, with our plugins and without ours of now."""
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = needs(name): x\n")
    env = {
        name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_CURRENT_TEST") and "XDIST" not in name
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.databases", "-p", "tests.left_out"]
    return subprocess.Popen(
        [*command, "--rootdir", str(folder), *options, str(folder)],
        cwd=ROOT,
        env={**env, "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_killed_run_s_server_is_stopped_by_the_next(tmp_path):
    pid_file = tmp_path / "server"
    killed = _pytest(
        tmp_path,
        "import time\nfrom pathlib import Path\nfrom tests import databases\n"
        "def test_it(postgres_server):\n"
        f"    Path({str(pid_file)!r}).write_text((databases._home[0] / 'pg/postmaster.pid').read_text().splitlines()[0])\n"
        "    time.sleep(60)\n",
    )
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()):
        assert killed.poll() is None, killed.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    server = psutil.Process(int(pid_file.read_text()))
    assert server.is_running()

    after = _pytest(tmp_path, "def test_it(): pass\n")
    assert after.wait(60) == 0, after.communicate()[0]
    after.communicate()
    server.wait(10)
    assert not server.is_running()


# --- left out ---------------------------------------------------------------------------------------------------------------

MISSING = "import pytest\n@pytest.mark.needs('chromium')\ndef test_a_page(): pass\ndef test_another(): pass\n"


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "1")])
def test_a_left_out_test_is_named(tmp_path, options):
    run = _pytest(tmp_path, MISSING, *options, PATH="/nowhere")
    said, _ = run.communicate(timeout=60)
    assert "left out: 1 test: needs chromium: make test-system" in said
    assert run.returncode == 0, said


def test_with_ci_set_a_left_out_test_fails_the_run(tmp_path):
    run = _pytest(tmp_path, MISSING, PATH="/nowhere", CI="true")
    said, _ = run.communicate(timeout=60)
    assert "nothing may be left out" in said
    assert run.returncode == 1, said


def test_with_ci_set_a_run_without_gaps_passes(tmp_path):
    run = _pytest(tmp_path, "def test_it(): pass\n", CI="true")
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 0, said


def test_a_need_that_nobody_knows_is_an_error(tmp_path):
    run = _pytest(tmp_path, MISSING.replace("chromium", "a unicorn"))
    said, _ = run.communicate(timeout=60)
    assert "say in tests/left_out.py" in said
    assert run.returncode == 1, said


def test_what_is_installed_is_found_by_any_of_its_commands(tmp_path, monkeypatch):
    monkeypatch.setattr(left_out, "COMMANDS", {"chromium": ("no-such-command", "lapor-browser")})
    assert not left_out.is_installed("chromium")
    (tmp_path / "lapor-browser").write_text("#!/bin/sh\n")
    (tmp_path / "lapor-browser").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert left_out.is_installed("chromium")
